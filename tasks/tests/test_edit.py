import re
from datetime import UTC, date, datetime, time

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import UserFactory
from ledger.doorway import Via, through
from ledger.merging import Conflict
from ledger.models import Change
from tasks.actions import tasks
from tasks.models import Task
from tasks.tests.records import kinds, latest, nothing_written, refused

DAY = date(2026, 12, 1)
NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


def test_editing_changes_the_named_fields_and_records_them(task, editor):
    before = task.facts()
    with time_machine.travel(NOON, tick=False), through(Via.ADMIN):
        edited = tasks.edit(task=task, by=editor, title="Water all", priority=4)

    edited.refresh_from_db()
    assert edited.facts() == before | {"title": "Water all", "priority": 4}
    assert (edited.version, edited.updated_at) == (2, NOON)
    change = latest(task)
    assert (change.kind, change.by, change.via) == ("task.edited", editor, "admin")
    assert (change.version, change.scope_id, change.at) == (2, task.list_id, NOON)
    assert change.changes == {"title": ["Water the plants", "Water all"], "priority": [0, 4]}


def test_editing_to_what_is_there_writes_nothing(task, owner):
    tasks.edit(task=task, by=owner, due_date=DAY, due_time=time(9), labels=["home"])
    with nothing_written():
        tasks.edit(
            task=task,
            by=owner,
            title="Water the plants",
            description="",
            status="pending",
            priority=0,
            assignee=None,
            labels=["home"],
            start_date=None,
            due_date=DAY,
            due_time=time(9),
            time_zone="UTC",
            estimate_minutes=None,
        )


def test_editing_writes_no_column_that_did_not_change(task, owner):
    with CaptureQueriesContext(connection) as queries:
        tasks.edit(task=task, by=owner, title="Water all", priority=0)
    [statement] = [q["sql"] for q in queries if q["sql"].startswith("UPDATE")]
    columns = re.findall(r"[`\"](\w+)[`\"] = ", statement.partition(" WHERE ")[0])
    assert sorted(columns) == ["title", "updated_at", "version"]


def test_editing_does_not_trust_the_task_it_is_handed(task, owner):
    task.title, task.version, task.description = "Only in memory", 77, "Only in memory"
    edited = tasks.edit(task=task, by=owner, priority=1)
    assert (edited.title, edited.description, edited.version) == ("Water the plants", "", 2)
    assert latest(task).changes == {"priority": [0, 1]}


def test_editing_leaves_the_task_it_is_handed_alone(task, owner):
    before = task.facts()
    with refused("title"):
        tasks.edit(task=task, by=owner, title="", priority=2)
    assert task.facts() == before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "   "),
        ("title", "x" * 501),
        ("title", None),
        ("description", "x" * 50_001),
        ("status", "someday"),
        ("status", ""),
        ("priority", 5),
        ("priority", None),
        ("due_date", "soon"),
        ("start_date", date(1969, 12, 31)),
        ("estimate_minutes", 60_001),
        ("estimate_minutes", -1),
        ("labels", [str(number) for number in range(21)]),
    ],
)
def test_an_illegal_value_is_refused_with_all_that_came_with_it(task, owner, field, value):
    with refused(field):
        tasks.edit(task=task, by=owner, **{"labels": ["new"], "estimate_minutes": 5, field: value})


def test_what_is_not_to_be_edited_is_a_mistake_of_the_caller(task, owner):
    for name in ("list", "parent", "position", "completed_at", "deleted_at", "created_by", "id"):
        with nothing_written(), pytest.raises(TypeError):
            tasks.edit(task=task, by=owner, **{name: None})


def test_somebody_of_the_list_can_be_assigned_whatever_their_role(task, owner, viewer):
    edited = tasks.edit(task=task, by=owner, assignee=viewer)
    assert edited.assignee == viewer
    assert latest(task).changes == {"assignee": [None, viewer.pk]}
    assert tasks.edit(task=task, by=owner, assignee=None).assignee is None


def test_a_stranger_cannot_be_assigned(task, owner, stranger):
    with refused("assignee"):
        tasks.edit(task=task, by=owner, assignee=stranger, title="Mine")


def test_the_first_due_time_is_meant_where_its_writer_is(task):
    traveller = UserFactory(time_zone="America/New_York")
    edited = tasks.edit(task=task, by=traveller, due_date=DAY, due_time=time(9))
    assert edited.time_zone == "America/New_York"
    assert latest(task).changes == {
        "due_date": [None, "2026-12-01"],
        "due_time": [None, "09:00:00"],
        "time_zone": ["", "America/New_York"],
    }


def test_a_due_time_that_the_system_sets_is_utc(task):
    assert tasks.edit(task=task, by=None, due_date=DAY, due_time=time(9)).time_zone == "UTC"


def test_a_later_due_time_stays_in_its_zone(task, owner):
    tasks.edit(task=task, by=owner, due_date=DAY, due_time=time(9), time_zone="Europe/Berlin")
    assert tasks.edit(task=task, by=owner, due_time=time(10)).time_zone == "Europe/Berlin"


def test_a_due_time_has_no_fraction_of_a_second(task, owner):
    """JSON would show it without, and putting that back would change it."""
    with refused("due_time"):
        tasks.edit(task=task, by=owner, due_date="2026-12-01", due_time=time(9, 30, 15, 500_000))


def test_midnight_is_a_due_time(task, owner):
    edited = tasks.edit(task=task, by=owner, due_date=DAY, due_time=time(0, 0))
    assert (edited.due_time, edited.time_zone) == (time(0, 0), "UTC")


def test_without_its_due_date_the_due_time_goes(task, owner):
    tasks.edit(task=task, by=owner, due_date=DAY, due_time=time(9))
    edited = tasks.edit(task=task, by=owner, due_date=None)
    assert (edited.due_date, edited.due_time, edited.time_zone) == (None, None, "")
    assert set(latest(task).changes) == {"due_date", "due_time", "time_zone"}


def test_without_its_due_time_the_zone_goes(task, owner):
    tasks.edit(task=task, by=owner, due_date=DAY, due_time=time(9))
    edited = tasks.edit(task=task, by=owner, due_time=None)
    assert (edited.due_date, edited.due_time, edited.time_zone) == (DAY, None, "")


def test_a_due_time_without_a_date_is_refused_at_the_date(task, owner):
    with refused("due_date"):
        tasks.edit(task=task, by=owner, due_time=time(9))
    with refused("due_date"):
        tasks.edit(task=task, by=owner, due_time=time(9), due_date=None)


def test_a_zone_without_a_time_is_left_out(task, owner):
    with nothing_written():
        tasks.edit(task=task, by=owner, time_zone="Europe/Berlin")


def test_a_zone_must_exist(task, owner):
    with refused("time_zone"):
        tasks.edit(task=task, by=owner, due_date=DAY, due_time=time(9), time_zone="Factory")


def test_start_may_be_the_due_date_and_not_after(task, owner):
    tasks.edit(task=task, by=owner, start_date=DAY, due_date=DAY)
    with refused("start_date"):
        tasks.edit(task=task, by=owner, start_date=date(2026, 12, 2))
    with refused("start_date"):
        tasks.edit(task=task, by=owner, due_date=date(2026, 11, 30))


def test_what_lists_are_sorted_by_follows_the_due_date(task, owner):
    assert (task.sort_date, task.sort_time) == (date(9999, 12, 31), time(23, 59, 59))
    edited = tasks.edit(task=task, by=owner, due_date=DAY, due_time=time(9))
    assert (edited.sort_date, edited.sort_time) == (DAY, time(9))


def test_labels_are_recorded_beside_the_fields(task, owner):
    tasks.edit(task=task, by=owner, labels=["home", "garden"], title="Water all")
    assert latest(task).changes == {
        "title": ["Water the plants", "Water all"],
        "labels": [[], ["garden", "home"]],
    }
    assert Change.objects.filter(batch=latest(task).batch).count() == 3


def test_an_edit_is_one_change_however_many_fields_it_has(task, owner):
    tasks.edit(task=task, by=owner, title="One", status="in_progress", due_date=DAY, labels=["a"])
    assert kinds(task) == ["task.created", "task.edited"]


@pytest.mark.parametrize(
    ("constraint", "wrong"),
    [
        ("done_tasks_have_a_completion_time", {"status": "done"}),
        ("done_tasks_have_a_completion_time", {"completed_at": NOON}),
        ("done_tasks_have_a_completion_time", {"completed_at": NOON, "status": "cancelled"}),
        ("priority_is_known", {"priority": 5}),
        ("status_is_known", {"status": "someday"}),
        ("due_time_has_a_date_and_a_zone", {"due_time": time(9), "due_date": DAY}),
        ("due_time_has_a_date_and_a_zone", {"due_time": time(9), "time_zone": "UTC"}),
        ("due_time_has_a_date_and_a_zone", {"time_zone": "UTC"}),
        ("due_time_has_a_date_and_a_zone", {"time_zone": "UTC", "due_date": DAY}),
        ("start_is_not_after_due", {"start_date": date(2026, 12, 2), "due_date": DAY}),
    ],
)
def test_the_database_itself_refuses_what_cannot_be(task, constraint, wrong):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Task.objects.filter(pk=task.pk).update(**wrong)


def test_the_database_takes_what_can_be(task):
    right = {"status": "done", "completed_at": NOON, "priority": 4, "start_date": DAY}
    due = {"due_date": DAY, "due_time": time(0), "time_zone": "UTC"}
    assert Task.objects.filter(pk=task.pk).update(**right, **due) == 1


def test_dates_that_would_contradict_each_other_are_a_conflict_and_not_a_dead_end(
    task, owner, editor
):
    due = date(2026, 12, 10)
    task = tasks.edit(task=task, by=owner, due_date=due)
    tasks.edit(task=task, by=owner, due_date=None)

    with pytest.raises(Conflict) as stopped:
        tasks.edit(
            task=task,
            by=editor,
            version=task.version,
            due_date=due,
            due_time=time(9, 0),
            start_date=None,
        )

    assert stopped.value.fields == {"due_date": None}
    again = stopped.value.merged
    assert (again["due_date"], again["due_time"]) == (due, time(9, 0))
    saved = tasks.edit(task=task, by=editor, version=stopped.value.version, **again)
    assert (saved.due_date, saved.due_time) == (due, time(9, 0))


def test_times_are_recorded_as_exactly_as_they_are_stored(task, owner):
    done = tasks.complete(task=task, by=owner)

    change = Change.objects.about(task).get(kind="task.completed")
    assert change.changes["completed_at"] == [None, f"{done.completed_at:%Y-%m-%dT%H:%M:%S.%fZ}"]
