import factory

from products.actions import products
from products.models import Product


class ProductFactory(factory.django.DjangoModelFactory):
    """A product of which five are there, made by the system."""

    class Meta:
        model = Product

    product_id = factory.Sequence(lambda n: f"MADE{n:03}")
    name = factory.LazyAttribute(lambda product: f"Product {product.product_id}")
    category = "Electronics"
    price = "19.99"
    stock = 5
    by = None

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return products.create(**kwargs)
