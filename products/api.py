"""Products by the API: how they look in JSON, what may be asked, and the verbs."""

from drf_spectacular.utils import extend_schema
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


class Product(ModelBody):
    """Something that is sold."""

    class Meta:
        model = models.Product
        fields = ("product_id", *products.EDITABLE, *models.Product.stamps, "deleted_at")
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
    category = Text(default="", max_length=100)
    name = Text(default="", max_length=NAME_LENGTH, help_text="How it starts.")


class ProductViewSet(ResourceViewSet):
    """The catalogue: who is signed in reads it, staff write it."""

    model = models.Product
    verbs, noun = products, "product"
    serializer_class = Product
    replacement_class = Replacement
    fields = Product.Meta.fields
    lookup_field, lookup_value_converter = "product_id", "str"
    order = BY_NAME
    may_clash = ("create", "stock")

    @extend_schema(parameters=[ProductQuery])
    def list(self, request: Request) -> Response:
        """The catalogue, by name."""
        query = ProductQuery.of(request)
        found = models.Product.objects.asked_for(name=query["name"], category=query["category"])
        return self.page(found, query)

    @extend_schema(request=Delta)
    @action(detail=True, methods=["post"])
    def stock(self, request: Request, product_id: str) -> Response:
        """Add to the stock or take from it; 409 with the present `stock` where fewer are left."""
        return self.done(products.change_stock, self.present("edit"), **Delta.read(request))


router = Router()
router.register("products", ProductViewSet, "product")
urlpatterns = router.urls
