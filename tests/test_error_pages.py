"""What people read when something goes wrong: words, what they typed, and no database needed."""

from contextlib import contextmanager

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client

from accounts.tests.factories import PASSWORD
from tasklist.errors import OUTAGES
from tasks.tests.views.pages import errors, everything, heading, messages, read, typed_again
from tests.site import address

pytestmark = pytest.mark.once

NOTHING_HERE = "There is nothing here"
NO_SENSE = "That request makes no sense to us"
TOO_OLD = "This form was too old"
SIGNED_OUT = "You are signed out"
NOT_ALLOWED = "You may look, but not change this"
BROKEN = "Something broke on our side"
AWAY = "Back in a moment"
ONLY_A_BUTTON = "This address only takes a button press"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def strict():
    """`strict(user)`: a browser in which this person is signed in, and CSRF is looked at."""

    def sign_in(user):
        client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def browsers(strict, owner):
    """One in which somebody is signed in, and one in which nobody is; both have seen a form."""
    member = strict(owner)
    visitor = Client(enforce_csrf_checks=True, raise_request_exception=False)
    member.get("/tasks/new/")
    visitor.get("/accounts/login/")
    return member, visitor


@pytest.fixture
def breaking(monkeypatch):
    """`breaking(error)`: the pages with tasks raise it."""

    def arrange(error):
        def task_rows(*args, **kwargs):
            raise error

        monkeypatch.setattr("tasks.views.agenda.task_rows", task_rows)
        monkeypatch.setattr("tasks.actions.moving.neighbours", task_rows)

    return arrange


@contextmanager
def no_database():
    """Whatever asks the database anything fails."""

    def refuse(execute, sql, params, many, context):
        raise OperationalError(2006, "Server has gone away")

    with connection.execute_wrapper(refuse):
        yield


# Errors of visitors, who are not even looked up.


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "status", "title"),
    [
        ("/nowhere/", 404, NOTHING_HERE),
        ("/tasks/1/nowhere/", 404, NOTHING_HERE),
        ("/accounts/login/?x=" + "&x=" * 1001, 400, NO_SENSE),
        ("/accounts/nowhere/", 404, NOTHING_HERE),
    ],
    ids=["unknown", "below a task", "too many fields", "below accounts"],
)
def test_an_error_page_asks_the_database_nothing(
    path, status, title, visitor, django_assert_num_queries
):
    with django_assert_num_queries(0):
        response = visitor.get(path)

    assert (response.status_code, heading(response)) == (status, title)


@pytest.mark.django_db
def test_a_host_that_is_not_ours_is_refused_without_a_word_about_it(
    visitor, django_assert_num_queries
):
    with django_assert_num_queries(0):
        response = visitor.get("/", headers={"host": "evil.example"})

    assert (response.status_code, heading(response)) == (400, NO_SENSE)
    assert "evil.example" not in response.content.decode()


@pytest.mark.django_db
def test_a_wrong_method_is_told_the_right_one_without_the_database(
    visitor, django_assert_num_queries
):
    with django_assert_num_queries(0):
        response = visitor.post("/")

    assert (response.status_code, heading(response)) == (405, ONLY_A_BUTTON)
    assert response["Allow"] == "GET, HEAD"


def test_an_error_page_is_made_without_the_database_for_members_too(signed_in, owner):
    client = signed_in(owner)

    with no_database():
        response = client.get("/today/")

    assert (response.status_code, heading(response)) == (503, AWAY)
    assert response["Retry-After"] == "30"


# Forms that cannot be taken.


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/tasks/new/", "/tasks/new", "/lists/new/", "/settings/"])
def test_a_form_without_its_token_changes_nothing_and_gives_back_what_was_typed(
    path, strict, owner
):
    client, before = strict(owner), everything()

    response = client.post(path, {"title": "Ein <b>Gedicht</b>\nin 2 Zeilen", "next": "/today/"})

    assert (response.status_code, heading(response)) == (403, TOO_OLD)
    assert typed_again(response) == {"title": "Ein <b>Gedicht</b>\nin 2 Zeilen"}
    assert everything() == before


def test_a_form_with_a_forged_token_changes_nothing(strict, owner):
    client = strict(owner)
    client.get("/tasks/new/")
    before = everything()

    response = client.post("/tasks/new/", {"title": "Mine", "csrfmiddlewaretoken": "x" * 64})

    assert (response.status_code, heading(response)) == (403, TOO_OLD)
    assert typed_again(response) == {"title": "Mine"}
    assert everything() == before


def test_a_form_with_its_token_is_taken(strict, owner):
    client = strict(owner)
    token = read(client.get("/tasks/new/")).all("input", name="csrfmiddlewaretoken")[0]

    response = client.post(
        "/tasks/new/", {"title": "Mine", "csrfmiddlewaretoken": token.attributes["value"]}
    )

    assert response.status_code == 302
    assert messages(client.get(response["Location"]))[0][0] == "“Mine” is added."


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/accounts/login/", {"login": "owner", "password": PASSWORD}),
        ("/accounts/signup/", {"username": "owner", "password1": PASSWORD}),
        ("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": PASSWORD}),
    ],
)
def test_an_error_page_never_shows_a_password(path, form, browsers):
    for client in browsers:
        response = client.post(path, form)
        assert (response.status_code, heading(response)) == (403, TOO_OLD)
        assert PASSWORD not in response.content.decode()
        assert set(typed_again(response).values()) <= {"owner"}


@pytest.mark.parametrize("name", ["tasks:edit", "tasks:complete", "tasks:move", "tasks:create"])
def test_a_form_sent_after_the_session_ended_is_not_lost(name, signed_in, owner, task):
    client, path = signed_in(owner), address(name, task.pk)
    client.session.flush()
    before = everything()

    response = client.post(path, {"title": "Long text", "version": "1", "submission": "x"})

    assert (response.status_code, heading(response)) == (403, SIGNED_OUT)
    assert typed_again(response) == {"title": "Long text"}
    assert [
        link.attributes["href"] for link in read(response).one("p", cls="actions").all("a")
    ] == ["/accounts/login/"]
    assert everything() == before


def test_a_form_of_somebody_who_may_only_look_is_given_back(signed_in, viewer, task):
    client, before = signed_in(viewer), everything()

    response = client.post(address("tasks:edit", task.pk), {"title": "<script>alert(1)</script>"})

    assert (response.status_code, heading(response)) == (403, NOT_ALLOWED)
    assert typed_again(response) == {"title": "<script>alert(1)</script>"}
    assert everything() == before


def test_a_form_about_what_is_gone_is_given_back(signed_in, stranger, task):
    client, before = signed_in(stranger), everything()

    response = client.post(address("tasks:edit", task.pk), {"title": "Long text", "labels": ""})

    assert (response.status_code, heading(response)) == (404, NOTHING_HERE)
    assert typed_again(response) == {"title": "Long text"}
    assert everything() == before


UNREADABLE = {
    "too large": ("title=" + "a" * 3_000_000, FORM),
    "too many fields": ("&".join(f"a{n}=1" for n in range(1001)), FORM),
    "no parts": ("nothing of the kind", "multipart/form-data"),
    "broken parts": (
        "--x\r\nContent-Transfer-Encoding: base64\r\n",
        "multipart/form-data; boundary=",
    ),
}


@pytest.mark.parametrize("what", UNREADABLE)
@pytest.mark.parametrize(
    ("path", "status", "title"),
    [
        ("/tasks/new/", 400, NO_SENSE),
        ("/accounts/login/", 400, NO_SENSE),
        ("/nowhere/", 404, NOTHING_HERE),
    ],
)
def test_a_form_that_cannot_be_read_changes_nothing(what, path, status, title, browsers):
    body, kind = UNREADABLE[what]
    before = everything()

    answers = [each.generic("POST", path, body, content_type=kind) for each in browsers]

    assert [(each.status_code, heading(each)) for each in answers] == [(status, title)] * 2
    assert everything() == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    "charset", ["unicode_escape", "raw_unicode_escape", "utf-7", "utf-16", "rot13", "base64"]
)
def test_half_characters_do_not_come_in_by_another_encoding(charset, signed_in, owner, task):
    client = signed_in(owner)
    body = b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\n\\ud83d\r\n--x--\r\n'
    before = everything()

    for kind in ("multipart/form-data; boundary=x", FORM, "text/plain"):
        response = client.generic(
            "POST",
            address("tasks:edit", task.pk),
            body,
            content_type=f"{kind}; charset={charset}",
        )
        assert (response.status_code, heading(response)) == (400, NO_SENSE)

    assert everything() == before


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", "no-such-encoding"])
def test_a_form_that_says_it_is_utf8_is_taken(charset, signed_in, owner, task):
    response = signed_in(owner).generic(
        "POST",
        address("tasks:edit", task.pk),
        (
            '--x\r\nContent-Disposition: form-data; name="version"\r\n\r\n1\r\n'
            '--x\r\nContent-Disposition: form-data; name="title"\r\n\r\nGrün 🌱\r\n--x--\r\n'
        ).encode(),
        content_type=f"multipart/form-data; boundary=x; charset={charset}",
    )

    task.refresh_from_db()
    assert (response.status_code, task.title) == (302, "Grün 🌱")


# What breaks on our side.


def test_a_bug_is_a_page_with_the_number_of_the_request(breaking, signed_in, owner):
    breaking(RuntimeError("a bug"))

    response = signed_in(owner).get("/today/")

    assert (response.status_code, heading(response)) == (500, BROKEN)
    assert read(response).one("code").line == response["X-Request-ID"]
    assert len(response["X-Request-ID"]) == 32
    assert "a bug" not in response.content.decode()


def test_a_bug_gives_back_what_was_typed(breaking, signed_in, owner, task):
    breaking(RuntimeError("a bug"))

    response = signed_in(owner).post(address("tasks:up", task.pk), {"title": "Long text"})

    assert (response.status_code, heading(response)) == (500, BROKEN)
    assert typed_again(response) == {"title": "Long text"}


@pytest.mark.parametrize(
    "error",
    [
        *(OperationalError(number, "…") for number in sorted(OUTAGES)),
        OperationalError("database is locked"),
        InterfaceError(0, ""),
    ],
    ids=str,
)
def test_a_database_that_is_away_is_no_bug(error, breaking, signed_in, owner, task):
    breaking(error)

    response = signed_in(owner).post(address("tasks:up", task.pk), {"title": "Long text"})

    assert (response.status_code, heading(response)) == (503, AWAY)
    assert response["Retry-After"] == "30"
    assert typed_again(response) == {"title": "Long text"}


@pytest.mark.parametrize("error", [OperationalError(1054, "Unknown column"), OperationalError()])
def test_a_wrong_statement_is_a_bug_all_the_same(error, breaking, signed_in, owner):
    breaking(error)

    response = signed_in(owner).get("/today/")

    assert (response.status_code, heading(response)) == (500, BROKEN)
    assert "Retry-After" not in response


def test_every_answer_has_a_number_of_its_own(visitor):
    numbers = {visitor.get(path)["X-Request-ID"] for path in ("/nowhere/", "/nowhere/", "/")}

    assert len(numbers) == 3


def test_no_error_is_kept_by_a_cache_on_the_way(visitor):
    assert visitor.get("/nowhere/")["Cache-Control"] == "private, no-cache"


def test_a_page_with_an_error_says_what_to_do_next(signed_in, owner):
    response = signed_in(owner).get("/lists/1234567/")

    assert heading(response) == NOTHING_HERE
    assert errors(response) == {}
    assert read(response).one("p", cls="actions").one("a").attributes["href"] == "/"
