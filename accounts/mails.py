"""Letters of our own; all others are django-allauth's."""

from collections.abc import Iterable

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.utils.translation import gettext_lazy

from accounts.models import SecurityEvent, User

# Its template, or what it tells of -> how staff see it called.
NAMES = {
    "account/email/email_confirmation": gettext_lazy("Link that verifies an address"),
    "account/email/email_confirmation_signup": gettext_lazy("Link that verifies an address"),
    "account/email/login_code": gettext_lazy("Code to sign in"),
    "account/email/password_reset_key": gettext_lazy("Link for a new password"),
    "account/email/unknown_account": gettext_lazy("No account with this address"),
    "accounts/email/closing": gettext_lazy("Account closes"),
    "accounts/email/closed": gettext_lazy("Account closed"),
    **{f"accounts/{kind.value}": kind.label for kind in SecurityEvent.Kind},
}


def account_closing(user: User, *, to: Iterable[str]) -> None:
    """That the account closes, when, and how to keep it."""
    back = f"{settings.BASE_URL}/accounts/login/"
    for address in to:
        get_adapter().send_mail(
            "accounts/email/closing", address, {"user": user, "sign_in_url": back}
        )


def account_closed(username: str, *, to: Iterable[str]) -> None:
    """That it is done: the person is gone by now."""
    for address in to:
        get_adapter().send_mail("accounts/email/closed", address, {"username": username})
