"""What a request asks the database, in statements: as many for fifty products as for one."""

import pytest

from products.models import Product
from products.tests.factories import ProductFactory
from tasklist.shelf import sort_key
from tasklist.text import key_of
from tests.api import Api, InProcess, tokens_for
from tests.statements import statements

pytestmark = pytest.mark.django_db

# One for the token, and one for the products.
READS = {
    "products": 2,
    "products?category=Electronics&name=pro": 2,
    "products?deleted=true": 2,
    "products/PROD": 2,
}
# BEGIN, COMMIT and savepoints left out.
WRITES = {
    ("POST", "products", "made"): 5,
    ("PATCH", "products/PROD", "named"): 6,
    ("POST", "products/PROD/stock", "sold"): 6,
    ("DELETE", "products/PROD", "thrown away"): 5,
    ("POST", "products/PROD/restore", "restored"): 6,
}
BODIES = {
    "made": {"product_id": "NEW", "name": "New", "category": "Toys", "price": 1},
    "named": {"name": "Named"},
    "sold": {"delta": -1},
}


@pytest.fixture
def program(staff):
    """In this process, where statements can be counted."""
    return Api(InProcess(), tokens_for(staff)["access"])


@pytest.fixture
def filled():
    """`filled(n)`: n products, and as many in the trash."""
    ProductFactory(product_id="PROD")

    def fill(n):
        facts = {"category": "Electronics", "category_key": key_of("Electronics"), "price": 1}
        now = Product.objects.get().created_at
        Product.objects.bulk_create(
            Product(
                product_id=f"{m}", name="Pro", name_key=sort_key("Pro"), deleted_at=gone, **facts
            )
            for m, gone in enumerate([None, now] * n)
        )

    return fill


@pytest.mark.parametrize("n", [1, 60])
def test_reading_asks_the_same_however_many_there_are(n, program, filled):
    filled(n)

    measured = {path: statements(program, "GET", path) for path in READS}

    assert {path: len(asked) for path, (asked, _) in measured.items()} == READS
    for path in ("products", "products?deleted=true"):
        asked, answer = measured[path]
        assert len(answer.json["results"]) >= min(n, 50)
        assert len([sql for sql in asked if Product._meta.db_table in sql]) == 1


def test_writing_asks_just_so_much(program, filled):
    filled(3)

    measured = {
        (method, path, what): len(statements(program, method, path, BODIES.get(what))[0])
        for method, path, what in WRITES
    }

    assert measured == WRITES
