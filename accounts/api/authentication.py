"""Who asks: by the access token of a sign-in, or by the session of a browser."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import SignIn, User
from accounts.tokens import ACCESS, InvalidToken, read


class AccessToken(BaseAuthentication):
    """`Authorization: Bearer …`. One statement finds the sign-in and its person (RFC 6750)."""

    def authenticate(self, request: Request) -> tuple[User, SignIn] | None:
        """None where there is no such header; raises AuthenticationFailed where it is no good."""
        scheme, _space, token = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        sign_in = sign_in_of(token.decode("latin-1").strip())
        vars(request._request)["_cached_user"] = sign_in.user  # for the access log
        return sign_in.user, sign_in

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def sign_in_of(token: str) -> SignIn:
    failed = AuthenticationFailed(_("The access token is not good, or not any more."))
    try:
        claims = read(ACCESS, token)
    except InvalidToken as error:
        raise failed from error
    open_ones = SignIn.objects.open(timezone.now()).select_related("user")
    sign_in = open_ones.filter(pk=claims.sign_in, user=claims.user).first()
    if not sign_in or not sign_in.is_good:
        raise failed
    return sign_in


class AccessTokenScheme(OpenApiAuthenticationExtension):
    target_class = AccessToken
    name = "accessToken"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
