"""Taking back what one press of a button did, whatever it was."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Field
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import fetch
from accounts.models import User
from ledger.actions import rows
from ledger.actions.action import action
from ledger.encoding import plain
from ledger.models import Change
from tasks.actions import labels, positions
from tasks.models import Task, TaskList
from tasks.models.access import OWNERS_FIELDS
from tasks.models.lists import TaskListQuerySet
from tasks.models.tasks import TaskQuerySet

SUBJECTS: dict[str, type[Task] | type[TaskList]] = {"task": Task, "tasklist": TaskList}


@action
def undo(*, batch: uuid.UUID, by: User) -> list[Task | TaskList]:
    """Put back every field that `by` changed in this batch; what it created goes to the trash.

    Answers what was put back, as it is now.
    Raises Http404 where there is no such batch of theirs or a thing of it is gone,
    PermissionDenied where they may not change it any more, and ValidationError where a
    field was changed again since: nothing is put back then.
    """
    changes = undoable(batch, by)
    for number in sorted(set().union(*map(lists_of, changes))):
        rows.lock(TaskList(pk=number))
    return [take_back(change, by=by) for change in changes]


def undoable(batch: uuid.UUID, by: User) -> list[Change]:
    """The changes of a batch that can be taken back, newest first; raises as `undo` does."""
    mine = Change.objects.filter(batch=batch, by=by, subject_type__in=SUBJECTS)
    changes = without_details_of_the_new(mine.exclude(kind="task.left").order_by("-pk"))
    if not changes or any(change.kind.endswith(".deleted") for change in changes):
        raise Http404
    for change in changes:
        fetch(there(change), by, ability_for(change), pk=change.subject_id)
        for number in lists_of(change) - {change.scope_id}:
            fetch(TaskList.objects.all(), by, "edit", pk=number)
    return changes


def without_details_of_the_new(changes: Iterable[Change]) -> list[Change]:
    """What was created goes to the trash as it is, with its labels: they come back with it."""
    changes = list(changes)
    new = {(each.subject_type, each.subject_id) for each in changes if is_creation(each)}
    return [
        each
        for each in changes
        if is_creation(each) or (each.subject_type, each.subject_id) not in new
    ]


def is_creation(change: Change) -> bool:
    return change.kind.endswith(".created")


def ability_for(change: Change) -> str:
    """What it takes to put this back; also for an undo of an undo, whose kind tells nothing."""
    owners = is_creation(change) or bool(OWNERS_FIELDS & change.changes.keys())
    return "manage" if change.subject_type == "tasklist" and owners else "edit"


def there(change: Change) -> TaskQuerySet | TaskListQuerySet:
    """Where the changed thing is looked for: also in the trash, but not in a list that is there."""
    if change.subject_type == "task":
        return Task.objects.filter(list__deleted_at=None)
    return TaskList.objects.all()


def lists_of(change: Change) -> set[int]:
    """The list that the changed thing is in, and the one that it was in before."""
    return {number for number in (change.scope_id, *change.changes.get("list", ())) if number}


def take_back(change: Change, *, by: User) -> Task | TaskList:
    row = rows.lock(SUBJECTS[change.subject_type](pk=change.subject_id))
    if isinstance(row, TaskList) and row.is_inbox:
        return row  # made along with its first task, and it always stays
    kind = f"{change.kind.partition('.')[0]}.undone"
    if is_creation(change):
        when = row.deleted_at or timezone.now()
        return rows.update(row, {"deleted_at": when}, kind=kind, by=by)
    refuse_if_touched(row, change)
    names = labels.names_of(row) if isinstance(row, Task) else []
    before = {name: was for name, (was, _now) in change.changes.items() if name != "labels"}
    rows.update(row, as_columns(row, before), kind=kind, by=by)
    if "labels" in change.changes:
        names = change.changes["labels"][0]
    if isinstance(row, Task) and change.changes.keys() & {"labels", "list"}:
        rows.update(row, {}, kind=kind, by=by, also={"labels": labels.replace(row, names, by=by)})
    return row


def refuse_if_touched(row: Task | TaskList, change: Change) -> None:
    """Positions are left out: making room for others moves them, and nobody has typed them."""
    now = plain(row.facts())
    if isinstance(row, Task):
        now["labels"] = labels.names_of(row)
    touched = [
        name
        for name, (_was, became) in change.changes.items()
        if name != "position" and now[name] != became
    ]
    if touched:
        message = _("Somebody has changed it since, so it stays as it is.")
        raise ValidationError(message, code="touched")


def as_columns(row: Task | TaskList, values: dict[str, Any]) -> dict[str, Any]:
    """Values of a Change as the row takes them: a foreign key by its id, dates as dates."""
    fields = [field for field in row.recorded_fields() if field.name in values]
    for field in fields:
        refuse_if_gone(field, values[field.name])
    columns = {field.attname: field.to_python(values[field.name]) for field in fields}
    if isinstance(row, Task) and "position" in columns:
        columns["position"] = free_position(row, columns)
    return columns


def refuse_if_gone(field: Field, value: Any) -> None:
    related = field.related_model
    if not related or value is None:
        return
    if not related._default_manager.filter(pk=value).exists():
        raise ValidationError(_("What it belonged to is gone."), code="gone")


def free_position(task: Task, columns: dict[str, Any]) -> int:
    """Where it stood, or right before what stands there now."""
    there = Task.objects.filter(
        list=columns.get("list_id", task.list_id),
        parent=columns.get("parent_id", task.parent_id),
        position=columns["position"],
    )
    other = there.exclude(pk=task.pk).first()
    return positions.before(other) if other else columns["position"]
