"""How values stand in a Change."""

import json
from datetime import datetime, time
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder


class ExactEncoder(DjangoJSONEncoder):
    """Times to the microsecond, which Django's encoder cuts off: what is put back must fit."""

    def default(self, value: Any) -> Any:
        if isinstance(value, datetime | time):
            return value.isoformat().replace("+00:00", "Z")
        return super().default(value)


def same(one: Any, other: Any) -> bool:
    """Whether two values are one in JSON, too: {"a": 1} is {"a": true} to Python alone."""
    if one != other or not isinstance(one, dict | list):
        return bool(one == other)
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def plain(value: Any) -> Any:
    """A value as a Change holds it."""
    return json.loads(json.dumps(value, cls=ExactEncoder))
