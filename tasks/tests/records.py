"""What tests ask of the database and of its record."""

from contextlib import contextmanager

import pytest
from django.core.exceptions import ValidationError

from ledger.models import Change
from tasks.models import Label, Membership, Task, TaskList

MODELS = (Change, Label, Membership, Task, Task.labels.through, TaskList)


def everything():
    """Every row there is."""
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in MODELS}


@contextmanager
def nothing_written():
    before = everything()
    yield
    assert everything() == before


@contextmanager
def refused(field=None):
    """A rule is broken at this field (None: at no field), and nothing is written."""
    with nothing_written(), pytest.raises(ValidationError) as caught:
        yield
    assert list(getattr(caught.value, "error_dict", [None])) == [field]


def kinds(row):
    """What happened to it, in order."""
    changes = Change.objects.about(row).order_by("version", "id")
    return list(changes.values_list("kind", flat=True))


def latest(row):
    return Change.objects.about(row).latest("id")


def titles(tasks):
    return list(tasks.order_by("position", "id").values_list("title", flat=True))
