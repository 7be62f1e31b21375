"""Products by the API: how they look in JSON, what may be asked, and the verbs."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.api.requests import Request
from ledger.access import fetch
from ledger.actions import rows
from products import models
from products.actions import products
from products.models import MOST, ProductQuerySet, refuse_reader
from tasklist.rest.fields import Amount, FreeJSON, Identifier, Switch, Text, Whole
from tasklist.rest.paging import KeysetPagination, PageQuery, listed
from tasklist.rest.serializers import Body, Deletion, Nothing
from tasklist.rest.views import SingleViewSet
from tasklist.shelf import BY_NAME, NAME_LENGTH
from tasks.models import TaskList

FIELDS = (
    *("product_id", "name", "category", "description", "price", "stock", "attributes"),
    *("reorder_level", "restock_list", "version", "created_at", "updated_at", "deleted_at"),
)


class Product(Body):
    """Something that is sold."""

    product_id = Text(max_length=64, validators=[models.validate_product_id], help_text="For good.")
    name = Text(max_length=NAME_LENGTH)
    category = Text(max_length=100)
    description = Text(default="", allow_blank=True, max_length=models.DESCRIPTION_LIMIT)
    price = Amount(max_digits=12, decimal_places=2, min_value=0)
    stock = Whole(default=0, min_value=0, max_value=MOST)
    attributes = FreeJSON(default=dict, help_text="An object: 20 names, 4,096 bytes, 2 levels.")
    reorder_level = Whole(default=None, allow_null=True, min_value=0, max_value=MOST)
    restock_list = Identifier(
        default=None, allow_null=True, help_text="Where a task says that stock ran low."
    )
    version = Whole(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)
    deleted_at = serializers.DateTimeField(read_only=True, allow_null=True)

    def validate_restock_list(self, number: int | None) -> TaskList | None:
        """The list; whether it is one of theirs is for the action to say."""
        return TaskList(pk=number) if number else None


class Replacement(Product):
    """All of a product but its ID, which the address names."""

    product_id = Text(required=False, max_length=64)


class Delta(Body):
    """How many to add, or with a minus to take."""

    delta = Whole(min_value=-MOST, max_value=MOST)


class ProductQuery(PageQuery):
    category = Text(required=False, max_length=100)
    name = Text(required=False, max_length=NAME_LENGTH, help_text="How it starts.")
    deleted = Switch(default=False, help_text="`true`: those in the trash instead, for staff.")


def product_body(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of FIELDS as programs see it: the price is a number, whole where it has no cents."""
    body = {name: row[name] for name in FIELDS}
    price = body["price"]
    return body | {"price": int(price) if price == int(price) else float(price)}


class ProductViewSet(SingleViewSet):
    """The catalogue: who is signed in reads it, staff write it."""

    request: Request
    asks, may_clash = ("list", "destroy"), ("create", "stock")
    pagination_class = KeysetPagination

    def body_of(self, row: models.Product) -> Mapping[str, Any]:
        there = models.Product.objects.filter(pk=row.pk).values(*FIELDS)
        return product_body(get_object_or_404(there))  # deleted for good this moment

    def product(self, ability: str, among: ProductQuerySet | None = None) -> models.Product:
        among = models.Product.objects.present() if among is None else among
        named = among.called(self.kwargs["product_id"])
        return fetch(named, self.request.user, ability)

    @extend_schema(parameters=[ProductQuery], responses=Product(many=True))
    def list(self, request: Request) -> Response:
        """The catalogue, by name."""
        query = ProductQuery.of(request)
        found = models.Product.objects.where_user_may(request.user, "view")
        found = found.in_trash() if query["deleted"] else found.present()
        if "category" in query:
            found = found.in_category(query["category"])
        if "name" in query:
            found = found.starting_with(query["name"])
        return listed(request, found, query, fields=FIELDS, shape=product_body, order=BY_NAME)

    @extend_schema(request=Product, responses={201: Product})
    def create(self, request: Request) -> Response:
        """Add a product; 409 where there is one of this ID."""
        refuse_reader(request.user)
        made = products.create(by=request.user, **Product.read(request))
        where = reverse("api:product", [made.product_id], request=request)
        return self.answer(self.body_of(made), 201, where)

    @extend_schema(responses=Product)
    def retrieve(self, request: Request, product_id: str) -> Response:
        """One product, unless it is in the trash."""
        return self.answer(self.body_of(self.product("view")))

    @extend_schema(request=Replacement, responses=Product)
    def update(self, request: Request, product_id: str) -> Response:
        """Write every field; those left out are reset. The product_id stays."""
        return self.edit(partial=False)

    @extend_schema(request=Product, responses=Product)
    def partial_update(self, request: Request, product_id: str) -> Response:
        """Write the fields that are named, and no other."""
        return self.edit(partial=True)

    @extend_schema(parameters=[Deletion], responses={204: None})
    def destroy(self, request: Request, product_id: str) -> Response:
        """Into the trash; with `permanent=true` for good."""
        if Deletion.of(request)["permanent"]:
            self.act(products.delete, self.product("edit", models.Product.objects.all()))
        else:
            self.act(products.trash, self.product("edit"))
        return Response(status=204)

    @extend_schema(request=None, responses=Product)
    def restore(self, request: Request, product_id: str) -> Response:
        """Out of the trash."""
        Nothing.read(request)
        product = self.product("edit", models.Product.objects.all())
        return self.answer(self.body_of(self.act(products.restore, product)))

    @extend_schema(request=Delta, responses=Product)
    def stock(self, request: Request, product_id: str) -> Response:
        """Add to the stock or take from it; 409 with the present `stock` where fewer are left."""
        delta = Delta.read(request)["delta"]
        product = self.act(products.change_stock, self.product("edit"), delta=delta)
        return self.answer(self.body_of(product))

    def edit(self, *, partial: bool) -> Response:
        product = self.product("edit")
        changes = Replacement.read(self.request, partial=partial)
        if changes.pop("product_id", product.product_id) != product.product_id:
            words = _("The product_id stays as it is. Make a new product instead.")
            raise ValidationError({"product_id": words}, code="immutable")
        return self.answer(self.body_of(self.act(products.edit, product, **changes)))

    def act(self, verb: Callable[..., Any], product: models.Product, **facts: Any) -> Any:
        then = partial(verb, product=product, by=self.request.user, **facts)
        return self.write(product, then, rows.lock)


ONE: dict[str, Any] = {
    **{"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}
}
urlpatterns = [
    path("products/", ProductViewSet.as_view({"get": "list", "post": "create"}), name="products"),
    path("products/<str:product_id>/", ProductViewSet.as_view(ONE), name="product"),
    path(
        "products/<str:product_id>/restore/",
        ProductViewSet.as_view({"post": "restore"}),
        name="product-restore",
    ),
    path(
        "products/<str:product_id>/stock/",
        ProductViewSet.as_view({"post": "stock"}),
        name="product-stock",
    ),
]
