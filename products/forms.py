"""Forms translate between what people type and what the actions take. They decide nothing."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from products.models import MOST, Product
from tasklist.forms import Lines, MergingForm, VerbForm
from tasks.models import TaskList

FIELDS = ("name", "category", "price", "description", "reorder_level", "restock_list", "attributes")


class ProductForm(MergingForm):
    """What may change of a product; its stock has a form of its own, which adds and takes."""

    class Meta:
        model = Product
        fields: tuple[str, ...] = FIELDS
        field_classes = {"description": Lines}
        widgets = {"category": forms.TextInput({"list": "categories"})}
        help_texts = {"attributes": _('JSON, like {"colour": "black", "sizes": [1, 2]}.')}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine, chosen = TaskList.objects.taking_tasks_of(user), self.instance.restock_list_id
        self.fields["restock_list"] = forms.ModelChoiceField(
            mine.by_title(), required=False, label=_("List for restocking"), empty_label=_("None")
        )
        if chosen and not mine.filter(pk=chosen).exists():
            del self.fields["restock_list"]  # a list of others, whose name is not for everybody

    @property
    def categories(self) -> list[str]:
        return Product.objects.categories()


class NewProductForm(ProductForm):
    class Meta(ProductForm.Meta):
        fields = ("product_id", *FIELDS[:3], "stock", *FIELDS[3:])


class DeltaForm(VerbForm):
    delta = forms.IntegerField(
        label=_("Add, or take with a minus"), min_value=-MOST, max_value=MOST
    )
