"""What lists and tasks have to be tidied of from time to time."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from ledger import housekeeping, letters
from tasks import mails
from tasks.actions import lists, tasks
from tasks.models import Task, TaskList

logger = logging.getLogger(__name__)

KEPT_IN_TRASH = timedelta(days=30)
AT_A_TIME = 200


def register() -> None:
    housekeeping.register("empty the trash", every=timedelta(hours=1), do=empty_trash)
    letters.names |= mails.NAMES


def empty_trash() -> None:
    """Delete for good what was thrown away 30 days ago: tasks and, with all in them, lists.

    Each in a transaction of its own. What somebody takes back meanwhile stays.
    """
    before = timezone.now() - KEPT_IN_TRASH
    for row in thrown_away(Task.objects.in_trash(), before):
        delete(row)
    for row in thrown_away(TaskList.objects.in_trash(), before):
        delete(row)


def thrown_away(rows: QuerySet, before: datetime) -> Iterator[Any]:
    """A few at a time; what cannot be deleted is not met twice."""
    last = 0
    while page := list(rows.filter(deleted_at__lt=before, pk__gt=last).order_by("pk")[:AT_A_TIME]):
        yield from page
        last = page[-1].pk


def delete(row: Task | TaskList) -> None:
    try:
        if isinstance(row, Task):
            tasks.delete(task=row, by=None)
        else:
            lists.delete(task_list=row, by=None)
    except (ValidationError, Http404) as refusal:
        logger.info("%s %s stays: %s", row._meta.model_name, row.pk, refusal)
