"""Where a task is: its list locked, what is below it, what there is room for."""

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from ledger.actions import rows
from tasks.models import Task, TaskList
from tasks.models.tasks import TaskQuerySet

TASKS_PER_LIST = 20_000
LEVELS = 5  # a task, its subtasks, theirs, …


def locked(task: Task) -> Task:
    """The task as it is now, with its list locked first.

    Every action takes its locks in this order, so they queue instead of dying in a
    deadlock: also the one that writes a single task, since InnoDB looks up the list
    whenever an index with the list in it changes, as with `is_open`.
    """
    while True:
        there = get_object_or_404(Task.objects.only("list"), pk=task.pk)
        rows.lock(TaskList(pk=there.list_id))
        now = rows.lock(task)
        if now.list_id == there.list_id:  # else it was moved before we had the lock
            return now


def levels_below(task: Task) -> list[list[Task]]:
    """Its subtasks, their subtasks and so on, level by level, locked."""
    levels, level = [], [task]
    while level := list(subtasks_of(level).select_for_update().order_by("pk")):
        levels.append(level)
    return levels


def below(task: Task) -> list[Task]:
    """All that is below the task, from the top down."""
    return [each for level in levels_below(task) for each in level]


def above(task: Task) -> list[Task]:
    """The task it is part of, what that one is part of, and so on, from the bottom up."""
    found = []
    while task.parent_id:
        task = Task.objects.select_for_update().get(pk=task.parent_id)
        found.append(task)
    return found


def room_in(task_list: TaskList, more: int = 1) -> None:
    """Raises ValidationError where so many more tasks are too many for the list."""
    if Task.objects.filter(list=task_list).count() + more > TASKS_PER_LIST:
        full = _("A list holds %(count)d tasks, no more.") % {"count": TASKS_PER_LIST}
        raise ValidationError({"list": full}, code="limit")


def place_below(parent: Task, task_list: TaskList, levels: int = 1) -> Task:
    """The parent as it is now, if a task with so many levels of its own may go below it."""
    found = Task.objects.filter(pk=parent.pk, list=task_list).first()
    if not found:
        raise ValidationError({"parent": _("That task is not in this list.")}, code="other_list")
    if found.deleted_at:
        raise ValidationError({"parent": _("That task is in the trash.")}, code="trashed")
    if 1 + len(above(found)) + levels > LEVELS:
        deep = _("Subtasks go %(levels)d levels deep, no more.") % {"levels": LEVELS}
        raise ValidationError({"parent": deep}, code="limit")
    return found


def subtasks_of(tasks: list[Task]) -> TaskQuerySet:
    return Task.objects.filter(parent__in=[each.pk for each in tasks])
