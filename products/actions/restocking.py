"""When a product runs low: one task in the list that it names, until somebody is done with it."""

import logging

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ledger.actions import rows
from ledger.actions.action import action
from products.models import Product
from tasks.actions import tasks
from tasks.models import Task, TaskList

logger = logging.getLogger(__name__)


@action
def ask_for_more(*, product: Product, by: None) -> Product:
    """A task to restock the product, unless one is open already. The system's, nobody's.

    The product is locked, so that of two who sell at once one finds the task of the other.
    A list that takes no task (archived, in the trash, full) keeps nobody from selling.
    """
    task, task_list = product.restock_task, product.restock_list
    if task and Task.objects.present().open().filter(pk=task.pk).exists():
        return product
    if not task_list or not TaskList.objects.active().filter(pk=task_list.pk).exists():
        return product
    try:
        with transaction.atomic():
            title, description = words_about(product)
            task = tasks.create(task_list=task_list, title=title, description=description, by=by)
    except ValidationError as refusal:
        logger.warning("no task to restock product %s: %s", product.pk, refusal.messages)
        return product
    return rows.update(product, {"restock_task": task}, kind="product.restocking", by=by)


def words_about(product: Product) -> tuple[str, str]:
    title = _("Restock %(name)s") % {"name": product.name}
    facts = {"stock": product.stock, "level": product.reorder_level, "id": product.product_id}
    words = _("%(stock)d left of [%(id)s](%(page)s); the reorder level is %(level)d.")
    return title, words % {**facts, "page": product.get_absolute_url()}
