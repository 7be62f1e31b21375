from datetime import UTC, datetime

import pytest
import time_machine

from ledger.models import Change
from tasks.actions import lists, tasks
from tasks.models import Task
from tasks.tests.factories import TaskFactory
from tasks.tests.records import kinds, latest, nothing_written, refused, titles

NOON = datetime(2026, 12, 1, 12, 0, 0, 123456, tzinfo=UTC)
LATER = datetime(2026, 12, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def tree(task, owner):
    """Top, with A below it and B below A; and C beside A."""
    below = {"task_list": task.list, "by": owner}
    a = TaskFactory(title="A", parent=task, **below)
    b = TaskFactory(title="B", parent=a, **below)
    c = TaskFactory(title="C", parent=task, **below)
    return task, a, b, c


def thrown():
    return set(Task.objects.in_trash().values_list("title", flat=True))


def test_thrown_away_with_all_below_it_at_one_moment_in_one_batch(tree, editor):
    with time_machine.travel(NOON, tick=False):
        task = tasks.trash(task=tree[0], by=editor)

    assert (task.deleted_at, task.version) == (NOON, 2)
    assert set(Task.objects.values_list("deleted_at", "version")) == {(NOON, 2)}
    changes = Change.objects.filter(kind="task.trashed")
    assert {change.subject_id for change in changes} == {each.pk for each in tree}
    assert len({change.batch for change in changes}) == 1
    assert {change.by for change in changes} == {editor}
    assert set(latest(task).changes) == {"deleted_at"}


def test_thrown_away_twice_it_keeps_its_first_date(tree, owner):
    with time_machine.travel(NOON, tick=False):
        tasks.trash(task=tree[0], by=owner)
    with time_machine.travel(LATER, tick=False), nothing_written():
        assert tasks.trash(task=tree[0], by=owner).deleted_at == NOON


def test_what_stands_above_or_beside_stays(tree, owner):
    tasks.trash(task=tree[1], by=owner)
    assert thrown() == {"A", "B"}


def test_what_was_in_the_trash_before_keeps_its_date(tree, owner):
    top, _, b, _ = tree
    with time_machine.travel(NOON, tick=False):
        tasks.trash(task=b, by=owner)
    with time_machine.travel(LATER, tick=False):
        tasks.trash(task=top, by=owner)
    b.refresh_from_db()
    assert (b.deleted_at, kinds(b)) == (NOON, ["task.created", "task.trashed"])


def test_restored_it_is_as_it_was(tree, owner):
    before = [each.facts() for each in tree]
    tasks.trash(task=tree[0], by=owner)
    restored = tasks.restore(task=tree[0], by=owner)

    assert restored.deleted_at is None
    assert [Task.objects.get(pk=each.pk).facts() for each in tree] == before
    assert kinds(tree[2]) == ["task.created", "task.trashed", "task.restored"]
    batches = Change.objects.filter(kind="task.restored").values_list("batch", flat=True)
    assert (len(batches), len(set(batches))) == (4, 1)


def test_restoring_what_is_not_in_the_trash_changes_nothing(tree, owner):
    with nothing_written():
        tasks.restore(task=tree[0], by=owner)


def test_what_was_thrown_away_by_itself_stays_when_its_parent_returns(tree, owner):
    top, _, b, _ = tree
    tasks.trash(task=b, by=owner)
    tasks.trash(task=top, by=owner)
    tasks.restore(task=top, by=owner)
    assert thrown() == {"B"}
    tasks.restore(task=b, by=owner)
    assert (thrown(), Task.objects.get(pk=b.pk).parent) == (set(), tree[1])


def test_a_subtask_returns_alone_to_the_end_when_its_parent_stays(tree, owner):
    top, a, b, _ = tree
    other = TaskFactory(title="Other", task_list=top.list, by=owner)
    tasks.trash(task=top, by=owner)
    restored = tasks.restore(task=a, by=owner)

    assert (restored.parent, restored.deleted_at) == (None, None)
    assert restored.position > other.position
    assert Task.objects.get(pk=b.pk).parent == a
    assert thrown() == {"Water the plants", "C"}
    assert titles(Task.objects.present().filter(parent=None)) == ["Other", "A"]
    assert set(latest(a).changes) == {"deleted_at", "parent", "position"}


def test_a_parent_that_returns_later_leaves_the_subtask_where_it_is(tree, owner):
    top, a, _, c = tree
    tasks.trash(task=top, by=owner)
    tasks.restore(task=a, by=owner)
    tasks.restore(task=top, by=owner)
    assert thrown() == set()
    assert Task.objects.get(pk=a.pk).parent is None
    assert Task.objects.get(pk=c.pk).parent == top


def test_in_a_list_in_the_trash_no_task_is_in_the_trash_by_itself(tree, owner):
    tasks.trash(task=tree[1], by=owner)
    lists.trash(task_list=tree[0].list, by=owner)
    assert thrown() == set()
    lists.restore(task_list=tree[0].list, by=owner)
    assert thrown() == {"A", "B"}


def test_deleted_for_good_with_all_below_it(tree, owner):
    top, a, b, c = tree
    tasks.delete(task=Task.objects.get(pk=a.pk), by=owner)

    assert set(Task.objects.all()) == {top, c}
    for gone in (a, b):
        assert (latest(gone).kind, latest(gone).version) == ("task.deleted", 2)
        assert latest(gone).changes == {"title": [gone.title, None]}
        assert latest(gone).scope_id == top.list_id
    assert latest(a).batch == latest(b).batch
    assert kinds(top) == ["task.created"]


def test_deleted_for_good_also_out_of_the_trash_with_labels(tree, owner):
    top = tree[0]
    tasks.edit(task=top, by=owner, labels=["home"])
    tasks.delete(task=tasks.trash(task=top, by=owner), by=owner)
    assert (Task.objects.count(), Task.labels.through.objects.count()) == (0, 0)


def test_a_done_task_is_still_done_after_the_trash(task, owner):
    done = tasks.complete(task=task, by=owner)
    tasks.trash(task=task, by=owner)
    restored = tasks.restore(task=task, by=owner)
    assert (restored.status, restored.completed_at) == ("done", done.completed_at)


def test_what_was_restored_meanwhile_is_not_deleted_for_good(task, owner, editor):
    thrown_away = tasks.trash(task=task, by=owner)
    tasks.restore(task=task, by=editor)
    with refused():
        tasks.delete(task=thrown_away, by=owner)
    assert Task.objects.get(pk=task.pk).deleted_at is None
