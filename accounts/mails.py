"""Letters of our own; all others are django-allauth's."""

from collections.abc import Iterable

from allauth.account.adapter import get_adapter
from django.conf import settings

from accounts.models import User


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
