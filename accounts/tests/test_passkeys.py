"""Passkeys over HTTP: what signs in, and what no browser sends and must never sign in."""

import json
import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone
from fido2.webauthn import AuthenticatorData

from accounts.actions import users
from accounts.tests.factories import PASSWORD
from tests.passkey import Passkey

FLAG = AuthenticatorData.FLAG
HERE, SITE = "https://tasks.example.org", "tasks.example.org"
LOGIN, ADD = "/accounts/2fa/webauthn/login/", "/accounts/2fa/webauthn/add/"
JSON = {"Accept": "application/json"}


@pytest.fixture(autouse=True)
def a_site_with_tls(settings):
    settings.BASE_URL = HERE


@pytest.fixture
def add(signed_in):
    """`add(user)`: their new passkey, and the answer to adding it."""

    def add(user, passkey=None, **form):
        client, passkey = signed_in(user), passkey or Passkey(HERE, SITE)
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
        form = {"name": "Laptop", "passwordless": "on"} | form
        form["credential"] = passkey.registered(asked_on(client.get(ADD)))
        passkey.answer = client.post(ADD, form)
        return passkey

    return add


def asked_on(page):
    found = re.search(r'id="js_data" type="application/json">(.*?)<', page.content.decode())
    [options] = json.loads(found[1]).values()
    return options


def asked(client):
    return client.get(LOGIN, headers=JSON).json()["request_options"]


def signs_in(client, answer):
    client.post(LOGIN, {"credential": answer})
    return client.session.get("_auth_user_id")


def test_a_passkey_signs_its_person_in_once_for_each_question(add, owner, visitor, client):
    passkey = add(owner)
    answer = passkey.answers(asked(visitor))

    assert signs_in(visitor, answer) == str(owner.pk)
    asked(client)
    assert signs_in(client, answer) is None  # which was another question


def test_an_answer_without_a_question_signs_nobody_in(add, owner, visitor, client):
    answer = add(owner).answers(asked(visitor))

    assert signs_in(client, answer) is None


@pytest.mark.parametrize(
    ("origin", "site"),
    [
        ("https://tasks.example.net", "tasks.example.net"),
        ("https://tasks.example.net", SITE),
        ("http://tasks.example.org", SITE),
        ("https://tasks.example.org.evil.example", SITE),
        (HERE, "evil.example"),
    ],
)
def test_what_another_site_got_signed_signs_nobody_in(origin, site, add, owner, visitor):
    passkey = add(owner)
    passkey.origin, passkey.site = origin, site

    assert signs_in(visitor, passkey.answers(asked(visitor))) is None


def test_a_passkey_signs_nobody_else_in(add, owner, stranger, visitor):
    theirs, ours = add(stranger), add(owner)
    theirs.handle = ours.handle

    assert signs_in(visitor, theirs.answers(asked(visitor))) is None


def test_without_finger_face_or_pin_a_passkey_alone_signs_nobody_in(add, owner, visitor):
    passkey = add(owner)
    passkey.flags = FLAG.UP

    assert signs_in(visitor, passkey.answers(asked(visitor))) is None


def test_a_passkey_that_was_added_as_a_second_factor_signs_nobody_in_alone(add, owner, visitor):
    second = add(owner, passwordless="")

    assert signs_in(visitor, second.answers(asked(visitor))) is None


@pytest.mark.parametrize("flags", [FLAG.UP, FLAG.UP | FLAG.UV])
def test_what_was_asked_as_a_second_factor_signs_nobody_in_alone(flags, add, owner, stranger):
    """Whoever has a password asks there, and has somebody touch their key."""
    add(stranger)
    passkey, thief = add(owner), Client()
    passkey.flags = flags
    thief.post("/accounts/login/", {"login": stranger.username, "password": PASSWORD})
    question = asked_on(thief.get("/accounts/2fa/authenticate/"))
    assert thief.post("/accounts/logout/").status_code == 302

    assert signs_in(thief, passkey.answers(question)) is None


def test_a_question_is_good_for_five_minutes(add, owner, visitor):
    passkey, now = add(owner), timezone.now()

    with time_machine.travel(now, tick=False):
        answer = passkey.answers(asked(visitor))
    with time_machine.travel(now + timedelta(minutes=5, seconds=1), tick=False):
        assert signs_in(visitor, answer) is None
    with time_machine.travel(now, tick=False):
        answer = passkey.answers(asked(visitor))
    with time_machine.travel(now + timedelta(minutes=4, seconds=59), tick=False):
        assert signs_in(visitor, answer) == str(owner.pk)


def test_a_forged_signature_signs_nobody_in(add, owner, visitor):
    passkey = add(owner)
    passkey.key = Passkey(HERE, SITE).key

    assert signs_in(visitor, passkey.answers(asked(visitor))) is None


def test_a_removed_passkey_signs_nobody_in(add, owner, visitor):
    passkey = add(owner)
    Authenticator.objects.all().delete()

    assert signs_in(visitor, passkey.answers(asked(visitor))) is None


def test_nobody_who_is_disabled_comes_in_by_a_passkey(add, owner, staff, visitor):
    passkey = add(owner)
    users.set_active(user=owner, active=False, by=staff)

    assert signs_in(visitor, passkey.answers(asked(visitor))) is None


def test_with_a_passkey_the_password_alone_no_longer_signs_in(add, owner, visitor):
    passkey = add(owner)
    visitor.post("/accounts/login/", {"login": "owner", "password": PASSWORD})
    assert "_auth_user_id" not in visitor.session

    question = asked_on(visitor.get("/accounts/2fa/authenticate/"))
    visitor.post("/accounts/2fa/authenticate/", {"credential": passkey.answers(question)})
    assert visitor.session["_auth_user_id"] == str(owner.pk)


def told(user):
    refused = user.security_events.filter(kind="passkey_refused")
    return [event.details["after"] for event in refused]


def test_a_refused_passkey_is_told_to_whose_account_it_is_after_the_password(
    add, owner, visitor, mailbox
):
    passkey = add(owner)
    EmailAddress.objects.create(user=owner, email="o@example.org", verified=True)
    passkey.key = Passkey(HERE, SITE).key
    visitor.post("/accounts/login/", {"login": "owner", "password": PASSWORD})
    question = asked_on(visitor.get("/accounts/2fa/authenticate/"))
    forged = {"credential": passkey.answers(question)}

    visitor.post("/accounts/2fa/authenticate/", forged)
    visitor.post("/accounts/2fa/authenticate/", forged)  # at most one an hour

    assert "_auth_user_id" not in visitor.session
    assert told(owner) == ["password"]
    [letter] = mailbox()
    assert "Passkey refused (after the right password)\n" in letter.body


def test_a_refused_passkey_is_told_where_somebody_signed_in_is_asked_again(add, signed_in, owner):
    passkey, browser = add(owner), signed_in(owner)
    passkey.origin = "https://evil.example"
    page = "/accounts/2fa/webauthn/reauthenticate/"
    question = asked_on(browser.get(page))

    browser.post(page, {"credential": passkey.answers(question)})

    assert told(owner) == ["session"]


def test_a_second_factor_that_is_tried_alone_is_told(add, owner, visitor):
    second = add(owner, passwordless="")

    assert signs_in(visitor, second.answers(asked(visitor))) is None
    assert told(owner) == ["nothing"]


def test_nobody_is_told_of_a_passkey_that_anybody_could_have_sent_or_that_came_late(
    add, owner, visitor
):
    passkey, now = add(owner), timezone.now()
    passkey.key = Passkey(HERE, SITE).key
    assert signs_in(visitor, passkey.answers(asked(visitor))) is None  # names the owner

    with time_machine.travel(now, tick=False):
        visitor.post("/accounts/login/", {"login": "owner", "password": PASSWORD})
        question = asked_on(visitor.get("/accounts/2fa/authenticate/"))
    with time_machine.travel(now + timedelta(minutes=6), tick=False):
        answer = {"credential": passkey.answers(question)}
        visitor.post("/accounts/2fa/authenticate/", answer)

    assert told(owner) == []


def test_a_passkey_made_for_another_site_is_not_added(add, owner):
    for origin, site in (("https://evil.example", "evil.example"), (HERE, "evil.example")):
        assert add(owner, Passkey(origin, site)).answer.status_code == 200

    assert not Authenticator.objects.exists()


def test_nobody_keeps_more_than_twenty_passkeys(add, owner):
    passkey = add(owner)
    row = Authenticator.objects.get(type="webauthn")
    Authenticator.objects.bulk_create(
        Authenticator(user=owner, type="webauthn", data=row.data) for _ in range(19)
    )

    answer = add(owner).answer

    assert passkey.answer.status_code == 302
    assert "Remove one that you no longer use first." in answer.content.decode()
    assert Authenticator.objects.filter(type="webauthn").count() == 20
