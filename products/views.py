"""The pages: find, act, answer."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import Request
from ledger.access import fetch
from products.actions import products
from products.forms import NewProductForm, ProductForm, StockForm
from products.models import Product, may_write, refuse_reader
from tasklist.forms import rules_shown_on
from tasklist.free_json import in_words
from tasklist.messages import report, report_rule
from tasklist.paging import page_of
from tasklist.redirects import back
from tasklist.shelf import BY_NAME
from tasks.models import Task

SHOWN = ("pk", "product_id", "name", "category", "price", "stock", "is_enough")


@require_safe
def index(request: Request) -> HttpResponse:
    """By name: all, of a category, or whose name starts so. A product ID leads to its product."""
    asked = {name: request.GET.get(name, "").strip() for name in ("q", "category")}
    trash = request.GET.get("show") == "trash"
    there = Product.objects.where_user_may(request.user, "view")
    found = there.in_trash() if trash else there.present()
    if asked["q"] and (named := found.called(asked["q"]).first()):
        return redirect(named)
    found = found.in_category(asked["category"]) if asked["category"] else found
    found = found.starting_with(asked["q"]) if asked["q"] else found
    after = request.GET.get("after")
    page = page_of(found, BY_NAME, fields=SHOWN, cursor=after, limit=50)
    context = {"page": page, "asked": asked, "trash": trash, "may_write": may_write(request.user)}
    context["categories"] = Product.objects.categories()
    return render(request, "products/index.html", context)


@require_safe
def show(request: Request, pk: int) -> HttpResponse:
    return product_page(request, fetch(Product.objects.all(), request.user, "view", pk=pk))


def product_page(request: Request, product: Product, form: StockForm | None = None) -> HttpResponse:
    tasks = Task.objects.present().open().where_user_may(request.user, "view")
    context = {
        "product": product,
        "attributes": [(name, in_words(value)) for name, value in product.attributes.items()],
        "form": form or StockForm(),
        "may_write": may_write(request.user),
        "restock_task": tasks.filter(pk=product.restock_task_id or 0).first(),
    }
    return render(request, "products/product.html", context, status=422 if form else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: Request) -> HttpResponse:
    user = request.user
    refuse_reader(user)
    form = NewProductForm(request.POST or None, user=user)
    if form.is_valid():
        with rules_shown_on(form):
            submission = form.cleaned_data["submission"]
            made = products.create(by=user, submission=submission, **form.facts())
            report(request, _("“%(product)s” is added.") % {"product": made})
            return redirect(made)
    return form_page(request, form, heading=_("New product"))


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    user, product = request.user, editable(request, pk)
    form = ProductForm(request.POST or None, user=user, instance=product)
    if form.is_valid():
        with rules_shown_on(form):
            version = form.version_read()
            products.edit(product=product, by=user, version=version, **form.facts())
            report(request, _("The product is saved."))
            return redirect(product)
    return form_page(request, form, heading=_("Edit product"), product=product)


def form_page(request: Request, form: ProductForm, **context: Any) -> HttpResponse:
    context |= {"form": form, "categories": Product.objects.categories()}
    return render(request, "products/product_form.html", context, status=form.http_status)


@require_POST
def change_stock(request: Request, pk: int) -> HttpResponse:
    product, form = editable(request, pk), StockForm(request.POST)
    if form.is_valid():
        with rules_shown_on(form):
            delta = form.cleaned_data["delta"]
            product = products.change_stock(product=product, delta=delta, by=request.user)
            report(request, _("%(count)d in stock now.") % {"count": product.stock})
            return back(request, "products:show", pk)
    return product_page(request, editable(request, pk), form)


@require_POST
def trash(request: Request, pk: int) -> HttpResponse:
    product = products.trash(product=editable(request, pk), by=request.user)
    report(request, _("“%(product)s” is in the trash.") % {"product": product})
    return back(request, "products:index", gone=product.get_absolute_url())


@require_POST
def restore(request: Request, pk: int) -> HttpResponse:
    product = fetch(Product.objects.in_trash(), request.user, "edit", pk=pk)
    product = products.restore(product=product, by=request.user)
    report(request, _("“%(product)s” is back.") % {"product": product})
    return back(request, "products:show", pk)


@require_POST
def delete(request: Request, pk: int) -> HttpResponse:
    """For good, and only out of the trash: the one step that nothing takes back."""
    product = fetch(Product.objects.in_trash(), request.user, "edit", pk=pk)
    try:
        products.delete(product=product, by=request.user)
    except ValidationError as error:
        report_rule(request, error)
    else:
        words = _("“%(product)s” is deleted for good.") % {"product": product}
        report(request, words, for_good=True)
    return back(request, "products:index", gone=product.get_absolute_url())


def editable(request: Request, pk: int) -> Product:
    return fetch(Product.objects.present(), request.user, "edit", pk=pk)
