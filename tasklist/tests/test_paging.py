import base64
import json
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.exceptions import BadRequest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tasklist.paging import decoded, encoded, page_of
from tasks.actions import tasks
from tasks.models import Task
from tasks.rows import BY_DUE, BY_POSITION, task_rows
from tasks.tests.factories import TaskFactory

BY_TRASHED = ("-deleted_at", "-id")
NOON = datetime(2026, 12, 1, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def add(shared_list, owner):
    """`add(3, …)`: so many tasks more in the shared list."""

    def more(count, **facts):
        return [TaskFactory(task_list=shared_list, by=owner, **facts) for _ in range(count)]

    return more


def pages(keys, limit, meanwhile=None):
    """The ids on each page, following the cursors."""
    found, cursor = [], None
    while not found or cursor:
        page = page_of(Task.objects.all(), keys, fields=("id",), cursor=cursor, limit=limit)
        found.append([row["id"] for row in page.rows])
        assert len(found) < 100, "going round in circles"
        cursor = page.next
        if meanwhile:
            meanwhile()
    return found


def flat(found):
    return [each for page in found for each in page]


def in_order(keys):
    return list(Task.objects.order_by(*keys).values_list("id", flat=True))


def test_each_row_is_on_one_page_in_order(add):
    add(7)
    found = pages(BY_POSITION, 3)
    assert flat(found) == in_order(BY_POSITION)
    assert [len(page) for page in found] == [3, 3, 1]


def test_a_last_page_that_is_full_has_none_after_it(add):
    add(6)
    assert [len(page) for page in pages(BY_POSITION, 3)] == [3, 3]


@pytest.mark.django_db
def test_no_rows_are_one_empty_page():
    assert pages(BY_POSITION, 3) == [[]]


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_ties_neither_lose_nor_repeat_a_row(add, limit):
    add(3, due_date=date(2026, 12, 1))
    add(3)
    add(2, due_date=date(2026, 12, 1), due_time=time(9))
    add(2, due_date=date(2026, 12, 1), due_time=time(9, 0, 1))
    add(3, due_date=date(2026, 12, 2))
    assert flat(pages(BY_DUE, limit)) == in_order(BY_DUE)


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_descending_keys_are_paged_to_the_microsecond(add, limit):
    moments = [NOON, NOON, NOON, NOON + timedelta(microseconds=1), NOON + timedelta(days=1)]
    for task, when in zip(add(5), moments, strict=True):
        Task.objects.filter(pk=task.pk).update(deleted_at=when)
    assert flat(pages(BY_TRASHED, limit)) == in_order(BY_TRASHED)


def test_a_tree_thrown_away_at_one_moment_is_found_whole(add, owner):
    [task] = add(1)
    add(4, parent=task)
    tasks.trash(task=task, by=owner)
    assert len(flat(pages(BY_TRASHED, 2))) == 5


def test_mixed_directions_are_paged_too(add):
    for priority in (0, 2, 1, 2, 0):
        add(1, priority=priority)
    keys = ("-priority", "id")
    assert flat(pages(keys, 2)) == in_order(keys)


def test_rows_added_meanwhile_repeat_none(add):
    add(6)
    before = in_order(BY_POSITION)
    rest = iter(range(3))
    found = flat(pages(BY_POSITION, 2, meanwhile=lambda: next(rest, None) is None or add(1)))
    assert found[:6] == before
    assert len(set(found)) == len(found)


def test_a_row_that_is_gone_meanwhile_does_not_break_its_cursor(add):
    _, second, third = add(3)
    page = page_of(Task.objects.all(), BY_POSITION, fields=("id",), cursor=None, limit=2)
    second.delete()
    following = page_of(Task.objects.all(), BY_POSITION, fields=("id",), cursor=page.next, limit=2)
    assert [row["id"] for row in following.rows] == [third.pk]


def test_a_page_asks_once_and_for_no_more_than_it_needs(add):
    add(3)
    with CaptureQueriesContext(connection) as queries:
        page = page_of(Task.objects.all(), BY_POSITION, fields=("id",), cursor=None, limit=2)
    assert len(queries) == 1
    assert "LIMIT 3" in queries[0]["sql"]
    assert set(page.rows[0]) == {"id", "position"}


def test_a_cursor_holds_the_keys_exactly():
    fields = [Task._meta.get_field(name) for name in ("deleted_at", "sort_date", "sort_time", "id")]
    keys = [NOON, date(2026, 12, 1), time(9, 0, 0, 1), 2**62]
    assert decoded(encoded(keys), fields) == keys


def test_a_cursor_can_stand_in_an_address():
    cursor = encoded([NOON, "?&=/+", 5])
    assert set(cursor) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


def packed(text):
    raw = text if isinstance(text, bytes) else text.encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def made_of(*values):
    return packed(json.dumps(values))


BROKEN = [
    *("garbage", "=", "====", "a", "🍎", "é", " ", "\x00", "%00", "null", "../../etc/passwd"),
    *(packed(b"\xff\xfe"), packed("[1,2"), packed("{}"), packed("5"), packed("null")),
    *(packed("[" * 100_000), packed("[" * 500 + "]" * 500), packed('"🍎"')),
    *(packed("[1e999, 1]"), packed("[1, -Infinity]"), packed("[NaN, 1]")),
    *(packed(f"[{'9' * 5000}, 1]"), packed('{"1": 1, "2": 2}'), packed('"12"')),
    *(made_of(), made_of(1), made_of(1, 2, 3), made_of(1, None), made_of(None, None)),
    *(made_of([1], [2]), made_of({}, 1), made_of("x", "y"), made_of("🍎", 1), made_of("\0", 1)),
]


@pytest.mark.django_db
@pytest.mark.parametrize("cursor", BROKEN, ids=range(len(BROKEN)))
@pytest.mark.parametrize("keys", [BY_POSITION, BY_DUE, BY_TRASHED], ids=str)
def test_a_broken_cursor_is_a_bad_request_and_nothing_else(keys, cursor):
    with pytest.raises(BadRequest):
        page_of(Task.objects.all(), keys, fields=("id",), cursor=cursor, limit=2)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "moment",
    [
        "2026-12-01T12:00:00",
        "2026-12-01",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-13-01T00:00:00+00:00",
        20261201,
        True,
    ],
)
def test_a_moment_that_never_was_is_a_bad_request(moment):
    cursor = made_of(moment, 1)
    with pytest.raises(BadRequest):
        page_of(Task.objects.all(), BY_TRASHED, fields=("id",), cursor=cursor, limit=2)


@pytest.mark.django_db
@pytest.mark.parametrize("number", [10**18, 10**30, -(10**30), 2**63, -(2**63) - 1, 1.5, True])
def test_any_number_is_a_place_to_go_on_from(add, number):
    add(2)
    cursor = made_of(number, 1)
    page = page_of(Task.objects.all(), BY_POSITION, fields=("id",), cursor=cursor, limit=5)
    assert len(page.rows) == (0 if number > 10**9 else 2)


@pytest.mark.django_db
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_first_and_last_of_days_are_places_to_go_on_from(add, day):
    add(1, due_date=date(2026, 12, 1))
    cursor = made_of(day, "00:00:00", 1)
    page = page_of(Task.objects.all(), BY_DUE, fields=("id",), cursor=cursor, limit=5)
    assert len(page.rows) == (1 if day < "2026" else 0)


def test_the_rows_of_lists_are_paged_the_same_way(add, owner):
    add(3, labels=["home"])
    first = task_rows(Task.objects.all(), owner, limit=2)
    second = task_rows(Task.objects.all(), owner, limit=2, cursor=first.next)
    assert [row["id"] for row in first.rows + second.rows] == in_order(BY_POSITION)
    assert [len(row["labels"]) for row in first.rows + second.rows] == [1, 1, 1]
