"""Signing in by a provider of OpenID Connect, there and back, with JavaScript and without."""

import pytest
from playwright.sync_api import expect

from accounts.tests.factories import PASSWORD
from tests.browser.steps import sign_in
from tests.openid import issuer

pytestmark = pytest.mark.browser

ON_TODAY = {"name": "Today", "level": 1}


@pytest.fixture
def provider(settings, live_server):
    with issuer() as found:
        settings.OPENID, settings.BASE_URL = found.settings, live_server.url
        found.person = {"sub": "subject-1", "email": "mary@example.org", "email_verified": True}
        yield found


@pytest.fixture
def page(open_page, javascript, provider):
    return open_page(javascript=javascript, also=provider.url)


def go_there_and_back(page):
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with Example Ltd").click()


def test_somebody_new_comes_in_and_comes_again(page):
    for _ in ("for the first time", "again"):
        go_there_and_back(page)
        expect(page.get_by_role("heading", **ON_TODAY)).to_be_visible()
        expect(page.get_by_text("mary", exact=True)).to_be_visible()
        page.get_by_role("button", name="Sign out").click()


def test_a_member_links_an_account_and_unlinks_it(page, owner):
    sign_in(page, "owner", PASSWORD)
    page.get_by_role("link", name="Settings", exact=True).click()
    page.get_by_role("link", name="Linked accounts").click()
    page.get_by_role("button", name="Link an account of Example Ltd").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()

    expect(page.get_by_role("status")).to_contain_text("The account is linked.")
    page.get_by_role("button", name="Unlink mary@example.org").click()
    expect(page.get_by_role("status")).to_contain_text("does not sign you in any more")
    expect(page.get_by_text("None is linked yet.")).to_be_visible()
