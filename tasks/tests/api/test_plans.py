"""How MariaDB finds the tasks of a list in each order of the API: along an index of ours."""

import random
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.tests.factories import UserFactory
from tasks.actions import memberships
from tasks.api.queries import ORDERS
from tasks.models import Membership, Role, Task, TaskList
from tasks.tests.api.programs import follow
from tasks.tests.factories import TaskListFactory
from tests.api import Api, InProcess, tokens_for
from tests.statements import explained, sorted_or_read_whole

PEOPLE, LISTS, TASKS = 20, 5, 80  # 8,000 tasks, and those of one list beside them
MINE = 400
EVERY_ORDER = [order for name in ORDERS for order in (name, f"-{name}")]
KEYS = {
    "created_at": "task_api_created",
    "updated_at": "task_api_updated",
    "due_date": "task_api_due",
    "priority": "task_api_priority",
    "position": "task_api_position",
}

# ANALYZE TABLE commits, so what is in the tables has to be thrown away afterwards.
pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def crowd(owner, editor):
    """A list of the owner with 400 tasks, in a database with thousands of other people's."""
    mine = TaskListFactory(title="Mine", by=owner)
    memberships.add(task_list=mine, user=editor, role=Role.EDITOR, by=owner)
    others = [
        TaskListFactory(by=person)
        for person in UserFactory.create_batch(PEOPLE)
        for _ in range(LISTS)
    ]
    fill(random.Random(5).sample([mine] * MINE + others * TASKS, k=MINE + len(others) * TASKS))  # noqa: S311
    with connection.cursor() as cursor:
        for model in (Task, TaskList, Membership, type(owner)):
            cursor.execute(f"ANALYZE TABLE {model._meta.db_table}")
            cursor.fetchall()
    return mine


def fill(lists):
    """A task in each, as they come: those of one list lie all over the table."""
    now = timezone.now()
    Task.objects.bulk_create(
        [
            Task(
                list=each,
                title=str(number),
                position=number * 10,
                priority=number % 5,
                due_date=now.date() + timedelta(days=number % 20) if number % 2 else None,
                updated_at=now + timedelta(seconds=number * 7 % 50),
            )
            for number, each in enumerate(lists)
        ],
        batch_size=1000,
    )


def plans(program, path):
    """What EXPLAIN says of the statement for the tasks of each page, from first to last."""
    link = f"/api/v1/{path}"
    while link:
        with CaptureQueriesContext(connection) as asked:
            answer = follow(program, link)
        assert answer.status == 200
        [statement] = [each["sql"] for each in asked if "subtasks_total" in each["sql"]]
        yield explained(statement)
        link = answer.json["next"]


def of_tasks(plan):
    """The part that finds the tasks themselves."""
    [row] = [each for each in plan if each["table"] == Task._meta.db_table]
    return row


def test_each_order_within_a_list_is_read_along_its_index(crowd, owner):
    program = Api(InProcess(), tokens_for(owner)["access"])

    for path in (f"lists/{crowd.pk}/tasks?", f"tasks?list={crowd.pk}&"):
        for order in EVERY_ORDER:
            pages = list(plans(program, f"{path}limit=50&ordering={order}"))

            assert len(pages) == MINE / 50
            for plan in pages:
                row = of_tasks(plan)
                assert (order, row["key"]) == (order, KEYS[order.removeprefix("-")]), plan
                assert int(row["rows"]) <= MINE
                assert sorted_or_read_whole(plan) == [], plan
