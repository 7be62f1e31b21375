import re
from decimal import Decimal
from typing import Self

from django.core import validators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from tasklist.columns import derived
from tasklist.free_json import FreeObject, ObjectField
from tasklist.shelf import Shelved, ShelvedQuerySet
from tasklist.text import key_of, validate_visible
from tasks.models import Task, TaskList

CATEGORIES_SHOWN = 500
MOST = 1_000_000_000  # of one product
IN_STOCK = [validators.MaxValueValidator(MOST)]
# Two dots or one would be another address, to every browser and proxy.
PRODUCT_ID = re.compile(r"\A(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,64}\Z")
validate_product_id = validators.RegexValidator(
    PRODUCT_ID, _("Use up to 64 letters, digits, dots, hyphens and underscores.")
)


class ProductQuerySet(ShelvedQuerySet["Product"]):
    def where_user_may(self, user: User, ability: str) -> Self:
        """Who is signed in may "view" what is not in the trash; who works here "edit" it all."""
        if user.is_staff:
            return {"view": self, "edit": self}[ability]
        return {"view": self.present(), "edit": self.none()}[ability]

    def called(self, *product_ids: str) -> Self:
        """Those with these product_ids, in whatever case. MySQL would take ó for o."""
        return self.filter(key__in=[each.lower() for each in product_ids if PRODUCT_ID.match(each)])

    def asked_for(self, *, name: str = "", category: str = "") -> Self:
        """Those of a category whose name starts so; without either, all."""
        found = self.filter(category_key=key_of(category)) if category else self
        return found.starting_with(name) if name else found

    def categories(self, asked: str = "") -> list[str]:
        """As many as fit a page, by the alphabet, and the one `asked` for in its own spelling."""
        found = self.order_by("category").values_list("category", flat=True).distinct()
        shown = [*found[:CATEGORIES_SHOWN], asked]
        return list({key_of(each): each for each in shown if each}.values())


class Product(Shelved):
    """Something that is sold: what it is, what it costs, and how many are there."""

    product_id = models.CharField(_("product ID"), max_length=64, validators=[validate_product_id])
    # The same ID in another case is the same product, on every database.
    key = derived(Lower("product_id"), models.CharField(max_length=64), unique=True)
    category = models.CharField(_("category"), max_length=100, validators=[validate_visible])
    category_key = models.CharField(max_length=32, editable=False)
    description = models.TextField(
        _("description"), blank=True, validators=[validators.MaxLengthValidator(10_000)]
    )
    price = models.DecimalField(
        _("price"),
        max_digits=12,
        decimal_places=2,
        validators=[validators.MinValueValidator(Decimal(0))],
    )
    stock = models.PositiveIntegerField(_("stock"), default=0, validators=IN_STOCK)
    attributes = ObjectField(
        _("attributes"),
        default=dict,
        blank=True,
        validators=[FreeObject(names=20, size=4_096, levels=2)],
    )
    reorder_level = models.PositiveIntegerField(
        _("reorder level"),
        null=True,
        blank=True,
        validators=IN_STOCK,
        help_text=_("When fewer are left, a task to restock it is added to the list."),
    )
    is_enough = derived(
        Case(When(stock__lt=F("reorder_level"), then=Value(False)), default=Value(True)),
        models.BooleanField(),
    )
    restock_list = models.ForeignKey(
        TaskList,
        models.SET_NULL,
        related_name="+",
        verbose_name=_("list for restocking"),
        null=True,
        blank=True,
    )
    restock_task = models.ForeignKey(
        Task,
        models.SET_NULL,
        related_name="+",
        verbose_name=_("task to restock it"),
        null=True,
        editable=False,
    )

    unrecorded = Shelved.unrecorded | {"category_key"}
    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = [
            models.CheckConstraint(name="price_is_not_negative", condition=Q(price__gte=0)),
            models.CheckConstraint(name="stock_is_not_negative", condition=Q(stock__gte=0)),
        ]
        indexes = [
            models.Index(name="product_names", fields=["shelf", "id"]),
            models.Index(name="product_category_names", fields=["category_key", "shelf", "id"]),
            models.Index(name="product_categories", fields=["category"]),
            models.Index(name="product_low_first", fields=["is_enough", "stock", "id"]),
        ]

    def get_absolute_url(self) -> str:
        return reverse("products:show", args=[self.pk])

    def clean(self) -> None:
        """And what is derived: a key, and a price of two places, as the database has it."""
        super().clean()
        self.price = self.price.quantize(Decimal("0.01")) + 0  # no price is -0.00
        self.category_key = key_of(self.category)
        if self.restock_list_id and self.reorder_level is None:
            message = _("Say below which stock a task is wanted.")
            raise ValidationError({"reorder_level": message}, code="required")

    @property
    def wants_restocking(self) -> bool:
        """Whether a task for it has to be open in its list."""
        return bool(self.restock_list_id) and not self.deleted_at and not self.is_enough
