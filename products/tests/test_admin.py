"""The catalogue in the admin: its pages, its stock column, and CSV into it and out of it."""

import csv
import json
from io import BytesIO, StringIO

import pytest
from django.core.cache import cache
from django.core.management import get_commands

from accounts.tests.factories import UserFactory
from ledger.models import Change
from products.actions import products
from products.models import Product
from products.tests.factories import ProductFactory
from tasklist.csv_rows import Loader
from tasks.models import Task
from tasks.tests.records import latest
from tasks.tests.views.pages import everything, filled, read

pytestmark = pytest.mark.django_db

LIST = "/admin/products/product/"


@pytest.fixture
def clerk(db):
    """Who works here, and was given none of Django's permissions."""
    return UserFactory(username="clerk", is_staff=True)


@pytest.fixture
def desk(confirmed, clerk):
    return confirmed(clerk)


def form(response, name="product_form"):
    return {k: v for k, v in filled(response, id=name).items() if not k.startswith("_")}


def said(response):
    return [node.line for node in read(response).one("ul", cls="messagelist").all("li")]


def ids(response):
    return [node.line for node in read(response).all("th", cls="field-product_id")]


def test_who_works_here_adds_a_product_and_changes_it_but_for_its_id(desk, clerk):
    sent = form(desk.get(f"{LIST}add/")) | {"product_id": "P1", "name": "Phone"}
    sent |= {"category": "Phones", "price": "9.50", "stock": "3"}
    assert desk.post(f"{LIST}add/", sent).status_code == 302
    product = Product.objects.get()
    path = f"{LIST}{product.pk}/change/"

    changed = form(desk.get(path)) | {"price": "8"}
    assert "product_id" not in changed
    assert desk.post(path, changed | {"product_id": "P2", "stock": "99"}).status_code == 302

    product = Product.objects.get()
    assert (product.product_id, product.stock, str(product.price)) == ("P1", 3, "8.00")
    assert (latest(product).by, latest(product).via) == (clerk, "admin")


def test_a_category_in_two_spellings_is_offered_once_and_finds_both(desk):
    for product_id, category in {"A": "Lamps", "B": "lamps", "C": "Toys"}.items():
        ProductFactory(product_id=product_id, category=category)

    links = read(desk.get(LIST)).one(id="changelist-filter").all("a")
    [offered] = [link for link in links if link.line.lower() == "lamps"]
    assert sorted(ids(desk.get(f"{LIST}{offered.attributes['href']}"))) == ["A", "B"]


def test_low_stock_first_found_by_name_and_id_and_filtered_by_category(desk):
    ProductFactory(product_id="MANY", stock=90, category="Books")
    ProductFactory(product_id="FEW", stock=9, category="Books")
    ProductFactory(product_id="LOW", stock=50, reorder_level=60, category="Toys")

    assert ids(desk.get(LIST)) == ["LOW", "FEW", "MANY"]
    assert ids(desk.get(LIST, {"category": "books"})) == ["FEW", "MANY"]
    assert ids(desk.get(LIST, {"q": "fe"})) == ["FEW"]
    assert ids(desk.get(LIST, {"q": "product lo"})) == ["LOW"]


# The stock column


def typed(page, **stocks):
    """The list as it is sent back, with these stocks typed over."""
    sent = filled(page, id="changelist-form")
    assert sent["_save"] == "Save"
    sent.pop("index", None)
    for name, stock in stocks.items():
        [key] = [k for k, v in sent.items() if k.endswith("-id") and v == str(pk_of(name))]
        sent[key.removesuffix("id") + "stock"] = str(stock)
    return sent


def pk_of(product_id):
    return Product.objects.get(product_id=product_id).pk


def stocks():
    return dict(Product.objects.values_list("product_id", "stock"))


def test_of_two_who_change_a_stock_in_the_list_neither_loses(desk, clerk, staff, confirmed):
    ProductFactory(product_id="A", stock=10)
    ProductFactory(product_id="B", stock=10)
    mine, theirs = desk.get(LIST), confirmed(staff).get(LIST)

    confirmed(staff).post(LIST, typed(theirs, A=8))
    answer = desk.post(LIST, typed(mine, A=13, B=11), follow=True)

    assert stocks() == {"A": 11, "B": 11}
    assert said(answer) == ["2 products were changed successfully."]
    changes = Change.objects.filter(kind="product.stock_changed", by=clerk)
    assert len({each.batch for each in changes}) == 1
    assert len(changes) == 2


def test_what_is_out_of_stock_is_said_at_its_row_and_nothing_is_changed(desk):
    for product_id in "AB":
        ProductFactory(product_id=product_id, stock=5)
    page = desk.get(LIST)
    products.change_stock(product=Product.objects.get(product_id="B"), delta=-4, by=None)
    before = everything()

    answer = desk.post(LIST, typed(page, A=9, B=2))

    [row] = [each for each in read(answer).all("tr") if "Only 1 left" in each.line]
    assert row.one("th", cls="field-product_id").line == "B"
    assert everything() == before


@pytest.mark.parametrize("bad", ["", "-1", "1.5", "x", "\0", "9" * 5000, str(10**10)])
def test_a_stock_that_is_none_is_refused_at_its_row(bad, desk):
    for product_id in "AB":
        ProductFactory(product_id=product_id, stock=5)
    sent, before = typed(desk.get(LIST), A=bad, B=6), everything()

    answer = read(desk.post(LIST, sent))
    [row] = [each for each in answer.all("tr") if each.all("ul", cls="errorlist")]
    assert row.one("th", cls="field-product_id").line == "A"
    key = next(name for name in sent if name.endswith("-id"))
    assert desk.post(LIST, sent | {key: bad}).status_code in (302, 400)
    assert everything() == before


def test_what_is_in_the_trash_keeps_its_stock_until_it_is_back(desk):
    product = ProductFactory(product_id="A", stock=5)
    sent = typed(desk.get(LIST), A=7)
    chosen = {"_selected_action": product.pk}

    assert said(desk.post(LIST, chosen | {"action": "trash"}, follow=True)) == ["Done for 1."]
    desk.post(LIST, sent)
    assert stocks() == {"A": 5}
    assert said(desk.post(LIST, chosen | {"action": "restore"}, follow=True)) == ["Done for 1."]
    assert not Product.objects.get().deleted_at
    assert desk.get(f"{LIST}{product.pk}/delete/").status_code == 403


def test_a_stock_of_what_was_trashed_meanwhile_is_refused_at_its_row(desk):
    for product_id in "ABC":
        ProductFactory(product_id=product_id, stock=5)
    page = desk.get(LIST)
    for product_id in "AC":
        products.trash(product=Product.objects.get(product_id=product_id), by=None)
    before = everything()

    answer = desk.post(LIST, typed(page, A=7, B=6))

    [row] = [each for each in read(answer).all("tr") if "It is in the trash." in each.line]
    assert row.one("th", cls="field-product_id").line == "A"
    assert everything() == before
    again = typed(answer, A=5)  # what was typed beside it is still there
    assert desk.post(LIST, again).status_code == 302
    assert desk.post(LIST, typed(desk.get(LIST), B=7)).status_code == 302
    assert stocks() == {"A": 5, "B": 7, "C": 5}


# CSV

HEAD = "product_id,name,category,price,stock\r\n"


def upload(client, text, name="products.csv"):
    """The answer to a file that is chosen: its preview, or why there is none."""
    file = BytesIO(text if isinstance(text, bytes) else text.encode())
    file.name = name
    sent = {"import_file": file, "format": "0", "resource": "0"}
    return client.post(f"{LIST}import/", sent)


def confirm(client, preview, **changed):
    return client.post(f"{LIST}process_import/", form(preview, "confirm_form") | changed)


def refused(response):
    assert response.status_code == 400
    return " ".join(
        [node.line for node in read(response).all(cls="refusals")]
        + [node.line for node in read(response).all("ul", cls="errorlist")]
    )


def exported(client, query=""):
    answer = client.get(f"{LIST}export/{query}")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return answer.getvalue().decode()


def test_rows_of_a_file_are_written_by_the_actions(desk, clerk, shared_list, owner):
    low = ProductFactory(product_id="LOW", stock=9, reorder_level=5, restock_list=shared_list)
    same = ProductFactory(product_id="SAME", name="Same", price="1.50", stock=1)
    before, newest = everything(), Change.objects.latest("pk")

    file = f"{HEAD}low,Lower,Toys,2,4\r\nNEW,New,Toys,3.25,0\r\nSAME,Same,Electronics,1.5,1\r\n"
    preview = upload(desk, file)
    assert "New: 1. Changed: 1. As they were: 1." in preview.content.decode()
    left = set(everything()) - {"tasklist_cache"}
    assert {t: everything()[t] for t in left} == {t: before[t] for t in left}
    answer = desk.get(confirm(desk, preview)["Location"])

    assert said(answer) == ["Import finished: 1 new, 1 updated, 0 deleted and 1 skipped products."]
    assert stocks() == {"LOW": 4, "SAME": 1, "NEW": 0}
    assert Task.objects.get().title == "Restock Lower"
    changes = Change.objects.filter(pk__gt=newest.pk).order_by("pk")
    assert [(each.kind, each.by) for each in changes] == [
        ("product.edited", clerk),
        ("task.created", None),
        ("product.restocking", None),
        ("product.created", clerk),
    ]
    assert {each.via for each in changes} == {"import"}
    assert len({each.batch for each in changes}) == 1
    same.refresh_from_db()
    assert same.version == 1
    low.refresh_from_db()
    assert low.reorder_level == 5


def test_a_bad_line_in_the_middle_is_named_and_nothing_is_changed(desk):
    ProductFactory(product_id="P1", stock=1)
    before = everything()

    file = f'{HEAD}P1,One,"Toys\r\nand more",1,5\r\nP2,Two,Toys,1,1.5\r\nP3,Three,Toys,1,1\r\n'
    words = refused(upload(desk, file))

    assert words == "Line 4, stock: Enter a whole number."
    assert everything() == before


BAD = {
    "product_id": ["", "a b", "é", "x" * 65, "..", "a\0b"],
    "name": ["", "\u200b", "x" * 201, "a\0b"],
    "category": ["", "x" * 101],
    "price": ["", "NaN", "1e999", "-1", "1.001", "Infinity", "9" * 5000, "1e999999999"],
    "stock": ["", "-1", "1.5", "NaN", "1e999", "9" * 5000, str(10**10), "=1+1"],
    "attributes": ["[]", "{", "null", '{"a": NaN}', "[" * 5000, "9" * 5000, '{"a":{"b":{}}}'],
    "reorder_level": ["-1", "x"],
    "restock_list": ["x", "-1", "1", str(10**30)],
}


@pytest.mark.parametrize("column", BAD)
def test_a_bad_cell_is_400_at_its_column_and_changes_nothing(column, desk):
    ProductFactory(product_id="P1")
    good = {"product_id": "P2", "name": "Two", "category": "Toys", "price": "1", "stock": "1"}
    change = {"product_id": "P1"}
    before = everything()
    for value in BAD[column]:
        for row in [good] if column == "product_id" else [good, change]:
            words = refused(upload(desk, written([row | {column: value}])))
            assert words.startswith(f"Line 2, {column}: "), (value, words)
    assert everything() == before


def written(rows):
    out = StringIO()
    writer = csv.DictWriter(out, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (b"", "empty"),
        (HEAD, "no rows"),
        (HEAD.encode("utf-16"), "UTF-8"),
        (b"product_id\r\n\xff\r\n", "UTF-8"),
        ("product_id,colour\r\nP1,red\r\n", "“colour” in line 1 is no column"),
        ("product_id,name,name\r\nP1,a,b\r\n", "“name” stands in line 1 twice"),
        ("name\r\nPhone\r\n", "“product_id” is missing"),
        (f"{HEAD}P1,One,Toys,1\r\n", "Line 2 has 4 cells"),
        (f"{HEAD}P1,One,Toys,1,1\r\n\r\np1,One,Toys,1,1\r\n", "Line 4: the product_id “p1”"),
        (f'{HEAD}P1,"One"x,Toys,1,1\r\n', "Line 2 cannot be read"),
        (f"{HEAD}P1,{'x' * 140_000},Toys,1,1\r\n", "Line 2 cannot be read"),
        (HEAD + "x" * 1_000_000, "1 MB"),
        ("product_id\r\n" + "".join(f"P{n}\r\n" for n in range(2_001)), "2000 rows"),
        ("product_id\r\nNEW\r\n", "Line 2, name: This field is required."),
    ],
)
def test_a_file_that_is_none_is_refused_with_words(file, words, desk):
    before = everything()

    assert words in refused(upload(desk, file))
    assert everything()["products_product"] == before["products_product"]


def test_what_changed_since_the_preview_is_looked_at_again(desk):
    product = ProductFactory(product_id="P1", stock=1)
    preview = upload(desk, "product_id,stock\r\nP1,5\r\n")
    products.change_stock(product=product, delta=1, by=None)
    before = everything()

    assert "changed after the preview" in refused(confirm(desk, preview))
    assert everything() == before


def test_what_is_deleted_for_good_while_a_file_is_read_is_said_at_its_line(desk, monkeypatch):
    product, find = ProductFactory(product_id="P1"), Loader.get_instance

    def find_and_lose(self, row):
        found = find(self, row)
        products.delete(product=product, by=None)
        return found

    monkeypatch.setattr(Loader, "get_instance", find_and_lose)
    words = refused(upload(desk, "product_id,price\r\nP1,5\r\n"))
    assert words == "Line 2: Somebody changed it at this moment."


def test_a_file_is_imported_once_and_only_as_it_was_previewed(desk):
    preview = upload(desk, f"{HEAD}P1,One,Toys,1,5\r\n")
    for name in ("import_file_name", "format", "seen"):
        for bad in ("", "x", "\0", "../../etc/passwd", "1", "0" * 300):
            assert refused(confirm(desk, preview, **{name: bad}))
    assert not Product.objects.exists()

    assert confirm(desk, preview).status_code == 302
    assert "not here any more" in refused(confirm(desk, preview))
    assert Product.objects.get().version == 1


def kept():
    return {key for key in cache._cache if "import-export" in key}


def test_a_file_is_kept_only_while_it_can_be_confirmed(desk):
    ProductFactory(product_id="P1", stock=1)
    before = kept()
    for useless in ("product_id,stock\r\nP1,x\r\n", "product_id,stock\r\nP1,1\r\n", "x\r\n"):
        upload(desk, useless)
        assert kept() == before

    preview = upload(desk, "product_id,stock\r\nP1,2\r\n")
    assert len(kept()) == len(before) + 1
    assert confirm(desk, preview).status_code == 302
    assert kept() == before


def test_no_command_writes_products_past_the_actions():
    assert {"import", "export"}.isdisjoint(get_commands())


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_a_line_of_a_cell_ends_in_lf_whatever_wrote_the_file(end, desk):
    product = ProductFactory(product_id="P1", description="one\ntwo")

    file = f'product_id,description\r\nP1,"one{end}two"\r\n'
    assert "There is nothing to import." in upload(desk, file).content.decode()
    assert confirm(desk, upload(desk, file.replace("two", "2"))).status_code == 302
    product.refresh_from_db()
    assert product.description == "one\n2"


def test_what_is_in_the_trash_is_not_changed_by_a_file(desk):
    products.trash(product=ProductFactory(product_id="P1", stock=1), by=None)

    assert "in the trash" in refused(upload(desk, "product_id,stock\r\nP1,5\r\n"))


TRICKY = {
    "product_id": "-P.1",
    "name": "=cmd|'/c calc'!A0",
    "category": "@home, “quoted”",
    "description": '\'=1\n  indented\r\n\ttab, "quote" é 🎉 ',
    "price": "1234.50",
    "stock": 0,
    "attributes": {"=a": [1, 2.5, None, True], "é": ""},
    "reorder_level": None,
}


def test_what_is_exported_is_disarmed_and_comes_back_equal(desk, shared_list):
    ProductFactory(**TRICKY, restock_list=None)
    ProductFactory(product_id="P2", reorder_level=3, restock_list=shared_list, description="'-1")
    file = exported(desk)

    for row in csv.reader(StringIO(file)):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
    preview = upload(desk, file)
    assert "There is nothing to import." in preview.content.decode()
    [first, _] = Product.objects.order_by("pk")
    facts = first.facts() | {"description": first.description.replace("\r\n", "\n")}
    products.delete(product=first, by=None)
    assert confirm(desk, upload(desk, file)).status_code == 302
    assert Product.objects.latest("pk").facts() == facts
    assert json.loads(next(csv.DictReader(StringIO(file)))["attributes"]) == TRICKY["attributes"]


def test_the_filter_of_the_list_is_that_of_its_export(desk):
    ProductFactory(product_id="A", category="Books")
    ProductFactory(product_id="B", category="Toys")

    assert "\r\nB," in exported(desk, "?category=toys")
    assert "\r\nA," not in exported(desk, "?category=toys")
    assert desk.get(f"{LIST}export/?nothing=1").status_code == 400
