"""How MariaDB finds the rows of a page, among thousands of others: by an index of ours."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import UserFactory
from tasks.actions import memberships
from tasks.models import Role, Task
from tasks.tests.factories import TaskListFactory
from tasks.tests.views.pages import more

PEOPLE, LISTS, TASKS = 20, 5, 80  # 8,000 tasks, and those of one list beside them
MINE = 400


# ANALYZE TABLE commits, so what is in the tables has to be thrown away afterwards.
pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def crowd(owner, editor):
    """A list of the owner with 400 tasks, in a database with thousands of other people's."""
    today = owner.today()
    mine = TaskListFactory(title="Mine", by=owner)
    memberships.add(task_list=mine, user=editor, role=Role.EDITOR, by=owner)
    others = [
        TaskListFactory(by=person)
        for person in UserFactory.create_batch(PEOPLE)
        for _ in range(LISTS)
    ]
    fill([mine], MINE, today)
    fill(others, TASKS, today)
    with connection.cursor() as cursor:
        for model in (Task, type(mine), memberships.Membership, type(owner)):
            cursor.execute(f"ANALYZE TABLE {model._meta.db_table}")
            cursor.fetchall()
    return mine


def fill(lists, tasks, today):
    """Half of them done, the others due on one of twenty days around today."""
    Task.objects.bulk_create(
        [
            Task(
                list=each,
                title=f"{number:03}",
                position=number * 10,
                status="done" if number % 2 else "pending",
                completed_at=each.created_at if number % 2 else None,
                due_date=today + timedelta(days=number % 20 - 10) if number % 2 == 0 else None,
                created_by_id=None,
            )
            for each in lists
            for number in range(tasks)
        ],
        batch_size=1000,
    )


def plan(client, path):
    """What EXPLAIN says of the tasks' own part in the very statement of the page."""
    with CaptureQueriesContext(connection) as asked:
        response = client.get(path)
    (statement,) = [
        each["sql"] for each in asked if "subtasks_total" in each["sql"] and "LIMIT" in each["sql"]
    ]
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + statement)
        names = [column[0] for column in cursor.description]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return response, found


def of_tasks(plan):
    (row,) = [row for row in plan if row["table"] == Task._meta.db_table]
    return row


# Of all tasks either of two indexes has the order; which one is the database's to choose.
KEYS = {
    "open": (("task_by_position",), 4),
    "done": (("task_by_position",), 4),
    "all": (("task_all_by_position", "task_api_position"), 8),
}


OURS = {"task_by_due", *(key for keys, _ in KEYS.values() for key in keys)}


def test_a_list_is_read_along_its_index_from_the_first_page_to_the_last(crowd, signed_in, owner):
    client = signed_in(owner)

    for shown, (keys, pages) in KEYS.items():
        found = list(plans(client, f"/lists/{crowd.pk}/", f"?show={shown}"))
        assert len(found) == pages
        for plan in found:
            row = of_tasks(plan)
            assert row["key"] in keys, plan
            assert row["type"] in ("ref", "range"), plan
            assert int(row["rows"]) <= MINE
            assert [each for each in plan if "filesort" in (each["Extra"] or "")] == []
            assert read_whole(plan) == []


def test_the_agenda_reads_no_other_persons_tasks(crowd, signed_in, owner, subtests):
    for path, pages in (("/today/", 3), ("/upcoming/", 2)):
        with subtests.test(path):
            found = list(plans(signed_in(owner), path, ""))

            assert len(found) == pages
            for plan in found:
                row = of_tasks(plan)
                assert row["key"] in OURS, plan
                assert int(row["rows"]) <= MINE
                assert read_whole(plan) == []


def plans(client, path, query):
    """The plan of every page, from the first to the last."""
    seen = set()
    while query is not None and query not in seen:
        seen.add(query)
        response, found = plan(client, path + query)
        yield found
        query = more(response)


def read_whole(plan):
    """The parts of the plan that go through a whole table or index."""
    return [row for row in plan if row["type"] in ("ALL", "index") and row["table"]]
