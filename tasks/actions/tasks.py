"""Everything that can happen to a task. The only code that writes tasks."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from ledger.actions import rows
from ledger.actions.action import action
from ledger.merging import merge
from ledger.models import Change
from tasks.actions import labels, lists, positions
from tasks.models import Membership, Status, Task, TaskList
from tasks.models.tasks import OPEN

TASKS_PER_LIST = 20_000
LEVELS = 5  # a task, its subtasks, theirs, …

# Changed by two people at once, these could be merged into dates that contradict each other.
DATES = frozenset({"start_date", "due_date", "due_time"})

EDITABLE = (
    *("title", "description", "status", "priority", "assignee", "labels"),
    *("start_date", "due_date", "due_time", "time_zone", "estimate_minutes"),
)


@action
def create(
    *,
    title: str,
    by: User,
    task_list: TaskList | None = None,
    parent: Task | None = None,
    submission: uuid.UUID | None = None,
    **facts: Any,
) -> Task:
    """A new open task at the end of a list, or of `parent`'s subtasks.

    Without a list it goes to the inbox of `by`. The same form sent twice makes one task.
    Raises ValidationError where a value, or one task more, is too much.
    """
    refuse_unknown(facts)
    task_list = rows.lock(task_list or lists.inbox_of(user=by, by=by))
    if made := made_by(submission, by):
        return made
    check_room(task_list)
    if parent:
        parent = place_in(task_list, parent)
    names = facts.pop("labels", ())
    task = Task(list=task_list, parent=parent, title=title, created_by=by)
    for name, value in with_consequences(task, facts, by).items():
        setattr(task, name, value)
    check_assignee(task)
    task.position = positions.at_end(task_list, parent)
    rows.insert(task, kind="task.created", by=by, submission=submission)
    if names:
        was_and_is = labels.replace(task, names, by=by)
        rows.update(task, {}, kind="task.edited", by=by, also={"labels": was_and_is})
    return task


@action
def edit(*, task: Task, by: User | None, version: int | None = None, **changes: Any) -> Task:
    """Change the named fields (of EDITABLE); a status change completes or reopens.

    With the `version` that the writer had read, what others changed in between is kept:
    raises ledger.merging.Conflict where both wrote different things into one field.
    """
    refuse_unknown(changes)
    task = locked(task)
    if version is not None:
        changes = merged(task, changes, version)
    also = {}
    if "labels" in changes:
        also["labels"] = labels.replace(task, changes.pop("labels"), by=by)
    changes = with_consequences(task, changes, by)
    check_assignee(task, changes)
    return rows.update(task, changes, kind=kind_of(task, changes), by=by, also=also)


@action
def complete(*, task: Task, by: User | None) -> Task:
    """Mark the task done.

    Completing a finished task changes nothing, so a double click and two people who
    press at once end the same way: the first one's time stays.
    """
    return set_status(locked(task), Status.DONE, by)


@action
def reopen(*, task: Task, by: User | None) -> Task:
    """Make a done or cancelled task one to do again; an open one stays as it is."""
    task = locked(task)
    return task if task.status == Status.IN_PROGRESS else set_status(task, Status.PENDING, by)


@action
def trash(*, task: Task, by: User | None) -> Task:
    """Into the trash, with its subtasks; what is there already keeps its date."""
    task = locked(task)
    if task.deleted_at:
        return task
    when = timezone.now()
    for each in [task, *below(task)]:
        if not each.deleted_at:
            rows.update(each, {"deleted_at": when}, kind="task.trashed", by=by)
    return task


@action
def restore(*, task: Task, by: User | None) -> Task:
    """Out of the trash, with the subtasks that were thrown away with it.

    If the task above it is still in the trash, it comes back on its own.
    """
    task = locked(task)
    if not task.deleted_at:
        return task
    together = [each for each in below(task) if each.deleted_at == task.deleted_at]
    changes: dict[str, Any] = {"deleted_at": None}
    if task.parent and task.parent.deleted_at:
        changes |= {"parent": None, "position": positions.at_end(task.list, None)}
    rows.update(task, changes, kind="task.restored", by=by)
    for each in together:
        rows.update(each, {"deleted_at": None}, kind="task.restored", by=by)
    return task


@action
def delete(*, task: Task, by: User | None) -> None:
    """Delete the task and its subtasks for good. This cannot be undone."""
    task = locked(task)
    for each in reversed([task, *below(task)]):
        rows.remove(each, kind="task.deleted", by=by, keep=("title",))


def set_status(task: Task, status: Status, by: User | None) -> Task:
    changes = with_consequences(task, {"status": status}, by)
    return rows.update(task, changes, kind=kind_of(task, changes), by=by)


def with_consequences(task: Task, changes: dict[str, Any], by: User | None) -> dict[str, Any]:
    """The changes, and what follows from them in the fields that nobody types."""
    changes = dict(changes)
    if "status" in changes:
        done = changes["status"] == Status.DONE
        changes["completed_at"] = (task.completed_at or timezone.now()) if done else None
    if not changes.get("due_date", task.due_date) and "due_time" not in changes:
        changes["due_time"] = None
    if not changes.get("due_time", task.due_time):
        changes["time_zone"] = ""
    elif not changes.get("time_zone", task.time_zone):
        changes["time_zone"] = by.time_zone if by else "UTC"
    return changes


def kind_of(task: Task, changes: dict[str, Any]) -> str:
    status = changes.get("status", task.status)
    if status == task.status:
        return "task.edited"
    if status == Status.DONE:
        return "task.completed"
    return "task.reopened" if status in OPEN and task.status not in OPEN else "task.edited"


def merged(task: Task, changes: dict[str, Any], version: int) -> dict[str, Any]:
    """Those of `changes` that the writer of a form made; raises Conflict."""
    facts = task.facts() | {"labels": labels.names_of(task)}
    now = {name: facts[name] for name in changes}
    wanted = {name: getattr(value, "pk", value) for name, value in changes.items()}
    if "labels" in wanted:
        wanted["labels"] = labels.spelled(task.list, changes["labels"])
    kept = merge(task, now, wanted, since=version, together=DATES)
    return {name: changes[name] for name in kept}


def refuse_unknown(changes: Iterable[str]) -> None:
    if unknown := set(changes) - set(EDITABLE):
        raise TypeError(f"not to be set: {', '.join(sorted(unknown))}")


def check_room(task_list: TaskList, more: int = 1) -> None:
    if Task.objects.filter(list=task_list).count() + more > TASKS_PER_LIST:
        full = _("A list holds %(count)d tasks, no more.") % {"count": TASKS_PER_LIST}
        raise ValidationError({"list": full}, code="limit")


def place_in(task_list: TaskList, parent: Task, levels: int = 1) -> Task:
    """The task as it is now, if a task with so many levels of its own may go below it."""
    found = Task.objects.filter(pk=parent.pk, list=task_list).first()
    if not found:
        raise ValidationError({"parent": _("That task is not in this list.")}, code="other_list")
    if found.deleted_at:
        raise ValidationError({"parent": _("That task is in the trash.")}, code="trashed")
    if depth(found) + levels > LEVELS:
        deep = _("Subtasks go %(levels)d levels deep, no more.") % {"levels": LEVELS}
        raise ValidationError({"parent": deep}, code="limit")
    return found


def check_assignee(task: Task, changes: dict[str, Any] | None = None) -> None:
    """Only somebody who takes part in the list can be given its tasks."""
    values = changes if changes is not None else {"assignee": task.assignee}
    assignee = values.get("assignee")
    if assignee and not Membership.objects.filter(list=task.list_id, user=assignee).exists():
        message = _("%(user)s does not take part in this list.") % {"user": assignee}
        raise ValidationError({"assignee": message}, code="no_member")


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


def below(task: Task) -> list[Task]:
    """All subtasks, their subtasks and so on, from the top down."""
    found: list[Task] = []
    level = [task]
    while level:
        parents = [each.pk for each in level]
        level = list(Task.objects.select_for_update().filter(parent__in=parents).order_by("pk"))
        found += level
    return found


def depth(task: Task | None) -> int:
    steps = 0
    while task:
        steps, task = steps + 1, task.parent
    return steps


def made_by(submission: uuid.UUID | None, by: User | None) -> Task | None:
    """The task that this form has made already, if it was sent before."""
    if submission is None:
        return None
    sent = Change.objects.filter(submission=submission, by=by, subject_type="task").first()
    return Task.objects.filter(pk=sent.subject_id).first() if sent else None
