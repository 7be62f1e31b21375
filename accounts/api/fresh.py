"""That whoever asks has shown lately who they are, as the page for the same thing wants it."""

from datetime import timedelta

from allauth.account.app_settings import REAUTHENTICATION_TIMEOUT
from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import PermissionDenied

from accounts.api.requests import Request
from accounts.models import SignIn

LATELY = timedelta(seconds=REAUTHENTICATION_TIMEOUT)


class ReauthenticationNeeded(PermissionDenied):
    members = {"type": "reauthentication_needed"}


def refuse_long_ago(request: Request) -> None:
    """Raises ReauthenticationNeeded. A sign-in is a proof of its own; a refresh of it is none."""
    sign_in = request.auth
    if isinstance(sign_in, SignIn):
        if timezone.now() - sign_in.started_at > LATELY:
            raise ReauthenticationNeeded(
                _("You signed in some time ago. Sign in anew, and send the new access token.")
            )
    elif was_long_ago(request):
        raise ReauthenticationNeeded(
            _("Show that it is you, at /accounts/reauthenticate/ in this browser; then try again.")
        )


def was_long_ago(request: Request) -> bool:
    try:
        return bool(is_reauthentication_required(request._request, app=""))
    except ReauthenticationRequired:
        return True
