"""Second factors and passkeys, as somebody with a phone and a laptop goes through them."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from playwright.sync_api import expect

from accounts.actions import users
from accounts.models import User
from accounts.tests.factories import PASSWORD
from tests import totp
from tests.browser.steps import sign_in, tab_to

pytestmark = pytest.mark.browser

KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ON_TODAY = {"name": "Today", "level": 1}


@pytest.fixture(autouse=True)
def on_base_url(live_server, settings):
    """Passkeys belong to the host of BASE_URL."""
    settings.BASE_URL = live_server.url


@pytest.fixture
def page(open_page):
    """A visitor's browser, on a laptop that has a reader for fingerprints."""
    page = open_page()
    page.reader = Reader(page)
    return page


class Reader:
    """Chromium's virtual authenticator, which always says yes: as a laptop's own does."""

    def __init__(self, page):
        self.devtools = page.context.new_cdp_session(page)
        self.devtools.send("WebAuthn.enable")
        options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
        options |= {"hasUserVerification": True, "isUserVerified": True}
        options |= {"automaticPresenceSimulation": True}
        added = self.devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.id = {"authenticatorId": added["authenticatorId"]}

    def forget_everything(self):
        self.devtools.send("WebAuthn.clearCredentials", self.id)


def to_security(page):
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("link", name="Sign-in and security").click()


def confirm(page):
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()


def sign_out(page):
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Start a list")).to_be_visible()


def add_passkey(page, name):
    to_security(page)
    page.get_by_role("link", name="Add a passkey").click()
    confirm(page)
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.get_by_role("link", name="I have saved them").click()


def test_from_sign_up_to_a_sign_in_by_passkey_alone(page):
    page.goto("/accounts/signup/")
    page.get_by_label("Username").fill("newcomer")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make account").click()
    add_passkey(page, "Laptop")
    expect(page.get_by_text("You have 1. Your password alone")).to_be_visible()
    sign_out(page)

    page.goto("/accounts/login/?next=/trash/")
    tab_to(page, page.get_by_role("button", name="Sign in with a passkey"))
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Trash", level=1)).to_be_visible()
    expect(page.get_by_text("newcomer", exact=True)).to_be_visible()


def test_a_passkey_is_the_second_step_shows_that_it_is_you_and_is_removed(page, owner):
    sign_in(page, "owner", PASSWORD)
    add_passkey(page, "Laptop")
    sign_out(page)
    sign_in(page, "owner", PASSWORD)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", **ON_TODAY)).to_be_visible()

    to_security(page)
    page.get_by_role("link", name="Change passkeys").click()
    page.get_by_role("link", name="Remove Laptop").click()
    page.get_by_role("link", name="A passkey").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("button", name="Remove passkey").click()

    expect(page.get_by_role("status")).to_contain_text("The passkey is removed.")
    assert not Authenticator.objects.exists()  # nor recovery codes


def test_a_passkey_of_somebody_who_was_disabled_signs_nobody_in(page, owner, staff):
    sign_in(page, "owner", PASSWORD)
    add_passkey(page, "Laptop")
    users.set_active(user=User.objects.get(pk=owner.pk), active=False, by=staff)

    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_role("heading", name="This account is disabled")).to_be_visible()


def test_a_device_that_has_no_passkey_is_told_so_on_the_page(page):
    page.reader.forget_everything()
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_role("alert")).to_contain_text("That did not work")


def test_an_app_is_set_up_and_a_recovery_code_opens_once_in_its_place(open_page, owner, javascript):
    page = open_page(javascript=javascript)
    sign_in(page, "owner", PASSWORD)
    to_security(page)
    page.get_by_role("link", name="Set up an app").click()
    confirm(page)
    page.get_by_label("The code that the app shows").fill(
        totp.code(page.locator("#key").inner_text())
    )
    page.get_by_role("button", name="Switch it on").click()
    code = page.locator("#codes code").first.inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as text").click()
    saved = download.value.path().read_text().split()
    assert len(saved) == 10
    assert saved[0] == code
    page.get_by_role("button", name="Sign out").click()

    sign_in(page, "owner", PASSWORD)
    page.get_by_label("recovery code").fill(code)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", **ON_TODAY)).to_be_visible()
    page.get_by_role("button", name="Sign out").click()

    sign_in(page, "owner", PASSWORD)
    page.get_by_label("recovery code").fill(code)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("This is not the code")


def test_recovery_codes_are_copied_a_line_each(open_page, owner):
    TOTP.activate(owner, KEY)
    page = open_page(owner, permissions=["clipboard-read", "clipboard-write"])
    page.goto("/accounts/2fa/recovery-codes/generate/")
    confirm(page)
    page.get_by_role("button", name="Make new codes").click()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()

    copied = page.evaluate("navigator.clipboard.readText()").split("\n")
    assert copied == page.locator("#codes code").all_inner_texts()
