"""Accounts, from making one to a forgotten password, with JavaScript and without."""

import re
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from allauth.account.models import EmailAddress
from django.core.management import call_command
from playwright.sync_api import expect

from accounts.tests.factories import PASSWORD
from tests.browser.steps import sign_in
from tests.mariadb import free_port

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
    page.get_by_label("Password").fill(OTHER_PASSWORD)
    page.get_by_role("button", name="Make account").click()

    expect(page.get_by_role("heading", **ON_TODAY)).to_be_visible()
    expect(page.get_by_text("newcomer", exact=True)).to_be_visible()


def test_a_passphrase_is_offered_and_a_password_can_be_looked_at(page, javascript):
    page.goto("/accounts/signup/")
    words = page.locator(".passphrase code")
    offered, field = words.inner_text(), page.get_by_label("Password")
    page.get_by_label("Username").fill("newcomer")
    page.get_by_role("link", name="Other words").click()
    expect(words).not_to_have_text(offered)
    if javascript:
        expect(page.get_by_label("Username")).to_have_value("newcomer")  # nothing typed is lost
        page.get_by_role("button", name="Show").click()
        expect(field).to_have_attribute("type", "text")
    expect(page.get_by_role("button", name="Hide")).to_have_count(int(javascript))

    page.get_by_label("Username").fill("newcomer")
    field.fill(words.inner_text())
    page.get_by_role("button", name="Make account").click()
    expect(page.get_by_role("heading", **ON_TODAY)).to_be_visible()


def test_signing_out_and_in_again_leads_back_to_today(page, owner):
    sign_in(page, "owner", PASSWORD)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Start a list")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("You are signed out.")

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

    expect(page.get_by_role("alert")).to_contain_text("not the password")
    expect(page.get_by_label("Username")).to_have_value("owner")


def test_a_changed_password_is_the_one_that_signs_in(page, owner):
    sign_in(page, "owner", PASSWORD)
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("link", name="Sign-in and security").click()
    page.get_by_role("link", name="Change password").click()
    page.get_by_label("Current password").fill(PASSWORD)
    for field in page.get_by_label("New password").all():
        field.fill(OTHER_PASSWORD)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("status")).to_contain_text("Your password is changed.")
    expect(page.get_by_role("heading", name="Sign-in and security")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()

    sign_in(page, "owner", OTHER_PASSWORD)
    expect(page.get_by_role("heading", **ON_TODAY)).to_be_visible()


class Letters:
    """What a mail server has taken: who is to read it, and what it says."""

    def __init__(self):
        self.taken = []

    async def handle_DATA(self, server, session, envelope):
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.taken.append((envelope.rcpt_tos, message))
        return "250 Taken"


@pytest.fixture
def mail_server(settings, live_server):
    """A mail server that we send to; links in mails lead to the server of this test."""
    server = Controller(Letters(), hostname="127.0.0.1", port=free_port())
    server.start()
    settings.EMAIL_BACKEND = "ledger.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.hostname, server.port
    settings.BASE_URL = live_server.url
    yield server.handler
    server.stop()


def test_a_forgotten_password_is_replaced_through_the_link_that_arrived(page, owner, mail_server):
    EmailAddress.objects.create(user=owner, email="owner@example.org", verified=True)
    page.goto("/accounts/login/")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail address").fill("owner@example.org")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()

    call_command("worker", "--once")
    [(readers, letter)] = mail_server.taken
    assert readers == ["owner@example.org"]
    page.goto(link_in(letter))
    assert "set-password" in page.url  # the key is in no address that a page could tell on
    for field in page.get_by_label("New password").all():
        field.fill(OTHER_PASSWORD)
    page.get_by_role("button", name="Save the password").click()
    expect(page.get_by_role("heading", name="Your new password is saved")).to_be_visible()
    sign_in(page, "owner", OTHER_PASSWORD)
    expect(page.get_by_role("heading", **ON_TODAY)).to_be_visible()


def link_in(letter):
    """The one address of ours that it names, the same in text and HTML."""
    found = {
        address
        for part in letter.walk()
        if part.get_content_maintype() == "text"
        for address in re.findall(r"http://localhost:\d+/accounts/[^\s\"<]+", part.get_content())
    }
    [link] = found
    return link
