from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import JSONRenderer


class OneJSONRenderer(JSONRenderer):
    """JSON in one form: with `Accept: application/json; indent=4` an ETag would not fit."""

    def get_indent(self, accepted_media_type: str, renderer_context: Mapping[str, Any]) -> None:
        return None
