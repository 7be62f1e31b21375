"""Addresses, queries and headers of the API that are wrong, and what breaks around its views."""

from contextlib import contextmanager

import pytest
from django.db import InterfaceError, OperationalError, connection

from tasks.tests.views.pages import everything
from tests.api import Api, InProcess, tokens_for
from tests.operations import PRODUCTS, api_names, body, completed
from tests.site import furnished, patterns

IDS = ["0", "-1", "1.0", "1e3", "0x1", "x", "1%00", "%D9%A1", "9" * 19, str(2**64), "9" * 1_000]
METHODS = {"get": "GET", "post": "POST", "put": "PUT", "patch": "PATCH", "delete": "DELETE"}


@pytest.fixture
def scene(shared_list, owner, viewer, stranger):
    return completed(furnished(shared_list, owner), owner, viewer, stranger)


@pytest.fixture
def near(owner):
    """The owner's program in this process, where statements can be seen to fail."""
    return Api(InProcess(), tokens_for(owner)["access"])


# Addresses.


def by_number():
    """(name, method) of every operation whose address names something."""
    for name in api_names():
        if patterns()[name].pattern.converters:
            for method in patterns()[name].callback.actions:
                yield name, METHODS[method]


@pytest.mark.parametrize(("name", "method"), by_number())
def test_an_id_that_is_none_leads_nowhere(name, method, scene, api, staff):
    by_staff = "who" in patterns()[name].pattern.converters or name in PRODUCTS
    program = api(staff if by_staff else scene.owner)
    wanted, before = body(name, method, scene), everything()

    for number in IDS:
        answer = program.ask(method, address(name, number, scene), wanted)
        assert (answer.status, answer.problem) == (404, {}), number

    assert everything() == before


def address(name, number, scene):
    """The path with this in place of its last number; before that, the list that is there."""
    route = str(patterns()[name].pattern)
    if route.count("<") == 2:
        route = route.replace("<int:pk>", str(scene.list.pk))
    for converter in ("<int:pk>", "<int:user>", "<str:who>", "<str:product_id>"):
        route = route.replace(converter, number)
    return route


@pytest.mark.parametrize(
    "where",
    [
        *("nowhere", "/api/", "/api", "/api/v1", "/api/v1/", "/api/v2/tasks", "/api//v1/tasks"),
        *("tasks//", "tasks/1/nowhere", "TASKS", "tasks.json", "lists/1/tasks/1", "..%2ftasks"),
        *("tasks/%0d%0aSet-Cookie:x=1", "%00", "%ff%fe", "a" * 3_000),
    ],
    ids=lambda each: each[:20],
)
def test_what_is_no_address_of_the_api_is_a_problem(where, api, owner):
    for program in (api(owner), api()):
        for method in ("GET", "POST", "OPTIONS"):
            answer = program.ask(method, where)
            assert (answer.status, answer.problem) == (404, {})
            assert answer.headers.get("Set-Cookie") is None


def test_an_address_of_5000_digits_leads_nowhere(near):
    assert [near.get(f"{each}/{'1' * 5_000}").status for each in ("tasks", "users")] == [404, 404]


# Queries.

QUERIES = [
    ("tasks?x=1", {"x": "unknown"}),
    ("tasks?limit=1&Limit=2", {"Limit": "unknown"}),
    ("tasks?page=2", {"page": "unknown"}),
    ("tasks?is_open=1", {"is_open": "unknown"}),
    ("tasks?list__memberships__user=1", {"list__memberships__user": "unknown"}),
    ("tasks?_connector=OR", {"_connector": "unknown"}),
    ("tasks?%ff=%fe", {"\ufffd": "unknown"}),
    ("tasks?" + "a[b]" * 500, {"a[b]" * 500: "unknown"}),
    ("tasks?limit=", {"limit": "invalid"}),
    ("tasks?limit=0", {"limit": "min_value"}),
    ("tasks?limit=-1", {"limit": "min_value"}),
    ("tasks?limit=101", {"limit": "max_value"}),
    ("tasks?limit=1e1", {"limit": "invalid"}),
    ("tasks?limit=" + "9" * 1_001, {"limit": "max_string_length"}),
    ("tasks?limit=%00", {"limit": "invalid"}),
    ("tasks?list=0", {"list": "min_value"}),
    ("tasks?list=x", {"list": "invalid"}),
    (f"tasks?list={2**63}", {"list": "max_value"}),
    (f"labels?list={2**63}", {"list": "max_value"}),
    ("tasks?parent=0", {"parent": "invalid"}),
    ("tasks?parent=me", {"parent": "invalid"}),
    (f"tasks?parent={2**63}", {"parent": "invalid"}),
    ("tasks?assignee=owner", {"assignee": "invalid"}),
    ("tasks?assignee=%D9%A1", {"assignee": "invalid"}),
    ("tasks?assignee=%C2%B2", {"assignee": "invalid"}),
    ("tasks?parent=" + "1" * 3_000, {"parent": "invalid"}),
    ("tasks?status=", {"status": "invalid_choice"}),
    ("tasks?status=open", {"status": "invalid_choice"}),
    ("tasks?status=done&status=DONE", {"status": "invalid_choice"}),
    ("tasks?priority=4", {"priority": "invalid_choice"}),
    ("tasks?label=", {"label.0": "blank"}),
    ("tasks?label=a&label=%00", {"label.1": "null_characters_not_allowed"}),
    ("tasks?label=" + "x" * 51, {"label.0": "max_length"}),
    ("tasks?due_before=2026-02-30", {"due_before": "invalid"}),
    ("tasks?due_after=soon", {"due_after": "invalid"}),
    ("tasks?updated_after=2026-01-01", {"updated_after": "offset"}),
    ("tasks?updated_after=2026-01-01T00:00:00", {"updated_after": "offset"}),
    ("tasks?updated_after=0001-01-01T00:00:00%2B14:00", {"updated_after": "overflow"}),
    ("tasks?updated_after=9999-12-31T23:59:59-14:00", {"updated_after": "overflow"}),
    ("tasks?updated_after=now", {"updated_after": "invalid"}),
    ("tasks?deleted=1", {"deleted": "invalid"}),
    ("lists?archived=", {"archived": "invalid"}),
    ("tasks?ordering=title", {"ordering": "invalid_choice"}),
    ("tasks?ordering=--priority", {"ordering": "invalid_choice"}),
    ("tasks?ordering=created_by__password", {"ordering": "invalid_choice"}),
    ("tasks?cursor=", {"cursor": "blank"}),
    ("tasks?cursor=x", {"cursor": "invalid"}),
    ("tasks?cursor=~", {"cursor": "invalid"}),
    ("tasks?cursor=%F0%9F%8C%B1", {"cursor": "invalid"}),
    ("tasks?cursor=WzFlNDAwXQ", {"cursor": "invalid"}),  # [1e400]
    ("tasks?cursor=WyJ4Il0", {"cursor": "invalid"}),  # ["x"]
    ("tasks?cursor=W251bGxd", {"cursor": "invalid"}),  # [null]
    ("tasks?cursor=WzEsMl0", {"cursor": "invalid"}),  # [1,2]
    ("tasks?cursor=e30", {"cursor": "invalid"}),  # {}
    ("tasks?cursor=" + "W1tb" * 400, {"cursor": "invalid"}),  # [[[…
    ("tasks?cursor=" + "x" * 2_001, {"cursor": "max_length"}),
    ("tasks?ordering=due_date&cursor=WzFd", {"cursor": "invalid"}),
    ("lists?cursor=x", {"cursor": "invalid"}),
    ("labels?cursor=x", {"cursor": "invalid"}),
]


def test_a_query_that_makes_no_sense_is_refused_by_name(api, owner, task):
    program = api(owner)

    for query, problem in QUERIES:
        answer = program.get(query)
        assert (answer.status, answer.problem) == (400, problem), query
        assert min(len(each["message"]) for each in answer.json["errors"]) > 10


def test_too_many_parameters_are_refused(api, near, owner):
    many = [api(owner).get("tasks?" + "a&" * 1_500), near.get("tasks?" + "limit=1&" * 10_000)]

    assert [(answer.status, answer.problem) for answer in many] == [(400, {})] * 2


def test_a_deletion_for_good_is_never_guessed(api, owner, task):
    program, before = api(owner), everything()

    for where in (f"tasks/{task.pk}", f"lists/{task.list_id}"):
        for query, problem in (
            ("permanent=", {"permanent": "invalid"}),
            ("permanent=1", {"permanent": "invalid"}),
            ("permanently=true", {"permanently": "unknown"}),
        ):
            answer = program.delete(f"{where}?{query}")
            assert (answer.status, answer.problem) == (400, problem)

    assert everything() == before


# Headers.


@pytest.mark.parametrize("tag", ["abc", '"', 'W/"', "1", "*, x", "'x'", '"a'])
def test_a_condition_that_is_none_is_refused(tag, api, owner, task):
    program, where = api(owner), f"tasks/{task.pk}"
    before = everything()

    answers = [
        program.get(where, If_None_Match=tag),
        program.patch(where, {"title": "x"}, If_Match=tag),
        program.put(where, {"title": "x"}, If_Match=tag),
        program.post(f"{where}/complete", If_Match=tag),
        program.delete(where, If_Match=tag),
        program.delete(f"lists/{task.list_id}", If_Match=tag),
        program.patch("users/me", {"theme": "dark"}, If_Match=tag),
    ]

    assert [(answer.status, answer.problem) for answer in answers] == [(400, {})] * 7
    assert everything() == before


@pytest.mark.parametrize("kinds", ["text/html", "image/*", "application/xml", "nonsense"])
def test_whoever_takes_no_json_is_told_that_there_is_nothing_else(kinds, api, owner, task):
    program, before = api(owner), everything()

    for answer in (
        program.get("tasks", Accept=kinds),
        program.post("tasks", {"title": "x"}, Accept=kinds),
        api().post("auth/login", {"username": "owner", "password": "x"}, Accept=kinds),
    ):
        assert (answer.status, answer.problem) == (406, {})

    assert everything() == before


@pytest.mark.parametrize(
    "kinds", ["*/*", "application/json", "application/*", "text/html, */*;q=0.1"]
)
def test_whoever_takes_json_among_others_gets_it(kinds, api, owner, task):
    answer = api(owner).get("tasks", Accept=kinds)

    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "a_b", "[::1"])
def test_a_host_that_is_not_ours_is_refused_without_a_word_about_it(host, api, owner):
    answer = api(owner).get("tasks", Host=host)

    assert (answer.status, answer.problem) == (400, {})
    assert host.encode() not in answer.body


def test_a_forwarded_host_stands_in_no_link(api, owner, shared_list):
    answer = api(owner).post("lists", {"title": "x"}, X_Forwarded_Host="evil.example")

    assert answer.status == 201
    assert "evil" not in str(dict(answer.headers.items()))


# What breaks around the views and inside them.


@contextmanager
def failing(error):
    """Whatever asks the database anything fails."""

    def refuse(execute, sql, params, many, context):
        raise error

    with connection.execute_wrapper(refuse):
        yield


@pytest.mark.parametrize("error", [OperationalError(2006, "gone"), InterfaceError(0, "")], ids=str)
@pytest.mark.parametrize(
    ("method", "where", "wanted"),
    [
        ("GET", "tasks", None),
        ("POST", "tasks", {"title": "x"}),
        ("GET", "users/me", None),
        ("POST", "auth/login", {"username": "owner", "password": "x"}),
    ],
)
def test_a_database_that_is_away_is_no_bug(method, where, wanted, error, near):
    with failing(error):
        answer = near.ask(method, where, wanted)

    assert (answer.status, answer.problem) == (503, {})
    assert answer.headers["Retry-After"] == "30"
    assert answer.json["title"] == "Service Unavailable"


@pytest.mark.parametrize("error", [OperationalError(1054, "no column x"), RuntimeError("secret")])
def test_a_bug_is_a_problem_that_tells_no_more(error, near):
    with failing(error):
        answer = near.get("tasks")

    assert (answer.status, answer.problem) == (500, {})
    assert answer.json == {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "detail": "Something broke on our side. It is in our logs, and nothing was changed.",
    }
    assert len(answer.headers["X-Request-ID"]) == 32
    assert answer.headers.get("Retry-After") is None
