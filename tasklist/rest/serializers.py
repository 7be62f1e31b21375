"""Bodies and query strings, both read the same way: by name, and no name that is not known."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request

from tasklist.rest.fields import (
    Amount,
    Choice,
    Clock,
    Day,
    Flag,
    FreeJSON,
    Reference,
    Switch,
    Text,
    Whole,
)

NAMED = 10  # unknown names that an answer repeats; a body can hold a hundred thousand


class Body(serializers.Serializer):
    """A JSON object. Unknown names are refused, those that are only read are ignored."""

    default_error_messages = {"invalid": gettext_lazy("A JSON object is expected here.")}

    @classmethod
    def read(cls, request: Request, *, partial: bool = False) -> dict[str, Any]:
        """What the request says; with `partial`, only that. Raises ValidationError."""
        body = cls(data=request.data, partial=partial, context={"request": request})
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def to_internal_value(self, data: Any) -> Any:
        known = set(self.fields)
        if isinstance(data, Mapping) and (unknown := [name for name in data if name not in known]):
            message = _("There is no such field. There are: %(fields)s.")
            fields = [name for name, field in self.fields.items() if not field.read_only]
            words = message % {"fields": ", ".join(fields) or _("none")}
            raise serializers.ValidationError(
                {name: [ErrorDetail(words, "unknown")] for name in unknown[:NAMED]}
            )
        return super().to_internal_value(data)


class ModelBody(Body, serializers.ModelSerializer):
    """A JSON object whose fields are columns, so that their limits stand once: in the model.

    A field that may be left out has the default of its column, to which a PUT resets it.
    """

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.BooleanField: Flag,
        models.CharField: Text,
        models.DateField: Day,
        models.DecimalField: Amount,
        models.JSONField: FreeJSON,
        models.PositiveIntegerField: Whole,
        models.TextField: Text,
        models.TimeField: Clock,
    }
    serializer_choice_field = Choice
    serializer_related_field = Reference  # type: ignore[assignment]  # a number, not looked up

    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        kind, options = super().build_standard_field(field_name, model_field)
        return kind, with_default(options, model_field)

    def build_relational_field(self, field_name: str, relation_info: Any) -> Any:
        kind, options = super().build_relational_field(field_name, relation_info)
        return kind, with_default(options, relation_info.model_field)


def with_default(options: dict[str, Any], column: models.Field) -> dict[str, Any]:
    """The options that DRF reads from a column; its label is left to forms."""
    options.pop("label", None)
    if not options.pop("required", True):
        options["default"] = column.get_default()
    return options


class Nothing(Body):
    """No body, or an empty object."""


class Query(Body):
    """The part of an address behind the question mark."""

    @classmethod
    def of(cls, request: Request) -> dict[str, Any]:
        """What the address asks for. Raises ValidationError."""
        sent = request.query_params
        several = {name for name, field in cls().fields.items() if takes_several(field)}
        refuse_twice([name for name in sent if name not in several and len(sent.getlist(name)) > 1])
        data = {name: sent.getlist(name) if name in several else sent[name] for name in sent}
        query = cls(data=data, context={"request": request})
        query.is_valid(raise_exception=True)
        return dict(query.validated_data)


class Deletion(Query):
    permanent = Switch(default=False, help_text="Delete for good what otherwise can come back.")


def refuse_twice(names: list[str]) -> None:
    if names:
        words = ErrorDetail(_("It stands twice in the address."), "twice")
        raise serializers.ValidationError({name: [words] for name in names})


def takes_several(field: serializers.Field) -> bool:
    return isinstance(field, serializers.ListField | serializers.MultipleChoiceField)
