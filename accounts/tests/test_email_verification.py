"""EMAIL_VERIFICATION: before signing in, when somebody likes, or never."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.links import reset_path
from accounts.models import User
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def mandatory(settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]


@pytest.fixture
def none(settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "none"
    settings.ACCOUNT_LOGIN_BY_CODE_ENABLED = False


def sign_up(browser, **fields):
    form = {"username": "ann", "email": "Ann@example.org", "password1": PASSWORD} | fields
    return browser.post("/accounts/signup/", form)


def sign_in(browser, name="ann"):
    return browser.post("/accounts/login/", {"login": name, "password": PASSWORD})


def program(door, **facts):
    body = {"username": "ann", "password": PASSWORD} | facts
    return Client().post(f"/api/v1/auth/{door}", body, content_type="application/json")


def is_signed_in(browser):
    return browser.get("/settings/").status_code == 200


def test_where_it_is_mandatory_nobody_signs_in_before_verifying(mandatory, visitor, mailbox):
    assert sign_up(visitor)["Location"] == "/accounts/confirm-email/"
    assert sign_in(visitor)["Location"] == "/accounts/confirm-email/"
    answer = program("login")
    assert (answer.status_code, "Verify your e-mail" in answer.json()["detail"]) == (401, True)
    assert not is_signed_in(visitor)

    [link] = set(re.findall(r"http://testserver(/accounts/confirm-email/\S+)", mailbox()[0].body))
    visitor.post(link)

    assert sign_in(visitor)["Location"] == "/"
    assert is_signed_in(visitor)
    assert program("login").status_code == 200


def test_a_mail_that_a_stranger_has_sent_to_anybody_says_nothing_that_they_chose(visitor, mailbox):
    sign_up(visitor, username="www.evil.example")

    assert "evil" not in mailbox()[-1].body


def test_where_it_is_mandatory_a_wrong_password_tells_nothing_of_it(mandatory, visitor):
    sign_up(visitor)

    assert "Verify" not in program("login", password="not the password").json()["detail"]


def test_where_it_is_mandatory_no_account_goes_without_an_address(mandatory, visitor, signed_in):
    staff = UserFactory(username="staff", is_superuser=True)
    EmailAddress.objects.create(user=staff, email="s@example.org", verified=True)

    assert "This field is required." in sign_up(visitor, email="").content.decode()
    assert program("register").json()["errors"][0]["field"] == "email"
    added = signed_in(staff).post("/admin/accounts/user/add/", {"username": "ann", "password": ""})
    assert "An e-mail address is needed" in added.content.decode()
    with pytest.raises(CommandError, match="An e-mail address is needed"):
        call_command("invite_admin", "ann")
    assert User.objects.count() == 1


def test_where_it_is_mandatory_who_never_had_an_address_is_told_so(mandatory, visitor, owner):
    answer = sign_in(visitor, "owner")

    assert (answer.status_code, "your account has none" in answer.content.decode()) == (403, True)


def test_where_it_is_mandatory_the_last_verified_address_stays(mandatory, signed_in, owner):
    address = EmailAddress.objects.create(
        user=owner, email="o@example.org", verified=True, primary=True
    )

    signed_in(owner).post("/accounts/email/", {"action_remove": "", "email": address.email})

    assert EmailAddress.objects.filter(pk=address.pk).exists()


def test_where_nothing_is_verified_no_mail_goes_out_and_nothing_promises_one(
    none, visitor, signed_in, mailbox
):
    assert sign_up(visitor)["Location"] == "/"
    assert program("register", username="bob", email="bob@example.org").status_code == 201
    for fields in ({"action_add": "", "email": "b@example.org"}, {"action_send": ""}):
        visitor.post("/accounts/email/", {"email": "ann@example.org"} | fields)
    stranger = Client()
    reset = stranger.post("/accounts/password/reset/", {"email": "ann@example.org"})
    login = stranger.get("/accounts/login/").content.decode()

    assert mailbox() == []
    assert "No mail is sent here. Ask the people" in reset.content.decode()
    assert "/accounts/password/reset/" not in login
    assert "/accounts/login/code/" not in login
    assert not EmailAddress.objects.filter(verified=True).exists()


def test_the_first_link_outlives_a_first_password(staff, confirmed, visitor, mailbox):
    """It comes with the account, so nobody asked for it in a session that could be a thief's."""
    form = {"username": "ann", "email": "ann@example.org", "password": ""}
    confirmed(staff).post("/admin/accounts/user/add/", form)
    [link] = re.findall(r"http://testserver(/accounts/confirm-email/\S+)", mailbox()[0].body)
    sets_password = visitor.get(reset_path(User.objects.get(username="ann")))["Location"]
    visitor.post(sets_password, {"password1": PASSWORD, "password2": PASSWORD})

    visitor.post(link)

    assert EmailAddress.objects.get(user__username="ann").verified


def test_that_an_address_is_verified_is_mailed_to_the_one_that_was_before(
    visitor, confirmed, mailbox
):
    sign_up(visitor)
    [link] = re.findall(r"http://testserver(/accounts/confirm-email/\S+)", mailbox()[-1].body)
    visitor.post(link)
    told = [mail.subject for mail in mailbox()]
    confirmed(User.objects.get()).post(
        "/accounts/email/", {"action_add": "", "email": "second@example.org"}
    )
    [link] = re.findall(r"http://testserver(/accounts/confirm-email/\S+)", mailbox()[-1].body)
    visitor.post(link)

    assert "E-mail address verified" not in told
    letters = [mail for mail in mailbox() if mail.subject == "E-mail address verified"]
    assert [(mail.to, "second@example.org" in mail.body) for mail in letters] == [
        (["ann@example.org"], True)
    ]


@pytest.mark.parametrize("how", ["forged", "three days later", "used", "gone"])
def test_a_link_that_is_no_good_verifies_nothing(how, visitor, mailbox):
    sign_up(visitor)
    address = EmailAddress.objects.get()
    [link] = re.findall(r"http://testserver(/accounts/confirm-email/\S+)", mailbox()[0].body)
    if how == "forged":
        link = f"{link[:-2]}{'a' if link[-2] != 'a' else 'b'}/"
    if how == "used":
        visitor.post(link)
        EmailAddress.objects.filter(pk=address.pk).update(primary=False)
    if how == "gone":
        address.delete()
    before = list(EmailAddress.objects.values())

    with time_machine.travel(timezone.now() + timedelta(days=3 * (how == "three days later"))):
        page, sent = Client().get(link), Client().post(link)

    assert "This link does not work" in page.content.decode()
    assert sent.status_code == 404
    assert list(EmailAddress.objects.values()) == before
