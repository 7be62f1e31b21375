"""What staff do with products, with JavaScript and without."""

import pytest
from playwright.sync_api import expect

from products.tests.factories import ProductFactory
from tests.browser.steps import messages

pytestmark = pytest.mark.browser


def test_a_product_is_made_found_sold_and_the_sale_is_undone(open_page, staff, javascript):
    for name in ("Anvil", "Kettle"):
        ProductFactory(name=name, category="Kitchen")
    page = open_page(staff, javascript=javascript)
    page.goto("/products/")
    page.get_by_role("link", name="New product").click()
    page.get_by_label("Product ID").fill("MUG-04")
    page.get_by_label("Name").fill("Enamel mug")
    page.get_by_label("Category").fill("Kitchen")
    page.get_by_label("Price").fill("11.5")
    page.get_by_label("Stock", exact=True).fill("2")
    page.get_by_label("Attributes").fill('{"colours": ["blue", "white"]}')
    page.get_by_role("button", name="Add product").click()
    expect(messages(page)).to_contain_text("“Enamel mug” is added.")
    expect(page.locator(".definitions")).to_contain_text("blue, white")

    page.get_by_role("main").get_by_role("link", name="Products").click()
    page.get_by_label("Start of the name").fill("enam")
    page.get_by_label("Category").select_option("Kitchen")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".catalogue tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Enamel mug").click()

    page.get_by_label("Add, or take").fill("-3")
    page.get_by_role("button", name="Change stock").click()
    expect(page.get_by_role("alert")).to_contain_text("Only 2 left.")
    page.get_by_label("Add, or take").fill("-2")
    page.get_by_role("button", name="Change stock").click()
    expect(messages(page)).to_contain_text("0 in stock now.")

    page.get_by_role("button", name="Undo").click()
    expect(messages(page)).to_contain_text("Undone.")
    expect(page.locator(".definitions")).to_contain_text("In stock 2", use_inner_text=True)
