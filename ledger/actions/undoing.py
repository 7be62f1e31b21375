"""Taking back what one press of a button did, whatever it was.

Apps say, in the `ready` of their AppConfig, how it is done for their models:

    undoing.subjects["product"] = Subject(Product, index="products:index")
"""

import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Field
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.access import fetch
from ledger.actions import rows
from ledger.actions.action import action
from ledger.encoding import plain, same
from ledger.models import Change, Recorded, Trashable


class Subject:
    """How the changes of one model are taken back; each app says what is special in its own.

    `index` names the page to go to once a row is in the trash; `write` is how the app's own
    actions write a row, where more follows from that than `rows.update` does.
    """

    only_told: ClassVar[tuple[str, ...]] = ()  # kinds that changed nothing by themselves
    unwatched: ClassVar[frozenset[str]] = frozenset()  # fields that move without anybody's doing

    def __init__(
        self, model: type[Any], *, index: str = "home", write: Callable[..., Any] = rows.update
    ) -> None:
        self.model, self.index, self.write = model, index, write

    def pages(self, row: Any) -> tuple[str, str]:
        """The address of the row's page, and where to go once the row is in the trash."""
        return row.get_absolute_url(), reverse(self.index)

    def refuse(self, change: Change, by: Any) -> None:
        """Raises Http404 or PermissionDenied where this person may not put it back."""
        fetch(self.model._default_manager.all(), by, "edit", pk=change.subject_id)

    def holders(self, change: Change) -> Iterable[Recorded]:
        """What has to be locked before the row itself."""
        return ()

    def facts_of(self, row: Any) -> dict[str, Any]:
        """What the row says now, as a Change has it."""
        return plain(row.facts())

    def columns(self, row: Any, was: Mapping[str, Any]) -> dict[str, Any]:
        """What fields of a Change held before, as the row takes it: ids, dates as dates."""
        fields = [field for field in row.recorded_fields() if field.name in was]
        for field in fields:
            refuse_if_gone(field, was[field.name])
        return {field.attname: field.to_python(was[field.name]) for field in fields}

    def take_back(self, change: Change, *, by: Any) -> Trashable:
        """The row, with what this change changed as it was before."""
        row = rows.lock(self.model(pk=change.subject_id))
        kind = f"{change.kind.partition('.')[0]}.undone"
        if is_creation(change):
            when = row.deleted_at or timezone.now()
            self.write(row, {"deleted_at": when}, kind=kind, by=by)
        else:
            self.refuse_if_touched(row, change)
            self.put_back(row, change, kind=kind, by=by)
        return row

    def put_back(self, row: Any, change: Change, *, kind: str, by: Any) -> None:
        was = {name: before for name, (before, _now) in change.changes.items()}
        self.write(row, self.columns(row, was), kind=kind, by=by)

    def refuse_if_touched(self, row: Recorded, change: Change) -> None:
        now = self.facts_of(row)
        became = {name: after for name, (_was, after) in change.changes.items()}
        if not all(same(now[name], became[name]) for name in became.keys() - self.unwatched):
            message = _("Somebody has changed it since, so it stays as it is.")
            raise ValidationError(message, code="touched")


subjects: dict[str, Subject] = {}  # by the name of the model


def pages(row: Recorded) -> tuple[str, str]:
    """The address of the row's page, and where to go once the row is in the trash."""
    return subjects[str(row._meta.model_name)].pages(row)


@action
def undo(*, batch: uuid.UUID, by: models.Model) -> list[Trashable]:
    """Put back every field that `by` changed in this batch; what it created goes to the trash.

    Answers what was put back, as it is now.
    Raises Http404 where there is no such batch of theirs or a thing of it is gone,
    PermissionDenied where they may not change it any more, and ValidationError where a
    field was changed again since: nothing is put back then.
    """
    changes = undoable(batch, by)
    holders = set().union(*(subjects[each.subject_type].holders(each) for each in changes))
    for row in sorted(holders, key=lambda row: (row._meta.label, row.pk)):
        rows.lock(row)
    return [subjects[each.subject_type].take_back(each, by=by) for each in changes]


def undoable(batch: uuid.UUID, by: models.Model) -> list[Change]:
    """The changes of a batch that can be taken back, newest first; raises as `undo` does."""
    only_told = {kind for subject in subjects.values() for kind in subject.only_told}
    mine = Change.objects.filter(batch=batch, by=by.pk, subject_type__in=subjects)
    changes = without_details_of_the_new(mine.exclude(kind__in=only_told).order_by("-pk"))
    if not changes or any(change.kind.endswith(".deleted") for change in changes):
        raise Http404
    for change in changes:
        subjects[change.subject_type].refuse(change, by)
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


def refuse_if_gone(field: Field, value: Any) -> None:
    related = field.related_model
    if not related or value is None:
        return
    if not related._default_manager.filter(pk=value).exists():
        raise ValidationError(_("What it belonged to is gone."), code="gone")
