"""How MariaDB finds products among thousands: along an index of ours, also past the trash."""

import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from products.models import Product
from tasklist.shelf import sort_key
from tasklist.text import key_of
from tasks.tests.api.programs import follow
from tests.api import Api, InProcess, tokens_for
from tests.statements import explained, sorted_or_read_whole

EACH = 2_000  # products, and as many in the trash: those that the alphabet puts first
CATEGORIES = 20
WORDS = ("ant", "Bolt", "Cable", "Desk", "Émile", "Fan", "Gear", "Hinge", "Ink", "Jar")

# ANALYZE TABLE commits, so what is in the tables has to be thrown away afterwards.
pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def crowd():
    """As they come: neither by name nor by category."""
    now = timezone.now()
    rows = [product(number, gone) for gone in (None, now) for number in range(EACH)]
    random.Random(6).shuffle(rows)  # noqa: S311
    Product.objects.bulk_create(rows, batch_size=1000)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE TABLE {Product._meta.db_table}")
        cursor.fetchall()


def product(number, gone):
    name = f"{'A' if gone else ''}{WORDS[number % 10]} {number:05}"
    category = f"Category {number // 10 % CATEGORIES}"
    return Product(
        product_id=f"{'GONE' if gone else 'PROD'}{number}",
        name=name,
        name_key=sort_key(name),
        category=category,
        category_key=key_of(category),
        price=1,
        stock=number % 50,
        reorder_level=5 if number % 3 else None,
        deleted_at=gone,
    )


@pytest.fixture
def program(staff):
    return Api(InProcess(), tokens_for(staff)["access"])


LISTS = {
    "limit=50": "product_names",
    "limit=50&deleted=true": "product_names",
    "limit=50&name=desk": "product_names",
    "limit=50&name=ades&deleted=true": "product_names",
    "limit=20&category=Category+7": "product_category_names",
    "limit=4&category=category+7&name=gear": "product_category_names",
}


def test_a_page_reads_along_its_index_as_many_rows_as_it_shows(crowd, program, subtests):
    for query, index in LISTS.items():
        with subtests.test(query):
            pages = list(statements(program, query))
            assert len(pages) == 4
            for shown, statement in pages:
                [row] = plan = explained(statement)
                assert row["key"] == index
                assert row["type"] in ("range", "ref")
                assert sorted_or_read_whole(plan) == []
                assert shown <= rows_read(statement) <= shown + 5


def statements(program, query):
    """(how many it shows, the statement for products) of three pages, and of one back."""
    link, way = f"/api/v1/products?{query}", ["next", "next", "previous"]
    while link:
        with CaptureQueriesContext(connection) as asked:
            answer = follow(program, link)
        [statement] = [each["sql"] for each in asked if Product._meta.db_table in each["sql"]]
        yield len(answer.json["results"]), statement
        link = answer.json[way.pop(0)] if way else None


def rows_read(statement):
    """How many rows and entries of an index the database looked at."""
    with connection.cursor() as cursor:
        cursor.execute("FLUSH STATUS")
        cursor.execute(statement)
        cursor.fetchall()
        cursor.execute("SHOW SESSION STATUS LIKE 'Handler_read%'")
        return sum(int(count) for name, count in cursor.fetchall() if "rnd_deleted" not in name)


OTHERS = {
    "one by its ID": (lambda: Product.objects.called("prod77").get(), "key", 1),
    "low stock first": (
        lambda: list(Product.objects.order_by("is_enough", "stock", "id")[:50]),
        "product_low_first",
        50,
    ),
    "the categories": (Product.objects.categories, "product_categories", 3 * CATEGORIES),
}


def test_what_else_is_looked_up_has_an_index(crowd, subtests):
    for what, (look_up, index, most) in OTHERS.items():
        with subtests.test(what):
            with CaptureQueriesContext(connection) as asked:
                look_up()

            [row] = explained(asked[0]["sql"])

            assert row["key"] == index
            assert "filesort" not in (row["Extra"] or "")
            assert rows_read(asked[0]["sql"]) <= most
