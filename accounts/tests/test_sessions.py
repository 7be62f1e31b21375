"""Open sessions: seen, told apart, and ended at once, in another browser too."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import sessions
from accounts.actions import sessions as session_actions
from accounts.actions import sign_ins
from accounts.guessing import known_browsers
from accounts.tests.factories import PASSWORD
from tasklist.session_store import row_key
from tasks.tests.views.pages import read, reports
from tests.api import Api, InProcess, tokens_for

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)
PAGE = "/settings/sessions/"


@pytest.fixture
def sign_in(owner):
    """`sign_in(client, address)`: a browser in which the owner has signed in on the page."""

    def sign_in(client=FIREFOX, address="203.0.113.5"):
        found = Client(headers={"user-agent": client}, REMOTE_ADDR=address)
        found.post("/accounts/login/", {"login": "owner", "password": PASSWORD})
        return found

    return sign_in


def is_signed_in(client):
    return client.get("/settings/").status_code == 200


def rows(page):
    return [each.line for each in read(page).one("main").all("li")]


def press(browser, name):
    """Press the button of this name on the page of sessions."""
    buttons = read(browser.get(PAGE)).one("main").all("button")
    (found,) = [each for each in buttons if name in (each.attributes.get("aria-label"), each.line)]
    form = found.up("form")
    action = found.attributes.get("formaction") or form.attributes["action"]
    return browser.post(action, follow=True)


def test_each_browser_is_listed_in_words_with_its_address_and_this_one_is_marked(sign_in):
    sign_in(IPHONE, "2001:db8::7")
    here = sign_in()

    this, other = rows(here.get(PAGE))

    assert this.startswith("Firefox on Linux This one 203.0.113.5 since today, ")
    assert other.startswith("Safari on iOS 2001:db8::7 since today, ")


def test_an_ended_session_is_signed_out_at_its_next_click_and_a_form_is_not_lost(sign_in):
    here, other = sign_in(), sign_in(IPHONE)

    said = press(here, "End Safari on iOS, 203.0.113.5")

    assert reports(said) == ["Safari on iOS is signed out."]
    assert other.get("/today/")["Location"] == "/accounts/login/?next=/today/"
    lost = other.post("/tasks/new/", {"title": "Buy a tent"})
    assert lost.status_code == 403
    assert "Buy a tent" in lost.content.decode()
    assert is_signed_in(here)


def test_ending_all_others_leaves_this_one_alone(sign_in):
    others, here = [sign_in(IPHONE), sign_in()], sign_in()

    press(here, "End all others")

    assert [is_signed_in(each) for each in others] == [False, False]
    assert len(rows(here.get(PAGE))) == 1


def test_ending_this_one_is_signing_out(sign_in):
    here = sign_in()
    row = UserSession.objects.get()

    answer = here.post(f"{PAGE}{row.pk}/end/")

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert not is_signed_in(here)
    assert not UserSession.objects.exists()


def test_nobody_ends_the_session_of_somebody_else(sign_in, signed_in, stranger, owner):
    here, tokens = sign_in(), tokens_for(owner)
    thief = signed_in(stranger)

    answers = [
        thief.post(f"{PAGE}{UserSession.objects.get().pk}/end/"),
        thief.post(f"/settings/sign-ins/{owner.sign_ins.get().pk}/end/"),
    ]
    thief.post(f"{PAGE}end-others/")
    thief.post(f"{PAGE}end-everything/")

    assert [each.status_code for each in answers] == [404, 404]
    assert is_signed_in(here)
    assert Api(InProcess(), tokens["access"]).get("lists").status == 200


def test_a_program_is_listed_and_ended(sign_in, owner, visitor):
    login = {"username": "owner", "password": PASSWORD}
    answer = visitor.post(
        "/api/v1/auth/login", login, "application/json", headers={"user-agent": "curl/8.5.0"}
    )
    tokens, here = answer.json(), sign_in()

    press(here, "End curl, 127.0.0.1")

    assert Api(InProcess(), tokens["access"]).get("lists").status == 401
    refreshed = Api(InProcess()).post("auth/refresh", {"refresh": tokens["refresh"]})
    assert refreshed.status == 401
    assert is_signed_in(here)


def test_what_is_over_is_not_listed(sign_in, owner):
    sign_in(IPHONE)
    sign_ins.end(sign_in=sign_ins.begin(user=owner, by=owner), by=owner)
    Session.objects.update(expire_date=timezone.now())

    assert len(rows(sign_in().get(PAGE))) == 1


def test_signing_in_once_too_often_ends_the_session_seen_longest_ago(sign_in, owner, monkeypatch):
    monkeypatch.setattr(sessions, "MOST", 2)
    first = sign_in()
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        second, third = sign_in(), sign_in()

        assert [is_signed_in(each) for each in (first, second, third)] == [False, True, True]


def test_who_signs_in_where_no_address_is_known_is_in_and_listed_without(sign_in):
    sign_in(IPHONE, "")
    here = sign_in()

    [_this, other] = rows(here.get(PAGE))

    assert other.startswith("Safari on iOS since today, ")
    press(here, "End Safari on iOS")
    assert len(rows(here.get(PAGE))) == 1


def in_between(monkeypatch, where, name, do):
    """Have this done once, as soon as that function is done for the first time."""
    real = getattr(where, name)

    def then(*args, **kwargs):
        real(*args, **kwargs)
        monkeypatch.setattr(where, name, real)
        do()

    monkeypatch.setattr(where, name, then)


def test_ending_all_others_ends_one_whose_sign_in_is_not_answered_yet(sign_in, monkeypatch):
    here = sign_in()
    in_between(monkeypatch, known_browsers, "remember", lambda: here.post(f"{PAGE}end-others/"))

    thief = sign_in(IPHONE)

    assert [is_signed_in(each) for each in (here, thief)] == [True, False]


def test_two_who_sign_in_at_once_are_both_in(sign_in, monkeypatch):
    found = []
    in_between(monkeypatch, session_actions, "begin", lambda: found.append(sign_in(IPHONE)))

    found.append(sign_in())

    assert [is_signed_in(each) for each in found] == [True, True]
    assert len(rows(found[0].get(PAGE))) == 2


# Sessions and time.


def test_changing_the_password_gives_this_session_another_id_and_one_row(sign_in, owner):
    here = sign_in()
    before = row_key(here.session.session_key)
    new = "an entirely new password"

    here.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )

    assert row_key(here.session.session_key) != before
    assert not Session.objects.filter(pk=before).exists()
    assert len(rows(here.get(PAGE))) == 1


def test_a_visit_is_written_down_every_five_minutes_and_prolongs_the_session(sign_in):
    here = sign_in()
    start = timezone.now()
    seen, ends = UserSession.objects.get().last_seen_at, Session.objects.get().expire_date

    with time_machine.travel(start + timedelta(minutes=4)):
        here.get("/settings/")
        assert UserSession.objects.get().last_seen_at == seen

    with time_machine.travel(start + timedelta(minutes=6)):
        here.get("/settings/", REMOTE_ADDR="203.0.113.99")
        row = UserSession.objects.get()
        assert row.last_seen_at > start + timedelta(minutes=5)
        assert row.ip == "203.0.113.99"
        assert Session.objects.get().expire_date > ends
        with CaptureQueriesContext(connection) as asked:
            here.get("/settings/")
        assert [each for each in asked if not each["sql"].startswith("SELECT")] == []


@pytest.mark.once
def test_a_database_that_takes_no_writes_keeps_nobody_from_reading(sign_in):
    here, seen = sign_in(), UserSession.objects.get().last_seen_at

    with time_machine.travel(timezone.now() + timedelta(minutes=6)), read_only():
        assert is_signed_in(here)

    assert UserSession.objects.get().last_seen_at == seen


@contextmanager
def read_only():
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = 1")
        try:
            yield
        finally:
            cursor.execute("PRAGMA query_only = 0")


def test_a_session_ends_after_thirty_days_without_a_visit(sign_in):
    here = sign_in()

    with time_machine.travel(timezone.now() + timedelta(days=30, minutes=1)):
        assert not is_signed_in(here)


def test_a_session_that_is_used_every_day_ends_after_ninety(sign_in):
    here, start = sign_in(), timezone.now()

    for days in range(10, 100, 10):
        with time_machine.travel(start + timedelta(days=days, minutes=-1)):
            assert is_signed_in(here)

    with time_machine.travel(start + timedelta(days=90, minutes=1)):
        assert here.get("/today/")["Location"] == "/accounts/login/?next=/today/"
        assert not Session.objects.filter(pk=row_key(here.cookies["sessionid"].value)).exists()


def test_what_is_known_of_a_session_goes_with_it(sign_in):
    sign_in()
    Session.objects.all().delete()
    sign_in(IPHONE)

    assert session_actions.forget_gone(by=None) == 0  # signing in has cleared up already
    UserSession.objects.update(session_key="gone")

    assert session_actions.forget_gone(by=None) == 1
