"""Two people sell the last item, restock it, or make the same product: one of them does."""

import os
import uuid
from functools import partial
from io import BytesIO

import pytest

from ledger.clash import Clash
from products.actions import products
from products.models import Product
from products.tests.factories import ProductFactory
from tasks.models import Task
from tasks.tests.races import race

pytestmark = [
    pytest.mark.mariadb,
    pytest.mark.django_db(transaction=True),
]
ROUNDS = int(os.environ.get("RACE_ROUNDS", "20"))  # `make soak` asks for hundreds
PEOPLE = 8
LIST = "/admin/products/product/"


def test_of_many_who_sell_the_last_item_one_does():
    for _ in range(ROUNDS):
        product = ProductFactory(stock=1)
        sell = partial(products.change_stock, product=product, delta=-1, by=None)

        outcomes = race([sell] * PEOPLE, losing=Clash)

        refused = [each for each in outcomes if isinstance(each, Clash)]
        assert [each.present for each in refused] == [{"stock": 0}] * (PEOPLE - 1)
        assert Product.objects.get(pk=product.pk).stock == 0


def test_of_many_who_sell_below_the_level_one_asks_for_more(shared_list):
    for number in range(1, ROUNDS + 1):
        product = ProductFactory(stock=PEOPLE, reorder_level=PEOPLE, restock_list=shared_list)
        race([partial(products.change_stock, product=product, delta=-1, by=None)] * PEOPLE)

        assert Product.objects.get(pk=product.pk).stock == 0
        assert Task.objects.filter(list=shared_list).count() == number


def test_of_two_who_save_stocks_at_once_in_the_list_neither_loses(confirmed, staff):
    """The one from above, the other from below: each waits for a row that the other has."""
    clients = [confirmed(staff), confirmed(staff)]
    for _ in range(ROUNDS // 4):
        shelf = [ProductFactory(stock=5) for _ in range(4)]
        saved = race(
            [
                partial(clients[0].post, LIST, one_more(shelf)),
                partial(clients[1].post, LIST, one_more(shelf[::-1])),
            ]
        )

        assert [answer.status_code for answer in saved] == [302, 302]
        found = Product.objects.filter(pk__in=[each.pk for each in shelf])
        assert [each.stock for each in found] == [7] * 4


def one_more(shelf):
    """The list as it is sent by who raises each stock by one."""
    sent = {"form-TOTAL_FORMS": len(shelf), "form-INITIAL_FORMS": len(shelf), "_save": "Save"}
    for number, product in enumerate(shelf):
        row = {"id": product.pk, "stock": product.stock + 1, "stock_was": product.stock}
        sent |= {f"form-{number}-{name}": value for name, value in row.items()}
    return sent


def test_while_a_file_is_previewed_its_products_are_sold(confirmed, staff, monkeypatch):
    first, last = (ProductFactory(product_id=each, stock=5) for each in ("P1", "P2"))
    client, edit = confirmed(staff), products.edit

    def sell_meanwhile(*, product, **changes):
        if product == last:
            race([partial(products.change_stock, product=first, delta=-1, by=None)])
        return edit(product=product, **changes)

    monkeypatch.setattr(products, "edit", sell_meanwhile)
    file = BytesIO(b"product_id,price\r\nP1,3\r\nP2,4\r\n")
    file.name = "products.csv"
    sent = {"import_file": file, "format": "0", "resource": "0"}

    assert client.post(f"{LIST}import/", sent).status_code == 200
    first.refresh_from_db()
    assert (first.stock, str(first.price)) == (4, "19.99")


def test_a_form_that_is_sent_often_at_once_makes_one_product(staff):
    for number in range(ROUNDS):
        facts = {"name": "Phone", "category": "Phones", "price": 1, "by": staff}
        facts |= {"product_id": f"PHONE{number}", "submission": uuid.uuid4()}

        made = race([partial(products.create, **facts)] * PEOPLE)

        assert {each.pk for each in made} == {Product.objects.latest("pk").pk}


def test_of_many_who_make_one_product_one_does(staff):
    for number in range(ROUNDS):
        facts = {"name": "Phone", "category": "Phones", "price": 1, "by": staff}
        make = partial(products.create, product_id=f"PHONE{number}", **facts)

        outcomes = race([make] * PEOPLE, losing=Clash)

        assert sum(isinstance(each, Product) for each in outcomes) == 1
    assert Product.objects.count() == ROUNDS
