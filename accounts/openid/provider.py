"""How django-allauth's provider of OpenID Connect is ours: the standard where it is lax."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, cast

import jwt
import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.urls import reverse

from accounts.openid.budget import budget_of
from accounts.openid.identity import Identity
from accounts.openid.keys import KeysUnavailable
from accounts.openid.tokens import Claims, InvalidToken, read_id_token
from tasklist import openid

# What a provider that answers nonsense, or that is not there, ends in.
TROUBLE = (
    *(requests.RequestException, TimeoutError, jwt.PyJWTError, InvalidToken, KeysUnavailable),
    *(KeyError, ValueError, TypeError, AttributeError, ImproperlyConfigured),
)
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")


def configured() -> openid.Provider:
    """The one there is: nobody comes here where there is none."""
    return cast(openid.Provider, settings.OPENID)


def without(claims: Claims, name: str) -> Claims:
    return {each: value for each, value in claims.items() if each != name}


@contextmanager
def trouble_is_an_oauth2_error() -> Iterator[None]:
    try:
        yield
    except TROUBLE as error:
        raise OAuth2Error(f"the OpenID provider: {type(error).__name__}") from error


class OAuth2Adapter(OpenIDConnectOAuth2Adapter):
    """Checks what the provider says, and takes what it says wrong for an error of the provider."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """What the provider tells of itself; a readable page instead where it tells nothing."""
        if not hasattr(self, "_configuration"):
            try:
                self._configuration = self.discovered()
            except OAuth2Error as error:
                page = render_authentication_error(
                    self.request, self.get_provider(), exception=error
                )
                raise ImmediateHttpResponse(page) from error
        return self._configuration

    def discovered(self) -> dict[str, Any]:
        """OpenID Connect Discovery 1.0, section 4.3: it must be the issuer that was asked."""
        with trouble_is_an_oauth2_error():
            found: dict[str, Any] = super().openid_config
            if found["issuer"] != configured().issuer:
                raise ValueError("another issuer")
            if not all(openid.is_safe(found[name]) for name in ENDPOINTS if name in found):
                raise ValueError("an endpoint without TLS")
            return found

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        """On BASE_URL: whoever asked may have sent a Host header of their own."""
        path = reverse("openid_connect_callback", args=[self.provider_id])
        return f"{settings.BASE_URL}{path}"

    def get_access_token_data(self, *args: Any, **kwargs: Any) -> Any:
        with trouble_is_an_oauth2_error():
            return super().get_access_token_data(*args, **kwargs)

    def parse_token(self, data: Any) -> SocialToken:
        with trouble_is_an_oauth2_error():
            return super().parse_token(data)

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any
    ) -> SocialLogin:
        """Whom the provider has signed in. Raises OAuth2Error where it does not prove it."""
        with trouble_is_an_oauth2_error():
            claims = self.claims(kwargs["response"]["id_token"], token.token)
            return self.get_provider().sociallogin_from_response(request, claims)

    def claims(self, id_token: str, access_token: str) -> Claims:
        """The id token's claims, and those of userinfo about the same subject."""
        keys_url = configured().jwks_url or self.openid_config["jwks_uri"]
        read = partial(read_id_token, configured(), id_token, keys_url)
        claims = budget_of(self.request).spend(read)
        if "email" in claims or "userinfo_endpoint" not in self.openid_config:
            return claims
        more = self._fetch_user_info(access_token)
        if more["sub"] != claims["sub"]:  # OpenID Connect Core 1.0, section 5.3.2
            raise ValueError("userinfo about somebody else")
        return more | without(claims, "email_verified")  # which was about no address


class Provider(OpenIDConnectProvider):
    oauth2_adapter_class = OAuth2Adapter
    pkce_enabled_default = True

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """Where to go afterwards, and nothing else of what an address asks for.

        allauth would also take scopes and parameters for the provider from it, and whether to
        link: that is for who has shown anew who they are.
        """
        asked = super().get_redirect_from_request_kwargs(request)
        following = {"next_url": asked["next_url"]} if "next_url" in asked else {}
        return following | {"process": AuthProcess.LOGIN}

    def extract_uid(self, data: Claims) -> str:
        return Identity.of(data).uid

    def extract_extra_data(self, data: Claims) -> dict[str, Any]:
        return Identity.of(data).kept

    def extract_common_fields(self, data: Claims) -> dict[str, Any]:
        return {}

    def extract_email_addresses(self, data: Claims) -> list[Any]:
        return []

    def sociallogin_from_response(self, request: HttpRequest, response: Claims) -> SocialLogin:
        login = super().sociallogin_from_response(request, response)
        login.identity = Identity.of(response)
        return login
