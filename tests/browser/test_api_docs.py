"""The API's documentation: readable, and good for trying things, under the strict CSP."""

import pytest
from playwright.sync_api import expect

from tasks.models import TaskList

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def run(page, operation):
    """Open an operation of Swagger UI and send its example; answers where the status stands."""
    block = page.locator(f"#operations-{operation}")
    block.locator("button.opblock-summary-control").click()
    block.get_by_role("button", name="Try it out").click()
    block.get_by_role("button", name="Execute").click()
    return block.locator(".live-responses-table tbody .response-col_status").first


def test_a_visitor_reads_what_there_is(page):
    page.emulate_media(color_scheme="dark")
    page.goto("/api/v1/docs")

    expect(page.locator("#operations-tasks-tasks_list")).to_contain_text("/api/v1/tasks")
    assert page.locator(".opblock").count() > 30
    expect(page.locator("html")).to_have_class("dark-mode")
    page.emulate_media(color_scheme="light")
    expect(page.locator("html")).not_to_have_class("dark-mode")


def test_whoever_is_signed_in_tries_it_with_their_session(open_page, owner, task):
    page = open_page(owner)
    page.goto("/api/v1/docs")

    expect(run(page, "tasks-tasks_list")).to_have_text("200")
    expect(page.locator("#operations-tasks-tasks_list .live-responses-table")).to_contain_text(
        "Water the plants"
    )
    page.reload()
    expect(run(page, "lists-lists_create")).to_have_text("201")
    assert TaskList.objects.filter(title="string", memberships__user=owner).exists()
