import uuid
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ledger.models import Change, Recorded

LATEST = 1_000  # changes, out of which the filter takes the kinds that it offers


class KindFilter(admin.SimpleListFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The kinds of late: to find all that ever were, every change would be read."""
        latest = Change.objects.order_by("-pk").values_list("kind", flat=True)[:LATEST]
        return [(kind, kind) for kind in sorted({*latest, *filter(None, [self.value()])})]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Change)
class ChangeAdmin(admin.ModelAdmin):
    """What happened, to be read: nobody alters it."""

    list_display = ("at", "by", "via", "kind", "subject_type", "subject_id", "version")
    list_filter = ("via", KindFilter)
    list_select_related = ("by",)
    ordering = ("-pk",)
    sortable_by = ()
    search_fields = ("batch", "subject_id")
    search_help_text = _("The number of what was changed, or that of the batch.")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """By whole numbers, which have an index; parts of them would be sought in every row."""
        term = search_term.strip()
        if not term:
            return queryset, False
        if term.isascii() and term.isdigit():
            kinds = [model for model in apps.get_models() if issubclass(model, Recorded)]
            names = [model._meta.model_name for model in kinds]
            return queryset.filter(subject_type__in=names, subject_id=int(term[:20])), False
        try:
            return queryset.filter(batch=uuid.UUID(term)), False
        except ValueError:
            return queryset.none(), False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
