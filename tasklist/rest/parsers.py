"""JSON, strictly: what a database cannot keep, or a program cannot have meant, is refused."""

import json
from collections.abc import Iterator, Mapping
from typing import IO, Any, NoReturn

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from tasklist.rest.errors import TooLarge

BYTES = 1_000_000  # of a body
DIGITS = 4_300  # of a number: more of them Python does not even read
DEPTH = 50  # levels of lists and objects


class StrictJSONParser(JSONParser):
    """RFC 8259 in UTF-8, with limits; no NaN, no half characters, no name said twice."""

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Raises ParseError (400) or TooLarge (413)."""
        body = stream.read(BYTES + 1)
        refuse_large(len(body))
        try:
            value = json.loads(
                body.decode(),
                parse_constant=refuse_constant,
                parse_int=whole,
                object_pairs_hook=refuse_doubles,
            )
            refuse_depth_and_half_characters(value)
        except RecursionError as error:
            raise ParseError(too_deep()) from error
        except ValueError as error:  # UnicodeDecodeError and JSONDecodeError, too
            raise ParseError(_("This is not JSON: %(why)s") % {"why": error}) from error
        return value


def refuse_large(size: int) -> None:
    if size > BYTES:
        raise TooLarge(_("A body has at most %(count)d bytes.") % {"count": BYTES})


def refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON")


def whole(digits: str) -> int:
    if len(digits) > DIGITS:
        raise ValueError(f"a number has at most {DIGITS} digits here")
    return int(digits)


def refuse_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def refuse_depth_and_half_characters(value: Any) -> None:
    """Level by level, since a recursion would fail where it is needed."""
    level, depth = [value], 0
    while level:
        for each in level:
            if isinstance(each, str):
                each.encode()  # UnicodeEncodeError, a ValueError, for half of a surrogate pair
        depth += any(isinstance(each, dict | list) for each in level)
        if depth > DEPTH:
            raise ParseError(too_deep())
        level = list(inside(level))


def inside(level: list[Any]) -> Iterator[Any]:
    for each in level:
        if isinstance(each, dict):
            yield from each
            yield from each.values()
        elif isinstance(each, list):
            yield from each


def too_deep() -> str:
    return _("JSON is nested at most %(count)d levels deep here.") % {"count": DEPTH}
