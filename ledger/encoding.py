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


def plain(value: Any) -> Any:
    """A value as a Change holds it."""
    return json.loads(json.dumps(value, cls=ExactEncoder))
