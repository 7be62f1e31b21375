from functools import partial
from typing import Any

from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import SetPasswordForm
from django.core.exceptions import PermissionDenied
from django.db.models import Field
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actions import factors, users
from accounts.forms import ProfileForm
from accounts.models import User, UserQuerySet
from accounts.registering import registered
from accounts.requests import Request
from tasklist.admin import ActionAdmin, ActionForm

# What only superusers give, {argument of the action: field}.
RIGHTS = {"is_superuser": "is_superuser", "groups": "groups", "permissions": "user_permissions"}
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
class UserAdmin(ActionAdmin):
    """People. Nothing here shows what they sign in with; only superusers touch staff."""

    form = PersonForm
    list_display = ("username", "email", "is_active", "is_staff", "is_superuser", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser")
    ordering = ("username",)
    sortable_by = ("username", "email")
    search_fields = ("username", "email", "id__exact")
    readonly_fields = KEPT
    filter_horizontal = ("groups", "user_permissions")
    actions = ("disable", "enable", "end_sessions", "remove_factors")

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            staff = ("is_staff",) if request.user.is_superuser else ()
            return [(None, {"fields": ("username", "email", "password", *staff)})]
        rights = ("is_staff", *RIGHTS.values()) if request.user.is_superuser else ()
        return [
            (None, {"fields": KEPT}),
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
    def disable(self, request: Request, chosen: UserQuerySet) -> None:
        do = partial(users.set_active, active=False)
        self.do_each(request, chosen, self.changeable(request, chosen), user=do)

    @admin.action(description=gettext_lazy("Enable"), permissions=["change"])
    def enable(self, request: Request, chosen: UserQuerySet) -> None:
        do = partial(users.set_active, active=True)
        self.do_each(request, chosen, self.changeable(request, chosen), user=do)

    @admin.action(description=gettext_lazy("Sign out everywhere"), permissions=["change"])
    def end_sessions(self, request: Request, chosen: UserQuerySet) -> None:
        self.do_each(request, chosen, self.changeable(request, chosen), user=users.end_sessions)

    @admin.action(description=gettext_lazy("Remove second factors"), permissions=["change"])
    def remove_factors(self, request: Request, chosen: UserQuerySet) -> None:
        self.do_each(request, chosen, self.changeable(request, chosen), user=factors.remove_all)

    # Passwords
    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.password_view)
        return [
            path("<int:pk>/password/", view, name="accounts_user_password"),
            *super().get_urls(),
        ]

    def password_view(self, request: Request, pk: int) -> HttpResponse:
        """A new password for somebody, typed by staff."""
        user = get_object_or_404(User, pk=pk)
        if not self.has_change_permission(request, user):
            raise PermissionDenied
        form = SetPasswordForm(user, request.POST or None)
        if not form.is_valid():
            return self.password_page(request, user, form)
        password = form.cleaned_data["new_password1"]
        changed = users.set_password(user=user, password=password, by=request.user)
        if changed == request.user:
            update_session_auth_hash(request, changed)
            UserSession.objects.create_from_request(request)  # it has another key now
        words = _("The password of %(user)s is set, and every session they had is over.")
        self.message_user(request, words % {"user": user}, messages.SUCCESS)
        return redirect("admin:accounts_user_change", pk)

    def password_page(self, request: HttpRequest, user: User, form: forms.Form) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            **{"title": _("New password"), "subtitle": str(user), "media": self.media},
            **{"opts": self.opts, "original": user, "form": form},
        }
        return TemplateResponse(request, "admin/accounts/user/password.html", context)
