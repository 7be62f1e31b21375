"""The admin: one more doorway onto the actions.

Its pages read, its forms translate, and what they ask for is done by an action; nothing is
saved past the ledger, and the ledger's record takes the place of Django's own.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import Field, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from ledger.actions.action import action
from ledger.buttons import NUMBER, Buttons
from ledger.merging import Conflict
from tasklist.forms import ActionForm

WORDS = 8  # of a search
ROW = re.compile(r"form-[0-9]+-id\Z")  # names the row of a column that is written in a list
DONE = ngettext_lazy("Done for %(count)d.", "Done for %(count)d.", "count")


class Choice(AutocompleteSelect):
    """Shows nothing chosen where no good number came, which Django's breaks on."""

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> Any:
        try:
            return super().optgroups(name, value, attr)
        except (ValueError, OverflowError):
            return super().optgroups(name, [""], attr)


class RowForm(ActionForm):
    """One row of a list that can be written in its columns."""

    refusal: ValidationError | None = None
    refused: int | None = None  # which row, where an action refused one

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            column = self.instance._meta.get_field(name).verbose_name
            words = _("%(column)s of %(row)s") % {"column": capfirst(column), "row": self.instance}
            several = getattr(field.widget, "widgets", [field.widget])
            several[0].attrs["aria-label"] = words

    def _post_clean(self) -> None:
        if self.refusal and self.instance.pk == self.refused:
            self.add_error(self.changed_data[0], self.refusal.messages)


class TrashFilter(admin.SimpleListFilter):
    title = gettext_lazy("trash")
    parameter_name = "trash"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("Not in the trash")), ("yes", _("In the trash"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        there = {"no": True, "yes": False}.get(self.value() or "")
        return queryset if there is None else queryset.filter(deleted_at__isnull=there)


class Columns(ChangeList):
    """Sorts by what it offers: the address could name a column without an index."""

    def get_ordering_field(self, field_name: Any) -> Any:
        offered = self.sortable_by or ()
        return super().get_ordering_field(field_name) if field_name in offered else None


class ActionAdmin(Buttons, admin.ModelAdmin):
    """Pages of a model that is written by actions: `write` and `discard` say by which."""

    form: type[ActionForm] = ActionForm
    row_form = RowForm
    list_select_related = ()
    sortable_by: ClassVar[tuple[str, ...]] = ()  # columns with an index
    # What a list shows of other tables: joined, a million rows would be sorted for a page of 50.
    list_prefetch_related: tuple[str, ...] = ()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Columns

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Each word is one more condition on every row."""
        words = " ".join(search_term[:200].split()[:WORDS])
        return super().get_search_results(request, queryset, words)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related(*self.list_prefetch_related)

    def write(self, request: Any, form: Any, row: Any) -> Model:
        """What the form asks for, done; `row` is None where it adds one. Answers the row."""
        raise NotImplementedError

    def write_column(self, request: Any, form: Any, row: Any) -> Model:
        """The same for what was typed into a column of the list."""
        raise NotImplementedError

    def discard(self, request: Any, row: Any) -> None:
        raise NotImplementedError

    def changeable(self, request: Any, rows: Any) -> QuerySet:
        """Those of the rows that this person may change, by the product's own rules."""
        return rows

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and self.is_changeable(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and self.is_changeable(request, obj)

    def is_changeable(self, request: HttpRequest, row: Model | None) -> bool:
        if row is None:
            return True
        rows = self.model._default_manager.filter(pk=row.pk)
        return self.changeable(request, rows).exists()

    # Forms
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """As one action; what that refuses is said on the form, with nothing written."""
        view = partial(super().changeform_view, request, object_id, form_url, extra_context)
        if request.method != "POST":
            return view()
        try:
            return action(view)()
        except (ValidationError, Conflict) as refusal:
            request.refusal = refusal  # type: ignore[attr-defined]
            return view()

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.refusal = getattr(request, "refusal", None)  # type: ignore[attr-defined]
        return form

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Model:
        request.written = form.instance.pk  # type: ignore[attr-defined]
        write = self.write_column if isinstance(form, RowForm) else self.write
        return write(request, form, form.instance if change else None)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """It is written already."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """What belongs to it, too."""

    def formfield_for_dbfield(self, db_field: Field, request: Any, **kwargs: Any) -> Any:
        """Without windows that pop up to change what a field only points to."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        for what in ("can_add_related", "can_change_related", "can_delete_related"):
            if field and hasattr(field.widget, what):
                setattr(field.widget, what, False)
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = Choice(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    # Columns that can be written in the list
    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """All rows of the page as one action; what that refuses is said at its row."""
        view = partial(super().changelist_view, request, extra_context)
        if request.method != "POST" or "_save" not in request.POST:
            return view()
        if not all(NUMBER.match(str(pk)) for name, pk in request.POST.items() if ROW.match(name)):
            raise BadRequest
        try:
            response = action(view)()
        except ValidationError as refusal:
            request.refusal = refusal  # type: ignore[attr-defined]
            response = view()
        shown = getattr(response, "context_data", None)
        return self.as_sent(request, shown["cl"], response) if shown else response

    def as_sent(self, request: HttpRequest, page: Any, response: HttpResponse) -> HttpResponse:
        """The rows as they were on the page, not as they would be sorted now."""
        page.result_list = [form.instance for form in page.formset.forms]
        if all(row.pk for row in page.result_list):
            return response
        words = _("Something of this page is gone for good. Nothing was changed.")
        self.message_user(request, words, messages.ERROR)
        return redirect(request.get_full_path())

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        form = super().get_changelist_form(request, form=self.row_form, **kwargs)
        form.refusal = getattr(request, "refusal", None)  # type: ignore[attr-defined]
        form.refused = getattr(request, "written", None)  # type: ignore[attr-defined]
        return form

    # Deleting
    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        view = partial(super().delete_view, request, object_id, extra_context)
        if request.method != "POST":
            return view()
        try:
            return action(view)()
        except ValidationError as refusal:
            self.message_user(request, " ".join(refusal.messages), messages.ERROR)
            return redirect(request.path)

    def get_deleted_objects(self, objs: Iterable[Any], request: HttpRequest) -> Any:
        """What goes with it, and what stands in the way, is for the action to say."""
        return [str(each) for each in objs], {}, set(), []

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.discard(request, obj)

    # Buttons above a list
    def do_each(
        self,
        request: Any,
        chosen: QuerySet,
        allowed: QuerySet,
        said: Any = DONE,
        **named: Callable[..., Any],
    ) -> None:
        """Do to each of those chosen, where it is allowed, what the action says.

        `named` is one action, under the name by which it takes the row; `said` is what the
        message says afterwards, by `count`.
        """
        [(name, do)] = named.items()
        rows = list(allowed)
        left = len(chosen) - len(rows)  # before any of them is gone
        done = [row for row in rows if self.did(request, row, partial(do, **{name: row}))]
        self.report(
            request,
            left,
            messages.WARNING,
            ngettext("%(count)d is left as it was.", "%(count)d are left as they were.", left),
        )
        self.report(request, len(done), messages.SUCCESS, said)

    def did(self, request: HttpRequest, row: Model, do: Callable[..., Any]) -> bool:
        try:
            do(by=request.user)
        except ValidationError as refusal:
            self.message_user(request, f"“{row}”: {' '.join(refusal.messages)}", messages.ERROR)
            return False
        return True

    def report(self, request: HttpRequest, count: int, level: int, words: Any) -> None:
        if count:
            self.message_user(request, words % {"count": count}, level)

    # The record
    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        about = {"subject_type": self.opts.model_name, "subject_id": object_id}
        return redirect(f"{reverse('admin:ledger_change_changelist')}?{urlencode(about)}")

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The ledger has it."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The ledger has it."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """The ledger has it."""
