"""What belongs to a person in the apps above, which this one knows nothing of.

They register, in the `ready` of their AppConfig, what has to happen to it: when somebody closes
their account (`settling`: what others share is handed over), when a person is deleted
(`taking_leave`: raises ValidationError where it must not happen), and what of it stands in
their archive (`parts`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.utils.functional import Promise

from accounts.models import User


class TakeLeave(Protocol):
    def __call__(self, *, user: User, by: User | None) -> None: ...


@dataclass(frozen=True)
class Part:
    """A file of a person's archive: its name, what README.txt says of it, and what is in it.

    `rows` are those of a .json file, or the pieces of text of any other. `fields` are those that
    do not speak for themselves, each with what it means.
    """

    file: str
    about: Promise
    rows: Callable[[User], dict[str, Any] | Iterable[dict[str, Any]] | Iterable[str]]
    fields: Mapping[str, Promise] = field(default_factory=dict)


settling: list[TakeLeave] = []
taking_leave: list[TakeLeave] = []
parts: list[Part] = []
