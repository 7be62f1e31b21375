"""The site that the admin's pages stand on: who gets in, and what no page may cost."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, cast

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Field, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy

from ledger.doorway import Via, through
from ledger.models import Change, Delivery, Job, Recorded
from tasklist.admin import ActionAdmin

COUNTED = 10_000  # rows


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
    columns = {each for field in model_admin.opts.concrete_fields for each in names_of(field)}
    of_its_own = {getattr(each, "parameter_name", "") for each in model_admin.list_filter}
    kept_out = getattr(model_admin.model, "unrecorded", ())
    return how in ("", "exact") and name in columns - set(kept_out) | of_its_own


def names_of(field: Field) -> tuple[str, str]:
    return field.name, field.attname


class Site(admin.AdminSite):
    site_header = site_title = gettext_lazy("Tasklist admin")
    index_title = gettext_lazy("Admin")
    enable_nav_sidebar = False  # the columns need the place
    final_catch_all_view = False  # tasklist.middleware.either_slash does what it would

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.disable_action("delete_selected")  # it would delete past the actions

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only what actions write, or nobody: pages of others' apps would write past the ledger.

        No page counts everything, for itself or for a filter, nor offers to show it.
        """
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        known = Recorded | Change | Delivery | Job
        by_actions = admin_class is not None and issubclass(admin_class, ActionAdmin)
        ours = [model for model in models if by_actions or issubclass(model, known)]
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
