import uuid
from datetime import UTC, date, datetime, time

import pytest
import time_machine

from ledger.doorway import Via, through
from ledger.models import Change
from tasks.actions import lists, placing, tasks
from tasks.models import Task, TaskList
from tasks.tests.factories import TaskFactory, TaskListFactory
from tasks.tests.records import kinds, latest, nothing_written, refused

NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


def test_a_new_task_is_open_at_the_end_of_its_list(shared_list, owner, editor):
    first = tasks.create(title="One", task_list=shared_list, by=owner)
    with time_machine.travel(NOON, tick=False):
        second = tasks.create(title="Two", task_list=shared_list, by=editor)

    assert (second.list, second.parent, second.created_by) == (shared_list, None, editor)
    assert (second.status, second.completed_at, second.is_open) == ("pending", None, True)
    assert (second.created_at, second.version) == (NOON, 1)
    assert second.position > first.position


def test_a_new_task_is_recorded_with_its_facts(shared_list, editor):
    with through(Via.PAGE):
        task = tasks.create(
            title="One", task_list=shared_list, by=editor, due_date=date(2026, 12, 1)
        )

    change = Change.objects.about(task).get()
    assert (change.kind, change.by, change.via) == ("task.created", editor, "page")
    assert (change.version, change.scope_id) == (1, shared_list.pk)
    assert change.changes == {
        "list": [None, shared_list.pk],
        "title": [None, "One"],
        "status": [None, "pending"],
        "priority": [None, 0],
        "due_date": [None, "2026-12-01"],
        "position": [None, task.position],
        "created_by": [None, editor.pk],
    }


def test_without_a_list_it_goes_to_the_inbox_which_is_made_once(owner):
    first = tasks.create(title="One", by=owner)
    second = tasks.create(title="Two", by=owner)

    assert first.list == second.list == TaskList.objects.get(inbox_of=owner)
    assert TaskList.objects.count() == 1


def test_all_that_one_call_does_is_one_batch(owner):
    task = tasks.create(title="One", by=owner, labels=["home", "garden"])

    changes = Change.objects.exclude(subject_type="user").order_by("id")
    assert [change.kind for change in changes] == [
        *("list.created", "membership.created", "task.created"),
        *("label.created", "label.created", "task.edited"),
    ]
    assert len({change.batch for change in changes}) == 1
    tasks.create(title="Two", by=owner)
    assert latest(Task.objects.get(title="Two")).batch != latest(task).batch


def test_a_new_task_can_have_everything(shared_list, owner, viewer):
    facts = {
        "description": "Words",
        "priority": 3,
        "assignee": viewer,
        "start_date": date(2026, 11, 1),
        "due_date": date(2026, 12, 1),
        "due_time": time(9, 0),
        "time_zone": "Europe/Berlin",
        "estimate_minutes": 30,
    }
    task = tasks.create(title="One", task_list=shared_list, by=owner, labels=["home"], **facts)

    task.refresh_from_db()
    assert {name: getattr(task, name) for name in facts} == facts
    assert [label.name for label in task.labels.all()] == ["home"]
    assert latest(task).changes == {"labels": [[], ["home"]]}


def test_a_new_task_may_be_done_already(shared_list, owner):
    with time_machine.travel(NOON, tick=False):
        task = tasks.create(title="One", task_list=shared_list, by=owner, status="done")
    assert (task.completed_at, task.is_open, kinds(task)) == (NOON, False, ["task.created"])


def test_a_due_time_is_meant_where_the_writer_is(shared_list, owner):
    owner.time_zone = "Asia/Tokyo"
    due = {"due_date": date(2026, 12, 1), "due_time": time(0, 0)}
    task = tasks.create(title="One", task_list=shared_list, by=owner, **due)
    assert (task.due_time, task.time_zone) == (time(0, 0), "Asia/Tokyo")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "  \n "),
        ("title", "x" * 501),
        ("description", "x" * 50_001),
        ("status", "someday"),
        ("priority", 5),
        ("priority", -1),
        ("priority", "high"),
        ("start_date", date(1969, 12, 31)),
        ("due_date", date(2201, 1, 1)),
        ("due_date", "2026-02-30"),
        ("estimate_minutes", -1),
        ("estimate_minutes", 60_001),
        ("labels", ["x" * 51]),
        ("labels", ["home,garden"]),
    ],
)
def test_an_illegal_value_is_refused_at_its_field(owner, field, value):
    with refused(field):
        tasks.create(by=owner, **{"title": "One", field: value})


def test_the_longest_values_are_legal(owner):
    task = tasks.create(by=owner, title="🍎" * 500, description="é" * 50_000, labels=["🍏" * 50])
    task.refresh_from_db()
    assert (task.title, len(task.description)) == ("🍎" * 500, 50_000)


def test_a_due_time_needs_a_due_date(owner):
    with refused("due_date"):
        tasks.create(title="One", by=owner, due_time=time(9, 0))


def test_a_due_time_needs_a_zone_that_exists(owner):
    with refused("time_zone"):
        due = {"due_date": date(2026, 12, 1), "due_time": time(9, 0)}
        tasks.create(title="One", by=owner, time_zone="Mars/Olympus", **due)


def test_a_task_cannot_start_after_it_is_due(owner):
    with refused("start_date"):
        dates = {"start_date": date(2026, 12, 2), "due_date": date(2026, 12, 1)}
        tasks.create(title="One", by=owner, **dates)


def test_only_somebody_of_the_list_can_be_given_a_task(shared_list, owner, stranger):
    with refused("assignee"):
        tasks.create(title="One", task_list=shared_list, by=owner, assignee=stranger)


def test_what_is_not_to_be_set_is_a_mistake_of_the_caller(owner):
    for name in ("completed_at", "position", "version", "created_by", "nonsense"):
        with nothing_written(), pytest.raises(TypeError):
            tasks.create(title="One", by=owner, **{name: 1})


def test_a_subtask_stands_at_the_end_below_its_parent(task, owner):
    below = {"task_list": task.list, "parent": task, "by": owner}
    first, second = tasks.create(title="One", **below), tasks.create(title="Two", **below)
    assert list(task.subtasks.order_by("position")) == [first, second]


def test_a_parent_must_be_of_the_same_list(task, owner):
    elsewhere = TaskListFactory(by=owner)
    with refused("parent"):
        tasks.create(title="One", task_list=elsewhere, parent=task, by=owner)
    with refused("parent"):
        tasks.create(title="One", parent=task, by=owner)


def test_a_parent_must_not_be_in_the_trash_or_gone(task, owner):
    tasks.trash(task=task, by=owner)
    with refused("parent"):
        tasks.create(title="One", task_list=task.list, parent=task, by=owner)
    tasks.delete(task=Task.objects.get(pk=task.pk), by=owner)
    with refused("parent"):
        tasks.create(title="One", task_list=task.list, parent=task, by=owner)


def test_subtasks_go_five_levels_deep(task, owner):
    parent = task
    for level in range(2, placing.LEVELS + 1):
        parent = tasks.create(title=f"{level}", task_list=task.list, parent=parent, by=owner)
    with refused("parent"):
        tasks.create(title="Too deep", task_list=task.list, parent=parent, by=owner)


def test_a_list_holds_so_many_tasks_and_no_more(shared_list, owner, monkeypatch):
    monkeypatch.setattr(placing, "TASKS_PER_LIST", 2)
    TaskFactory(task_list=shared_list, by=owner)
    TaskFactory(task_list=shared_list, by=owner)
    with refused("list"):
        TaskFactory(task_list=shared_list, by=owner)


def test_the_same_form_sent_twice_makes_one_task(shared_list, owner):
    form = {"task_list": shared_list, "by": owner, "submission": uuid.uuid4(), "labels": ["home"]}
    first = tasks.create(title="One", **form)
    with nothing_written():
        assert tasks.create(title="One", **form) == first


def test_the_same_form_sent_twice_into_the_inbox_makes_one_task(owner):
    form = {"by": owner, "submission": uuid.uuid4()}
    first = tasks.create(title="One", **form)
    with nothing_written():
        assert tasks.create(title="One", **form) == first


def test_the_same_form_sent_again_answers_the_task_as_it_is_now(shared_list, owner):
    form = {"task_list": shared_list, "by": owner, "submission": uuid.uuid4()}
    tasks.complete(task=tasks.create(title="One", **form), by=owner)
    assert tasks.create(title="One", **form).status == "done"


def test_a_form_can_be_sent_again_after_an_error(shared_list, owner):
    form = {"task_list": shared_list, "by": owner, "submission": uuid.uuid4()}
    with refused("title"):
        tasks.create(title="", **form)
    assert tasks.create(title="One", **form).title == "One"


def test_a_form_that_the_browser_kept_and_somebody_filled_in_again_makes_another_task(
    shared_list, owner
):
    form = {"task_list": shared_list, "by": owner, "submission": uuid.uuid4()}
    first = tasks.create(title="Milk", **form)
    second = tasks.create(title="Bread", **form)
    assert (first.title, second.title, Task.objects.count()) == ("Milk", "Bread", 2)


def test_somebody_elses_form_number_does_not_show_what_it_made(shared_list, owner, editor):
    number = uuid.uuid4()
    theirs = tasks.create(title="One", task_list=shared_list, by=owner, submission=number)
    mine = tasks.create(title="One", task_list=shared_list, by=editor, submission=number)
    assert (mine.pk == theirs.pk, mine.created_by) == (False, editor)


def test_a_form_number_of_a_list_makes_a_task_all_the_same(owner):
    number = uuid.uuid4()
    garden = lists.create(title="Garden", by=owner, submission=number)
    made = tasks.create(title="Garden", task_list=garden, by=owner, submission=number)
    assert (made.list, Task.objects.count()) == (garden, 1)
