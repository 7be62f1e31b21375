"""The admin: one more doorway onto the actions.

Its pages read, its forms translate, and what they ask for is done by an action; nothing is
saved past the ledger, and the ledger's record takes the place of Django's own.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial, update_wrapper
from typing import Any, cast
from urllib.parse import urlencode

from allauth.account.decorators import secure_admin_login
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Field, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy, ngettext

from ledger.actions.action import action
from ledger.doorway import Via, through
from ledger.merging import Conflict
from ledger.models import Change, Recorded
from tasklist.forms import rules_shown_on

COUNTED = 10_000  # rows
NUMBER = re.compile(r"[0-9]{1,18}\Z")


class CappedPaginator(Paginator):
    """Counts so far and no further: nobody turns more pages, and counting a million takes long."""

    @cached_property
    def count(self) -> int:
        rows = cast(QuerySet, self.object_list)
        return rows.order_by()[:COUNTED].count()

    @property
    def is_cut_off(self) -> bool:
        return self.count == COUNTED


def is_plain(model_admin: admin.ModelAdmin, lookup: str, value: str, request: HttpRequest) -> bool:
    """What an address may filter by: a column that is equal to something.

    Never by what is kept out of the record: a password's hash could be guessed bit by bit.
    """
    name, _sep, how = lookup.partition("__")
    return how in ("", "exact") and name not in getattr(model_admin.model, "unrecorded", ())


class Site(admin.AdminSite):
    site_header = site_title = gettext_lazy("Tasklist admin")
    index_title = gettext_lazy("Admin")
    enable_nav_sidebar = False  # the columns need the place
    final_catch_all_view = False  # tasklist.middleware.either_slash does what it would

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.disable_action("delete_selected")  # it would delete past the actions

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only what the ledger knows: the pages of others' apps would write past it.

        No page counts everything, for itself or for a filter, nor offers to show it.
        """
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        ours = [model for model in models if issubclass(model, Recorded | Change)]
        options |= {"paginator": CappedPaginator, "show_full_result_count": False}
        options |= {"list_per_page": 50, "list_max_show_all": 0, "view_on_site": False}
        options |= {"show_facets": admin.ShowFacets.NEVER, "lookup_allowed": is_plain}
        super().register(ours, admin_class, **options)

    def admin_view(self, view: Callable, cacheable: bool = False) -> Any:
        guarded = super().admin_view(view, cacheable)

        def inside(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.has_permission(request):
                raise PermissionDenied
            try:
                with through(Via.ADMIN):
                    return guarded(request, *args, **kwargs)
            except OverflowError as error:  # a number that SQLite, not MySQL, chokes on
                raise BadRequest from error

        return update_wrapper(inside, guarded)

    @method_decorator(login_not_required)
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The product's own sign-in, and from there back."""
        return secure_admin_login(lambda request: redirect("admin:index"))(request)

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("account_logout")

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        return redirect("account_change_password")

    password_change_done = password_change


class Choice(AutocompleteSelect):
    """Shows nothing chosen where no good number came, which Django's breaks on."""

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> Any:
        try:
            return super().optgroups(name, value, attr)
        except (ValueError, OverflowError):
            return super().optgroups(name, [""], attr)


class ActionForm(forms.ModelForm):
    """A form that fills nothing into the row: what may stand in it is the action's to say."""

    refusal: ValidationError | Conflict | None = None

    def _post_clean(self) -> None:
        if self.refusal:
            with rules_shown_on(self):
                raise self.refusal


class ActionAdmin(admin.ModelAdmin):
    """Pages of a model that is written by actions: `write` and `discard` say by which."""

    form = ActionForm
    list_select_related = ()
    # What a list shows of other tables: joined, a million rows would be sorted for a page of 50.
    list_prefetch_related: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related(*self.list_prefetch_related)

    def write(self, request: Any, form: Any, row: Any) -> Model:
        """What the form asks for, done; `row` is None where it adds one. Answers the row."""
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
        return self.write(request, form, form.instance if change else None)

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
    def response_action(
        self, request: HttpRequest, queryset: QuerySet, *args: Any
    ) -> HttpResponse | None:
        """For rows of the page, never for all that were found: those may be a million."""
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        across = request.POST.get("select_across", "0")
        if across != "0" or not all(NUMBER.match(each) for each in chosen):
            raise BadRequest
        return super().response_action(request, queryset, *args)

    def do_each(
        self, request: Any, chosen: QuerySet, allowed: QuerySet, **named: Callable[..., Any]
    ) -> None:
        """Do to each of those chosen, where it is allowed, what the action says.

        `named` is one action, under the name by which it takes the row.
        """
        [(name, do)] = named.items()
        rows = list(allowed)
        done = [row for row in rows if self.did(request, row, partial(do, **{name: row}))]
        left = len(chosen) - len(rows)
        self.report(
            request,
            left,
            messages.WARNING,
            ngettext("%(count)d is left as it was.", "%(count)d are left as they were.", left),
        )
        self.report(
            request,
            len(done),
            messages.SUCCESS,
            ngettext("Done for %(count)d.", "Done for %(count)d.", len(done)),
        )

    def did(self, request: HttpRequest, row: Model, do: Callable[..., Any]) -> bool:
        try:
            do(by=request.user)
        except ValidationError as refusal:
            self.message_user(request, f"“{row}”: {' '.join(refusal.messages)}", messages.ERROR)
            return False
        return True

    def report(self, request: HttpRequest, count: int, level: int, words: str) -> None:
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
