"""Keyset paging: page 2,000 costs what page 1 costs, and a row added meanwhile repeats none.

A cursor is the sort key of the last row shown, so a page is "what comes after it"; one that
starts with ~ is that of the first row shown, and leads back to what comes before. The
condition is nested, `a >= x AND (a > x OR (b >= y AND …))`, since MariaDB reads a row
comparison `(a, b) > (x, y)` as a scan of all rows and this form as a range.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import BadRequest, ValidationError
from django.db.models import Field, Q, QuerySet
from django.utils.translation import gettext as _

BROKEN = (ValueError, TypeError, OverflowError, RecursionError, binascii.Error, ValidationError)
BACK = "~"


class BrokenCursor(BadRequest):
    """It was not made here, or not for this list."""


@dataclass(frozen=True)
class Page:
    """Some rows, and the cursors of the pages around them (None: there is none)."""

    rows: list[dict[str, Any]]
    next: str | None
    previous: str | None = None


def page_of(
    rows: QuerySet, keys: Sequence[str], *, fields: Sequence[str], cursor: str | None, limit: int
) -> Page:
    """At most `limit` rows after `cursor`, as dicts of `fields`, in the order of `keys`.

    `keys` are NOT NULL columns, together unique; one with a minus sorts the other way.
    Raises BrokenCursor for a cursor that was not made here.
    """
    names = [key.lstrip("-") for key in keys]
    backwards = bool(cursor) and str(cursor).startswith(BACK)
    order = [turned(key) for key in keys] if backwards else keys
    if cursor:
        columns = [rows.model._meta.get_field(name) for name in names]
        rows = rows.filter(after(order, decoded(cursor.removeprefix(BACK), columns)))
    found = list(rows.order_by(*order).values(*{*fields, *names})[: limit + 1])
    shown, more = found[:limit], len(found) > limit
    if backwards:
        shown.reverse()
    if not shown:
        return Page([], None)
    ends = (encoded([shown[end][name] for name in names]) for end in (0, -1))
    first, last = BACK + next(ends), next(ends)
    has_next, has_previous = (True, more) if backwards else (more, bool(cursor))
    return Page(shown, last if has_next else None, first if has_previous else None)


def turned(key: str) -> str:
    return key[1:] if key.startswith("-") else f"-{key}"


def after(keys: Sequence[str], values: Sequence[Any]) -> Q:
    name, value = keys[0].lstrip("-"), values[0]
    beyond = "lt" if keys[0].startswith("-") else "gt"
    strictly = Q((f"{name}__{beyond}", value))
    if len(keys) == 1:
        return strictly
    return Q((f"{name}__{beyond}e", value)) & (strictly | after(keys[1:], values[1:]))


def encoded(values: Sequence[Any]) -> str:
    # str, since Django's encoder cuts times to milliseconds and so loses the rows in between
    text = json.dumps(values, default=str, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decoded(cursor: str, fields: Sequence[Field]) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(values, list) or len(values) != len(fields) or None in values:
            raise ValueError
        return [value_of(field, value) for field, value in zip(fields, values, strict=True)]
    except BROKEN as error:
        raise BrokenCursor(_("This link to a page is broken.")) from error


def value_of(field: Field, value: Any) -> Any:
    """The value as the column holds it; times in UTC, which some at the ends of time are not."""
    if isinstance(value, str):
        value.encode()  # UnicodeEncodeError, a ValueError, for half of a surrogate pair
    # A GeneratedField takes everything, what it holds does not.
    value = getattr(field, "output_field", field).to_python(value)
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is None:
        raise ValueError
    return value.astimezone(UTC)
