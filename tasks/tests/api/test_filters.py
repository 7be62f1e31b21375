"""Which tasks a program asks for, and in which order."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from tasks.actions import lists, tasks
from tasks.models import Status, Task
from tasks.tests.api.programs import found
from tasks.tests.factories import TaskFactory, TaskListFactory

NOON = datetime(2026, 11, 20, 12, 0, 0, 654321, UTC)
DUE = date(2026, 12, 1)


@pytest.fixture
def garden(owner, editor, shared_list):
    """Five tasks of the shared list, one of another list, and some that nobody should see.

    They were changed at noon, one hour after the other.
    """
    dig = TaskFactory(title="dig", task_list=shared_list, by=owner, labels=["Garden", "heavy"])
    facts = {
        "sow": {"status": "in_progress", "labels": ["garden"], "assignee": owner, "due_date": DUE},
        "mow": {"status": "done", "priority": 4, "due_date": DUE - timedelta(days=1)},
        "rest": {"status": "cancelled", "priority": 2, "assignee": editor},
        "rake": {"parent": dig, "priority": 2, "due_date": DUE + timedelta(days=1)},
    }
    for title, each in facts.items():
        TaskFactory(title=title, task_list=shared_list, by=owner, **each)
    TaskFactory(title="cook", task_list=TaskListFactory(by=owner), by=owner, labels=["GARDEN"])
    tasks.trash(
        task=TaskFactory(title="gone", task_list=shared_list, by=owner, priority=4), by=owner
    )
    lists.trash(task_list=TaskFactory(title="lost", by=owner).list, by=owner)
    TaskFactory(title="foreign")
    for hour, task in enumerate(Task.objects.order_by("id")):
        Task.objects.filter(pk=task.pk).update(updated_at=NOON + timedelta(hours=hour))
    return dig


ALL = "dig sow mow rest rake cook"
FILTERS = {
    "": ALL,
    "list={list}": "dig sow mow rest rake",
    "list={other}": "cook",
    "list={foreign}": "",
    "list=999999999999": "",
    "parent=none": "dig sow mow rest cook",
    "parent={dig}": "rake",
    "parent={gone}": "",
    "parent=999999999999": "",
    "status=pending": "dig rake cook",
    "status=in_progress": "sow",
    "status=done": "mow",
    "status=cancelled": "rest",
    "status=done&status=cancelled": "mow rest",
    "status=done&status=done": "mow",
    "priority=none": "dig sow cook",
    "priority=low": "",
    "priority=medium": "rest rake",
    "priority=urgent&priority=medium": "mow rest rake",
    "label=garden": "dig sow cook",
    "label=%20GARDEN%20": "dig sow cook",
    "label=heavy&label=garden": "dig",
    "label=heavy&label=light": "",
    "label=gard": "",
    "assignee=me": "sow",
    "assignee={editor}": "rest",
    "assignee=none": "dig mow rake cook",
    "assignee=999999999999": "",
    "due_before=2026-12-01": "mow",
    "due_before=2026-12-02": "sow mow",
    "due_before=9999-12-31": "sow mow rake",
    "due_before=0001-01-01": "",
    "due_after=2026-12-01": "rake",
    "due_after=2026-11-29": "sow mow rake",
    "due_after=0001-01-01": "sow mow rake",
    "due_after=9999-12-31": "",
    "due_after=2026-11-30&due_before=2026-12-02": "sow",
    "updated_after=2026-11-20T12:00:00.654321Z": "sow mow rest rake cook",
    "updated_after=2026-11-20T12:00:00.654320Z": ALL,
    "updated_after=2026-11-20T16:30:00Z": "cook",
    "updated_after=2026-11-20T18:30:00%2B02:00": "cook",
    "updated_after=2026-11-20T11:30:00-05:00": "cook",
    "updated_after=2026-11-20T13:01:00%2B01:00": "sow mow rest rake cook",
    "updated_after=9999-12-31T23:59:59Z": "",
    "updated_after=0001-01-01T00:00:00Z": ALL,
    "deleted=false": ALL,
    "deleted=true": "gone",
    "deleted=true&priority=urgent": "gone",
    "deleted=true&priority=none": "",
    "list={list}&status=pending&parent=none&label=heavy&assignee=none": "dig",
    "list={list}&status=pending&status=in_progress&priority=none&label=garden": "dig sow",
    "assignee=me&due_before=2026-12-02&due_after=2026-11-30&status=in_progress": "sow",
    "assignee=me&status=done": "",
}


def test_each_filter_leaves_what_fits_and_all_of_them_have_to(api, owner, editor, garden):
    program = api(owner)
    ids = {task.title: task for task in Task.objects.all()}
    names = {
        "list": garden.list_id,
        "other": ids["cook"].list_id,
        "foreign": ids["foreign"].list_id,
        "dig": garden.pk,
        "gone": ids["gone"].pk,
        "editor": editor.pk,
    }

    answers = {query: program.get("tasks?" + query.format(**names)) for query in FILTERS}

    assert {query: " ".join(found(answer)) for query, answer in answers.items()} == FILTERS


def test_others_are_shown_what_they_may_see(api, editor, viewer, stranger, garden):
    seen = {
        user.username: (found(api(user).get("tasks")), found(api(user).get("tasks?deleted=true")))
        for user in (editor, viewer, stranger)
    }

    shared = ["dig", "sow", "mow", "rest", "rake"]
    assert seen == {
        "editor": (shared, ["gone"]),
        "viewer": (shared, ["gone"]),
        "stranger": ([], []),
    }
    assert found(api(editor).get("tasks?assignee=me")) == ["rest"]


BAD = {
    "list=": "list",
    "list=none": "list",
    "list=0": "list",
    "list=-1": "list",
    "list=1.5": "list",
    f"list={2**63}": "list",
    "parent=": "parent",
    "parent=null": "parent",
    "parent=0": "parent",
    f"parent={10**18}": "parent",
    "parent=1x": "parent",
    "status=": "status",
    "status=open": "status",
    "status=DONE": "status",
    "status=done,pending": "status",
    "status=done&status=open": "status",
    "priority=3": "priority",
    "priority=high&priority=": "priority",
    "label=": "label.0",
    "label=home&label=": "label.1",
    f"label={'x' * 51}": "label.0",
    "label=a%00b": "label.0",
    "&".join(f"label={number}" for number in range(21)): "label",  # no task has so many
    "assignee=": "assignee",
    "assignee=owner": "assignee",
    "assignee=ME": "assignee",
    "due_before=": "due_before",
    "due_before=soon": "due_before",
    "due_before=2026-02-30": "due_before",
    "due_before=20261201": "due_before",
    "due_before=2026-W49-2": "due_before",
    "due_before=2026-12-01T00:00:00Z": "due_before",
    "due_after=today": "due_after",
    "updated_after=": "updated_after",
    "updated_after=2026-11-20": "updated_after",
    "updated_after=2026-11-20T12:00:00": "updated_after",
    "updated_after=2026-11-20T25:00:00Z": "updated_after",
    "updated_after=2026-11-20T12:00:00+02:00": "updated_after",  # where + is a space
    "updated_after=0001-01-01T00:00:00%2B02:00": "updated_after",
    "deleted=1": "deleted",
    "deleted=yes": "deleted",
    "deleted=": "deleted",
    "ordering=": "ordering",
    "ordering=title": "ordering",
    "ordering=due_date,priority": "ordering",
    "ordering=--due_date": "ordering",
}


def test_a_bad_value_is_refused_by_the_name_of_its_parameter(api, owner, task):
    program = api(owner)

    answers = {query: program.get(f"tasks?{query}") for query in BAD}

    assert {query: each.status for query, each in answers.items()} == dict.fromkeys(BAD, 400)
    assert {query: list(each.problem) for query, each in answers.items()} == {
        query: [name] for query, name in BAD.items()
    }


def test_a_parameter_that_nobody_knows_is_refused(api, owner, task):
    program = api(owner)
    queries = ["stauts=done", "page=2", "offset=50", "format=api", "Status=done", "label%5B%5D=a"]

    for path in ("tasks", f"lists/{task.list_id}/tasks", "users/me/tasks"):
        problems = [program.get(f"{path}?{query}").problem for query in queries]
        assert problems == [
            *({"stauts": "unknown"}, {"page": "unknown"}, {"offset": "unknown"}),
            *({"format": "unknown"}, {"Status": "unknown"}, {"label[]": "unknown"}),
        ]
    several = program.get("tasks?status=open&due_before=soon&list=x")
    assert several.problem == {
        "status": "invalid_choice",
        "due_before": "invalid",
        "list": "invalid",
    }


# title: priority, due_date, due_time, position, changed so many hours after noon
SORTED = {
    "a": (0, None, None, 30, 5),
    "b": (4, DUE, None, 20, 4),
    "c": (2, DUE, time(9, 30), 20, 4),
    "d": (4, DUE, time(8), 40, 1),
    "e": (2, DUE - timedelta(days=1), time(23, 59), 10, 2),
    "f": (0, None, None, 50, 3),
    "g": (2, DUE, time(9, 30), -60, 0),
}
ORDERS = {
    "created_at": "abcdefg",
    "updated_at": "gdefbca",
    "priority": "afceg" + "bd",
    "due_date": "edcgb" + "af",  # without a time: at the end of the day; without a date: last
    "position": "gebcadf",
}


def test_each_order_and_its_reverse_with_ties_in_the_order_of_creation(api, owner, shared_list):
    Task.objects.bulk_create(
        Task(
            list=shared_list,
            title=title,
            status=Status.PENDING,
            priority=priority,
            due_date=due_date,
            due_time=due_time,
            time_zone="UTC" if due_time else "",
            position=position,
            updated_at=NOON + timedelta(hours=hours),
        )
        for title, (priority, due_date, due_time, position, hours) in SORTED.items()
    )
    program = api(owner)

    for path in ("tasks", f"lists/{shared_list.pk}/tasks"):
        seen = {
            order: "".join(found(program.get(f"{path}?ordering={order}")))
            for name in ORDERS
            for order in (name, f"-{name}")
        }
        assert seen == {
            **ORDERS,
            **{f"-{name}": titles[::-1] for name, titles in ORDERS.items()},
        }
    assert "".join(found(program.get("tasks"))) == ORDERS["created_at"]
