"""The trash of every app: what goes there comes back, and after 30 days it is gone for good."""

from datetime import timedelta

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.utils import timezone

from ledger import trash
from ledger.actions import undoing
from ledger.models import Change, Recorded
from products.actions import products
from products.models import Product
from products.tests.factories import ProductFactory
from tasks.actions import lists, tasks
from tasks.models import Task, TaskList
from tasks.tests.factories import TaskFactory, TaskListFactory
from tests.our_apps import our_models


def has_a_trash(model):
    try:
        return issubclass(model, Recorded) and bool(model._meta.get_field("deleted_at"))
    except FieldDoesNotExist:
        return False


@pytest.mark.once
def test_what_can_be_thrown_away_can_be_taken_back_and_is_deleted_in_the_end():
    """Apps say how in their `ready`; without that undo answers 404, and the trash is kept."""
    with_a_trash = {each for each in our_models() if has_a_trash(each)}

    assert {Task, TaskList, Product} <= with_a_trash
    assert {trashed().model for trashed, _delete in trash.bins.values()} == with_a_trash
    assert with_a_trash <= {subject.model for subject in undoing.subjects.values()}
    for name, subject in undoing.subjects.items():
        assert name == subject.model._meta.model_name


def thrown_away(row, days):
    when = timezone.now() - timedelta(days=days)
    type(row).objects.filter(pk=row.pk).update(deleted_at=when)


def test_what_lies_in_the_trash_for_30_days_is_deleted_for_good(shared_list, owner):
    """A task with its subtasks, a list with its tasks; what is there for less stays."""
    old, new = (TaskFactory(task_list=shared_list, by=owner) for _ in range(2))
    below = TaskFactory(task_list=shared_list, parent=old, by=owner)
    old_list, new_list = TaskListFactory(by=owner), TaskListFactory(by=owner)
    in_old_list = TaskFactory(task_list=old_list, by=owner)
    old_product, new_product = ProductFactory(), ProductFactory()
    for each in (old, new):
        tasks.trash(task=each, by=owner)
    for each in (old_list, new_list):
        lists.trash(task_list=each, by=owner)
    for each in (old_product, new_product):
        products.trash(product=each, by=None)
    for each in (old, below, old_list, old_product):
        thrown_away(each, days=31)
    for each in (new, new_list, new_product):
        thrown_away(each, days=29)

    trash.empty()

    assert not Task.objects.filter(pk__in=[old.pk, below.pk, in_old_list.pk]).exists()
    assert Task.objects.filter(pk=new.pk).exists()
    assert set(TaskList.objects.in_trash()) == {new_list}
    assert set(Product.objects.all()) == {new_product}
    for kind in ("list.deleted", "product.deleted"):
        assert Change.objects.filter(kind=kind, by=None, via="system").count() == 1
