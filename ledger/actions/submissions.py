"""The same form sent twice creates once."""

import uuid
from typing import Any, TypeVar

from django.db import models

from ledger.models import Change, Recorded

Row = TypeVar("Row", bound=Recorded)


def sent_before(
    submission: uuid.UUID | None, model: type[Row], *, by: models.Model | None, **named: Any
) -> tuple[Row | None, uuid.UUID | None]:
    """What this form has made already, and the number to keep for what it makes now.

    `named` are fields by which it is known again (`title="Plants"`). A number that came back
    with another title is not the same form sent twice but a page that the browser kept and
    somebody filled in again: it makes a new thing, unnumbered.
    """
    if submission is None:
        return None, None
    sent = Change.objects.filter(submission=submission).first()
    if sent is None:
        return None, submission
    same = by and sent.by_id == by.pk and sent.subject_type == model._meta.model_name
    if same and all(sent.changes.get(name) == [None, value] for name, value in named.items()):
        return model._default_manager.filter(pk=sent.subject_id).first(), None
    return None, None
