"""Writing only what is still as the writer has read it."""

from collections.abc import Callable
from typing import TypeVar

from django.db import models

from ledger.actions.action import action
from ledger.models import Recorded

Row = TypeVar("Row", bound=Recorded)
T = TypeVar("T")


class Stale(Exception):
    """Somebody has written the row since. Nothing was done."""


@action
def if_unchanged(
    *,
    row: Row,
    lock: Callable[[Row], Row],
    then: Callable[[], T],
    by: models.Model | None,
) -> T:
    """Do `then` if the row still has the version of `row`; raises Stale.

    `lock` gives the row as it is now, nobody else's until `then` is done.
    """
    if lock(row).version != row.version:
        raise Stale
    return then()
