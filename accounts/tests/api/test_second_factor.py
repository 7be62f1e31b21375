"""Signing in by the API where an account has a second factor."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.utils import timezone

from accounts.models import SignIn
from accounts.tests.factories import PASSWORD
from tests import totp
from tests.api import Api, InProcess

pytestmark = pytest.mark.usefixtures("no_code_used_yet")

KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def app(owner):
    """The code that the owner's authenticator app shows."""
    TOTP.activate(owner, KEY)
    return totp.code(KEY)


@pytest.fixture
def recovery(owner, app):
    return RecoveryCodes.activate(owner).get_unused_codes()


def login(password=PASSWORD, **more):
    body = {"username": "owner", "password": password} | more
    return Api(InProcess()).post("auth/login", body)


def wrong(code):
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}}"


def test_a_password_alone_is_not_enough_and_the_answer_says_what_is_missing(app):
    for more in ({}, {"code": ""}):
        answer = login(**more)
        assert (answer.status, answer.problem) == (401, {})
        assert answer.json["type"] == "second_factor_needed"
        assert "`code`" in answer.json["detail"]

    assert not SignIn.objects.exists()


def test_a_code_of_the_app_signs_in_once(app, owner):
    answer = login(code=app)
    assert answer.status == 200
    who = Api(InProcess(), answer.json["access"]).get("auth/verify").json
    assert who == {"user_id": owner.pk, "username": "owner"}

    again = login(code=app)
    assert (again.status, again.json["type"]) == (401, "second_factor_wrong")


def test_a_right_password_with_a_wrong_code_is_told_by_letter_once_an_hour(
    app, owner, visitor, mailbox
):
    EmailAddress.objects.create(user=owner, email="o@example.org", verified=True)

    assert login(code=wrong(app)).status == 401
    visitor.post("/accounts/login/", {"login": "owner", "password": PASSWORD})
    visitor.post("/accounts/2fa/authenticate/", {"code": wrong(app)})
    assert [each.kind for each in owner.security_events.all()] == ["wrong_code"]
    [letter] = mailbox()
    assert letter.subject == "Wrong code of the second factor"
    assert "Wrong code of the second factor (after the right password)\n" in letter.body

    owner.security_events.update(at=timezone.now() - timedelta(minutes=61))
    visitor.post("/accounts/2fa/authenticate/", {"code": wrong(app)})
    assert owner.security_events.filter(kind="wrong_code").count() == 2


def test_a_code_that_is_a_number_is_told_to_be_a_string(app):
    [error] = login(code=int(f"1{app[1:]}")).json["errors"]

    assert (error["field"], error["message"]) == (
        *("code", "Send the code as a string of digits: “123456”."),
    )


def test_a_recovery_code_signs_in_once(recovery):
    assert [login(code=recovery[0]).status for _ in range(2)] == [200, 401]
    assert login(code=recovery[1]).status == 200
    assert Authenticator.objects.get(type="recovery_codes").last_used_at


def test_a_code_is_taken_as_people_type_it(app):
    assert login(code=f" {app[:3]} {app[3:]} ").status == 200


@pytest.mark.parametrize("code", ["000", "x" * 50, "٣" * 6, "1e5", "-1", "null", "\u202e123456"])
def test_what_is_no_code_signs_nobody_in(code, recovery):
    answer = login(code=code)

    assert (answer.status, answer.problem) == (401, {})
    assert not SignIn.objects.exists()


def test_a_code_does_not_make_up_for_a_wrong_password(app):
    answer = login(password="not the password at all", code=app)

    assert answer.status == 401
    assert answer.json["type"] == "about:blank"
    assert login(code=app).status == 200  # nor is it used up


def test_guessing_codes_is_stopped_where_the_password_is_known(app):
    statuses = [login(code=wrong(app)).status for _ in range(5)]
    stopped = login(code=app)

    assert statuses == [401] * 5
    assert stopped.status == 429
    assert int(stopped.headers["Retry-After"]) > 0


def test_whoever_has_only_a_passkey_is_told_of_personal_tokens(owner):
    Authenticator.objects.create(user=owner, type=Authenticator.Type.WEBAUTHN, data={})

    answer = login(code="123456")

    assert (answer.status, answer.json["type"]) == (401, "personal_token_needed")
    assert "http://testserver/settings/tokens/" in answer.json["detail"]


def test_an_account_without_a_second_factor_needs_no_code(owner):
    assert login(code="123456").status == 200
