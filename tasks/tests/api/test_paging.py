"""Page after page by cursor: each task once, forwards and backwards, whatever happens meanwhile."""

from datetime import date, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.utils import timezone

from tasks.actions import tasks
from tasks.api.queries import ORDERS
from tasks.models import Task
from tasks.tests.api.programs import follow, walk
from tasks.tests.factories import TaskFactory

MANY = 120
EVERY_ORDER = [order for name in ORDERS for order in (name, f"-{name}")]


@pytest.fixture
def crowd(shared_list):
    """120 tasks full of ties: three priorities, four days or none, some changed at once."""
    now, today = timezone.now(), date(2026, 12, 1)
    Task.objects.bulk_create(
        Task(
            list=shared_list,
            title=str(number),
            priority=number % 3,
            due_date=today + timedelta(days=number % 4) if number % 5 else None,
            position=number // 2,
            updated_at=now + timedelta(microseconds=number // 10),
        )
        for number in range(MANY)
    )
    return shared_list


def ids(pages):
    return [[each["id"] for each in page.json["results"]] for page in pages]


def flat(pages):
    return [each for page in pages for each in page]


@pytest.mark.parametrize("limit", [7, 50])
def test_every_task_comes_once_forwards_and_backwards_in_each_order(limit, api, owner, crowd):
    program = api(owner)

    for order in EVERY_ORDER:
        forwards = list(walk(program, f"/api/v1/tasks?ordering={order}&limit={limit}"))
        backwards = list(walk(program, forwards[-1].json["previous"], "previous"))

        keys = ORDERS[order.removeprefix("-")]
        expected = list(Task.objects.order_by(*keys).values_list("id", flat=True))
        there = ids(forwards)
        assert flat(there) == (expected[::-1] if order.startswith("-") else expected)
        assert [len(page) for page in there[:-1]] == [limit] * (MANY // limit)
        assert ids(backwards) == there[-2::-1]
        assert [page.json for page in backwards] == [page.json for page in forwards[-2::-1]]


def test_the_ends_have_no_link_and_one_page_has_none_at_all(api, owner, crowd):
    program = api(owner)

    first, second, third = walk(program, "/api/v1/tasks?limit=50")
    whole = program.get("tasks?limit=60&priority=none").json

    assert (first.json["previous"], third.json["next"]) == (None, None)
    assert follow(program, second.json["previous"]).body == first.body
    assert follow(program, third.json["previous"]).body == second.body
    assert (len(whole["results"]), whole["next"], whole["previous"]) == (40, None, None)
    exact = list(walk(program, "/api/v1/tasks?limit=40"))
    assert [len(page) for page in ids(exact)] == [40, 40, 40]
    assert program.get("tasks?status=done").json == {"results": [], "next": None, "previous": None}


def test_links_keep_what_was_asked_for_and_are_whole_addresses(api, owner, crowd):
    query = (
        "status=pending&status=in_progress&priority=none&priority=low&parent=none&limit=3"
        "&updated_after=2020-01-01T00%3A00%3A00%2B02%3A00&ordering=-due_date&deleted=false"
    )
    program = api(owner)

    for path in ("tasks/", f"lists/{crowd.pk}/tasks/", "users/me/tasks/"):
        pages = list(walk(program, f"/api/v1/{path}?{query}"))
        links = [page.json["next"] for page in pages[:-1]]
        links += [page.json["previous"] for page in pages[1:]]
        assert len(flat(ids(pages))) == len(set(flat(ids(pages)))) == MANY * 2 // 3
        for link in map(urlsplit, links):
            asked = [pair for pair in parse_qsl(link.query) if pair[0] != "cursor"]
            assert sorted(asked) == sorted(parse_qsl(query))
            assert (link.scheme in ("http", "https"), link.netloc != "") == (True, True)
            assert link.path == f"/api/v1/{path}"


@pytest.mark.parametrize("order", EVERY_ORDER)
def test_tasks_added_and_removed_meanwhile_repeat_and_lose_none_that_stay(order, api, owner, crowd):
    program = api(owner)
    staying = set(Task.objects.exclude(title__endswith="3").values_list("id", flat=True))
    leaving = list(Task.objects.filter(title__endswith="3"))
    seen = []

    for page in walk(program, f"/api/v1/tasks?ordering={order}&limit=12"):
        seen += [each["id"] for each in page.json["results"]]
        if leaving:
            tasks.trash(task=leaving.pop(), by=owner)
            TaskFactory(title="new", task_list=crowd, priority=1, by=owner)

    assert len(seen) == len(set(seen))
    assert staying - set(seen) == set()


def test_a_cursor_goes_on_from_a_task_that_is_gone(api, owner, crowd):
    program = api(owner)
    first, second, _third = walk(program, "/api/v1/tasks?limit=50")
    for each in (first.json["results"][-1], second.json["results"][0]):
        tasks.delete(task=Task.objects.get(pk=each["id"]), by=owner)

    assert ids([follow(program, first.json["next"])])[0][:49] == ids([second])[0][1:]
    assert ids([follow(program, second.json["previous"])])[0] == ids([first])[0][:-1]


def test_a_page_is_50_unless_asked_for_1_to_100(api, owner, crowd):
    program = api(owner)

    sizes = {
        query: len(program.get(f"tasks{query}").json["results"])
        for query in ("", "?limit=1", "?limit=100")
    }
    bad = {
        limit: program.get(f"tasks?limit={limit}").problem
        for limit in ("0", "-1", "101", "1e2", "many", "", "1" * 5000)
    }

    assert sizes == {"": 50, "?limit=1": 1, "?limit=100": 100}
    assert bad == {
        "0": {"limit": "min_value"},
        "-1": {"limit": "min_value"},
        "101": {"limit": "max_value"},
        "1e2": {"limit": "invalid"},
        "many": {"limit": "invalid"},
        "": {"limit": "invalid"},
        "1" * 5000: {"limit": "max_string_length"},
    }


def test_a_cursor_that_was_not_made_for_this_is_refused(api, owner, crowd):
    program = api(owner)
    by_due = dict(parse_qsl(urlsplit(program.get("tasks?ordering=due_date").json["next"]).query))
    foreign = by_due["cursor"]
    queries = [
        *(f"cursor={foreign}", f"cursor=~{foreign}", f"ordering=updated_at&cursor={foreign}"),
        *(f"ordering=priority&cursor={foreign}", f"ordering=due_date&cursor={foreign[:-3]}"),
        *("cursor=x", "cursor=~", "cursor=%00", "cursor=W10", "cursor=%7E%7E", "cursor=WyIxIl0x"),
    ]

    answers = {query: program.get(f"tasks?{query}") for query in queries}
    empty, long = program.get("tasks?cursor="), program.get(f"tasks?cursor={'x' * 2001}")

    assert {query: each.status for query, each in answers.items()} == dict.fromkeys(queries, 400)
    assert [list(each.problem) for each in answers.values()] == [["cursor"]] * len(queries)
    assert (empty.problem, long.problem) == ({"cursor": "blank"}, {"cursor": "max_length"})
