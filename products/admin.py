"""The catalogue in the admin, for who works here; and CSV into it and out of it."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.requests import Request
from products.actions import products
from products.forms import NewProductForm, ProductForm
from products.models import MOST, PRODUCT_ID, Product, ProductQuerySet, may_write
from tasklist.admin import RowForm, TrashFilter
from tasklist.csv_admin import ActionResource, CSVAdmin
from tasklist.forms import Difference
from tasklist.page_admin import PageAdmin


class CategoryFilter(admin.SimpleListFilter):
    title = gettext_lazy("category")
    parameter_name = "category"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [(each, each) for each in Product.objects.categories()]

    def queryset(self, request: Any, queryset: Any) -> Any:
        return queryset.in_category(self.value()) if self.value() else queryset


class StockForm(RowForm):
    stock = Difference(min_value=0, max_value=MOST)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field, name = self.fields["stock"], _("Stock of %(name)s") % {"name": self.instance}
        field.widget.widgets[0].attrs["aria-label"] = name
        field.disabled = bool(self.instance.deleted_at)


class ProductResource(ActionResource):
    class Meta:
        model = Product
        fields = ("product_id", *products.EDITABLE)
        import_id_fields = ("product_id",)

    def find(self, keys: list[str]) -> dict[str, Product]:
        found = Product.objects.filter(key__in=filter(PRODUCT_ID.match, keys))
        return {each.key: each for each in found}

    def write(self, row: Product | None, by: User, facts: dict[str, Any]) -> None:
        product_id = facts.pop("product_id")
        if not row:
            products.create(product_id=product_id, by=by, **facts)
        elif row.deleted_at:
            raise ValidationError({"product_id": _("It is in the trash. Restore it first.")})
        else:
            products.edit(product=row, by=by, version=row.version, **facts)


@admin.register(Product)
class ProductAdmin(CSVAdmin, PageAdmin):
    """The catalogue, what has run low first. Its stock is changed in the list."""

    resource_classes = (ProductResource,)
    form, add_form, row_form = ProductForm, NewProductForm, StockForm
    list_display = ("product_id", "name", "category", "price", "stock", "enough", "deleted_at")
    list_editable = ("stock",)
    list_filter = (TrashFilter, CategoryFilter)
    ordering = ("is_enough", "stock", "id")
    sortable_by = ()
    search_fields = ("product_id", "name")
    kept = ("stock", "created_at", "updated_at", "deleted_at")
    actions = ("trash", "restore")

    @admin.display(description=gettext_lazy("enough"), boolean=True)
    def enough(self, row: Product) -> bool:
        return row.is_enough

    def may(self, user: User) -> bool:
        return may_write(user)

    def write(self, request: Request, form: Any, row: Any) -> Product:
        by = request.user
        if isinstance(form, StockForm):
            return products.change_stock(product=row, delta=form.cleaned_data["stock"], by=by)
        if row:
            return products.edit(product=row, by=by, version=form.version_read(), **form.facts())
        return products.create(by=by, submission=form.cleaned_data["submission"], **form.facts())

    def discard(self, request: Request, row: Product) -> None:
        products.delete(product=row, by=request.user)

    @admin.action(description=gettext_lazy("Move to trash"), permissions=["change"])
    def trash(self, request: Request, chosen: ProductQuerySet) -> None:
        self.do_each(request, chosen, chosen.present(), product=products.trash)

    @admin.action(description=gettext_lazy("Restore"), permissions=["change"])
    def restore(self, request: Request, chosen: ProductQuerySet) -> None:
        self.do_each(request, chosen, chosen.in_trash(), product=products.restore)
