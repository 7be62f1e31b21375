"""What makes a function an action."""

import functools
import random
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, IntegrityError, OperationalError, transaction

from ledger.doorway import one_batch

P = ParamSpec("P")
T = TypeVar("T")

# Errors of MySQL with which a transaction is rolled back that somebody else was quicker than.
DEADLOCK = (OperationalError, 1213)
KEY_TAKEN = (IntegrityError, 1062)  # tried again, the action meets their row and says what it is
ATTEMPTS = 4


def action(function: Callable[P, T]) -> Callable[P, T]:
    """One transaction, one batch of changes, tried again when it loses a race.

    Inside another action it joins that one's transaction and batch; a deadlock has then
    undone the outer one's work too, so only the outermost tries again.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        outermost = not transaction.get_connection().in_atomic_block
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with one_batch(), transaction.atomic():
                    return function(*args, **kwargs)
            except DatabaseError as error:
                if not outermost or attempt == ATTEMPTS or not is_lost_race(error):
                    raise
                time.sleep(random.uniform(0, 0.02 * attempt))  # noqa: S311
        raise AssertionError("unreachable")

    return run


def is_lost_race(error: DatabaseError) -> bool:
    return (type(error), *error.args[:1]) in (DEADLOCK, KEY_TAKEN)
