from datetime import UTC, datetime

import pytest
import time_machine
from django.http import Http404

from ledger.doorway import Via, through
from ledger.models import Change
from tasks.actions import tasks
from tasks.models import Task
from tasks.tests.factories import TaskFactory
from tasks.tests.records import kinds, latest, nothing_written

NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


def test_completing_marks_done_and_records_who(task, editor):
    done = tasks.complete(task=task, by=editor)

    assert (done.status, done.version) == ("done", 2)
    change = Change.objects.about(task).get(kind="task.completed")
    assert (change.by, change.via, change.version) == (editor, "system", 2)
    assert change.changes["status"] == ["pending", "done"]


def test_completing_twice_keeps_the_first_time(task, owner, editor):
    first = tasks.complete(task=task, by=owner)
    second = tasks.complete(task=task, by=editor)

    assert (second.completed_at, second.version) == (first.completed_at, first.version)
    assert Change.objects.about(task).filter(kind="task.completed").count() == 1


def test_completing_keeps_the_time_and_changes_nothing_else(task, owner):
    before = task.facts()
    with time_machine.travel(NOON, tick=False):
        done = tasks.complete(task=task, by=owner)

    done.refresh_from_db()
    assert done.facts() == before | {"status": "done", "completed_at": NOON}
    assert latest(task).changes == {
        "status": ["pending", "done"],
        "completed_at": [None, "2026-12-01T12:00:00Z"],
    }


def test_completing_answers_a_task_that_is_not_open(task, owner):
    assert tasks.complete(task=task, by=owner).is_open is False
    assert tasks.reopen(task=task, by=owner).is_open is True


def test_completing_through_a_doorway_says_which(task, owner):
    with through(Via.API):
        tasks.complete(task=task, by=owner)
    assert (latest(task).via, latest(task).scope_id) == ("api", task.list_id)


def test_completing_does_not_trust_the_task_it_is_handed(task, owner):
    task.title, task.status = "Only in memory", "done"
    done = tasks.complete(task=task, by=None)
    assert (done.title, done.status, done.version) == ("Water the plants", "done", 2)
    assert latest(task).by is None


def test_a_cancelled_task_can_be_completed(task, owner):
    tasks.edit(task=task, by=owner, status="cancelled")
    assert tasks.complete(task=task, by=owner).status == "done"


def test_reopening_takes_the_time_away(task, owner):
    tasks.complete(task=task, by=owner)
    reopened = tasks.reopen(task=task, by=owner)
    assert (reopened.status, reopened.completed_at, reopened.version) == ("pending", None, 3)
    assert latest(task).kind == "task.reopened"


def test_reopening_what_is_open_changes_nothing(task, owner):
    with nothing_written():
        tasks.reopen(task=task, by=owner)
    tasks.edit(task=task, by=owner, status="in_progress")
    with nothing_written():
        assert tasks.reopen(task=task, by=owner).status == "in_progress"


def test_reopening_takes_up_a_cancelled_task(task, owner):
    tasks.edit(task=task, by=owner, status="cancelled")
    assert tasks.reopen(task=task, by=owner).status == "pending"
    assert kinds(task) == ["task.created", "task.edited", "task.reopened"]


def test_a_done_task_that_is_cancelled_is_not_called_reopened(task, owner):
    tasks.complete(task=task, by=owner)
    cancelled = tasks.edit(task=task, by=owner, status="cancelled")
    assert (cancelled.completed_at, latest(task).kind) == (None, "task.edited")


def test_completing_by_editing_is_completing(task, owner):
    with time_machine.travel(NOON, tick=False):
        done = tasks.edit(task=task, by=owner, status="done", title="Watered")
    assert (done.completed_at, latest(task).kind) == (NOON, "task.completed")
    assert set(latest(task).changes) == {"status", "completed_at", "title"}


def test_editing_a_done_task_keeps_its_time(task, owner):
    done = tasks.complete(task=task, by=owner)
    edited = tasks.edit(task=task, by=owner, status="done", title="Watered")
    assert edited.completed_at == done.completed_at
    assert (latest(task).kind, set(latest(task).changes)) == ("task.edited", {"title"})


def test_starting_a_done_task_again_reopens_it(task, owner):
    tasks.complete(task=task, by=owner)
    assert tasks.edit(task=task, by=owner, status="in_progress").completed_at is None
    assert latest(task).kind == "task.reopened"


def test_completing_what_was_deleted_meanwhile_is_not_found(task, owner):
    tasks.delete(task=Task.objects.get(pk=task.pk), by=owner)
    for action in (tasks.complete, tasks.reopen, tasks.trash, tasks.restore, tasks.delete):
        with nothing_written(), pytest.raises(Http404):
            action(task=task, by=owner)
    with nothing_written(), pytest.raises(Http404):
        tasks.edit(task=task, by=owner, title="Ghost")


def test_completing_finishes_what_is_open_below(task, owner, editor):
    one = TaskFactory(task_list=task.list, parent=task, by=owner)
    two = TaskFactory(task_list=task.list, parent=one, by=owner)
    dropped = tasks.edit(
        task=TaskFactory(task_list=task.list, parent=task, by=owner), by=owner, status="cancelled"
    )

    tasks.complete(task=task, by=editor)

    states = dict(Task.objects.values_list("pk", "status"))
    assert [states[each.pk] for each in (task, one, two, dropped)] == ["done"] * 3 + ["cancelled"]
    done = Change.objects.filter(kind="task.completed")
    assert done.values("batch").distinct().count() == 1


def test_reopening_reopens_what_the_task_is_part_of(task, owner):
    one = TaskFactory(task_list=task.list, parent=task, by=owner)
    other = TaskFactory(task_list=task.list, parent=task, by=owner)
    tasks.complete(task=task, by=owner)

    tasks.reopen(task=one, by=owner)

    states = dict(Task.objects.values_list("pk", "status"))
    assert [states[each.pk] for each in (task, one, other)] == ["pending", "pending", "done"]
