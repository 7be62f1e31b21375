"""Timed work (`ledger.housekeeping`), done by one worker of all at a time."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from ledger.actions import leases
from ledger.housekeeping import Chore, chores
from ledger.models import Lease

logger = logging.getLogger(__name__)

LOOK = 30  # seconds between two looks at what is due
AFTER_FAILURE = timedelta(minutes=10)


class House:
    def __init__(self, worker: str, stopping: Callable[[], bool]) -> None:
        self.worker, self.stopping = worker, stopping
        self.look_at = 0.0  # of the clock that is never set

    def keep(self) -> bool:
        """Do what is due, if it is time to look; whether there was anything."""
        if time.monotonic() < self.look_at:
            return False
        due = Lease.objects.due(timezone.now()).filter(name__in=chores)
        names = list(due.order_by("due_at").values_list("name", flat=True))
        for name in names:
            if not self.stopping() and leases.take(name=name, worker=self.worker, by=None):
                self.do(chores[name])
        self.look_at = time.monotonic() + LOOK
        return bool(names)

    def do(self, chore: Chore) -> None:
        again = min(chore.every, AFTER_FAILURE)
        try:
            chore.do()
            again = chore.every
        except Exception:
            logger.exception("%s failed", chore.name)
        leases.give_back(name=chore.name, worker=self.worker, again=again, by=None)
