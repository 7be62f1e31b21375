"""Everything that can happen to a task, but for moving (moving.py)."""

import uuid
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from ledger.actions import rows
from ledger.actions.action import action
from ledger.actions.submissions import sent_before
from ledger.merging import merge
from tasks.actions import labels, lists, positions
from tasks.actions.placing import above, below, locked, place_below, room_in
from tasks.models import Membership, Status, Task, TaskList
from tasks.models.tasks import OPEN

# Changed by two people at once, these could be merged into dates that contradict each other.
DATES = frozenset({"start_date", "due_date", "due_time", "time_zone"})

EDITABLE = (
    *("title", "description", "status", "priority", "assignee", "labels"),
    *("start_date", "due_date", "due_time", "time_zone", "estimate_minutes"),
)


@action
def create(
    *,
    title: str,
    by: User | None,
    task_list: TaskList | None = None,
    parent: Task | None = None,
    submission: uuid.UUID | None = None,
    **facts: Any,
) -> Task:
    """A new open task at the end of a list, or of `parent`'s subtasks.

    Without a list it goes to the inbox of `by`, who is somebody then. The same form sent
    twice makes one task.
    Raises ValidationError where a value, or one task more, is too much.
    """
    rows.refuse_unknown(facts, EDITABLE)
    task_list = rows.lock(task_list or lists.inbox_of(user=cast(User, by), by=by))
    made, submission = sent_before(submission, Task, title=title, by=by)
    if made:
        return made
    room_in(task_list)
    if parent:
        parent = place_below(parent, task_list)
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
    rows.refuse_unknown(changes, EDITABLE)
    task = locked(task)
    changes = merged(task, changes, version)
    also = {}
    if "labels" in changes:
        also["labels"] = labels.replace(task, changes.pop("labels"), by=by)
    check_assignee(task, changes)
    return write(task, changes, by=by, also=also)


@action
def complete(*, task: Task, by: User | None) -> Task:
    """Mark the task done, and what is open below it.

    Completing a finished task changes nothing, so a double click and two people who
    press at once end the same way: the first one's time stays.
    """
    return write(locked(task), {"status": Status.DONE}, by=by)


@action
def reopen(*, task: Task, by: User | None) -> Task:
    """Make a done or cancelled task one to do again, and what it is part of.

    An open one stays as it is.
    """
    task = locked(task)
    return task if task.status in OPEN else write(task, {"status": Status.PENDING}, by=by)


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
    """Delete the task and its subtasks for good. This cannot be undone.

    Raises ValidationError where it was thrown away or restored since `task` was read.
    """
    seen, task = task, locked(task)
    rows.refuse_moved(task, seen)
    for each in reversed([task, *below(task)]):
        rows.remove(each, kind="task.deleted", by=by, keep=("title",))


def write(
    task: Task, changes: dict[str, Any], *, by: User | None, also: dict[str, Any] | None = None
) -> Task:
    """Write the changes, what follows in the task, and what follows around it.

    An open task never hides below a finished one: completing finishes what is below,
    reopening reopens what is above.
    """
    changes = with_consequences(task, changes, by)
    kind = kind_of(task, changes)
    rows.update(task, changes, kind=kind, by=by, also=also)
    if kind == "task.completed":
        follow([each for each in below(task) if each.status in OPEN], Status.DONE, by=by)
    elif kind == "task.reopened":
        follow([each for each in above(task) if each.status not in OPEN], Status.PENDING, by=by)
    return task


def follow(tasks: list[Task], status: Status, *, by: User | None) -> None:
    for each in tasks:
        changes = with_consequences(each, {"status": status}, by)
        rows.update(each, changes, kind=kind_of(each, changes), by=by)


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


def merged(task: Task, changes: dict[str, Any], version: int | None) -> dict[str, Any]:
    """Those of `changes` that the writer of a form made; raises Conflict."""
    beside = {}
    if version is not None and "labels" in changes:
        beside["labels"] = labels.names_of(task)
        changes = changes | {"labels": labels.spelled(task.list, changes["labels"])}
    return merge(task, changes, since=version, beside=beside, together=DATES)


def check_assignee(task: Task, changes: dict[str, Any] | None = None) -> None:
    """Only somebody who takes part in the list can be given its tasks."""
    values = changes if changes is not None else {"assignee": task.assignee}
    assignee = values.get("assignee")
    if assignee and not Membership.objects.filter(list=task.list_id, user=assignee).exists():
        message = _("%(user)s does not take part in this list.") % {"user": assignee}
        raise ValidationError({"assignee": message}, code="no_member")
