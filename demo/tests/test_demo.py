"""What `make run` shows, and that nothing but a laptop can make it.

That the command fills a database is part of `tests/test_readme.py`.
"""

import pytest
from django.core.management import CommandError, call_command

from demo import catalogue, team
from products.models import Product
from tasks.models import Task

pytestmark = pytest.mark.once


def test_production_knows_no_demo():
    with pytest.raises(CommandError, match="Unknown command: 'demo'"):
        call_command("demo")


def test_two_products_run_low_and_the_team_is_told_of_one(db):
    team.fill(password="unused", by=None)
    catalogue.fill(by=None)

    assert set(Product.objects.filter(is_enough=False).values_list("product_id", flat=True)) == {
        *("CABLE-C2", "HEAD-7"),
    }
    assert Task.objects.get(title__startswith="Restock").list.title == catalogue.RESTOCKED_IN
