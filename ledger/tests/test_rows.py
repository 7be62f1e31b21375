import uuid
from datetime import UTC, datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from ledger.actions import rows
from ledger.doorway import Via, one_batch, through
from ledger.models import Change
from tasks.models import Status, Task, TaskList
from tasks.tests.factories import TaskFactory
from tasks.tests.records import latest, nothing_written

NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


def insert(**facts):
    return rows.insert(TaskList(**facts), kind="list.created", by=None)


def test_inserting_records_every_fact_that_is_not_empty(owner):
    with time_machine.travel(NOON, tick=False), through(Via.IMPORT), one_batch() as batch:
        row = rows.insert(TaskList(title="Garden"), kind="list.created", by=owner)

    change = Change.objects.about(row).get()
    assert change.changes == {
        "title": [None, "Garden"],
        "colour": [None, "grey"],
        "archived": [None, False],
    }
    assert (change.at, change.by, change.via, change.batch) == (NOON, owner, "import", batch)
    assert (change.kind, change.subject_type, change.subject_id) == (
        "list.created",
        "tasklist",
        row.pk,
    )
    assert (change.scope_id, change.version, change.submission) == (row.pk, 1, None)


@pytest.mark.django_db
def test_inserting_what_breaks_a_rule_names_the_field_and_adds_nothing():
    with nothing_written(), pytest.raises(ValidationError) as caught:
        insert(title="Garden", colour="octarine")
    assert list(caught.value.error_dict) == ["colour"]


@pytest.mark.django_db
def test_a_used_form_number_is_a_rule_broken_and_no_crash():
    number = uuid.uuid4()
    rows.insert(TaskList(title="One"), kind="list.created", by=None, submission=number)

    with nothing_written(), pytest.raises(ValidationError) as caught, transaction.atomic():
        rows.insert(TaskList(title="Two"), kind="list.created", by=None, submission=number)
    assert caught.value.code == "sent_already"


@pytest.mark.django_db
def test_updating_writes_only_the_columns_that_differ():
    row = rows.lock(insert(title="Garden"))

    with CaptureQueriesContext(connection) as queries:
        rows.update(row, {"title": "Yard", "colour": "grey"}, kind="list.edited", by=None)

    [statement] = [q["sql"] for q in queries if q["sql"].startswith("UPDATE")]
    for column in ("title", "version", "updated_at"):
        assert column in statement
    for column in ("colour", "archived", "description", "created_at"):
        assert column not in statement


@pytest.mark.django_db
def test_updating_counts_up_dates_and_records_before_and_after():
    row = insert(title="Garden")
    with time_machine.travel(NOON, tick=False):
        rows.update(rows.lock(row), {"title": "Yard"}, kind="list.edited", by=None)

    row.refresh_from_db()
    assert (row.title, row.version, row.updated_at) == ("Yard", 2, NOON)
    change = latest(row)
    assert (change.version, change.changes) == (2, {"title": ["Garden", "Yard"]})


@pytest.mark.django_db
def test_updating_to_what_is_there_writes_and_records_nothing():
    row = rows.lock(insert(title="Garden"))
    with nothing_written():
        rows.update(row, {"title": "Garden"}, kind="list.edited", by=None)
        rows.update(row, {}, kind="list.edited", by=None, also={"labels": (["a"], ["a"])})
    assert row.version == 1


@pytest.mark.django_db
def test_what_changed_beside_the_row_counts_as_a_change_of_it():
    row = rows.lock(insert(title="Garden"))
    also = {"labels": (["a"], ["b"]), "members": (1, 1)}
    rows.update(row, {}, kind="list.edited", by=None, also=also)
    assert (latest(row).version, latest(row).changes) == (2, {"labels": [["a"], ["b"]]})


def test_what_the_database_derives_is_fresh_after_an_update(task):
    row = rows.lock(task)
    assert row.is_open is True
    rows.update(row, {"status": Status.DONE, "completed_at": NOON}, kind="task.completed", by=None)
    assert row.is_open is False


def test_many_rows_are_updated_as_one_by_one(owner, shared_list, task, monkeypatch):
    monkeypatch.setattr(rows, "ROWS", 2)
    others = [TaskFactory(task_list=shared_list, by=owner) for _ in range(4)]
    same = rows.update(rows.lock(others[0]), {"priority": 3}, kind="task.edited", by=None)
    found = Task.objects.filter(list=shared_list)

    with time_machine.travel(NOON, tick=False), through(Via.API), one_batch() as batch:
        rows.update_all(found, {"priority": 3}, kind="task.edited", by=owner)

    assert (latest(same).changes, latest(same).batch == batch) == ({"priority": [0, 3]}, False)
    assert (rows.lock(same).version, rows.lock(same).updated_at < NOON) == (2, True)
    for each in map(rows.lock, (task, *others[1:])):
        assert (each.priority, each.version, each.updated_at) == (3, 2, NOON)
        change = latest(each)
        assert (change.at, change.by, change.via, change.batch) == (NOON, owner, "api", batch)
        assert (change.kind, change.scope_id) == ("task.edited", shared_list.pk)
        assert (change.version, change.changes) == (2, {"priority": [0, 3]})


def test_of_many_rows_none_is_written_that_would_break_a_rule(task):
    with nothing_written(), pytest.raises(ValidationError):
        rows.update_all(Task.objects.all(), {"title": ""}, kind="task.edited", by=None)


def test_one_row_can_be_updated_twice_in_a_row(task):
    row = rows.lock(task)
    rows.update(row, {"title": "One"}, kind="task.edited", by=None)
    rows.update(row, {"title": "Two"}, kind="task.edited", by=None)
    assert (row.version, latest(task).changes) == (3, {"title": ["One", "Two"]})


def test_a_foreign_key_is_recorded_as_its_id(task, editor):
    rows.update(rows.lock(task), {"assignee": editor}, kind="task.edited", by=None)
    assert latest(task).changes == {"assignee": [None, editor.pk]}


@pytest.mark.django_db
def test_removing_keeps_only_the_named_facts_in_the_record():
    row = insert(title="Garden", description="Secret")
    kept = TaskList(pk=row.pk)
    rows.remove(rows.lock(row), kind="list.deleted", by=None, keep=("title",))

    assert TaskList.objects.count() == 0
    change = latest(kept)
    assert (change.kind, change.version) == ("list.deleted", 2)
    assert change.changes == {"title": ["Garden", None]}


@pytest.mark.django_db
def test_locking_what_is_gone_is_not_found():
    row = insert(title="Garden")
    TaskList.objects.all().delete()
    with pytest.raises(Http404):
        rows.lock(row)


def test_locking_reads_the_row_anew(task):
    task.title = "Only in memory"
    assert rows.lock(task).title == "Water the plants"


def test_secrets_of_a_person_are_not_recorded(owner):
    assert {"password", "email", "last_login"}.isdisjoint(owner.facts())
    assert "password" not in latest(owner).changes


def test_facts_leave_out_what_is_counted_or_derived():
    names = {field.name for field in Task.recorded_fields()}
    assert {"id", "version", "created_at", "updated_at", "is_open", "sort_date"}.isdisjoint(names)
    assert {"title", "list", "parent", "position", "completed_at", "deleted_at"} <= names


@pytest.mark.django_db
def test_the_database_takes_a_form_number_only_once():
    for row in (insert(title="One"), insert(title="Two")):
        Change.objects.about(row).update(submission=None)
    number = uuid.uuid4()
    with pytest.raises(IntegrityError), transaction.atomic():
        Change.objects.update(submission=number)


def test_changes_since_a_version_come_oldest_first(task):
    for title in ("One", "Two", "Three"):
        rows.update(rows.lock(task), {"title": title}, kind="task.edited", by=None)
    found = Change.objects.about(task).since(2)
    assert [change.version for change in found] == [3, 4]
