"""Moving tasks: to another list, below another task, before another task."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User
from ledger.actions import rows
from ledger.actions.action import action
from tasks.actions import labels, positions
from tasks.actions.placing import levels_below, locked, place_below, room_in
from tasks.models import Membership, Task, TaskList
from tasks.models.tasks import TaskQuerySet


@action
def move(
    *,
    task: Task,
    by: User | None,
    to_list: TaskList | None = None,
    parent: Task | None = None,
    before: Task | None = None,
) -> Task:
    """Put the task, with its subtasks, right before a task, or at the end.

    That is in `to_list` (None: the list it is in), below `parent` (None: at the top).
    In another list its labels are found or made anew by name, and an assignee who does
    not take part there is dropped. Raises ValidationError where it cannot go.
    """
    task = locked_with(task, to_list)
    target = to_list or task.list
    levels = levels_below(task)
    subtree = [task, *(each for level in levels for each in level)]
    if parent:
        parent = place_below(parent, target, levels=1 + len(levels))
        refuse_below_itself(parent, subtree)
    if before:
        before = standing_in(target, parent, before)
    if target.pk != task.list_id:
        room_in(target, more=len(subtree))
        for each in subtree:
            relist(each, target, by=by)
    return place(task, target, parent, before, by=by)


@action
def move_up(*, task: Task, by: User | None) -> Task:
    """Before the open sibling above it; the first one stays."""
    task = locked(task)
    above = neighbours(task).filter(position__lt=task.position).order_by("-position").first()
    return place(task, task.list, task.parent, above, by=by) if above else task


@action
def move_down(*, task: Task, by: User | None) -> Task:
    """Behind the open sibling below it; the last one stays."""
    task = locked(task)
    following = neighbours(task).filter(position__gt=task.position).order_by("position")[:2]
    if not following:
        return task
    behind = following[1] if len(following) == 2 else None
    return place(task, task.list, task.parent, behind, by=by)


def place(
    task: Task, target: TaskList, parent: Task | None, before: Task | None, *, by: User | None
) -> Task:
    parent_id = parent.pk if parent else None
    if task.parent_id == parent_id and positions.stands(task, before):
        return task
    position = positions.before(before) if before else positions.at_end(target, parent)
    task.refresh_from_db(fields=["position"])  # making room may have changed it
    changes: dict[str, Any] = {"parent_id": parent_id, "position": position}
    return rows.update(task, changes, kind="task.moved", by=by)


def standing_in(target: TaskList, parent: Task | None, before: Task) -> Task:
    """The task as it is now, if it stands at the top of the list, or below that parent."""
    sibling = Task.objects.filter(pk=before.pk, list=target, parent=parent).first()
    if not sibling:
        message = _("That task does not stand where this one is to go.")
        raise ValidationError({"before": message}, code="no_sibling")
    return sibling


def relist(task: Task, target: TaskList, *, by: User | None) -> None:
    """Into another list; those who follow the one it leaves are told as well."""
    names = labels.names_of(task)
    gone = {"list": [task.list_id, target.pk]}
    rows.record(task, kind="task.left", by=by, changes=gone)
    changes: dict[str, Any] = {"list": target}
    if not Membership.objects.filter(list=target, user=task.assignee_id).exists():
        changes["assignee"] = None
    rows.update(task, changes, kind="task.moved", by=by)
    was_and_is = labels.replace(task, names, by=by)
    rows.update(task, {}, kind="task.moved", by=by, also={"labels": (names, was_and_is[1])})


def locked_with(task: Task, to_list: TaskList | None) -> Task:
    """The task, its list and the target locked, lists in the order of their ids."""
    if to_list is None:
        return locked(task)
    there = Task.objects.only("list").filter(pk=task.pk).first()
    if there and to_list.pk < there.list_id:
        rows.lock(to_list)
    task = locked(task)
    rows.lock(to_list)
    return task


def refuse_below_itself(parent: Task, subtree: list[Task]) -> None:
    if parent in subtree:
        message = _("A task cannot be part of itself.")
        raise ValidationError({"parent": message}, code="cycle")


def neighbours(task: Task) -> TaskQuerySet:
    """The open tasks it stands among on its list's page."""
    siblings = Task.objects.filter(list=task.list_id, parent=task.parent_id, deleted_at=None)
    return siblings.open()
