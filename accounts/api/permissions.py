"""What a token may do: the one place where scopes are looked at."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts.api.cognito import CognitoSignIn
from accounts.models import ApiToken


class ScopeNeeded(PermissionDenied):
    """403 that names the scope, as RFC 6750, section 3.1, asks."""

    def __init__(self, scope: str) -> None:
        super().__init__(_("This needs a token with the scope “%(scope)s”.") % {"scope": scope})
        self.auth_header = f'Bearer realm="api", error="insufficient_scope", scope="{scope}"'
        self.members = {"type": "scope_needed", "scope": scope}


class NotByPersonalToken(PermissionDenied):
    default_detail = _(
        "This token cannot do this, whatever its scopes: it is about accounts and what lets "
        "people in. Sign in here, and send the access token."
    )
    members = {"type": "not_by_personal_token"}


class WithinScope(BasePermission):
    """A personal token does what its person may, as far as its scopes go.

    Accounts, credentials and tokens it never manages, so that one that leaked cannot make
    itself stronger, or stay when it is revoked. Nor does a token of Cognito: who can sign
    somebody in there must not lock them out here.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        token = request.auth
        if not isinstance(token, ApiToken | CognitoSignIn):
            return True
        if view.action in view.not_by_personal_token:
            raise NotByPersonalToken
        if isinstance(token, CognitoSignIn):
            return True
        scope = scope_of(str(request.method))
        if not token.may(scope):
            raise ScopeNeeded(scope)
        return True


def scope_of(method: str) -> str:
    """The scope that a request of this method needs."""
    return ApiToken.Scope.READ if method in SAFE_METHODS else ApiToken.Scope.WRITE
