"""The pages of the catalogue, as people use them."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger.models import Change
from products.actions import products
from products.forms import FIELDS
from products.models import Product
from products.tests.factories import ProductFactory
from tasks.tests.views.pages import (
    errors,
    everything,
    filled,
    heading,
    messages,
    more,
    press_undo,
    read,
    reports,
    summary,
)

pytestmark = pytest.mark.django_db

PHONE = {
    "product_id": "PROD001",
    "name": "Smartphone Model X",
    "category": "Electronics",
    "price": "799",
    "stock": "150",
}
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def product():
    return ProductFactory(product_id="PHONE", name="Phone", category="Phones", stock=2)


@pytest.fixture
def client(signed_in, staff):
    return signed_in(staff)


@pytest.fixture
def reader(signed_in, stranger):
    """The browser of somebody who only looks."""
    return signed_in(stranger)


def page_of(product, step=""):
    return f"{product.get_absolute_url()}{step}"


def names(response):
    """The names in the table, in its order."""
    rows = read(response).one("main").all("table")
    return [each.line for each in rows[0].all("a")] if rows else []


def facts(response):
    """What stands on the page of a product: {name: words}."""
    rows = read(response).one("dl").all("div")
    return {row.one("dt").line: row.one("dd").line for row in rows}


def buttons(response):
    return [each.line for each in read(response).one("main").all("button")]


# The list.


def test_two_spellings_of_a_category_are_one_choice_in_that_which_was_asked_for(reader):
    for product_id, category in {"A": "Lamps", "B": "lamps", "C": "Toys"}.items():
        ProductFactory(product_id=product_id, category=category)

    for asked in ("Lamps", "lamps", "LAMPS"):
        choices = read(reader.get("/products/", {"category": asked})).one(id="category")
        assert [each.line for each in choices.all("option")][1:] == [asked, "Toys"]


def test_products_are_found_by_the_start_of_their_name_and_by_category(reader):
    for name, category in (("Anvil", "Tools"), ("Ant", "Animals"), ("Bear", "Animals")):
        ProductFactory(name=name, category=category)
    products.trash(product=ProductFactory(name="Antelope", category="Animals"), by=None)

    def found(**asked):
        return names(reader.get("/products/", asked))

    assert found() == ["Ant", "Anvil", "Bear"]
    assert found(q=" an ") == found(q="AN") == ["Ant", "Anvil"]
    assert found(category="animals") == ["Ant", "Bear"]
    assert found(q="an", category="Animals") == ["Ant"]
    assert found(q="nt") == found(category="Plants") == []
    assert filled(reader.get("/products/?q=an&category=Animals"), cls="filters") == {
        "q": "an",
        "category": "Animals",
    }


def test_a_product_id_leads_to_its_product(reader, product):
    assert reader.get("/products/?q=phone")["Location"] == page_of(product)
    assert reader.get("/products/?q=phon").status_code == 200


def test_more_goes_on_within_what_was_asked_for(reader):
    for number in range(51):
        ProductFactory(name=f"Lamp {number:02}", category="Lighting")
        ProductFactory(name=f"Mug {number:02}", category="Kitchen")

    first = reader.get("/products/?category=Lighting")
    rest = reader.get(f"/products/{more(first)}")

    assert names(first) + names(rest) == [f"Lamp {number:02}" for number in range(51)]
    assert more(rest) is None


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("", "There are no products yet."),
        ("?q=x", "No product fits. Names are found by how they start."),
        ("?show=trash", "No product is in the trash."),
    ],
)
def test_an_empty_place_says_why(asked, words, client):
    assert read(client.get(f"/products/{asked}")).one(cls="empty").line == words


@pytest.mark.parametrize(
    "asked", ["?after=!!!!", "?after=W10", "?after=WyJ4IiwieSJd", "?after=WyJcdWQ4MDAiLDFd"]
)
def test_a_broken_link_to_a_page_is_a_bad_request(asked, reader):
    assert reader.get(f"/products/{asked}").status_code == 400


@pytest.mark.parametrize("text", ["%00", "%ED%A0%BD", "%25_", "x" * 5000, "🎉", "[]"])
def test_whatever_is_searched_for_there_is_an_answer(text, reader, product):
    response = reader.get(f"/products/?q={text}&category={text}&show={text}")

    assert (response.status_code, names(response)) == (200, [])


@pytest.mark.parametrize("count", [1, 50])
def test_pages_ask_the_same_however_many_rows_there_are(count, reader, shared_list):
    for _ in range(count):
        product = ProductFactory(stock=0, reorder_level=1, restock_list=shared_list)
    reader.get("/products/")
    measured = {}

    for path in ("/products/", page_of(product)):
        with CaptureQueriesContext(connection) as asked:
            assert reader.get(path).status_code == 200
        measured[path] = len(asked)

    # Two for the session and its person, two for the navigation.
    assert measured == {"/products/": 6, page_of(product): 6}


# One product.


def test_a_product_says_what_it_is_and_markup_in_it_is_text(reader):
    attributes = {EVIL: EVIL, "new": True, "sizes": [1, 2.5, None], "box": {"depth": 3}}
    product = ProductFactory(
        product_id="X", name=EVIL, category=EVIL, description=f"{EVIL}\n\n&", attributes=attributes
    )

    response = reader.get(page_of(product))

    assert heading(response) == EVIL
    assert facts(response) == {
        "Product ID": "X",
        "Price": "19.99",
        "In stock": "5",
        EVIL: EVIL,
        "new": "yes",
        "sizes": "1, 2.5, –",
        "box": "depth: 3",
    }
    for path in (page_of(product), "/products/"):
        assert EVIL not in reader.get(path).content.decode()


def test_the_task_to_restock_it_is_shown_to_who_may_see_it(signed_in, viewer, reader, shared_list):
    product = ProductFactory(name="Phone", stock=1, reorder_level=2, restock_list=shared_list)

    assert "Restock Phone" in signed_in(viewer).get(page_of(product)).content.decode()
    seen = reader.get(page_of(product))
    assert "Restock" not in seen.content.decode()
    assert "Shared" not in seen.content.decode()
    assert facts(seen)["In stock"] == "1 low"


def test_who_only_reads_sees_no_buttons(reader, product):
    gone = products.trash(product=ProductFactory(name="Gone"), by=None)

    assert buttons(reader.get(page_of(product))) == []
    assert buttons(reader.get("/products/")) == ["Search"]
    links = [each.line for each in read(reader.get("/products/")).one("main").all("a")]
    assert links == ["Phone"]
    assert reader.get(page_of(gone)).status_code == 404
    assert names(reader.get("/products/?show=trash")) == []


# Making and editing.


def test_a_product_is_made_and_undo_throws_it_away(client):
    form = filled(client.get("/products/new/")) | PHONE | {"attributes": '{"colour": "black"}'}

    made = client.post("/products/new/", form, follow=True)

    assert heading(made) == "Smartphone Model X"
    assert facts(made)["colour"] == "black"
    assert reports(made) == ["“Smartphone Model X” is added."]
    undone = press_undo(client, made)
    assert (heading(undone), names(undone)) == ("Products", [])
    assert Product.objects.in_trash().get().product_id == "PROD001"


def test_the_same_form_sent_twice_makes_one_product(client):
    form = PHONE | {"submission": str(uuid.uuid4())}

    first, again = client.post("/products/new/", form), client.post("/products/new/", form)

    assert (first.status_code, first["Location"]) == (302, again["Location"])
    assert Product.objects.count() == 1


REQUIRED = "This field is required."
NOT_JSON = "Enter a valid JSON."
BAD = [
    ("product_id", "", REQUIRED),
    ("product_id", "a b", "Use up to 64 letters, digits, dots, hyphens and underscores."),
    ("product_id", "..", "Use up to 64 letters, digits, dots, hyphens and underscores."),
    ("product_id", "phone", "There is a product with this ID already."),
    ("name", "", REQUIRED),
    ("name", "\u200b", "Something that can be seen has to be in it."),
    ("name", "a\0b", "Null characters are not allowed."),
    ("category", "", REQUIRED),
    ("price", "", REQUIRED),
    ("price", "-0.01", "Ensure this value is greater than or equal to 0."),
    ("price", "1.001", "Ensure that there are no more than 2 decimal places."),
    ("price", "1" + "0" * 20, "Ensure that there are no more than 12 digits in total."),
    ("price", "NaN", "Enter a number."),
    ("price", "1" * 5000, "Ensure that there are no more than 12 digits in total."),
    ("stock", "-1", "Ensure this value is greater than or equal to 0."),
    ("stock", "1.5", "Enter a whole number."),
    ("stock", "1" * 5000, "Enter a whole number."),
    ("reorder_level", "-1", "Ensure this value is greater than or equal to 0."),
    ("restock_list", "999999", "Select a valid choice. That choice is not one of the available"),
    ("description", "x" * 10_001, "Ensure this value has at most 10000 characters"),
    ("attributes", "{", NOT_JSON),
    ("attributes", "[]", "A JSON object is expected here."),
    ("attributes", '""', "A JSON object is expected here."),
    ("attributes", " null ", "A JSON object is expected here."),
    ("attributes", "[" * 100_000, NOT_JSON),
    ("attributes", '{"a":' * 100_000, NOT_JSON),
    ("attributes", '{"a": [[1]]}', "It is nested too deep."),
    ("attributes", '{"a": NaN}', "NaN and Infinity are no numbers in JSON."),
    ("attributes", '{"a": 1e999}', "NaN and Infinity are no numbers in JSON."),
    ("attributes", '{"a": "\\ud800"}', "It has half of a character in it."),
    ("attributes", f'{{"a": {"1" * 5000}}}', NOT_JSON),
    ("attributes", f'{{"a": {2**53}}}', "Whole numbers go up to"),
    ("attributes", f'{{"a": "{"x" * 4096}"}}', "At most 4096 bytes."),
]


def test_bad_input_is_refused_at_its_field_and_changes_nothing(client, product, subtests):
    before = everything()
    for field, value, words in BAD:
        with subtests.test(f"{field}: {ascii(value)[:20]}"):
            form = PHONE | {field: value}
            answers = [client.post("/products/new/", form)]
            if field not in ("product_id", "stock"):
                edited = client.post(page_of(product, "edit/"), form | {"version": "1"})
                answers.append(edited)

            for answer in answers:
                assert answer.status_code == 422
                assert list(errors(answer)) == [field]
                assert errors(answer)[field].startswith(words)
                for name in {"name", "category", "price"} - {field}:
                    assert filled(answer)[name] == form[name]
            assert everything() == before


def test_every_column_that_may_change_has_a_field_in_the_forms():
    """Page and admin have the forms in common; the stock has one of its own."""
    recorded = {field.name for field in Product.recorded_fields()}

    assert recorded - {"product_id", "deleted_at", "restock_task"} == {*products.EDITABLE}
    assert {*FIELDS, "stock"} == {*products.EDITABLE}


def test_what_was_typed_as_json_is_kept_as_it_was_typed(client):
    for text in ("{", '{"b":1,  "a":[ ]}'):
        wrong = client.post("/products/new/", PHONE | {"name": "", "attributes": text})
        assert filled(wrong)["attributes"] == text


def test_json_that_cannot_be_kept_is_refused_though_others_changed_it_meanwhile(
    client, product, subtests
):
    page = page_of(product, "edit/")
    read = filled(client.get(page))
    products.edit(product=product, by=None, attributes={"a": 1})
    nested = {depth: f'{{"a": {"[" * depth}{"]" * depth}}}' for depth in (2, 300, 600, 900)}
    for name, text in {"half of a character": '{"a": "\\ud800"}', **nested}.items():
        with subtests.test(name):
            refused = client.post(page, read | {"attributes": text})

            assert (refused.status_code, list(errors(refused))) == (422, ["attributes"])
            assert filled(refused)["attributes"] == text
    assert Product.objects.get().attributes == {"a": 1}


def test_an_edited_product_keeps_its_id_and_its_stock(client, product):
    form = filled(client.get(page_of(product, "edit/")))
    assert not {"product_id", "stock"} & form.keys()
    forged = {"product_id": "OTHER", "stock": "99", "deleted_at": "2026-01-01"}

    saved = client.post(page_of(product, "edit/"), form | {"price": "5"} | forged, follow=True)

    assert reports(saved) == ["The product is saved."]
    now = Product.objects.get()
    assert (now.product_id, now.stock, str(now.price), now.deleted_at) == ("PHONE", 2, "5.00", None)
    [change] = Change.objects.about(product).filter(version=2)
    assert list(change.changes) == ["price"]


def test_two_who_edit_one_product_see_both_texts_and_lose_nothing(client, product):
    page = page_of(product, "edit/")
    mine = filled(client.get(page)) | {"price": "5", "name": "Telephone", "attributes": '{"a": 1}'}
    theirs = filled(client.get(page)) | {"price": "6.50", "category": "Old", "attributes": "{}"}
    client.post(page, theirs)

    clash = client.post(page, mine)

    assert (clash.status_code, errors(clash)) == (
        409,
        {"price": "Changed meanwhile. It is now: 6.50"},
    )
    there = filled(clash)
    assert (there["name"], there["price"], there["category"]) == ("Telephone", "5", "Old")
    assert there["attributes"].split() == ["{", '"a":', "1", "}"]
    assert client.post(page, there).status_code == 302
    now = Product.objects.get()
    assert (now.name, str(now.price), now.category, now.attributes) == (
        *("Telephone", "5.00", "Old"),
        {"a": 1},
    )


def test_a_list_of_others_is_neither_shown_nor_lost(client, shared_list):
    product = ProductFactory(reorder_level=1, restock_list=shared_list)
    page = page_of(product, "edit/")

    seen = client.get(page)
    client.post(page, filled(seen) | {"name": "Renamed", "restock_list": ""})

    assert "Shared" not in seen.content.decode()
    product.refresh_from_db()
    assert (product.name, product.restock_list) == ("Renamed", shared_list)


# Its stock.


def test_stock_is_added_and_taken_and_comes_back_by_undo(client, product):
    sold = client.post(page_of(product, "stock/"), {"delta": "-2"}, follow=True)

    assert (facts(sold)["In stock"], reports(sold)) == ("0", ["0 in stock now."])
    assert facts(press_undo(client, sold))["In stock"] == "2"
    assert Product.objects.get().stock == 2


@pytest.mark.parametrize(
    ("delta", "words"),
    [
        ("-3", "Only 2 left. Nothing was taken."),
        ("", f"Add, or take with a minus: {REQUIRED}"),
        ("1.5", "Add, or take with a minus: Enter a whole number."),
        ("1" * 5000, "Add, or take with a minus: Enter a whole number."),
        ("1000000000", "Ensure this value is less than or equal to 1000000000."),
    ],
)
def test_a_stock_that_cannot_be_stays_and_the_page_says_why(delta, words, client, product):
    before = everything()

    refused = client.post(page_of(product, "stock/"), {"delta": delta})

    lead, [point] = summary(refused)
    assert (refused.status_code, lead, facts(refused)["In stock"]) == (
        *(422, "That did not work:"),
        "2",
    )
    assert words in point
    assert filled(refused, cls="stock-form")["delta"] == delta
    assert everything() == before


# The trash.


def test_a_product_thrown_away_comes_back_or_goes_for_good(client, product):
    gone = client.post(page_of(product, "trash/"), {"next": page_of(product)}, follow=True)
    assert (heading(gone), names(gone)) == ("Products", [])
    assert reports(gone) == ["“Phone” is in the trash."]
    assert names(client.get("/products/?show=trash")) == ["Phone"]
    assert buttons(client.get(page_of(product))) == ["Restore", "Delete for good"]
    for step in ("edit/", "stock/", "trash/"):
        assert client.post(page_of(product, step), {"delta": "1"}).status_code == 404

    back = client.post(page_of(product, "restore/"), follow=True)
    assert (heading(back), reports(back)) == ("Phone", ["“Phone” is back."])
    again = client.post(page_of(product, "restore/"), follow=True)  # a double click
    assert (again.status_code, heading(again), reports(again)) == (
        *(200, "Phone"),
        ["“Phone” is back."],
    )
    assert client.post(page_of(product, "delete/")).status_code == 404  # not past the trash
    press_undo(client, back)
    ended = client.post(page_of(product, "delete/"), follow=True)
    assert messages(ended) == [("“Phone” is deleted for good.", None)]
    assert not Product.objects.exists()


@pytest.mark.parametrize("name", ["items", "keys", "0", "", "__class__"])
def test_an_attribute_may_have_any_name(name, signed_in, owner):
    product = ProductFactory(attributes={name: "found"})

    answer = signed_in(owner).get(f"/products/{product.pk}/")

    assert answer.status_code == 200
    assert b"<dd>found</dd>" in answer.content


def test_a_page_shows_so_many_categories_and_no_more(signed_in, owner, monkeypatch):
    monkeypatch.setattr("products.models.CATEGORIES_SHOWN", 2)
    for category in ("A", "B", "C"):
        ProductFactory(category=category)

    assert signed_in(owner).get("/products/").content.count(b"<option") == 3  # with "All"
