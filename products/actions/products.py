"""Everything that somebody can do to a product, and what follows when it runs low."""

import logging
import uuid
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from ledger.actions import rows
from ledger.actions.action import action
from ledger.actions.submissions import sent_before
from ledger.clash import Clash
from ledger.merging import merge
from products.models import Product
from tasks.actions import tasks
from tasks.models import Task, TaskList

logger = logging.getLogger(__name__)

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
    # In this order: what is there by now may be what this form, sent twice at once, has made.
    there = Product.objects.called(product_id).first()
    made, submission = sent_before(submission, Product, by=by, product_id=product_id)
    if made:
        return made
    if there:
        raise taken(there)
    product = Product(product_id=product_id, **facts)
    check_list(None, facts, by)
    rows.insert(product, kind="product.created", by=by, submission=submission)
    return ask_for_more(product=product, by=None)


@action
def edit(
    *, product: Product, by: User | None, version: int | None = None, **changes: Any
) -> Product:
    """Change the named fields, of EDITABLE. The product_id can be said again, and stays for good.

    With the `version` that the writer had read, what others changed in between is kept:
    raises ledger.merging.Conflict where both wrote different things into one field.
    """
    product = rows.lock_present(product)
    called = changes.pop("product_id", product.product_id)
    rows.refuse_unknown(changes, EDITABLE)
    if called != product.product_id and product not in Product.objects.called(called):
        words = _("The product_id stays as it is. Make a new product instead.")
        raise ValidationError({"product_id": words}, code="immutable")
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
    return write(rows.lock(product), {"deleted_at": None}, kind="product.restored", by=by)


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
    check_list(product.restock_list_id, changes, by)
    asked = product.wants_restocking and product.restock_task_id
    rows.update(product, changes, kind=kind, by=by)
    return product if asked else ask_for_more(product=product, by=None)


@action
def ask_for_more(*, product: Product, by: None) -> Product:
    """A task to restock the product, unless one is open already. The system's, nobody's.

    The product is locked, so that of two who sell at once one finds the task of the other.
    A list that takes no task (archived, in the trash, full) keeps nobody from selling; it is
    asked again when more is sold.
    """
    asked = Task.objects.present().open().filter(pk=product.restock_task_id or 0)
    if not product.wants_restocking or asked.exists():
        return product
    told = TaskList.objects.active().filter(pk=product.restock_list_id or 0).first()
    try:
        with transaction.atomic():
            task = told and tasks.create(task_list=told, by=by, **words_about(product))
    except ValidationError as refusal:
        task = None
        logger.warning("no task to restock product %s: %s", product.pk, refusal.messages)
    return rows.update(product, {"restock_task": task}, kind="product.restocking", by=by)


def words_about(product: Product) -> dict[str, Any]:
    facts = {"stock": product.stock, "level": product.reorder_level, "id": product.product_id}
    facts |= {"name": product.name, "page": product.get_absolute_url()}
    words = _("%(stock)d left of [%(id)s](%(page)s); the reorder level is %(level)d.")
    return {"title": _("Restock %(name)s") % facts, "description": words % facts}


def check_list(now: int | None, changes: Mapping[str, Any], by: User | None) -> None:
    """Only into a list that they may change does somebody have tasks written."""
    wanted = changes.get("restock_list", changes.get("restock_list_id"))  # undo puts back the id
    number = getattr(wanted, "pk", wanted)
    if by is None or number in (None, now):
        return
    mine = TaskList.objects.taking_tasks_of(by).filter(pk=number)
    if not mine.select_for_update().exists():  # nor is it deleted for good before this is written
        message = _("There is no such list in which you may add tasks.")
        raise ValidationError({"restock_list": message}, code="no_list")


def taken(there: Product) -> Clash:
    message = _("There is a product with this ID already.")
    if there.deleted_at:
        message = _("A product with this ID is in the trash. Restore it, or delete it for good.")
    return Clash({"product_id": message}, "unique")
