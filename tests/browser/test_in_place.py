"""What JavaScript adds: answers in place, and a keyboard that stays where it was."""

import pytest
from playwright.sync_api import expect

from tasks.models import Task
from tasks.tests.factories import TaskFactory, TaskListFactory
from tests.browser.steps import menu, messages, row, rows

pytestmark = pytest.mark.browser


@pytest.fixture
def page(open_page, owner):
    """The browser of owner, on a list with three tasks."""
    task_list = TaskListFactory(title="Packing", by=owner)
    for title in ("Tent", "Stove", "Map"):
        TaskFactory(title=title, task_list=task_list, by=owner)
    page = open_page(owner)
    page.goto(f"/lists/{task_list.pk}/")
    return page


@pytest.fixture
def same_page(page):
    """After the test the page must still be the one that was loaded first."""
    page.evaluate("window.loaded = document.loaded = 'once'")
    yield page
    assert page.evaluate("window.loaded") == "once"


@pytest.mark.usefixtures("same_page")
def test_completing_updates_list_and_count_without_loading_a_page(page):
    count = page.get_by_role("navigation", name="Main").locator("[aria-current] .count")
    expect(count).to_have_text("3")
    page.get_by_role("button", name="Complete Stove").click()

    expect(rows(page)).to_have_text(["Tent", "Map"])
    expect(count).to_have_text("2")


@pytest.mark.usefixtures("same_page")
def test_a_completed_task_leaves_the_keyboard_on_the_next_one(page):
    page.get_by_role("button", name="Complete Stove").press("Enter")
    expect(page.get_by_role("button", name="Complete Map")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Complete Tent")).to_be_focused()


@pytest.mark.usefixtures("same_page")
def test_the_last_completed_task_leaves_the_keyboard_on_the_page(page):
    for title in ("Tent", "Stove", "Map"):
        page.get_by_role("button", name=f"Complete {title}").press("Enter")
        expect(page.get_by_role("button", name=f"Complete {title}")).to_have_count(0)
    expect(page.get_by_role("main")).to_be_focused()


@pytest.mark.usefixtures("same_page")
def test_a_moved_task_keeps_the_keyboard_on_its_menu(page):
    menu(page, "Map").get_by_role("button", name="Move up").press("Enter")

    expect(rows(page)).to_have_text(["Tent", "Map", "Stove"])
    expect(row(page, "Map").locator("summary")).to_be_focused()


@pytest.mark.usefixtures("same_page")
def test_an_added_task_leaves_the_keyboard_in_the_field(page):
    page.get_by_label("New task").fill("Rope")
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(4)
    expect(page.get_by_label("New task")).to_be_focused()
    page.keyboard.type("Torch")
    page.keyboard.press("Enter")

    expect(rows(page)).to_have_text(["Tent", "Stove", "Map", "Rope", "Torch"])


@pytest.mark.usefixtures("same_page")
def test_what_was_done_is_said_in_a_live_region_that_was_there_before(page):
    messages(page).evaluate("(region) => { region.sameAsBefore = true }")
    page.get_by_role("button", name="Complete Stove").click()

    expect(messages(page)).to_contain_text("“Stove” is done.")
    assert messages(page).evaluate("(region) => region.sameAsBefore")


@pytest.mark.usefixtures("same_page")
def test_undo_works_in_place_too(page):
    page.get_by_role("button", name="Complete Stove").click()
    page.get_by_role("button", name="Undo").click()

    expect(rows(page)).to_have_text(["Tent", "Stove", "Map"])


def test_a_double_click_on_add_adds_one_task(page):
    page.get_by_label("New task").fill("Rope")
    page.get_by_role("button", name="Add", exact=True).dblclick()

    expect(rows(page)).to_have_text(["Tent", "Stove", "Map", "Rope"])
    page.reload()
    assert Task.objects.filter(title="Rope").count() == 1


def test_a_double_click_on_a_whole_form_sends_it_once(page):
    page.get_by_role("link", name="Add task").click()
    page.get_by_label("Title").fill("Rope")
    page.get_by_role("button", name="Add task").dblclick()

    expect(page.get_by_role("heading", level=1)).to_have_text("Rope")
    assert Task.objects.filter(title="Rope").count() == 1


def test_escape_closes_a_menu_and_returns_to_its_button(page):
    opened = menu(page, "Stove")
    expect(opened.get_by_role("link", name="Edit")).to_be_visible()
    page.keyboard.press("Escape")

    expect(opened.get_by_role("link", name="Edit")).to_be_hidden()
    expect(opened.locator("summary")).to_be_focused()


def test_a_click_elsewhere_closes_a_menu(page):
    opened = menu(page, "Stove")
    page.get_by_role("heading", level=1).click()

    expect(opened.get_by_role("link", name="Edit")).to_be_hidden()


def test_a_message_leaves_but_not_from_under_the_keyboard(open_page, owner):
    TaskFactory(title="Tent", due_date=owner.today(), by=owner)
    page = open_page(owner)
    page.clock.install()
    page.goto("/today/")
    page.get_by_role("button", name="Complete Tent").click()
    page.get_by_role("button", name="Undo").focus()
    page.clock.run_for(9_000)
    expect(messages(page)).to_contain_text("“Tent” is done.")

    page.get_by_role("main").focus()
    page.clock.run_for(9_000)
    expect(messages(page)).to_be_empty()
