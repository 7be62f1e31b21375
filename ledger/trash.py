"""The trash: for 30 days what was thrown away comes back, and then it goes for good."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

logger = logging.getLogger(__name__)

KEPT = timedelta(days=30)
AT_A_TIME = 200


def empty(trashed: QuerySet, delete: Callable[[Any], None]) -> None:
    """Delete for good those of the rows that have been in the trash for longer than KEPT.

    Each in a transaction of its own. What somebody takes back meanwhile stays.
    """
    for row in thrown_away(trashed, timezone.now() - KEPT):
        try:
            delete(row)
        except (ValidationError, Http404) as refusal:
            logger.info("%s %s stays: %s", row._meta.model_name, row.pk, refusal)


def thrown_away(rows: QuerySet, before: datetime) -> Iterator[Any]:
    """A few at a time; what cannot be deleted is not met twice."""
    last = 0
    while page := list(rows.filter(deleted_at__lt=before, pk__gt=last).order_by("pk")[:AT_A_TIME]):
        yield from page
        last = page[-1].pk
