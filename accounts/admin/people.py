"""People in the admin: who they are, what they may do, and how they get in again."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import SetPasswordForm
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Field
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from accounts.actions import factors, users
from accounts.admin.confirming import asked_for_proof, asked_to_confirm, demand_proof
from accounts.admin.shown_once import shown_once
from accounts.admin.standing import STANDING, Standing
from accounts.forms import ProfileForm
from accounts.links import reset_link
from accounts.models import User, UserQuerySet
from accounts.registering import registered
from accounts.requests import Request
from tasklist.admin import ActionAdmin
from tasklist.forms import ActionForm

# What only superusers give, {argument of the action: field}.
RIGHTS = {"is_superuser": "is_superuser", "groups": "groups", "permissions": "user_permissions"}
DISABLED = ngettext_lazy("%(count)d person disabled.", "%(count)d people disabled.", "count")
FACTORS_REMOVED = ngettext_lazy(
    "Second factors of %(count)d person removed.",
    "Second factors of %(count)d people removed.",
    "count",
)
KEPT = ("username", "email", "last_login", "created_at", "updated_at")


class PersonForm(ActionForm):
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "time_zone" in self.fields:
            choices = ProfileForm().fields["time_zone"].choices  # type: ignore[attr-defined]
            self.fields["time_zone"].choices = choices  # type: ignore[attr-defined]


class NewPersonForm(ActionForm):
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        required=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=gettext_lazy("Without one they cannot sign in until somebody sets one."),
    )


@admin.register(User)
class UserAdmin(Standing, ActionAdmin):
    """People. Nothing here shows what they sign in with; only superusers touch staff."""

    form = PersonForm
    list_display = ("username", "email", "standing", "is_staff", "is_superuser", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser")
    ordering = ("username",)
    sortable_by = ("username", "email")
    search_fields = ("username", "email", "id__exact")
    readonly_fields = (*KEPT, *STANDING)
    filter_horizontal = ("groups", "user_permissions")
    actions = ("disable", "enable", "end_sessions", "remove_factors")

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            return [(None, {"fields": ("username", "email", "password")})]
        rights = ("is_staff", *RIGHTS.values()) if request.user.is_superuser else ()
        return [
            (None, {"fields": KEPT}),
            (_("How the account stands"), {"fields": STANDING}),
            (_("Profile"), {"fields": users.PROFILE}),
            (_("What they may do"), {"fields": ("is_active", *rights)}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        return self.readonly_fields if obj else ()

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs["form"] = NewPersonForm
        return super().get_form(request, obj, change, **kwargs)

    def formfield_for_manytomany(
        self, db_field: Field, request: HttpRequest | None, **kwargs: Any
    ) -> Any:
        field = super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[arg-type]
        if db_field.name == "user_permissions":
            # Each is shown with what it is about, which would be a statement each.
            field.queryset = field.queryset.select_related("content_type")  # type: ignore[union-attr]
        return field

    def changeable(self, request: Request, rows: UserQuerySet) -> UserQuerySet:
        return rows.where_user_may(request.user, "manage")

    def write(self, request: Request, form: forms.ModelForm, row: User | None) -> User:
        data = form.cleaned_data
        if row is None:
            data["password"] = data["password"] or None
            return registered(request, data, by=request.user)
        if {"is_staff", *RIGHTS.values()} & set(form.changed_data):
            demand_proof(request)
        by = request.user
        profile = {name: data[name] for name in users.PROFILE}
        row = users.edit_profile(user=row, by=by, **profile)
        if data["is_active"] != row.is_active:
            row = users.set_active(user=row, active=data["is_active"], by=by)
        if by.is_superuser and data["is_staff"] != row.is_staff:
            row = users.set_staff(user=row, is_staff=data["is_staff"], by=by)
        if by.is_superuser:
            rights = {name: data[field] for name, field in RIGHTS.items()}
            row = users.set_rights(user=row, by=by, **rights)
        return row

    def discard(self, request: Request, row: User) -> None:
        users.delete(user=row, by=request.user)

    # Buttons above the list
    @admin.action(description=gettext_lazy("Disable"), permissions=["change"])
    def disable(self, request: Request, chosen: UserQuerySet) -> HttpResponse | None:
        allowed = self.changeable(request, chosen)
        if page := asked_to_confirm(self, request, chosen, allowed):
            return page
        do = partial(users.set_active, active=False)
        self.do_each(request, chosen, allowed, DISABLED, user=do)
        return None

    @admin.action(description=gettext_lazy("Enable"), permissions=["change"])
    def enable(self, request: Request, chosen: UserQuerySet) -> None:
        do = partial(users.set_active, active=True)
        self.do_each(request, chosen, self.changeable(request, chosen), user=do)

    @admin.action(description=gettext_lazy("Sign out everywhere"), permissions=["change"])
    def end_sessions(self, request: Request, chosen: UserQuerySet) -> None:
        self.do_each(request, chosen, self.changeable(request, chosen), user=users.end_sessions)

    @admin.action(description=gettext_lazy("Remove second factors"), permissions=["change"])
    def remove_factors(self, request: Request, chosen: UserQuerySet) -> HttpResponse | None:
        demand_proof(request)
        allowed = self.changeable(request, chosen)
        if page := asked_to_confirm(self, request, chosen, allowed):
            return page
        self.do_each(request, chosen, allowed, FACTORS_REMOVED, user=factors.remove_all)
        return None

    # Passwords
    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(partial(self.guarded, self.password_view))
        link_view = self.admin_site.admin_view(partial(self.guarded, self.reset_link_view))
        return [
            path("<int:pk>/password/", view, name="accounts_user_password"),
            path("<int:pk>/reset-link/", link_view, name="accounts_user_reset_link"),
            *super().get_urls(),
        ]

    def guarded(self, view: Callable[..., HttpResponse], request: Request, pk: int) -> HttpResponse:
        """For who may change the person, and has shown again of late who they are."""
        user = get_object_or_404(User, pk=pk)
        if not self.has_change_permission(request, user):
            raise PermissionDenied
        return asked_for_proof(request) or view(request, user)

    def reset_link_view(self, request: Request, user: User) -> HttpResponse:
        """A link for somebody without an address: they set a password, and staff know none."""
        words = {"title": _("Link for a new password"), "original": user}
        if request.method != "POST":
            return self.link_page(request, **words)
        try:
            user = users.note_reset_link(user=user, by=request.user)
        except ValidationError as refusal:
            self.message_user(request, " ".join(refusal.messages), messages.ERROR)
            return redirect("admin:accounts_user_change", user.pk)
        return self.link_page(request, **words, link=reset_link(user))

    def link_page(self, request: HttpRequest, **words: Any) -> HttpResponse:
        minutes = settings.PASSWORD_RESET_TIMEOUT // 60
        return shown_once(self, request, "reset_link", **words, minutes=minutes)

    def password_view(self, request: Request, user: User) -> HttpResponse:
        """A new password for somebody, typed by staff."""
        form = SetPasswordForm(user, request.POST or None)
        if not form.is_valid():
            return self.password_page(request, user, form)
        password = form.cleaned_data["new_password1"]
        changed = users.set_password(user=user, password=password, by=request.user)
        if changed == request.user:
            update_session_auth_hash(request, changed)
        words = _("The password of %(user)s is set, and every session they had is over.")
        self.message_user(request, words % {"user": user}, messages.SUCCESS)
        return redirect("admin:accounts_user_change", user.pk)

    def password_page(self, request: HttpRequest, user: User, form: forms.Form) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            **{"title": _("New password"), "subtitle": str(user), "media": self.media},
            **{"opts": self.opts, "original": user, "form": form},
        }
        return TemplateResponse(request, "admin/accounts/user/password.html", context)
