"""Signing up and in by the API."""

import re
from itertools import count
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.conf import global_settings
from django.db import connection
from django.test import override_settings

from accounts.actions import sign_ins, users
from accounts.models import SignIn, User
from accounts.tests.factories import PASSWORD, UserFactory
from tests.api import Api, InProcess

WRONG = "not the password at all"
numbers = count()


@pytest.fixture
def ann(network):
    """Somebody with a password that the server can check, and whom nobody has guessed at yet."""
    real = global_settings.PASSWORD_HASHERS
    hashers = {"PASSWORD_HASHERS": real} if connection.vendor == "mysql" else {}
    with override_settings(**hashers):
        return UserFactory(username=f"Ann.Lee{next(numbers)}", email="ann@example.org")


@pytest.fixture
def door(api):
    """`door(path, body)`: somebody without a token, at an address that nobody has used."""
    program = api(X_Forwarded_For=f"10.1.2.{next(numbers)}")
    return lambda path, body: program.post(f"auth/{path}", body)


@pytest.fixture
def near(db):
    """The same in this process, where hashes are cheap and letters and limits can be seen."""
    program = Api(InProcess())
    return lambda path, body: program.post(f"auth/{path}", body)


def credentials(username, password=PASSWORD):
    return {"username": username, "password": password}


def is_refused(answer):
    assert answer.problem == {}
    return (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="api"')


# Signing in.


def test_signing_in_gives_tokens(door, api, ann):
    answer = door("login", credentials(ann.username))

    assert answer.status == 200
    assert list(answer.json) == ["access", "refresh", "token_type", "expires_in"]
    assert (answer.json["token_type"], answer.json["expires_in"]) == ("Bearer", 900)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    who = Api(api().send, answer.json["access"]).get("auth/verify").json
    assert who == {"user_id": ann.pk, "username": ann.username}


def test_a_username_signs_in_whatever_its_case(door, ann):
    for name in (ann.username.lower(), ann.username.upper()):
        assert door("login", credentials(name)).status == 200


def test_only_a_verified_address_signs_in(door, ann):
    address = EmailAddress.objects.create(user=ann, email="ann@example.org", primary=True)
    assert is_refused(door("login", credentials("ann@example.org")))

    EmailAddress.objects.filter(pk=address.pk).update(verified=True)
    assert door("login", credentials("Ann@Example.org")).status == 200


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(door, ann):
    wrong = door("login", credentials(ann.username, WRONG))
    unknown = door("login", credentials("nobody", WRONG))

    assert is_refused(wrong)
    assert wrong.body == unknown.body


@pytest.mark.parametrize("name", ["{} ", " {}", "{}\u0301", "á{}", "{}'--", "{}%", "1"])
def test_what_is_nearly_a_name_is_nobodys(name, near, ann):
    assert is_refused(near("login", credentials(name.format(ann.username))))


def test_a_password_is_taken_letter_by_letter(near, db):
    UserFactory(username="bob", password=" Pässword with spaces ")

    for password in ("Pässword with spaces", " pässword with spaces ", " Pässword with spaces"):
        assert is_refused(near("login", credentials("bob", password)))
    assert near("login", credentials("bob", " Pässword with spaces ")).status == 200


def test_somebody_who_is_disabled_gets_no_tokens(door, ann):
    users.set_active(user=ann, active=False, by=None)

    assert is_refused(door("login", credentials(ann.username)))
    assert not SignIn.objects.exists()


def test_guessing_is_stopped_before_the_password_is_looked_at(near, owner):
    for _ in range(5):
        assert is_refused(near("login", credentials("owner", WRONG)))

    with override_settings(PASSWORD_HASHERS=[]):  # so that whoever hashes fails
        answer = near("login", credentials("OWNER"))

    assert (answer.status, answer.problem) == (429, {})
    assert 290 < int(answer.headers["Retry-After"]) <= 300
    assert answer.json["detail"] == "Too many tries. Try again in 5 minutes."
    assert near("login", credentials("somebody.else", WRONG)).status == 401


def test_guessing_counts_wherever_it_is_done(near, visitor, owner):
    for _ in range(5):
        visitor.post("/accounts/login/", {"login": "owner", "password": WRONG})

    assert near("login", credentials("owner")).status == 429


def test_guesses_of_one_address_count_together(near, owner):
    statuses = [near("login", credentials(f"name{n}", WRONG)).status for n in range(12)]

    assert statuses == [401] * 10 + [429] * 2


def test_signing_in_again_and_again_is_no_guessing(near, owner):
    assert [near("login", credentials("owner")).status for _ in range(12)] == [200] * 12


# Signing up.


def test_whoever_signs_up_can_sign_in(door, api):
    name = f"New.Person{next(numbers)}"

    answer = door("register", credentials(name))

    user = User.objects.get(username=name)
    assert (answer.status, answer.json) == (201, {"id": user.pk, "username": name, "email": ""})
    assert "Set-Cookie" not in answer.headers
    assert (user.is_staff, user.is_superuser, user.is_active) == (False, False, True)
    tokens = door("login", credentials(name)).json
    assert Api(api().send, tokens["access"]).get("users/me").json["username"] == name


def test_an_address_is_verified_by_the_link_that_is_mailed_to_it(near, visitor, mailbox):
    answer = near("register", credentials("bob") | {"email": "Bob@Example.org"})

    assert (answer.status, answer.json["email"]) == (201, "bob@example.org")
    address = EmailAddress.objects.get(email="bob@example.org")
    assert (address.user.username, address.verified) == ("bob", False)
    [letter] = mailbox()
    [link] = re.findall(r"http://testserver/accounts/confirm-email/\S+", letter.body)
    assert letter.to == ["bob@example.org"]
    visitor.post(urlsplit(link).path)
    address.refresh_from_db()
    assert address.verified


def test_an_address_that_somebody_else_has_verified_tells_nothing(near, owner, mailbox):
    EmailAddress.objects.create(user=owner, email="o@example.org", verified=True, primary=True)

    taken = near("register", credentials("bob") | {"email": "o@example.org"})
    free = near("register", credentials("eve") | {"email": "x@example.org"})

    assert (taken.status, free.status) == (201, 201)
    assert list(taken.json) == list(free.json)
    assert taken.json["email"] == "o@example.org"
    assert EmailAddress.objects.get(email="o@example.org", verified=True).user == owner
    assert is_refused(near("login", credentials("o@example.org", PASSWORD + "?")))


REFUSED = [
    ({"username": "OWNER"}, {"username": "unique"}),
    ({"username": ""}, {"username": "blank"}),
    ({"username": "a" * 65}, {"username": "max_length"}),
    ({"username": "änn"}, {"username": "invalid"}),
    ({"username": "ann lee"}, {"username": "invalid"}),
    ({"username": "ann\n"}, {"username": "invalid"}),
    ({"username": "ann@example.org"}, {"username": "invalid"}),
    ({"username": "12345"}, {"username": "reserved"}),
    ({"username": "Me"}, {"username": "reserved"}),
    ({"username": None}, {"username": "null"}),
    ({"username": 7}, {"username": "invalid"}),
    ({"password": "short"}, {"password": "password_too_short"}),
    ({"password": ""}, {"password": "blank"}),
    ({"password": "a" * 1_001}, {"password": "max_length"}),
    (
        {"password": "bob.the.builder", "username": "bob.the.builder"},
        {"password": "password_too_similar"},
    ),
    ({"password": None}, {"password": "null"}),
    ({"email": "nonsense"}, {"email": "invalid"}),
    ({"email": "a@b"}, {"email": "invalid"}),
    ({"email": "a@example.org\r\nBcc: b@example.org"}, {"email": "invalid"}),
    ({"email": f"{'a' * 250}@example.org"}, {"email": "max_length"}),
    ({"email": None}, {"email": "null"}),
    ({"is_staff": True}, {"is_staff": "unknown"}),
    ({"id": 7}, {"id": "unknown"}),
]


@pytest.mark.parametrize(("wrong", "problem"), REFUSED, ids=lambda each: ascii(each)[:40])
def test_an_account_that_cannot_be_is_not_opened(wrong, problem, near, owner, mailbox):
    answer = near("register", credentials("bob") | wrong)

    assert answer.status == 400
    assert answer.problem == problem
    assert list(User.objects.all()) == [owner]
    assert mailbox() == []


def test_no_account_is_opened_where_its_mail_cannot_be_planned(visitor, db, monkeypatch):
    def broken(**mail):
        raise OSError("no space left")

    form = credentials("bob") | {"email": "b@example.org"}
    with monkeypatch.context() as patch:
        patch.setattr("accounts.adapter.deliveries.plan", broken)
        failed = visitor.post("/api/v1/auth/register", form, content_type="application/json")
    assert failed.status_code == 500
    assert not User.objects.exists()
    assert not EmailAddress.objects.exists()

    again = visitor.post("/api/v1/auth/register", form, content_type="application/json")
    assert again.status_code == 201


def test_no_account_is_opened_where_registration_is_closed(near, settings):
    settings.REGISTRATION = "closed"

    answer = near("register", credentials("bob"))

    assert (answer.status, answer.problem) == (403, {})
    assert not User.objects.exists()


def test_nobody_opens_accounts_by_the_dozen(near, db):
    statuses = [near("register", credentials(f"name{n}")).status for n in range(22)]

    assert statuses == [201] * 20 + [429] * 2


def test_a_password_stands_in_no_answer(near, owner):
    bodies = [
        near("register", credentials("bob")).body,
        near("register", credentials("owner")).body,
        near("register", credentials("owner") | {"email": PASSWORD}).body,
        near("login", credentials("bob")).body,
        near("login", credentials("nobody")).body,
        near("login", credentials("bob") | {"code": "1"}).body,
    ]

    assert [PASSWORD.encode() in body for body in bodies] == [False] * 6


def test_guesses_are_counted_whatever_the_host_is_called(visitor, owner):
    for number in range(5):
        wrong(visitor, host=f"localhost:{number}")

    assert wrong(visitor, host="testserver").status_code == 429


def wrong(client, host):
    return client.post(
        "/api/v1/auth/login",
        {"username": "Owner", "password": "wrong"},
        content_type="application/json",
        headers={"host": host},
    )


def test_signing_in_too_often_is_throttled_before_the_hash(visitor, owner):
    form = {"username": "owner", "password": PASSWORD}

    answers = [
        visitor.post("/api/v1/auth/login", form, content_type="application/json") for _ in range(31)
    ]

    assert [each.status_code for each in answers] == [200] * 30 + [429]
    assert SignIn.objects.filter(user=owner).count() == 30


def test_sign_ins_that_are_over_go_with_the_next_one(owner):
    old = sign_ins.begin(user=owner, by=owner)
    sign_ins.end(sign_in=old, by=owner)

    new = sign_ins.begin(user=owner, by=owner)

    assert list(SignIn.objects.filter(user=owner)) == [new]
