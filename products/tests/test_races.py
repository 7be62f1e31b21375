"""Two people sell the last item, restock it, or make the same product: one of them does."""

import os
import uuid
from functools import partial

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
