"""What a page asks the database, in statements: as many for a hundred rows as for one."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tasklist.text import key_of
from tasks.actions import lists, memberships
from tasks.models import Colour, Label, Role, Task
from tasks.rows import task_rows
from tasks.tests.factories import TaskFactory, TaskListFactory
from tasks.tests.views.pages import read

# All of them with two for the session and its person, and two for the navigation beside
# every page of a member. The rows of tasks are two: the tasks, and the labels of all.
STATEMENTS = {
    "/today/": 6,
    "/upcoming/": 6,
    "/inbox/": 7,
    "/lists/": 5,
    "/lists/{list}/": 8,
    "/lists/{list}/?show=all": 8,
    "/lists/{list}/?show=done": 8,
    "/lists/{list}/edit/": 5,
    "/tasks/{task}/": 10,
    "/tasks/{task}/edit/": 8,
    "/tasks/new/?list={list}": 8,
    "/trash/": 7,
    "/settings/": 4,
}
ROWS = {"/today/", "/upcoming/", "/inbox/", "/lists/{list}/", "/trash/", "/tasks/{task}/"}


@pytest.fixture
def scene(owner, editor, shared_list):
    """`scene(n)`: n rows on every page, each with labels, a subtask and somebody to do it."""

    def fill(n):
        today, inbox = owner.today(), lists.inbox_of(user=owner, by=owner)
        parent = TaskFactory(title="Parent", task_list=shared_list, labels=["a", "b"], by=owner)
        add(n, shared_list, "Now", due_date=today, assignee=owner)
        add(n, shared_list, "Soon", due_date=today + timedelta(days=1), assignee=owner)
        add(n, shared_list, "Part", parent=parent, assignee=owner)
        add(n, shared_list, "Done", status="done", completed_at=timezone.now(), assignee=owner)
        add(n, shared_list, "Gone", deleted_at=timezone.now(), assignee=owner)
        add(n, inbox, "In")
        for number in range(n):
            made = TaskListFactory(title=f"List {number}", by=owner)
            memberships.add(task_list=made, user=editor, role=Role.EDITOR, by=owner)
        return {"list": shared_list.pk, "task": parent.pk}

    return fill


def add(n, task_list, title, **facts):
    """n tasks with two labels and a subtask each; not by the action, of which this is no test."""
    wanted = [Task(list=task_list, title=title, **facts) for _ in range(n)]
    Task.objects.bulk_create(wanted)
    made = list(Task.objects.filter(list=task_list, title=title))
    labels = labels_of(task_list)
    links = [Task.labels.through(task=task, label=label) for task in made for label in labels]
    Task.labels.through.objects.bulk_create(links)
    Task.objects.bulk_create(Task(list=task_list, title="Below", parent=task) for task in made)


def labels_of(task_list):
    for name in ("a", "b"):
        Label.objects.get_or_create(
            list=task_list, name=name, defaults={"key": key_of(name), "colour": Colour.RED}
        )
    return list(task_list.labels.all())


def count(client, path):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        response = client.get(path)
    assert response.status_code == 200
    return len(asked), len(read(response).one("main").all("li", cls="task"))


@pytest.mark.parametrize("n", [1, 100])
def test_a_page_asks_the_same_however_many_rows_it_has(n, scene, signed_in, owner):
    things, client = scene(n), signed_in(owner)
    client.get("/today/")

    measured = {path: count(client, path.format(**things)) for path in STATEMENTS}

    assert {path: asked for path, (asked, _) in measured.items()} == STATEMENTS
    assert all(measured[path][1] >= min(n, 50) for path in ROWS)


@pytest.mark.parametrize("n", [1, 100])
def test_rows_of_tasks_are_two_statements(n, scene, owner, django_assert_num_queries):
    things = scene(n)

    with django_assert_num_queries(2):
        page = task_rows(Task.objects.filter(list=things["list"], parent=None), owner)

    assert len(page.rows) >= min(n, 50)
    assert [label["name"] for label in page.rows[0]["labels"]] == ["a", "b"]


def test_a_list_page_without_tasks_asks_no_more(owner, signed_in, shared_list):
    client = signed_in(owner)

    assert count(client, f"/lists/{shared_list.pk}/") == (7, 0)  # no labels to ask for
