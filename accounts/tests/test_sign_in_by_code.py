"""A code by mail instead of the password: for a verified address, for ten minutes, once."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.utils import timezone

from accounts.actions import users
from accounts.event_words import tell
from ledger.models import Delivery
from tasks.tests.views.pages import messages

pytestmark = pytest.mark.django_db
ASK, TYPE = "/accounts/login/code/", "/accounts/login/code/confirm/"


@pytest.fixture
def address(owner):
    return EmailAddress.objects.create(
        user=owner, email="o@example.org", verified=True, primary=True
    )


@pytest.fixture
def ask(mailbox):
    """`ask(browser)`: the code that was mailed, or None."""

    def ask(browser, email="O@example.org"):
        answer = browser.post(ASK, {"email": email, "next": "/upcoming/"})
        assert (answer.status_code, answer["Location"]) == (302, f"{TYPE}?next=%2Fupcoming%2F")
        found = re.findall(r"^[A-Z]{4}-[A-Z]{4}$", mailbox()[-1].body, re.MULTILINE)
        return found[0] if found else None

    return ask


def type_code(browser, code):
    return browser.post(TYPE, {"code": code, "next": "/upcoming/"})


def is_signed_in(browser):
    return browser.get("/settings/").status_code == 200


def test_the_mailed_code_signs_in_and_leads_to_the_page_that_was_asked_for(visitor, address, ask):
    code = ask(visitor)
    assert not is_signed_in(visitor)
    assert messages(visitor.get(TYPE)) == []  # the page says enough, and promises nothing

    assert type_code(visitor, f" {code.lower().replace('-', '')} ")["Location"] == "/upcoming/"
    assert is_signed_in(visitor)


def test_staff_see_that_the_code_went_out_and_to_whom(visitor, address, ask, signed_in, staff):
    ask(visitor)
    ask(Client(), "nobody@example.org")

    page = signed_in(staff).get("/admin/ledger/delivery/").content.decode()

    assert "o@example.org" in page
    assert "Code to sign in" in page
    assert "nobody@example.org" not in page  # it is out, and nobody's
    assert Delivery.objects.get(user=address.user).state == "sent"


def test_a_used_code_signs_nobody_in(visitor, address, ask):
    code = ask(visitor)
    stolen = Client()
    stolen.cookies["sessionid"] = visitor.cookies["sessionid"].value
    type_code(visitor, code)
    visitor.post("/accounts/logout/")

    for browser in (visitor, stolen, Client()):
        assert type_code(browser, code)["Location"] == ASK
        assert not is_signed_in(browser)


def test_a_code_works_only_in_the_browser_that_asked_for_it(visitor, address, ask):
    code, elsewhere = ask(visitor), Client()
    ask(elsewhere, "nobody@example.org")

    type_code(elsewhere, code)

    assert not is_signed_in(elsewhere)


def test_after_ten_minutes_the_code_is_no_good(visitor, address, ask):
    code = ask(visitor)

    with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=5)):
        assert type_code(visitor, code)["Location"] == ASK
        assert not is_signed_in(visitor)


def test_after_three_wrong_codes_the_right_one_is_no_good(visitor, address, ask):
    code = ask(visitor)

    assert [type_code(visitor, "BCDF-GHJK").status_code for _ in range(3)] == [200, 200, 302]
    type_code(visitor, code)

    assert not is_signed_in(visitor)


def test_a_wrong_second_factor_after_a_mailed_code_is_not_told_as_after_a_password(
    owner, visitor, address, ask
):
    TOTP.activate(owner, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    type_code(visitor, ask(visitor))
    visitor.post("/accounts/2fa/authenticate/", {"code": "000000"})

    refused = owner.security_events.get(kind="wrong_code")
    assert tell(refused).about == "after the right mailed code"


def test_another_code_replaces_the_first(visitor, address, ask, mailbox):
    first = ask(visitor)
    visitor.post(TYPE, {"action": "resend"})
    [second] = re.findall(r"^[A-Z]{4}-[A-Z]{4}$", mailbox()[-1].body, re.MULTILINE)
    assert second != first

    type_code(visitor, first)
    assert not is_signed_in(visitor)
    type_code(visitor, second)
    assert is_signed_in(visitor)


@pytest.mark.parametrize("trouble", ["unverified", "disabled"])
def test_a_code_goes_only_to_the_one_who_verified_the_address(
    trouble, visitor, owner, address, ask
):
    if trouble == "unverified":
        EmailAddress.objects.update(verified=False)
    else:
        users.set_active(user=owner, active=False, by=None)

    assert ask(visitor) is None
    assert not is_signed_in(visitor)


def test_the_second_factor_is_asked_for_all_the_same(visitor, owner, address, ask):
    Authenticator.objects.create(user=owner, type=Authenticator.Type.TOTP, data={"secret": "x"})

    answer = type_code(visitor, ask(visitor))

    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert not is_signed_in(visitor)


def test_the_code_stands_in_no_address_and_no_log(visitor, address, ask, caplog):
    caplog.set_level("DEBUG")
    code = ask(visitor)
    page = visitor.get(TYPE)
    answer = type_code(visitor, code)

    assert code not in page.content.decode() + answer["Location"] + caplog.text
