"""The decisions that django-allauth leaves to us about people who come from a provider."""

import logging
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.adapter import INVITATION
from accounts.openid.budget import BoundedSession, budget_of
from accounts.openid.identity import PROVIDER, Identity
from accounts.openid.linking import finish_linking
from accounts.openid.newcomers import signed_up

logger = logging.getLogger(__name__)


def provider_name() -> str:
    """What the button says, and nothing where no provider is set up."""
    if not settings.OPENID:
        return ""
    return settings.OPENID.name or _("your organisation")


class Adapter(DefaultSocialAccountAdapter):
    """One provider, from the settings; newcomers by our action; nobody by their address."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Only the one of the settings: rows of the database could say whom to trust, too."""
        wanted = provider in (None, "openid_connect", PROVIDER)
        there = settings.OPENID
        if not (there and wanted and client_id in (None, there.client_id)):
            return []
        app = SocialApp(provider="openid_connect", provider_id=PROVIDER, name=provider_name())
        app.client_id, app.secret = there.client_id, there.client_secret
        app.settings = {"server_url": there.configuration_url}
        return [app]

    def get_requests_session(self) -> BoundedSession:
        return BoundedSession(budget_of(self.request))

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        """An address never signs anybody in, whoever has verified it."""
        return False

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """Say what went wrong, without what the provider sent: it may hold tokens."""
        cause = exception and (exception.__cause__ or exception)
        logger.warning("sign-in by the OpenID provider: %s, %s", error, type(cause).__name__)

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Link, or make newcomers a user before allauth would: it saves past our actions."""
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            raise ImmediateHttpResponse(finish_linking(request, sociallogin))
        if not sociallogin.is_existing:
            sociallogin.account = newcomer(request, sociallogin.identity)
            sociallogin.user = sociallogin.account.user


def newcomer(request: HttpRequest, identity: Identity) -> SocialAccount:
    """The link of somebody new. Raises ImmediateHttpResponse with a page that says why not."""
    try:
        account = signed_up(identity, invitation=request.session.get(INVITATION, ""))
    except PermissionDenied as closed:
        page = render(request, "account/signup_closed.html", status=403)
        raise ImmediateHttpResponse(page) from closed
    except ValidationError as error:
        [reason] = error.error_dict["email"]
        name = "socialaccount/address_taken" if reason.code == "taken" else "account/no_address"
        context = {"provider": provider_name(), "email": identity.email}
        page = render(request, f"{name}.html", context, status=403)
        raise ImmediateHttpResponse(page) from error
    request.session.pop(INVITATION, None)
    return account
