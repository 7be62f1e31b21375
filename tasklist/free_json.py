"""JSON of people's own, kept in a column: little of it, flat, and the same to every program."""

import json
import math
from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext as _

EXACT = 2**53 - 1  # beyond it programs disagree about a whole number (RFC 8259, section 6)


@deconstructible
class FreeObject:
    """Validates an object of at most so many names, bytes as JSON in UTF-8, and levels."""

    def __init__(self, names: int, size: int, levels: int) -> None:
        self.names, self.size, self.levels = names, size, levels

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FreeObject) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((self.names, self.size, self.levels))

    def __call__(self, value: Any) -> None:
        """Raises ValidationError with the limit that is passed.

        Not of the code "invalid", for which a field of Django would say words of its own.
        """
        if not isinstance(value, dict):
            raise ValidationError(_("A JSON object is expected here."), code="object")
        if len(value) > self.names:
            raise ValidationError(_("At most %(count)d names.") % {"count": self.names}, "names")
        every = list(within(value, self.levels))
        if any(isinstance(each, float) and not math.isfinite(each) for each in every):
            raise ValidationError(_("NaN and Infinity are no numbers in JSON."), code="number")
        if any(isinstance(each, int) and abs(each) > EXACT for each in every):
            message = _("Whole numbers go up to %(count)d here.") % {"count": EXACT}
            raise ValidationError(message, code="number")
        if size_of(value) > self.size:
            raise ValidationError(_("At most %(count)d bytes.") % {"count": self.size}, "size")


def within(value: Any, levels: int) -> Iterator[Any]:
    """Every value in this one; raises ValidationError below so many levels."""
    if not isinstance(value, dict | list):
        yield value
        return
    if not levels:
        raise ValidationError(_("It is nested too deep."), code="depth")
    for each in value.values() if isinstance(value, dict) else value:
        yield from within(each, levels - 1)


def size_of(value: Any) -> int:
    try:
        return len(json.dumps(value, ensure_ascii=False).encode())
    except UnicodeEncodeError as error:
        raise ValidationError(_("It has half of a character in it."), code="text") from error


def in_words(value: Any) -> str:
    """A value as people read it on a page: no quotes, no brackets."""
    if isinstance(value, dict):
        return ", ".join(f"{name}: {in_words(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(in_words, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "–" if value in (None, "") else str(value)


class ObjectField(models.JSONField):
    """A column for such an object. Django takes `[]`, `""` and null for nothing, and looks away.

    Its limits hold in the form already: what passes them cannot even be shown beside what
    somebody else wrote meanwhile.
    """

    empty_values = []

    def formfield(self, **options: Any) -> Any:
        limits: dict[str, Any] = {"form_class": JSONText, "validators": self.validators}
        return super().formfield(**(limits | options))


class JSONText(forms.JSONField):
    """JSON that people write: shown in lines, and refused with words where it is none.

    Nothing typed is an object with nothing in it.
    """

    widget = forms.Textarea(
        attrs={"rows": 5, "spellcheck": "false", "translate": "no", "class": "code"}
    )

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return {}
        try:
            found = super().to_python(value)
        except (RecursionError, ValueError) as error:  # too deep, or a number of 4,301 digits
            raise ValidationError(_("Enter a valid JSON."), code="invalid") from error
        if found is None:
            raise ValidationError(_("A JSON object is expected here."), code="object")
        return found

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What was typed as it was typed, which Django would read as JSON once more."""
        return data

    def prepare_value(self, value: Any) -> Any:
        return json.dumps(value, indent=2, ensure_ascii=False) if isinstance(value, dict) else value
