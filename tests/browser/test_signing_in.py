"""Accounts, from making one to a forgotten password, with JavaScript and without."""

import re

import pytest
from allauth.account.models import EmailAddress
from playwright.sync_api import expect

from accounts.tests.factories import PASSWORD
from tests.browser.steps import sign_in

pytestmark = pytest.mark.browser

OTHER_PASSWORD = "a tent, a stove and a map"
ON_TODAY = {"name": "Today", "level": 1}


@pytest.fixture
def page(open_page, javascript):
    """A visitor's browser."""
    return open_page(javascript=javascript)


def test_somebody_new_makes_an_account_and_lands_on_today(page):
    page.goto("/")
    page.get_by_role("link", name="Start a list").click()
    page.get_by_label("Username").fill("newcomer")
    page.get_by_label("Password").fill("p" * 7 + "q" * 8)
    page.get_by_role("button", name="Make account").click()

    expect(page.get_by_role("heading", **ON_TODAY)).to_be_visible()
    expect(page.get_by_text("newcomer", exact=True)).to_be_visible()


def test_signing_out_and_in_again_leads_back_to_today(page, owner):
    sign_in(page, "owner", PASSWORD)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Start a list")).to_be_visible()

    sign_in(page, "owner", PASSWORD)
    expect(page.get_by_role("heading", **ON_TODAY)).to_be_visible()


def test_signing_in_leads_to_the_page_that_was_asked_for(page, owner):
    page.goto("/trash/")
    page.get_by_label("Username").fill("owner")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()

    expect(page.get_by_role("heading", name="Trash", level=1)).to_be_visible()


def test_a_wrong_password_is_said_and_the_name_stays(page, owner):
    sign_in(page, "owner", "not the password at all")

    expect(page.get_by_role("alert")).to_contain_text("not correct")
    expect(page.get_by_label("Username")).to_have_value("owner")


def test_a_changed_password_is_the_one_that_signs_in(page, owner):
    sign_in(page, "owner", PASSWORD)
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("link", name="Sign-in and security").click()
    page.get_by_role("link", name="Change password").click()
    page.get_by_label("Password until now").fill(PASSWORD)
    for field in page.get_by_label("New password").all():
        field.fill(OTHER_PASSWORD)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("status")).to_contain_text("Your password is changed.")
    page.get_by_role("button", name="Sign out").click()

    sign_in(page, "owner", OTHER_PASSWORD)
    expect(page.get_by_role("heading", **ON_TODAY)).to_be_visible()


def test_a_forgotten_password_is_replaced_through_the_mailed_link(page, owner, mailbox):
    EmailAddress.objects.create(user=owner, email="owner@example.org", verified=True)
    page.goto("/accounts/login/")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail address").fill("owner@example.org")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()

    page.goto(link_in(mailbox()[0]))
    for field in page.get_by_label("New password").all():
        field.fill(OTHER_PASSWORD)
    page.get_by_role("button", name="Save the password").click()
    expect(page.get_by_role("heading", name="Your new password is saved")).to_be_visible()
    sign_in(page, "owner", OTHER_PASSWORD)
    expect(page.get_by_role("heading", **ON_TODAY)).to_be_visible()


def link_in(mail):
    """The path of the link; its host is BASE_URL, which no test serves."""
    return re.search(r"http://testserver(/accounts/\S+)", mail.body)[1]
