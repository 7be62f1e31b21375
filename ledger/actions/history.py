from django.db import models

from ledger.actions.action import action
from ledger.models.changes import ChangeQuerySet


@action
def forget(*, changes: ChangeQuerySet, by: models.Model | None) -> None:
    """Empty these Changes, since what they tell of left for good: that something happened stays.

    The only thing that alters a Change, and nothing brings back what was in it.
    """
    changes.update(changes={})
