"""The second factor of who signs in by the API: a code of the authenticator app, or of recovery."""

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils.translation import gettext as _

from accounts.actions import factors
from accounts.api.problems import NotSignedIn
from accounts.factors.forms import AuthenticateForm
from accounts.models import User
from tasklist.throttled import TooManyAttempts


def demand(user: User, code: str) -> None:
    """Nothing, where they have none; else the code has to be theirs, and it is used up by this.

    Raises NotSignedIn for none and for a wrong one, TooManyAttempts for too many.
    """
    kinds = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    if not kinds:
        return
    if kinds == {Authenticator.Type.WEBAUTHN}:
        raise passkey_only()
    if not code:
        raise needed()
    form = AuthenticateForm({"code": code}, user=user)
    if form.is_valid():
        factors.note_use(authenticator=form.authenticator, by=user)
    else:
        refuse_too_many(form)
        raise wrong()


def refuse_too_many(form: AuthenticateForm) -> None:
    for error in form.errors["code"].as_data():
        if isinstance(error, TooManyAttempts):
            raise error


def needed() -> NotSignedIn:
    words = _("Send `code` too: what the authenticator app shows now, or a recovery code.")
    return NotSignedIn(words, type="second_factor_needed")


def wrong() -> NotSignedIn:
    words = _("The code is wrong, or was used before. Send the next one.")
    return NotSignedIn(words, type="second_factor_wrong")


def passkey_only() -> NotSignedIn:
    words = _(
        "The second factor is a passkey, which only a browser can ask for. Sign in there, make a "
        "personal token on %(page)s, and send that in place of signing in."
    )
    page = f"{settings.BASE_URL}/settings/tokens/"
    return NotSignedIn(words % {"page": page}, type="personal_token_needed")
