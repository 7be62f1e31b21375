"""People who do things at the same moment: real threads, each with its own connection."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

PATIENCE = 20  # seconds


def race(calls: Iterable[Callable[[], Any]], *, losing: type[Exception] | tuple = ()) -> list[Any]:
    """Start all calls at once; answers what each returned, in their order.

    Whoever loses by an exception of `losing` has it as the answer; any other is raised.
    """
    calls = list(calls)
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            start.wait(PATIENCE)
            return call()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        outcomes = list(threads.map(run, calls))
    if surprises := [each for each in outcomes if unexpected(each, losing)]:
        raise ExceptionGroup("in a race", surprises)
    return outcomes


def unexpected(outcome: Any, losing: type[Exception] | tuple) -> bool:
    return isinstance(outcome, Exception) and not isinstance(outcome, losing)
