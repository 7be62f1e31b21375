import uuid
from typing import Any

from django.apps import apps
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ledger import letters
from ledger.actions import deliveries
from ledger.buttons import Buttons
from ledger.models import Change, Delivery, Job, Recorded

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


class ReadOnlyAdmin(Buttons, admin.ModelAdmin):
    """To be read: nobody adds, alters or deletes a row."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Change)
class ChangeAdmin(ReadOnlyAdmin):
    """What happened."""

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


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """What went out and what did not, and why. What it said, nobody reads."""

    list_display = ("planned_at", "recipient", "what", "state", "result")
    list_filter = ("state",)
    fields = (
        *("recipient", "what", "user", "state", "attempts"),
        *("planned_at", "due_at", "ended_at", "result"),
    )
    ordering = ("-pk",)
    sortable_by = ()
    search_fields = ("=recipient",)
    search_help_text = _("The whole address.")
    actions = ("send_again",)

    @admin.display(description=_("what"))
    def what(self, delivery: Delivery) -> str:
        return letters.in_words(delivery.kind)

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("ledger.change_delivery")

    @admin.action(description=_("Send again"), permissions=["send"])
    def send_again(self, request: Any, chosen: QuerySet) -> None:
        """Those that failed, or of which nobody knows: they may arrive a second time."""
        again = [each for each in chosen if self.was_sent_again(request, each)]
        if again:
            words = ngettext("%(count)d is sent again.", "%(count)d are sent again.", len(again))
            self.message_user(request, words % {"count": len(again)}, messages.SUCCESS)

    def was_sent_again(self, request: Any, delivery: Delivery) -> bool:
        try:
            deliveries.send_again(delivery=delivery, by=request.user)
        except ValidationError as refusal:
            words = f"“{delivery.recipient}”: {' '.join(refusal.messages)}"
            self.message_user(request, words, messages.ERROR)
            return False
        return True


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """What people have asked for that takes longer than a page may."""

    list_display = ("made_at", "kind", "user", "state", "progress", "ended_at")
    list_filter = ("state",)
    list_select_related = ("user",)
    fields = ("kind", "user", "state", "progress", "worker", "made_at", "ended_at", "expires_at")
    ordering = ("-pk",)
    sortable_by = ()
