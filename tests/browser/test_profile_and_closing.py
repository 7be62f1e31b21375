"""Where the browser is, and closing an account in it."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from accounts.tests.factories import PASSWORD
from ledger.actions import jobs
from ledger.jobs import Outcome
from ledger.models import Job
from tests.browser.steps import sign_in

pytestmark = pytest.mark.browser


def test_the_browser_offers_its_time_zone(open_page, owner):
    page = open_page(owner, timezone_id="Asia/Tokyo")
    page.goto("/settings/")
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_label("Time zone")).to_have_value("Asia/Tokyo")
    page.goto("/today/")  # nothing was saved

    page.get_by_role("button", name="No, it is Asia/Tokyo").click()

    expect(page.get_by_text("where you are")).to_have_count(0)
    assert User.objects.get(pk=owner.pk).time_zone == "Asia/Tokyo"


def test_an_account_is_closed_and_taken_back(open_page, owner, shared_list, javascript):
    page = open_page(owner, javascript=javascript)
    page.goto("/settings/data/")
    page.get_by_role("link", name="Close your account").click()
    page.get_by_label(shared_list.title).select_option(label="Give it to viewer, Viewer")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Close the account").click()
    expect(page.get_by_text("Sign in before that day to keep it")).to_be_visible()

    sign_in(page, "owner", PASSWORD)
    page.get_by_role("button", name="Keep the account").click()

    expect(page.get_by_text("Your account stays")).to_be_visible()
    assert User.objects.get(pk=owner.pk).closes_at is None


def test_the_page_of_an_archive_sees_by_itself_that_it_is_ready(open_page, owner):
    page = open_page(owner)
    page.goto("/settings/data/")
    page.get_by_role("button", name="Make an archive").click()
    page.get_by_role("link", name="Look again").focus()

    job = jobs.begin(job_id=Job.objects.get().pk, worker="w", by=None)
    expect(page.get_by_text("It is being made: 0 %.")).to_be_visible()
    expect(page.get_by_role("link", name="Look again")).to_be_focused()
    kept = Outcome(file="archives/1.zip", expires_at=timezone.now() + timedelta(days=1))
    jobs.done(job=job, outcome=kept, by=None)

    expect(page.get_by_role("link", name="Download")).to_be_focused()
    expect(page.locator("[hx-trigger]")).to_have_count(0)
