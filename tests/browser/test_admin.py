"""The admin in a browser: no script or style that is forbidden, and all of it can be read.

What the console says fails every test here (conftest.py), breaches of the
Content-Security-Policy among it.
"""

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from ledger.models import Change
from products.models import Product
from products.tests.factories import ProductFactory
from tests.browser.test_accessibility import COLOURS, too_wide

pytestmark = pytest.mark.browser

PEOPLE, TASKS = "/admin/accounts/user/", "/admin/tasks/task/"
PRODUCTS = "/admin/products/product/"


@pytest.fixture
def addresses(task, owner, shared_list):
    """Each kind of page, and each list."""
    change = Change.objects.about(task).get()
    product = ProductFactory(reorder_level=9)
    return [
        *("/admin/", "/admin/tasks/", PEOPLE, f"{PEOPLE}add/", f"{PEOPLE}{owner.pk}/change/"),
        *(f"{PEOPLE}{owner.pk}/delete/", f"{PEOPLE}{owner.pk}/password/"),
        *("/admin/tasks/tasklist/", f"/admin/tasks/tasklist/{shared_list.pk}/change/"),
        *("/admin/tasks/membership/", "/admin/tasks/membership/add/", "/admin/tasks/label/"),
        *(TASKS, f"{TASKS}add/", f"{TASKS}{task.pk}/change/", f"{TASKS}{task.pk}/history/"),
        *(PRODUCTS, f"{PRODUCTS}add/", f"{PRODUCTS}{product.pk}/change/", f"{PRODUCTS}import/"),
        *("/admin/ledger/change/", f"/admin/ledger/change/{change.pk}/change/"),
    ]


def hard_to_read(page):
    page.evaluate(AXE_SCRIPT)
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        for found in page.evaluate("(options) => axe.run(options)", COLOURS)["violations"]:
            where = [node["target"] for node in found["nodes"]]
            yield f"{page.url} {scheme}: {found['help']} {where}"


def test_every_page_can_be_read_in_light_and_dark(open_page, staff, addresses):
    page, found = open_page(staff), []
    for address in addresses:
        page.goto(address)
        found += hard_to_read(page)

    assert "\n".join(found) == ""


def test_no_page_scrolls_sideways_on_a_telephone(open_page, staff, addresses):
    page, found = open_page(staff), []
    for address in addresses:
        page.goto(address)
        found += too_wide(page)

    assert "\n".join(found) == ""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_theme_that_somebody_chose_is_that_of_the_admin_too(open_page, staff, theme):
    page = open_page(staff, color_scheme="light" if theme == "dark" else "dark")
    page.goto(f"{PEOPLE}{staff.pk}/change/")
    page.get_by_label("Theme").select_option(theme)
    page.get_by_role("button", name="Save and continue editing").click()

    page.get_by_text("was changed successfully").wait_for()
    scheme = page.evaluate("getComputedStyle(document.documentElement).colorScheme")
    assert scheme == theme


def test_a_task_is_added_and_a_mistake_comes_back_with_what_was_chosen(open_page, staff, task):
    page = open_page(staff)
    page.goto(f"{TASKS}add/")
    page.locator(".field-list .select2-selection").click()
    page.get_by_role("option", name="Shared").click()
    page.get_by_label("Title").fill("Repot the palms")
    page.get_by_label("Start date").fill("2030-01-02")
    page.get_by_label("Due date").fill("2030-01-01")
    page.get_by_role("button", name="Save", exact=True).click()

    page.get_by_text("It cannot start after it is due.").wait_for()
    assert [*hard_to_read(page)] == []
    page.get_by_label("Start date").fill("2030-01-01")
    page.get_by_role("button", name="Save", exact=True).click()

    page.get_by_text("was added successfully").wait_for()
    assert page.get_by_role("link", name="Repot the palms", exact=True).count() >= 1


def test_a_button_above_a_list_is_for_what_was_ticked(open_page, staff, task):
    page = open_page(staff)
    page.goto(TASKS)
    page.get_by_role("row", name="Water the plants").get_by_role("checkbox").check()
    page.locator("select[name=action]").select_option("Complete")
    page.get_by_role("button", name="Go").click()

    page.get_by_text("Done for 1.").wait_for()
    assert page.get_by_role("row", name="Water the plants").get_by_text("Done").count() == 1


def test_a_file_is_previewed_and_imported(open_page, staff, tmp_path):
    """Read in light and dark and on a telephone: what it would change, and why not."""
    ProductFactory(product_id="P1", stock=1)
    file, page = tmp_path / "products.csv", open_page(staff)

    def preview(stock):
        file.write_text(f"product_id,name,category,price,stock\nP1,One,Toys,1,{stock}\n")
        page.goto(f"{PRODUCTS}import/")
        page.get_by_label("CSV file").set_input_files(file)
        page.get_by_role("button", name="Preview").click()
        return [*hard_to_read(page), *too_wide(page)]

    assert preview("7") == []
    page.get_by_role("button", name="Import").click()
    page.get_by_text("0 new, 1 updated").wait_for()

    assert Product.objects.get().stock == 7
