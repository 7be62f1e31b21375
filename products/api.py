"""Products by the API: how they look in JSON, what may be asked, and the verbs."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.api.requests import Request
from products import models
from products.actions import products
from tasklist.rest.fields import Text, Whole
from tasklist.rest.resources import ResourceQuery, ResourceViewSet
from tasklist.rest.routers import Router
from tasklist.rest.serializers import Body, ModelBody
from tasklist.shelf import BY_NAME, NAME_LENGTH

FIELDS = (
    *("product_id", "name", "category", "description", "price", "stock", "attributes"),
    *("reorder_level", "restock_list", "version", "created_at", "updated_at", "deleted_at"),
)


class Product(ModelBody):
    """Something that is sold."""

    class Meta:
        model = models.Product
        fields = FIELDS
        read_only_fields = ("deleted_at",)
        extra_kwargs = {
            "product_id": {"help_text": "For good."},
            "attributes": {"help_text": "An object: 20 names, 4,096 bytes, 2 levels."},
            "restock_list": {"help_text": "Where a task says that stock ran low."},
        }


class Replacement(Product):
    """All of a product but its ID, which the address names."""

    product_id = Text(required=False, max_length=64)


class Delta(Body):
    """How many to add, or with a minus to take."""

    delta = Whole(min_value=-models.MOST, max_value=models.MOST)


class ProductQuery(ResourceQuery):
    category = Text(required=False, max_length=100)
    name = Text(required=False, max_length=NAME_LENGTH, help_text="How it starts.")


@extend_schema_view(
    create=extend_schema(description="Add a product; 409 where there is one of this ID."),
    update=extend_schema(request=Replacement),
)
class ProductViewSet(ResourceViewSet):
    """The catalogue: who is signed in reads it, staff write it."""

    model, verbs, noun = models.Product, products, "product"
    serializer_class, fields = Product, FIELDS
    lookup_field, lookup_value_converter = "product_id", "str"
    order, may_clash = BY_NAME, ("create", "stock")

    def named(self) -> models.ProductQuerySet:
        return models.Product.objects.called(self.kwargs["product_id"])

    @extend_schema(parameters=[ProductQuery])
    def list(self, request: Request) -> Response:
        """The catalogue, by name."""
        query = ProductQuery.of(request)
        wanted = {name: query[name] for name in ("name", "category") if name in query}
        return self.page(models.Product.objects.asked_for(**wanted), query)

    @extend_schema(request=Delta)
    @action(detail=True, methods=["post"])
    def stock(self, request: Request, product_id: str) -> Response:
        """Add to the stock or take from it; 409 with the present `stock` where fewer are left."""
        return self.done(products.change_stock, self.present("edit"), **Delta.read(request))

    def changes_to(self, row: models.Product, *, partial: bool) -> dict[str, Any]:
        """All but the product_id, which may be said again, in whatever case."""
        changes = Replacement.read(self.request, partial=partial)
        called = changes.pop("product_id", row.product_id)
        if called != row.product_id and row not in models.Product.objects.called(called):
            words = _("The product_id stays as it is. Make a new product instead.")
            raise ValidationError({"product_id": words}, code="immutable")
        return changes


router = Router()
router.register("products", ProductViewSet, "product")
urlpatterns = router.urls
