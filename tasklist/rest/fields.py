"""Values in JSON, of the type that the schema names: "5" is no number, and 1 is not true."""

import re
from datetime import date, time
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

LARGEST_ID = 2**63 - 1
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
CLOCK = re.compile(r"\d{2}:\d{2}(:\d{2})?", re.ASCII)


class Text(serializers.CharField):
    """A string, kept as it is sent."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"trim_whitespace": False, **options})

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Whole(serializers.IntegerField):
    """A number without a fraction."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return data


class Amount(serializers.DecimalField):
    """A number with decimals, such as 19.99: no text, and nothing is rounded."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"coerce_to_string": False, **options})

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        return super().to_internal_value(data)


def in_json(value: Any) -> Any:
    """An amount as a number of JSON, whole where it has no cents; all else as it is."""
    if not isinstance(value, Decimal):
        return value
    return int(value) if value == int(value) else float(value)


@extend_schema_field({"type": "object", "additionalProperties": True})
class FreeJSON(serializers.JSONField):
    """An object of the client's own; its limits are the model's."""


class Identifier(Whole):
    """The id of something."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": LARGEST_ID, **options})


class Reference(Identifier):
    """The id of another row, read as that row.

    Whether it is there and one of theirs is for the action to say: nobody is told of others'.
    """

    def __init__(self, *, queryset: Any, **options: Any) -> None:
        self.model = queryset.model
        super().__init__(**options)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        number = super().run_validation(data)
        return self.model(pk=number) if number else None


class Flag(serializers.BooleanField):
    """true or false."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Switch(serializers.BooleanField):
    """`true` or `false` in an address."""

    TRUE_VALUES = {"true"}
    FALSE_VALUES = {"false"}
    NULL_VALUES: set[str | None] = set()


class Choice(serializers.ChoiceField):
    """One of some words."""

    default_error_messages = {"invalid_choice": _("“{input}” is none of: {choices}.")}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or data not in self.choices:
            self.fail("invalid_choice", input=data, choices=", ".join(self.choices))
        return super().to_internal_value(data)


class Named(Choice):
    """An IntegerChoices by the names of its members, in small letters: `urgent`."""

    def __init__(self, kind: Any, **options: Any) -> None:
        self.kind = kind
        super().__init__(choices=[member.name.lower() for member in kind], **options)

    def to_internal_value(self, data: Any) -> Any:
        return self.kind[super().to_internal_value(data).upper()]

    def to_representation(self, value: Any) -> str:
        return str(self.kind(value).name.lower())


class Day(serializers.DateField):
    """A date, `2026-12-01`."""

    def to_internal_value(self, value: Any) -> date:
        if not isinstance(value, str) or not DAY.fullmatch(value):
            self.fail("invalid", format="YYYY-MM-DD")
        return super().to_internal_value(value)


@extend_schema_field({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$"})
class Clock(serializers.TimeField):
    """A time on the wall, `09:00` or `09:00:00`, without a zone."""

    def to_internal_value(self, value: Any) -> time:
        if not isinstance(value, str) or not CLOCK.fullmatch(value):
            self.fail("invalid", format="hh:mm[:ss]")
        return super().to_internal_value(value)


@extend_schema_field(OpenApiTypes.DATETIME)
class Moment(serializers.DateTimeField):
    """A point in time after RFC 3339, with its offset: `2026-12-01T09:00:00Z`."""

    default_error_messages = {"offset": _("A time needs its offset, as in 2026-12-01T09:00:00Z.")}

    def enforce_timezone(self, value: Any) -> Any:
        if value.tzinfo is None:
            self.fail("offset")
        return super().enforce_timezone(value)


class Several(serializers.ListField):
    """A list of at most `max_length` things; a longer one is refused before they are read."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, list) and self.max_length and len(data) > self.max_length:
            message = self.error_messages["max_length"].format(max_length=self.max_length)
            raise serializers.ValidationError(message, code="max_length")
        return super().to_internal_value(data)
