"""What a request asks the database, in statements: as many for a hundred tasks as for one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tasklist.text import key_of
from tasks.models import Colour, Label, Task
from tests.api import Api, InProcess, tokens_for
from tests.statements import statements, without_plumbing

# One for the token, and two for the tasks: the rows, and the labels of all.
READS = {
    "tasks": 3,
    "tasks?list={list}&status=pending&label=a&ordering=due_date": 3,
    "lists/{list}/tasks": 3,
    "users/me/tasks": 3,
    "users/{user}/tasks": 4,  # who that is
    "tasks/{task}": 3,
    "lists": 2,
    "lists/{list}": 2,
    "lists/{list}/members": 3,
    "labels": 2,
}
# BEGIN, COMMIT and savepoints left out.
WRITES = {
    "create": 9,
    "create in the inbox": 9,
    "create below a task": 11,
    "create with labels": 15,
    "patch": 9,
    "patch labels": 14,
    "patch nothing": 7,
    "put": 13,
    "complete": 10,
    "complete again": 7,
    "reopen": 9,
    "move to the end": 14,
    "delete": 8,
    "restore": 10,
}


@pytest.fixture
def program(owner):
    """The owner's, in this process, where statements can be counted."""
    return Api(InProcess(), tokens_for(owner)["access"])


@pytest.fixture
def filled(shared_list, task):
    """`filled(n)`: n tasks in the list, each with two labels and a subtask."""

    def fill(n):
        for name in ("a", "b"):
            Label.objects.create(list=shared_list, name=name, key=key_of(name), colour=Colour.RED)
        labels = list(shared_list.labels.all())
        Task.objects.bulk_create(Task(list=shared_list, title="x") for _ in range(n))
        made = list(Task.objects.filter(title="x"))
        Task.objects.bulk_create(Task(list=shared_list, parent=each, title="y") for each in made)
        links = [Task.labels.through(task=each, label=label) for each in made for label in labels]
        Task.labels.through.objects.bulk_create(links)
        return made[0]

    return fill


@pytest.mark.parametrize("n", [1, 100])
def test_reading_asks_the_same_however_many_there_are(n, program, filled, owner, shared_list):
    one = filled(n)
    names = {"list": shared_list.pk, "task": one.pk, "user": owner.pk}

    measured = {path: statements(program, "GET", path.format(**names)) for path in READS}

    assert {path: len(asked) for path, (asked, _) in measured.items()} == READS
    assert len(measured["tasks"][1].json["results"]) == min(2 * n + 1, 50)
    assert measured["tasks/{task}"][1].json["labels"] == ["a", "b"]


def test_writing_asks_just_so_much(program, filled, task, shared_list):
    filled(3)
    program.post("tasks", {"title": "in the inbox, which this makes"})

    measured = {
        case: len(statements(program, method, path.format(task=task.pk), body)[0])
        for case, (method, path, body) in writes(shared_list).items()
    }

    assert measured == WRITES


def writes(shared_list):
    """One after the other, each to the task as the one before has left it."""
    new = {"title": "x", "list": shared_list.pk}
    return {
        "create": ("POST", "tasks", new),
        "create in the inbox": ("POST", "tasks", {"title": "x"}),
        "create below a task": (
            "POST",
            "tasks",
            {"title": "x", "parent": shared_list.tasks.last().pk},
        ),
        "create with labels": ("POST", "tasks", new | {"labels": ["a", "b"]}),
        "patch": ("PATCH", "tasks/{task}", {"title": "x", "priority": "high"}),
        "patch labels": ("PATCH", "tasks/{task}", {"labels": ["a", "b"]}),
        "patch nothing": ("PATCH", "tasks/{task}", {"title": "x"}),
        "put": ("PUT", "tasks/{task}", {"title": "y", "labels": ["a", "b"]}),
        "complete": ("POST", "tasks/{task}/complete", None),
        "complete again": ("POST", "tasks/{task}/complete", None),
        "reopen": ("POST", "tasks/{task}/reopen", None),
        "move to the end": ("POST", "tasks/{task}/move", {"before": None}),
        "delete": ("DELETE", "tasks/{task}", None),
        "restore": ("POST", "tasks/{task}/restore", None),
    }


def test_a_condition_costs_five_statements_more(program, task):
    """Two for what it is now, and three to find it so under the lock, which is taken twice."""
    there = program.get(f"tasks/{task.pk}").headers["ETag"]

    with CaptureQueriesContext(connection) as asked:
        answer = program.patch(f"tasks/{task.pk}", {"title": "x"}, If_Match=there)

    assert answer.status == 200
    assert len(without_plumbing(asked)) == WRITES["patch"] + 5
