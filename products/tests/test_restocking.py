"""A product that runs low asks for more: by one task, in the list that it names."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.http import Http404
from django.urls import reverse

from ledger.actions.undoing import undo
from ledger.doorway import one_batch
from products.actions import products
from products.models import Product
from products.tests.factories import ProductFactory
from tasks.actions import lists, moving, tasks
from tasks.models import Task
from tasks.tests.factories import TaskListFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone(shared_list):
    """Ten are there; below five the shared list is told."""
    return ProductFactory(
        product_id="PHONE", name="Phone", stock=10, reorder_level=5, restock_list=shared_list
    )


def sell(product, count):
    return products.change_stock(product=product, delta=-count, by=None)


def test_below_its_level_one_task_appears_and_says_what_is_wrong(phone, shared_list):
    sell(phone, 5)
    assert not Task.objects.exists()

    sell(phone, 1)
    sell(phone, 1)

    [task] = Task.objects.all()
    assert (task.title, task.list, task.created_by) == ("Restock Phone", shared_list, None)
    there = reverse("products:show", args=[phone.pk])
    assert task.description == f"4 left of [PHONE]({there}); the reorder level is 5."


def test_whoever_completes_the_task_changes_nothing_of_the_product(phone, editor):
    phone = sell(phone, 6)
    tasks.complete(task=phone.restock_task, by=editor)

    sell(phone, 1)

    assert Task.objects.count() == 1
    phone.refresh_from_db()
    assert (phone.stock, phone.version) == (3, 4)


@pytest.mark.parametrize("end", [tasks.complete, tasks.trash])
def test_restocked_and_low_again_it_asks_anew(phone, editor, end):
    phone = sell(phone, 6)
    end(task=phone.restock_task, by=editor)

    sell(sell(phone, -6), 6)

    assert Task.objects.count() == 2


def test_while_a_task_is_open_there_is_no_second_wherever_it_was_moved(phone, owner):
    phone = sell(phone, 6)
    moving.move(task=phone.restock_task, to_list=TaskListFactory(by=owner), by=owner)

    sell(sell(phone, -6), 6)
    products.edit(product=phone, by=None, reorder_level=100)

    assert Task.objects.count() == 1


def test_a_product_that_is_made_or_changed_too_low_asks_as_well(shared_list):
    products.edit(
        product=ProductFactory(stock=3), by=None, reorder_level=4, restock_list=shared_list
    )
    ProductFactory(stock=0, reorder_level=1, restock_list=shared_list)

    assert Task.objects.count() == 2


@pytest.mark.parametrize("gone", [lists.archive, lists.trash, lists.delete])
def test_a_list_that_takes_no_task_keeps_nobody_from_selling(phone, shared_list, owner, gone):
    gone(task_list=shared_list, by=owner)

    assert sell(phone, 6).stock == 4
    assert not Task.objects.exists()


def test_a_list_that_took_no_task_is_asked_again_when_more_is_sold(phone, shared_list, owner):
    phone = sell(sell(phone, 6), -6)
    tasks.complete(task=phone.restock_task, by=owner)
    lists.archive(task_list=shared_list, by=owner)
    phone = sell(phone, 6)
    lists.unarchive(task_list=shared_list, by=owner)

    sell(sell(phone, 1), 1)

    assert Task.objects.present().open().count() == 1


def test_only_a_list_that_they_may_change_is_named(phone, owner, stranger, viewer):
    plain = ProductFactory(stock=9, reorder_level=1)
    for who in (stranger, viewer):
        with pytest.raises(ValidationError, match="no such list"):
            products.edit(product=plain, by=who, restock_list=phone.restock_list)

    products.edit(product=phone, by=stranger, name="Telephone")  # somebody else's choice stays

    assert Product.objects.get(pk=plain.pk).restock_list is None
    assert Product.objects.get(pk=phone.pk).restock_list == phone.restock_list


def test_undoing_puts_the_stock_back_and_leaves_the_task(phone, staff):
    with one_batch() as sold:
        products.change_stock(product=phone, delta=-6, by=staff)

    undo(batch=sold, by=staff)

    phone.refresh_from_db()
    assert (phone.stock, phone.restock_task.is_open) == (10, True)


def test_a_stock_that_is_put_back_too_low_asks_as_well(phone, editor, staff):
    phone = sell(phone, 6)
    tasks.complete(task=phone.restock_task, by=editor)
    with one_batch() as bought:
        products.change_stock(product=phone, delta=6, by=staff)

    undo(batch=bought, by=staff)

    assert (Product.objects.get().stock, Task.objects.count()) == (4, 2)


def test_what_lies_in_the_trash_asks_when_it_is_back(phone, editor, staff):
    phone = sell(phone, 6)
    tasks.complete(task=phone.restock_task, by=editor)
    with one_batch() as bought:
        products.change_stock(product=phone, delta=6, by=staff)
    products.trash(product=phone, by=staff)

    undo(batch=bought, by=staff)
    assert (Product.objects.get().stock, Task.objects.count()) == (4, 1)

    products.restore(product=phone, by=staff)
    assert Task.objects.count() == 2


def test_what_was_sold_meanwhile_is_not_given_back(phone, staff):
    with one_batch() as sold:
        products.change_stock(product=phone, delta=-1, by=staff)
    sell(phone, 1)

    with pytest.raises(ValidationError, match="changed it since"):
        undo(batch=sold, by=staff)

    assert Product.objects.get().stock == 8


@pytest.mark.parametrize(
    "write",
    [
        lambda product: products.edit(product=product, by=None, name="Telephone"),
        lambda product: products.change_stock(product=product, delta=1, by=None),
    ],
)
def test_what_was_thrown_away_since_it_was_read_stays_as_it_is(phone, staff, write):
    trashed = products.trash(product=phone, by=staff)

    with pytest.raises(Http404):
        write(phone)

    assert Product.objects.get().facts() == trashed.facts()


def test_undoing_a_new_product_throws_it_away(staff):
    with one_batch() as made:
        product = ProductFactory(by=staff)

    undo(batch=made, by=staff)

    assert Product.objects.in_trash().get() == product


def test_undoing_an_edit_gives_back_every_field_as_it_was(staff):
    facts = {"price": Decimal("5"), "attributes": {"a": [1]}, "category": "Toys", "name": "Car"}
    product = ProductFactory(reorder_level=1, restock_list=TaskListFactory(by=staff))
    before = Product.objects.get().facts()
    with one_batch() as edited:
        products.edit(product=product, by=staff, restock_list=None, reorder_level=None, **facts)

    with one_batch() as again:
        undo(batch=edited, by=staff)
    assert Product.objects.get().facts() == before
    undo(batch=again, by=staff)

    now = Product.objects.get()
    assert {name: getattr(now, name) for name in facts} == facts
    assert now.restock_list is None


def test_a_price_of_minus_nothing_is_nothing(staff):
    product = ProductFactory(price=Decimal("-0.00"))

    assert str(product.price) == str(Product.objects.get().price) == "0.00"
