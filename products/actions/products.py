"""Everything that somebody can do to a product."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from ledger.actions import rows
from ledger.actions.action import action
from ledger.actions.submissions import sent_before
from ledger.clash import Clash
from ledger.merging import merge
from products.actions.restocking import ask_for_more
from products.models import Product, lists_told_by

EDITABLE = (
    *("name", "category", "description", "price", "stock"),
    *("attributes", "reorder_level", "restock_list"),
)


@action
def create(
    *, product_id: str, by: User | None, submission: uuid.UUID | None = None, **facts: Any
) -> Product:
    """A new product. The same form sent twice makes one.

    Raises Clash where there is one of this ID already, perhaps in the trash.
    """
    rows.refuse_unknown(facts, EDITABLE)
    there = Product.objects.called(product_id).first()
    made, submission = sent_before(submission, Product, by=by, product_id=product_id)
    if made:
        return made
    if there:
        raise taken(there)
    product = Product(product_id=product_id, **facts)
    check_list(product, facts, by)
    rows.insert(product, kind="product.created", by=by, submission=submission)
    return ask_for_more(product=product, by=None) if product.wants_restocking else product


@action
def edit(
    *, product: Product, by: User | None, version: int | None = None, **changes: Any
) -> Product:
    """Change the named fields, of EDITABLE: the product_id stays for good.

    With the `version` that the writer had read, what others changed in between is kept:
    raises ledger.merging.Conflict where both wrote different things into one field.
    """
    rows.refuse_unknown(changes, EDITABLE)
    product = rows.lock_present(product)
    changes = merge(product, changes, since=version)
    return write(product, changes, kind="product.edited", by=by)


@action
def change_stock(*, product: Product, delta: int, by: User | None) -> Product:
    """Add so many, or take them where `delta` is negative.

    Raises Clash where there are fewer, and ValidationError where there would be too many.
    """
    product = rows.lock_present(product)
    stock = product.stock + delta
    if stock < 0:
        words = _("Only %(count)d left. Nothing was taken.") % {"count": product.stock}
        raise Clash(words, "out_of_stock", stock=product.stock)
    return write(product, {"stock": stock}, kind="product.stock_changed", by=by)


@action
def trash(*, product: Product, by: User | None) -> Product:
    """Into the trash; thrown away twice it keeps its first date."""
    product = rows.lock(product)
    when = product.deleted_at or timezone.now()
    return rows.update(product, {"deleted_at": when}, kind="product.trashed", by=by)


@action
def restore(*, product: Product, by: User | None) -> Product:
    return rows.update(rows.lock(product), {"deleted_at": None}, kind="product.restored", by=by)


@action
def delete(*, product: Product, by: User | None) -> None:
    """Delete it for good. This cannot be undone.

    Raises ValidationError where it was thrown away or restored since `product` was read.
    """
    seen, product = product, rows.lock(product)
    rows.refuse_moved(product, seen)
    rows.remove(product, kind="product.deleted", by=by, keep=("product_id", "name"))


def write(product: Product, changes: Mapping[str, Any], *, kind: str, by: User | None) -> Product:
    """Write the changes, and ask for more once where they leave too few."""
    check_list(product, changes, by)
    wanted = product.wants_restocking
    rows.update(product, changes, kind=kind, by=by)
    if wanted or not product.wants_restocking:
        return product
    return ask_for_more(product=product, by=None)


def check_list(product: Product, changes: Mapping[str, Any], by: User | None) -> None:
    """Only into a list that they may change does somebody have tasks written."""
    wanted = changes.get("restock_list", changes.get("restock_list_id"))
    number = getattr(wanted, "pk", wanted)
    if number is None or by is None or (number == product.restock_list_id and product.pk):
        return
    mine = lists_told_by(by).filter(pk=number)
    if not mine.select_for_update().exists():  # nor is it deleted for good before this is written
        message = _("There is no such list in which you may add tasks.")
        raise ValidationError({"restock_list": message}, code="no_list")


def taken(there: Product) -> Clash:
    message = _("There is a product with this ID already.")
    if there.deleted_at:
        message = _("A product with this ID is in the trash. Restore it, or delete it for good.")
    return Clash({"product_id": message}, "unique")
