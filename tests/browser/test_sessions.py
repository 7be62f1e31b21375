"""One browser ends what another is signed in with, with JavaScript and without."""

import pytest
from playwright.sync_api import expect

from accounts.tests.factories import PASSWORD
from tests.browser.steps import add_task, sign_in

pytestmark = pytest.mark.browser

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def signed_in_by(open_page, owner, javascript):
    def signed_in_by(client):
        page = open_page(javascript=javascript, user_agent=client)
        sign_in(page, "owner", PASSWORD)
        page.get_by_role("heading", name="Today", level=1).wait_for()
        return page

    return signed_in_by


def test_a_session_ended_in_another_browser_is_out_at_its_next_click(signed_in_by):
    phone, here = signed_in_by(IPHONE), signed_in_by(FIREFOX)
    here.get_by_role("link", name="Settings").first.click()
    here.get_by_role("link", name="Sessions").click()
    this = here.get_by_role("listitem").filter(has_text="This one")
    expect(this).to_contain_text("Firefox on Linux")

    here.get_by_role("button", name="End Safari on iOS").click()

    expect(here.get_by_role("status")).to_contain_text("Safari on iOS is signed out.")
    expect(here.get_by_role("button", name="End Safari on iOS")).to_have_count(0)
    add_task(phone, "Buy a tent")
    expect(phone.get_by_role("heading", name="You are signed out")).to_be_visible()
    expect(phone.get_by_text("Buy a tent")).to_be_visible()
    phone.goto("/today/")
    expect(phone.get_by_role("button", name="Sign in", exact=True)).to_be_visible()


def test_signing_out_everywhere_ends_every_browser(signed_in_by):
    other, here = signed_in_by(FIREFOX), signed_in_by(FIREFOX)
    here.goto("/accounts/logout/")

    here.get_by_role("button", name="Sign out everywhere").click()

    expect(here.get_by_text("You are signed out everywhere.")).to_be_visible()
    other.goto("/upcoming/")
    expect(other.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
