"""Who asks: by a token of theirs (RFC 6750), or by the session of a browser."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request

from accounts.actions import tokens
from accounts.api.cognito import CognitoSignIn, cognito_token
from accounts.api.permissions import scope_of
from accounts.api.problems import Expired, NotGood
from accounts.guessing import throttles
from accounts.models import ApiToken, SignIn, User
from accounts.models.credentials import Credential
from accounts.tokens import ACCESS, ExpiredToken, InvalidToken, read


class Bearer(BaseAuthentication):
    """`Authorization: Bearer …`, of any of KINDS. One statement finds the token and its person."""

    def authenticate(self, request: Request) -> tuple[User, Credential | CognitoSignIn] | None:
        """None where there is no such header; raises AuthenticationFailed where it is no good.

        And TooManyAttempts where too many that are none came from the address.
        """
        scheme, _space, token = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        try:
            credential = credential_of(token.decode("latin-1").strip())
        except Expired:
            raise
        except NotGood:
            count_guess(request)
            raise
        vars(request._request)["_cached_user"] = credential.user  # for the access log
        return credential.user, credential

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def count_guess(request: Request) -> None:
    """Count a token after it was looked at, and only where it is none. Raises TooManyAttempts.

    A good one must cost nothing more, and at 128 bits nobody guesses one.
    """
    throttles.guess(request._request, account=None, at="token")


def credential_of(token: str) -> Credential | CognitoSignIn:
    """What the token stands for. Raises NotGood."""
    for kind in KINDS:
        if found := kind(token):
            return found
    raise NotGood


def personal_token(token: str) -> ApiToken | None:
    if not token.startswith(tokens.PREFIX):
        return None
    now = timezone.now()
    found = ApiToken.objects.bearing(token).select_related("user").first()
    if not found:
        raise NotGood
    if found.is_expired(now) or not found.is_good:
        raise Expired
    if found.is_used_again(now):
        tokens.note_use(token=found, by=found.user)
    return found


def access_token(token: str) -> SignIn:
    try:
        claims = read(ACCESS, token)
    except ExpiredToken as error:
        raise Expired from error
    except InvalidToken as error:
        raise NotGood from error
    open_ones = SignIn.objects.open(timezone.now()).select_related("user")
    sign_in = open_ones.filter(pk=claims.sign_in, user=claims.user).first()
    if not sign_in or not sign_in.is_good:
        raise NotGood
    return sign_in


# Each answers None for a token that is not of its kind, and raises NotGood for one that is and
# does not hold. The last takes every one.
KINDS: tuple[Callable[[str], Credential | CognitoSignIn | None], ...] = (
    personal_token,
    cognito_token,
    access_token,
)


class BearerScheme(OpenApiAuthenticationExtension):
    """A personal token has scopes, which OpenAPI calls roles, and is not taken everywhere."""

    target_class = Bearer
    name = ["accessToken", "personalToken", "cognitoToken"]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[str]]]:
        view = auto_schema.view
        if view.action in view.not_by_personal_token:
            return [{"accessToken": []}]
        scope = scope_of(auto_schema.method)
        return [{"accessToken": []}, {"personalToken": [scope]}, {"cognitoToken": []}]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        bearer = {"type": "http", "scheme": "bearer"}
        words = "A personal token, `tl_…`; `write` includes what `read` may."
        cognitos = "An access or id token of Cognito, where the site is set up for it."
        return [
            bearer | {"bearerFormat": "JWT"},
            bearer | {"description": words},
            bearer | {"bearerFormat": "JWT", "description": cognitos},
        ]
