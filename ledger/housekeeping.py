"""What has to be done from time to time. Apps register it in the `ready` of their AppConfig.

    housekeeping.register("empty the trash", every=timedelta(hours=1), do=empty_trash)

Some worker calls `do` when it is due, one of all at a time. It may be called again after a
half-done run, and should work in short transactions.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Chore:
    name: str
    every: timedelta
    do: Callable[[], object]


chores: dict[str, Chore] = {}


def register(name: str, *, every: timedelta, do: Callable[[], object]) -> None:
    """`name`: at most 64 characters, unlike any other's."""
    chores[name] = Chore(name, every, do)
