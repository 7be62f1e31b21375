"""Everything by Tab, Enter and Space, with JavaScript and without."""

import pytest
from playwright.sync_api import expect

from tasks.tests.factories import TaskFactory, TaskListFactory
from tests.browser.steps import messages, row, rows, tab_to

pytestmark = pytest.mark.browser

# In a date it is one of its parts that has the focus, and Chromium marks that part.
SEEN = """
() => {
    const element = document.activeElement;
    const { width, height } = element.getBoundingClientRect();
    const { outlineStyle, opacity } = getComputedStyle(element);
    const marked = outlineStyle !== "none" || element.type === "date";
    return width && height && marked && opacity !== "0" ? "seen" : element.outerHTML;
}
"""


@pytest.fixture
def page(open_page, owner, javascript):
    """The browser of owner, on a list with one task."""
    task_list = TaskListFactory(title="Packing", by=owner)
    TaskFactory(title="Tent", task_list=task_list, by=owner)
    page = open_page(owner, javascript=javascript)
    page.goto(f"/lists/{task_list.pk}/")
    return page


def test_a_task_is_added_completed_and_thrown_away_by_keys_alone(page):
    tab_to(page, page.get_by_label("New task"))
    page.keyboard.type("Stove")
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_text(["Tent", "Stove"])

    tab_to(page, page.get_by_role("button", name="Complete Tent"))
    page.keyboard.press("Space")
    expect(rows(page)).to_have_text(["Stove"])

    tab_to(page, row(page, "Stove").locator("summary"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="Move to trash"))
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(0)

    tab_to(page, page.get_by_role("button", name="Undo"))
    page.keyboard.press("Space")
    expect(rows(page)).to_have_text(["Stove"])
    expect(messages(page)).to_contain_text("Undone.")


def test_the_first_stop_of_the_keyboard_skips_to_the_content(page):
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")

    expect(page.get_by_role("main")).to_be_focused()
    tab_to(page, page.get_by_role("main").get_by_role("link", name="Open"))


def test_every_stop_of_the_keyboard_is_seen(page):
    for _ in range(25):
        page.keyboard.press("Tab")
        assert page.evaluate(SEEN) == "seen"
