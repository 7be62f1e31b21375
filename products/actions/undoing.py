"""What is special in taking back what was done to a product (ledger/actions/undoing.py)."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from accounts.models import User
from ledger.access import fetch
from ledger.actions.undoing import Subject, subjects
from ledger.models import Change
from products.actions import products
from products.models import Product


def register() -> None:
    subjects["product"] = ProductChanges()


class ProductChanges(Subject):
    model = Product

    def pages(self, row: Product) -> tuple[str, str]:
        return row.get_absolute_url(), reverse("products:index")

    def refuse(self, change: Change, by: User) -> None:
        fetch(Product.objects.all(), by, "edit", pk=change.subject_id)

    def write(self, row: Product, changes: Mapping[str, Any], *, kind: str, by: User) -> None:
        """As everywhere: a stock that is put back may be too low again."""
        products.write(row, changes, kind=kind, by=by)
