"""Links with a secret in them, on BASE_URL, for staff to hand out themselves."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse

from accounts.models import SignUpInvitation, User


def reset_link(user: User) -> str:
    """As a mail for a forgotten password has it: it ends with the first password that is set.

    And with their next sign-in, with a change of their addresses, with all that they have open
    (sessions ended everywhere, an account disabled), and after PASSWORD_RESET_TIMEOUT seconds.
    """
    return settings.BASE_URL + reset_path(user)


def reset_path(user: User) -> str:
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return reverse("account_reset_password_from_key", kwargs=key)


def invitation_link(invitation: SignUpInvitation) -> str:
    """Of one that was just made: nobody can tell it later."""
    return settings.BASE_URL + reverse("invited", args=[invitation.secret])
