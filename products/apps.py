from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProductsConfig(AppConfig):
    """The catalogue: a model, its actions, and a doorway for each who uses them."""

    name = "products"
    verbose_name = _("Products")

    def ready(self) -> None:
        from ledger import trash  # noqa: PLC0415  models are there only now
        from ledger.actions import undoing  # noqa: PLC0415
        from products.actions import products  # noqa: PLC0415
        from products.models import Product  # noqa: PLC0415

        changes = undoing.Subject(Product, index="products:index", write=products.write)
        undoing.subjects["product"] = changes
        trash.bins["product"] = (Product.objects.in_trash, products.delete)
