"""What people do with their lists and tasks, with JavaScript and without."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tasks.actions import lists
from tasks.models import Task
from tasks.tests.factories import TaskFactory, TaskListFactory
from tests.browser.steps import add_task, menu, messages, row, rows

pytestmark = pytest.mark.browser


@pytest.fixture
def page(open_page, owner, javascript):
    """The browser of owner."""
    return open_page(owner, javascript=javascript)


@pytest.fixture
def packing(owner):
    """A list of owner with three tasks."""
    task_list = TaskListFactory(title="Packing", by=owner)
    for title in ("Tent", "Stove", "Map"):
        TaskFactory(title=title, task_list=task_list, by=owner)
    return task_list


def test_a_list_is_made_with_a_title_and_a_colour(page):
    page.goto("/today/")
    page.get_by_role("link", name="New list").click()
    page.get_by_label("Title").fill("Packing")
    page.get_by_role("radio", name="Teal").check()
    page.get_by_role("button", name="Make list").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Packing")
    expect(page.locator("h1 .dot.colour-teal")).to_be_visible()
    expect(page.get_by_role("navigation", name="Main").get_by_text("Packing")).to_be_visible()


def test_tasks_are_added_one_after_the_other_on_the_page_of_their_list(page, packing):
    page.goto(f"/lists/{packing.pk}/")
    for title in ("Rope", "Torch"):
        add_task(page, title)
        expect(messages(page)).to_contain_text(f"“{title}” is added.")
        expect(page.get_by_label("New task")).to_have_value("")

    expect(rows(page)).to_have_text(["Tent", "Stove", "Map", "Rope", "Torch"])


def test_everything_about_a_task_can_be_edited(page, packing, owner):
    page.goto(f"/lists/{packing.pk}/")
    menu(page, "Tent").get_by_role("link", name="Edit").click()
    page.get_by_label("Title").fill("Big tent")
    page.get_by_label("Description").fill("The **green** one")
    page.get_by_label("Due date").fill((owner.today() + timedelta(days=1)).isoformat())
    page.get_by_label("Priority").select_option("High")
    page.get_by_label("Labels").fill("heavy, to borrow")
    page.get_by_role("button", name="Save task").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Big tent")
    expect(page.locator(".prose strong")).to_have_text("green")
    for fact in ("Tomorrow", "High", "heavy", "to borrow"):
        expect(page.locator(".facts").get_by_text(fact)).to_be_visible()
    expect(messages(page)).to_contain_text("The task is saved.")


def test_a_form_with_a_mistake_keeps_what_was_typed_and_leads_to_the_mistake(page, packing):
    page.goto(f"/lists/{packing.pk}/")
    menu(page, "Tent").get_by_role("link", name="Edit").click()
    page.get_by_label("Title").fill("")
    page.get_by_label("Description").fill("The green one")
    page.get_by_role("button", name="Save task").click()

    page.get_by_role("alert").get_by_role("link", name="Title").click()
    page.keyboard.type("Big tent")
    page.get_by_role("button", name="Save task").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Big tent")
    expect(page.locator(".prose")).to_have_text("The green one")


def test_a_quick_task_with_a_mistake_is_mended_and_added(page, packing):
    page.goto(f"/lists/{packing.pk}/")
    add_task(page, "   ")
    expect(page.get_by_role("alert")).to_contain_text("Title")
    page.get_by_label("Title").fill("Rope")
    page.get_by_role("button", name="Add task").click()

    expect(messages(page)).to_contain_text("“Rope” is added.")
    assert Task.objects.get(title="Rope").list == packing


def test_a_completed_task_comes_back_by_undo(page, packing):
    page.goto(f"/lists/{packing.pk}/")
    page.get_by_role("button", name="Complete Stove").click()
    expect(rows(page)).to_have_text(["Tent", "Map"])
    expect(messages(page)).to_contain_text("“Stove” is done.")

    page.get_by_role("button", name="Undo").click()
    expect(rows(page)).to_have_text(["Tent", "Stove", "Map"])
    expect(messages(page)).to_contain_text("Undone.")


def test_a_done_task_is_found_under_done_and_reopened(page, packing):
    page.goto(f"/lists/{packing.pk}/")
    page.get_by_role("button", name="Complete Map").click()
    expect(rows(page)).to_have_text(["Tent", "Stove"])
    page.get_by_role("link", name="Done", exact=True).click()
    page.get_by_role("button", name="Reopen Map").click()

    expect(rows(page)).to_have_count(0)
    page.get_by_role("link", name="Open", exact=True).click()
    expect(rows(page)).to_have_text(["Tent", "Stove", "Map"])


def test_tasks_are_put_in_order_from_their_menus(page, packing):
    page.goto(f"/lists/{packing.pk}/")
    menu(page, "Map").get_by_role("button", name="Move up").click()
    expect(rows(page)).to_have_text(["Tent", "Map", "Stove"])
    menu(page, "Tent").get_by_role("button", name="Move down").click()
    expect(rows(page)).to_have_text(["Map", "Tent", "Stove"])

    page.reload()
    expect(rows(page)).to_have_text(["Map", "Tent", "Stove"])


def test_a_task_thrown_away_comes_back_from_the_trash(page, packing):
    page.goto(f"/lists/{packing.pk}/")
    menu(page, "Stove").get_by_role("button", name="Move to trash").click()
    expect(rows(page)).to_have_text(["Tent", "Map"])
    page.get_by_role("link", name="Trash").click()
    page.get_by_role("button", name="Restore").click()
    expect(rows(page)).to_have_count(0)

    page.goto(f"/lists/{packing.pk}/")
    expect(rows(page)).to_have_text(["Tent", "Stove", "Map"])


def test_a_task_in_the_trash_is_deleted_for_good(page, packing):
    page.goto(f"/lists/{packing.pk}/")
    menu(page, "Stove").get_by_role("button", name="Move to trash").click()
    expect(rows(page)).to_have_text(["Tent", "Map"])
    page.get_by_role("link", name="Trash").click()
    page.get_by_role("button", name="Delete for good").click()

    expect(messages(page)).to_contain_text("“Stove” is deleted for good.")
    expect(page.get_by_text("The trash is empty.")).to_be_visible()
    assert not Task.objects.filter(title="Stove").exists()


def test_a_list_thrown_away_comes_back_by_undo(page, packing):
    page.goto(f"/lists/{packing.pk}/")
    page.get_by_label("More for this list").click()
    page.get_by_role("button", name="Move to trash").click()
    expect(messages(page)).to_contain_text("“Packing” is in the trash.")

    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("main").get_by_role("link", name="Packing")).to_be_visible()


def test_a_subtask_is_added_and_completed(page, packing):
    page.goto(f"/lists/{packing.pk}/")
    page.get_by_role("link", name="Stove").click()
    page.get_by_label("New subtask").fill("Gas")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("button", name="Complete Gas").click()
    expect(page.get_by_role("button", name="Reopen Gas")).to_be_visible()

    page.goto(f"/lists/{packing.pk}/")
    expect(row(page, "Stove")).to_contain_text("1/1")


def test_a_task_moves_to_another_list(page, packing, owner):
    garden = lists.create(title="Garden", by=owner)
    page.goto(f"/lists/{packing.pk}/")
    page.get_by_role("link", name="Stove").click()
    page.locator("summary").filter(has_text="Move").click()
    page.get_by_label("Move to").select_option("Garden")
    page.get_by_role("button", name="Move task").click()

    expect(messages(page)).to_contain_text("“Stove” is now in Garden.")
    page.goto(f"/lists/{garden.pk}/")
    expect(rows(page)).to_have_text(["Stove"])


def test_two_people_who_edit_one_task_see_both_texts_and_lose_nothing(
    page, open_page, task, editor, javascript
):
    other = open_page(editor, javascript=javascript)
    for each in (page, other):
        each.goto(f"/tasks/{task.pk}/edit/")
    other.get_by_label("Title").fill("Water the palms")
    other.get_by_label("Labels").fill("daily")
    other.get_by_role("button", name="Save task").click()
    page.get_by_label("Title").fill("Water the ferns")
    page.get_by_label("Description").fill("Not too much")
    page.get_by_role("button", name="Save task").click()

    expect(page.get_by_role("alert")).to_contain_text("Somebody else changed this")
    expect(page.locator(".field-error")).to_contain_text("It is now: Water the palms")
    expect(page.get_by_label("Title")).to_have_value("Water the ferns")
    page.get_by_role("button", name="Save task").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Water the ferns")
    expect(page.locator(".prose")).to_have_text("Not too much")
    expect(page.locator(".facts")).to_contain_text("daily")


def test_what_was_typed_outlives_the_end_of_the_session(page, packing):
    page.goto(f"/lists/{packing.pk}/")
    page.context.clear_cookies()
    add_task(page, "A thought that must not be lost")

    expect(page.get_by_role("heading", level=1)).not_to_have_text("Packing")
    expect(page.get_by_text("A thought that must not be lost")).to_be_visible()
