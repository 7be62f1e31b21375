"""How a recorded row is locked and written. Actions of every app write through these.

Each write checks the row's own rules, writes only what changed, counts the version up, and
puts a Change beside it in the same transaction.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.db.models import F, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.chunks import ROWS
from ledger.doorway import current_via, one_batch
from ledger.encoding import same
from ledger.models import Change, Recorded, Trashable

Row = TypeVar("Row", bound=Recorded)
Kept = TypeVar("Kept", bound=Trashable)
Changes = Mapping[str, Any]


def lock(row: Row) -> Row:
    """The row as it is now, nobody else's until the transaction ends.

    Raises Http404 where it was deleted for good meanwhile.
    """
    model = cast(type[Row], row._meta.model)  # type() would name request.user's lazy shell
    return get_object_or_404(model._default_manager.select_for_update(), pk=row.pk)


def lock_present(row: Kept) -> Kept:
    """As `lock`, and raises Http404 where it was thrown into the trash meanwhile, too."""
    locked = lock(row)
    if locked.deleted_at:
        raise Http404
    return locked


def refuse_moved(row: Kept, seen: Kept) -> None:
    """Raises ValidationError where it was thrown away or restored since it was `seen`."""
    if row.deleted_at != seen.deleted_at:
        raise ValidationError(_("Somebody has moved it meanwhile."), code="changed")


def insert(
    row: Row,
    *,
    kind: str,
    by: models.Model | None,
    also: Changes | None = None,
    submission: uuid.UUID | None = None,
) -> Row:
    """Add the row; raises ValidationError naming the field whose value is not legal.

    And without a field where `submission`, the form's number, has made something else already.
    A `kind` is a noun and what happened: undo knows what was ".created", and what was ".deleted"
    for good.
    """
    check(row)
    row.save(force_insert=True)
    changes = {
        name: [None, value] for name, value in row.facts().items() if value not in (None, "")
    }
    changes |= also or {}
    record(row, kind=kind, by=by, changes=changes, submission=submission)
    return row


def update(
    row: Row,
    changes: Changes,
    *,
    kind: str,
    by: models.Model | None,
    also: Changes | None = None,
) -> Row:
    """Write those of `changes` that differ; where none does, write and record nothing.

    `row` must have been read under lock. `also` are changes beside the row's own columns,
    {name: (before, after)}, that the caller has written (a task's labels). That an unrecorded
    column changed is recorded, and not from what to what.
    """
    hidden = row.unrecorded_facts()
    changed = apply(changes, row)
    beside = {name: [was, now] for name, (was, now) in (also or {}).items() if was != now}
    unseen = [name for name, value in row.unrecorded_facts().items() if value != hidden[name]]
    if not changed and not beside and not unseen:
        return row
    row.version += 1
    row.updated_at = timezone.now()
    row.save(update_fields=[*changed, *unseen, "version", "updated_at"])
    forget_derived(row)
    record(row, kind=kind, by=by, changes=changed | beside)
    return row


def update_all(
    found: QuerySet[Row], changes: Changes, *, kind: str, by: models.Model | None
) -> None:
    """Write these recorded columns of every row found, as `update` writes one.

    Each row is locked, checked, counted up and has a Change of its own, in three statements for
    ROWS of them: one by one, thousands of tasks would keep everybody out of their list.
    """
    last = 0
    with one_batch():
        while some := list(found.select_for_update().filter(pk__gt=last).order_by("pk")[:ROWS]):
            last = some[-1].pk
            told = []
            for row in some:
                if changed := apply(changes, row):
                    row.version += 1
                    told.append(change_of(row, kind=kind, by=by, changes=changed))
            written = found.model._default_manager.filter(pk__in=[each.subject_id for each in told])
            written.update(**changes, version=F("version") + 1, updated_at=timezone.now())
            Change.objects.bulk_create(told)


def apply(changes: Changes, row: Recorded) -> dict[str, Any]:
    """Set them on the row, and check it; answers {field: [before, after]} of what differs."""
    before = row.facts()
    for name, value in changes.items():
        setattr(row, name, value)
    check(row)
    after = row.facts()
    differing = [name for name in after if not same(before[name], after[name])]
    return {name: [before[name], after[name]] for name in differing}


def remove(row: Recorded, *, kind: str, by: models.Model | None, keep: tuple[str, ...]) -> None:
    """Delete the row for good; of its facts only `keep` stay in the record."""
    facts = row.facts()
    row.version += 1
    record(row, kind=kind, by=by, changes={name: [facts[name], None] for name in keep})
    row.delete()


def refuse_unknown(changes: Iterable[str], editable: Iterable[str]) -> None:
    """Raises TypeError for a field that an action does not let its caller set."""
    if unknown := set(changes) - set(editable):
        raise TypeError(f"not to be set: {', '.join(sorted(unknown))}")


def check(row: Recorded) -> None:
    """The row's own rules. Foreign keys, uniqueness and CHECKs are left to the database.

    Who can be told of a clash in words looks for it before.
    """
    relations = [field.name for field in row._meta.concrete_fields if field.is_relation]
    row.clean_fields(exclude=relations)
    row.clean()


def forget_derived(row: Recorded) -> None:
    """What the database derives was derived from the old values: read it again when asked."""
    for field in row._meta.concrete_fields:
        if field.generated:
            row.__dict__.pop(field.attname, None)


def record(
    row: Recorded,
    *,
    kind: str,
    by: models.Model | None,
    changes: Changes,
    submission: uuid.UUID | None = None,
) -> None:
    """Put a Change beside the row. Raises ValidationError where the form's number has one."""
    with once_each(submission):
        change_of(row, kind=kind, by=by, changes=changes, submission=submission).save()


def change_of(
    row: Recorded, *, kind: str, by: models.Model | None, changes: Changes, **more: Any
) -> Change:
    with one_batch() as batch:
        return Change(
            at=timezone.now(),
            by_id=by.pk if by else None,
            via=current_via(),
            batch=batch,
            kind=kind,
            subject_type=str(row._meta.model_name),
            subject_id=row.pk,
            scope_id=row.scope_id,
            version=row.version,
            changes=changes,
            **more,
        )


@contextmanager
def once_each(submission: uuid.UUID | None) -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        if not submission:
            raise
        message = _("This form was sent before. Nothing was added; open it anew to add one more.")
        raise ValidationError(message, code="sent_already") from error
