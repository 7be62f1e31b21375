"""How long a page may wait for the provider: once, for all that it asks it.

Timeouts of requests are those of one read each: an answer that comes drop by drop, or a name that
does not resolve, takes as long as it likes, and a sign-in asks up to four times.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

import requests
from django.http import HttpRequest

SECONDS = 4.5  # so that the page that says so is there within five
KEPT = "openid_budget"
MOST = 16  # threads of a process that ask the provider, or still wait for what nobody wants now
PLACES = threading.BoundedSemaphore(MOST)

Answer = TypeVar("Answer")


class Budget:
    """Seconds that begin to run at once."""

    def __init__(self, seconds: float) -> None:
        self.ends = time.monotonic() + seconds

    def spend(self, work: Callable[[], Answer]) -> Answer:
        """What `work` answers. Raises TimeoutError once no time is left.

        In a thread of its own, since nothing else ends it: it must not touch the database. It
        may go on after its time, so none begins where MOST do already.
        """
        left = self.ends - time.monotonic()
        if left <= 0 or not PLACES.acquire(blocking=False):
            raise TimeoutError
        answer: Future[Answer] = Future()
        threading.Thread(target=settle, args=(answer, work, PLACES), daemon=True).start()
        return answer.result(left)


def settle(
    answer: Future[Answer], work: Callable[[], Answer], place: threading.BoundedSemaphore
) -> None:
    try:
        answer.set_result(work())
    except Exception as error:  # whoever waits for it raises it
        answer.set_exception(error)
    finally:
        place.release()


def budget_of(request: HttpRequest) -> Budget:
    """The one of this request; it begins when the request asks for the first time."""
    found: Budget = vars(request).setdefault(KEPT, Budget(SECONDS))
    return found


class BoundedSession(requests.Session):
    """Whose requests share a budget. They raise TimeoutError where it is spent."""

    def __init__(self, budget: Budget) -> None:
        super().__init__()
        self.budget = budget

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        ask = partial(super().request, *args, **{"timeout": SECONDS} | kwargs)
        return self.budget.spend(ask)
