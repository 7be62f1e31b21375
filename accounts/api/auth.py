"""Signing up, in and out by the API."""

from typing import Any, cast

from allauth.account.adapter import get_adapter
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from accounts.actions import sign_ins
from accounts.api import second_factor
from accounts.api.authentication import Bearer, count_guess
from accounts.api.problems import NotSignedIn
from accounts.api.requests import Request
from accounts.api.serializers import (
    Credentials,
    RefreshToken,
    Registered,
    SignUp,
    Tokens,
    WhoAmI,
)
from accounts.models import SignIn, User, digest_of
from accounts.passwords.rules import has_outgrown
from accounts.registering import refusal, registered
from accounts.tokens import ACCESS, REFRESH, ExpiredToken, InvalidToken, read, written
from accounts.verified import must_verify
from tasklist.rest.views import ApiViewSet


class OpenViewSet(ApiViewSet):
    """Open to everybody: what lets them in is in the body."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(request=SignUp, responses={201: Registered})
    def register(self, request: Request) -> Response:
        """Open an account. An address counts once the link mailed to it was followed."""
        facts = SignUp.read(request)
        invitation = digest_of(facts.pop("invitation"))
        if refused := refusal(invitation):
            raise refused
        user = registered(request._request, facts, by=None, invitation=invitation)
        return Response({"id": user.pk, "username": user.username, "email": user.email}, 201)

    @extend_schema(request=Credentials, responses=Tokens)
    def login(self, request: Request) -> Response:
        """Sign in: an access token for 15 minutes, and a refresh token for the next one.

        Where the account has a second factor, `code` is asked for: 401 with the `type`
        `second_factor_needed`, `second_factor_wrong` for one that does not fit, or
        `personal_token_needed` where it is a passkey.
        """
        credentials = Credentials.read(request)
        code = credentials.pop("code")
        user = authenticated(request, **credentials)
        if user is None or not user.is_open:
            raise NotSignedIn(_("That is not the password of anybody of this name."))
        if has_outgrown(user):
            raise NotSignedIn(_("Set a longer password first: sign in on the page, which asks."))
        second_factor.demand(user, code)
        if must_verify(user):
            raise NotSignedIn(_("Verify your e-mail address first, by the link we have sent."))
        return answer(sign_ins.begin(user=user, by=user))

    @extend_schema(request=RefreshToken, responses=Tokens)
    def refresh(self, request: Request) -> Response:
        """New tokens for a refresh token. One that was used before ends its sign-in."""
        body = RefreshToken.read(request)
        try:
            claims = read(REFRESH, body["refresh"])
        except InvalidToken as error:
            if not isinstance(error, ExpiredToken):
                count_guess(request)
            raise NotSignedIn(_("The refresh token is not good. Sign in again.")) from error
        sign_in = sign_ins.rotate(number=claims.sign_in, refresh=claims.number, by=None)
        if sign_in is None:
            raise NotSignedIn(_("That sign-in is over. Sign in again."))
        return answer(sign_in)


class VerifyViewSet(ApiViewSet):
    """For whoever is in already."""

    @extend_schema(responses=WhoAmI)
    def verify(self, request: Request) -> Response:
        """Whose the credentials are."""
        return Response({"user_id": request.user.pk, "username": request.user.username})


class LogoutViewSet(ApiViewSet):
    """Only with an access token: a browser signs out on its page."""

    authentication_classes = (Bearer,)
    not_by_personal_token = ("logout",)

    @extend_schema(request=None, responses={204: None})
    def logout(self, request: Request) -> Response:
        """End this sign-in: its access and refresh tokens are dead at once."""
        sign_ins.end(sign_in=cast(SignIn, request.auth), by=request.user)
        return Response(status=204)


def authenticated(request: Request, username: str, password: str) -> User | None:
    """Who they are, by the product's one way to check a password, limits on guessing included.

    Raises TooManyAttempts before the password is hashed.
    """
    user: User | None = get_adapter().authenticate(
        request._request, username=username, password=password
    )
    return user


def answer(sign_in: SignIn) -> Response:
    """Tokens, which nobody on the way may keep (RFC 6749, section 5.1)."""
    return Response(tokens_of(sign_in), headers={"Cache-Control": "no-store"})


def tokens_of(sign_in: SignIn) -> dict[str, Any]:
    now = timezone.now()
    return {
        "access": written(ACCESS, sign_in, now),
        "refresh": written(REFRESH, sign_in, now),
        "token_type": "Bearer",
        "expires_in": int(ACCESS.lifetime.total_seconds()),
    }
