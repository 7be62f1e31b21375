"""Who asks: by an access or id token that Cognito has signed."""

from dataclasses import dataclass

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.core.exceptions import PermissionDenied as Refused
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, PermissionDenied

from accounts.api.problems import Expired, NotGood
from accounts.models import User
from accounts.openid.identity import Identity
from accounts.openid.keys import PAUSE, KeysUnavailable
from accounts.openid.newcomers import signed_up
from accounts.openid.tokens import (
    LEEWAY,
    Claims,
    ExpiredToken,
    InvalidToken,
    is_from,
    proved_at,
    read_bearer,
)
from accounts.verified import must_verify


class CannotTell(APIException):
    """Cognito does not say whether the token is good."""

    status_code = 503
    wait = PAUSE


@dataclass(frozen=True)
class CognitoSignIn:
    """What such a token stands for: somebody's sign-in there, which manages no credentials here."""

    user: User


def cognito_token(token: str) -> CognitoSignIn | None:
    """None for a token that does not say it is Cognito's.

    The first good one of somebody makes them a user here. Raises AuthenticationFailed for one
    that is no good, PermissionDenied where they may not open an account, and CannotTell.
    """
    provider = settings.OPENID
    if not provider or not is_from(provider, token):
        return None
    try:
        return CognitoSignIn(person_of(read_bearer(provider, token)))
    except KeysUnavailable as error:
        raise CannotTell(_("Cognito's keys cannot be fetched. Try again later.")) from error
    except ExpiredToken as error:
        raise Expired(_("Cognito's token is over. Get the next one.")) from error
    except InvalidToken as error:
        raise NotGood(_("Cognito's token is not good, or not any more.")) from error


def person_of(claims: Claims) -> User:
    """Whose token it is.

    Raises InvalidToken where they were signed out since, or are let in no more, and
    PermissionDenied for somebody who may not open an account here, or has a second factor here.
    """
    proved = proved_at(claims)
    try:
        identity = Identity.of(claims)
    except ValueError as error:
        raise InvalidToken from error
    try:
        user: User = signed_up(identity).user
    except Refused as refused:
        raise PermissionDenied(str(refused)) from refused
    except ValidationError as error:
        raise PermissionDenied(" ".join(error.messages)) from error
    ended = user.sessions_ended_at
    if not user.is_open or (ended and proved <= ended + LEEWAY):  # their clock may be ahead
        raise InvalidToken
    if must_verify(user):
        raise PermissionDenied(_("Verify your e-mail address first, in the settings."))
    if is_mfa_enabled(user):
        raise PermissionDenied(
            _("You have a second factor here, which this token cannot show: use a personal token.")
        )
    return user
