"""The pages: find, act, answer. What the pages of everything do is in tasklist/pages.py."""

from functools import partial

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import Request
from ledger.access import fetch, may, refuse_unless_may
from products.actions import products
from products.forms import DeltaForm, NewProductForm, ProductForm
from products.models import Product
from tasklist.free_json import in_words
from tasklist.pages import Delete, Restore, Trash, form_page, saved, shows_a_form
from tasklist.paging import page_of
from tasklist.shelf import BY_NAME
from tasks.models import Task

SHOWN = ("pk", "product_id", "name", "category", "price", "stock", "is_enough")
FORM = "products/product_form.html"


@require_safe
def index(request: Request) -> HttpResponse:
    """By name: all, of a category, or whose name starts so. A product ID leads to its product."""
    asked = {name: request.GET.get(name, "").strip() for name in ("q", "category")}
    trash = request.GET.get("show") == "trash"
    there = Product.objects.where_user_may(request.user, "view")
    found = there.in_trash() if trash else there.present()
    if named := found.called(asked["q"]).first():
        return redirect(named)
    found = found.asked_for(name=asked["q"], category=asked["category"])
    page = page_of(found, BY_NAME, fields=SHOWN, cursor=request.GET.get("after"), limit=50)
    context = {"page": page, "asked": asked, "trash": trash}
    context["categories"] = Product.objects.categories(asked["category"])
    context["may_write"] = may(Product.objects.all(), request.user, "edit")
    return render(request, "products/index.html", context)


def product_page(request: Request, pk: int, form: DeltaForm | None = None) -> HttpResponse:
    product = fetch(Product.objects.all(), request.user, "view", pk=pk)
    tasks = Task.objects.present().open().where_user_may(request.user, "view")
    may_write = may(Product.objects.all(), request.user, "edit")
    context = {
        "product": product,
        "attributes": [(name, in_words(value)) for name, value in product.attributes.items()],
        "form": form or DeltaForm(),
        "may_write": may_write,
        "editable": may_write and not product.deleted_at,
        "restock_task": tasks.filter(pk=product.restock_task_id or 0).first(),
    }
    return render(request, "products/product.html", context, status=422 if form else 200)


show = require_safe(product_page)


@shows_a_form
def create(request: Request) -> HttpResponse:
    refuse_unless_may(Product.objects.all(), request.user, "edit")
    form = NewProductForm(request.POST or None, user=request.user)
    return form_page(request, form, products.create, _("“%(name)s” is added."), template=FORM)


@shows_a_form
def edit(request: Request, pk: int) -> HttpResponse:
    product = fetch(Product.objects.present(), request.user, "edit", pk=pk)
    form = ProductForm(request.POST or None, user=request.user, instance=product)
    write = partial(products.edit, product=product)
    return form_page(request, form, write, _("The product is saved."), template=FORM)


@require_POST
def change_stock(request: Request, pk: int) -> HttpResponse:
    product = fetch(Product.objects.present(), request.user, "edit", pk=pk)
    form = DeltaForm(request.POST)
    write = partial(products.change_stock, product=product)
    if product := saved(request, form, write, _("%(stock)d in stock now.")):
        return redirect(product)
    return product_page(request, pk, form)


trash = Trash.as_view(rows=Product.objects.present, verb=products.trash, noun="product")
restore = Restore.as_view(rows=Product.objects.all, verb=products.restore, noun="product")
delete = Delete.as_view(rows=Product.objects.in_trash, verb=products.delete, noun="product")
