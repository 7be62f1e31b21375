"""What the OpenAPI document says beside what drf-spectacular reads from the views."""

from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from rest_framework import serializers


class Error(serializers.Serializer):
    """One thing that is wrong with the input."""

    field = serializers.CharField(allow_null=True, help_text="null: none in particular.")
    message = serializers.CharField()
    code = serializers.CharField()


class Problem(serializers.Serializer):
    """What went wrong, after RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = serializers.ListField(  # type: ignore[assignment]  # no attribute in the end
        child=Error(), required=False
    )


class AutoSchema(SpectacularSchema):
    """Adds to each operation the problems that it can answer with."""
