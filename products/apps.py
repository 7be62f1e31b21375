from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProductsConfig(AppConfig):
    """The catalogue: a model, its actions, and a doorway for each who uses them."""

    name = "products"
    verbose_name = _("Products")

    def ready(self) -> None:
        from ledger import trash  # noqa: PLC0415  models are there only now
        from products.actions import products, undoing  # noqa: PLC0415
        from products.models import Product  # noqa: PLC0415

        undoing.register()
        trash.bins["product"] = (Product.objects.in_trash, products.delete)
