"""Counting tries, so that all instances count together and nothing takes a count back.

Each statement is a transaction of its own: a count stays where the request it belongs to is
rolled back. It holds one lock only, so that counting never runs into a deadlock.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import Attempts

ROUNDS = 10  # find, begin and take are three; more only where others do the same just then
KEPT = timedelta(days=1)  # after the end, so that what is removed is nobody's any more
BATCH = 1_000  # rows


class Counter(NamedTuple):
    """How often something may be tried in a span that begins with the first try."""

    key: str
    most: int
    seconds: int


def count(*, counters: Iterable[Counter], by: None) -> int:
    """Count one try in all of them, or in none: the seconds to wait where one is full, else 0."""
    counted: list[Counter] = []
    for counter in counters:
        if wait := count_one(counter):
            take_back(counters=counted, by=None)
            return wait
        counted.append(counter)
    return 0


def count_one(counter: Counter) -> int:
    now = timezone.now()
    span = timedelta(seconds=counter.seconds)
    rows = Attempts.objects.filter(key=counter.key)
    for _round in range(ROUNDS):
        with transaction.atomic(durable=True):
            if rows.filter(ends_at__gt=now, count__lt=counter.most).update(count=F("count") + 1):
                return 0
        row = rows.first()
        if row is None:
            new = Attempts(key=counter.key, count=0, ends_at=now + span)
            Attempts.objects.bulk_create([new], ignore_conflicts=True)
        elif row.ends_at <= now:
            rows.filter(ends_at=row.ends_at).update(count=0, ends_at=now + span)
        elif row.count >= counter.most:
            return max(1, round((row.ends_at - now).total_seconds()))
        # Else somebody has begun it since, and there is room.
    return 1


def take_back(*, counters: Iterable[Counter], by: None) -> None:
    """Take one try back, and nothing that others tried."""
    now = timezone.now()
    for counter in counters:
        rows = Attempts.objects.filter(key=counter.key, ends_at__gt=now, count__gt=0)
        rows.update(count=F("count") - 1)


def remove_ended(*, by: None) -> None:
    """Housekeeping: forget what ended a day ago, some rows at a time."""
    ended = Attempts.objects.filter(ends_at__lt=timezone.now() - KEPT)
    while keys := list(ended.values_list("pk", flat=True)[:BATCH]):
        ended.filter(pk__in=keys).delete()
