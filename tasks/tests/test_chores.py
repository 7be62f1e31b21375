from datetime import timedelta

import pytest
from django.utils import timezone

from ledger import trash
from ledger.models import Change
from tasks.actions import lists, tasks
from tasks.models import Task, TaskList
from tasks.tests.factories import TaskFactory, TaskListFactory

pytestmark = pytest.mark.django_db


def thrown_away(row, days):
    when = timezone.now() - timedelta(days=days)
    type(row).objects.filter(pk=row.pk).update(deleted_at=when)


def test_what_lies_in_the_trash_for_30_days_is_deleted_for_good(shared_list, owner):
    """A task with its subtasks, a list with its tasks; what is there for less stays."""
    old, new = (TaskFactory(task_list=shared_list, by=owner) for _ in range(2))
    below = TaskFactory(task_list=shared_list, parent=old, by=owner)
    old_list, new_list = TaskListFactory(by=owner), TaskListFactory(by=owner)
    in_old_list = TaskFactory(task_list=old_list, by=owner)
    for each in (old, new):
        tasks.trash(task=each, by=owner)
    for each in (old_list, new_list):
        lists.trash(task_list=each, by=owner)
    for each in (old, below, old_list):
        thrown_away(each, days=31)
    for each in (new, new_list):
        thrown_away(each, days=29)

    trash.empty()

    assert not Task.objects.filter(pk__in=[old.pk, below.pk, in_old_list.pk]).exists()
    assert Task.objects.filter(pk=new.pk).exists()
    assert set(TaskList.objects.in_trash()) == {new_list}
    assert Change.objects.filter(kind="list.deleted", by=None, via="system").count() == 1
