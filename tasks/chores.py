"""What lists and tasks have to be tidied of from time to time."""

from datetime import timedelta

from ledger import housekeeping, letters, trash
from tasks import mails
from tasks.actions import lists, tasks
from tasks.models import Task, TaskList


def register() -> None:
    housekeeping.register("empty the trash", every=timedelta(hours=1), do=empty_trash)
    letters.names |= mails.NAMES


def empty_trash() -> None:
    """Tasks and, with all in them, lists."""
    trash.empty(Task.objects.in_trash(), lambda row: tasks.delete(task=row, by=None))
    trash.empty(TaskList.objects.in_trash(), lambda row: lists.delete(task_list=row, by=None))
