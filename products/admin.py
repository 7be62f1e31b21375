"""The catalogue in the admin, for who works here; and CSV into it and out of it."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy

from accounts.requests import Request
from products.actions import products
from products.forms import NewProductForm, ProductForm
from products.models import MOST, Product
from tasklist.admin import TrashFilter
from tasklist.csv_admin import CSVAdmin
from tasklist.forms import Difference
from tasklist.page_admin import PageAdmin, TrashRowForm


class CategoryFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("category"), "category"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [(each, each) for each in Product.objects.categories(self.value() or "")]

    def queryset(self, request: Any, queryset: Any) -> Any:
        return queryset.asked_for(category=self.value() or "")


class StockColumn(TrashRowForm):
    stock = Difference(min_value=0, max_value=MOST)


@admin.register(Product)
class ProductAdmin(CSVAdmin, PageAdmin):
    """The catalogue, what has run low first. Its stock is changed in the list."""

    verbs, noun = products, "product"
    form = ProductForm
    add_form = NewProductForm
    row_form = StockColumn
    csv_columns = ("product_id", *products.EDITABLE)
    list_display = ("product_id", "name", "category", "price", "stock", "enough", "deleted_at")
    list_editable = ("stock",)
    list_filter = (TrashFilter, CategoryFilter)
    ordering = ("is_enough", "stock", "id")
    search_fields = ("product_id", "name")
    kept = ("stock", "created_at", "updated_at", "deleted_at")

    @admin.display(description=gettext_lazy("enough"), boolean=True)
    def enough(self, row: Product) -> bool:
        return row.is_enough

    def write_column(self, request: Request, form: StockColumn, row: Product) -> Product:
        return products.change_stock(product=row, by=request.user, delta=form.cleaned_data["stock"])
