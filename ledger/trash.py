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


# {what the action calls a row: (what is in the trash, the action that deletes one for good)}.
# Apps add theirs in the `ready` of their AppConfig, those first that lie in others.
bins: dict[str, tuple[Callable[[], QuerySet], Callable[..., None]]] = {}


def empty() -> None:
    """Delete for good what has been in a trash for longer than KEPT.

    Each in a transaction of its own. What somebody takes back meanwhile stays.
    """
    for name, (trashed, delete) in bins.items():
        for row in thrown_away(trashed(), timezone.now() - KEPT):
            try:
                delete(**{name: row}, by=None)
            except (ValidationError, Http404) as refusal:
                logger.info("%s %s stays: %s", name, row.pk, refusal)


def thrown_away(rows: QuerySet, before: datetime) -> Iterator[Any]:
    """A few at a time; what cannot be deleted is not met twice."""
    last = 0
    while page := list(rows.filter(deleted_at__lt=before, pk__gt=last).order_by("pk")[:AT_A_TIME]):
        yield from page
        last = page[-1].pk
