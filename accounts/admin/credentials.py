"""What opens an account or gets into one, in the admin: invitations and personal tokens."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actions import invitations, tokens
from accounts.admin.shown_once import shown_once
from accounts.links import invitation_link
from accounts.models import ApiToken, ApiTokenQuerySet, SignUpInvitation
from accounts.requests import Request
from tasklist.admin import ActionAdmin


@admin.register(SignUpInvitation)
class SignUpInvitationAdmin(ActionAdmin):
    """Links that open an account. Each is shown once, where it is made; deleting revokes it."""

    fields = ("note",)
    list_display = ("note", "made_by", "created_at", "expires_at", "used_by", "used_at")
    list_prefetch_related = ("made_by", "used_by")
    ordering = ("-pk",)
    sortable_by = ()
    search_fields = ("note",)

    def may(self, request: Request) -> bool:
        return request.user.may_with_people("add")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.may(cast(Request, request))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(cast(Request, request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Where invitations open no account, none is handed out."""
        return settings.REGISTRATION == "invite" and self.may(cast(Request, request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(cast(Request, request))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {"registration": settings.REGISTRATION} | (extra_context or {})
        return super().changelist_view(request, context)

    def write(self, request: Request, form: forms.ModelForm, row: None) -> SignUpInvitation:
        return invitations.make(note=form.cleaned_data["note"], by=request.user)

    def discard(self, request: Request, row: SignUpInvitation) -> None:
        invitations.revoke(invitation=row, by=request.user)

    def response_add(
        self, request: HttpRequest, obj: SignUpInvitation, post_url_continue: Any = None
    ) -> HttpResponse:
        """The link itself: kept in a message, it would stand in the database."""
        title, link = _("Invitation to sign up"), invitation_link(obj)
        return shown_once(self, request, "invitation", title=title, original=obj, link=link)


@admin.register(ApiToken)
class ApiTokenAdmin(ActionAdmin):
    """Who has which personal token: to be read, and to be revoked where one has leaked."""

    list_display = ("prefix", "name", "user", "may", "created_at", "expires_at", "used_at")
    list_prefetch_related = ("user",)
    ordering = ("-pk",)
    sortable_by = ()
    search_fields = ("prefix", "name", "id__exact")
    fields = readonly_fields = list_display
    actions = ("revoke",)

    @admin.display(description=gettext_lazy("scopes"))
    def may(self, token: ApiToken) -> str:
        return ", ".join(token.scopes)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changeable(self, request: Request, rows: ApiTokenQuerySet) -> ApiTokenQuerySet:
        return rows.where_user_may(request.user, "revoke")

    def discard(self, request: Request, row: ApiToken) -> None:
        tokens.revoke(token=row, by=request.user)

    @admin.action(description=gettext_lazy("Revoke"), permissions=["delete"])
    def revoke(self, request: Request, chosen: ApiTokenQuerySet) -> None:
        self.do_each(request, chosen, self.changeable(request, chosen), token=tokens.revoke)
