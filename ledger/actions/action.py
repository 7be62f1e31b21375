"""What makes a function an action."""

import functools
import random
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import OperationalError, transaction

from ledger.doorway import one_batch

P = ParamSpec("P")
T = TypeVar("T")

DEADLOCK = 1213  # MySQL's number for: you lost, your transaction is rolled back, try again
ATTEMPTS = 4


def action(function: Callable[P, T]) -> Callable[P, T]:
    """One transaction, one batch of changes, tried again when it loses a deadlock.

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
            except OperationalError as error:
                if not outermost or attempt == ATTEMPTS or error.args[:1] != (DEADLOCK,):
                    raise
                time.sleep(random.uniform(0, 0.02 * attempt))  # noqa: S311
        raise AssertionError("unreachable")

    return run
