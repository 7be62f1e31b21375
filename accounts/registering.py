"""A new person by API or admin, whether they sign up themselves or staff do it for them."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.utils import setup_user_email
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts.actions import users
from accounts.models import User


def registered(request: HttpRequest, facts: dict[str, Any], *, by: User | None) -> User:
    """The new person, who gets a mail that verifies the address, if there is one.

    Without a password they come in by a link that sets one. Raises ValidationError where the
    name is taken or the password too weak.
    """
    if facts["password"]:
        refuse_weak(**facts)
    user = users.create(**facts, by=by)
    if address := setup_user_email(request, user, []):
        address.send_confirmation(request, signup=by is None)
    return user


def refuse_weak(*, password: str, username: str, email: str, **_others: Any) -> None:
    """Raises ValidationError at `password`."""
    try:
        get_adapter().clean_password(password, user=User(username=username, email=email))
    except ValidationError as error:
        raise ValidationError({"password": error.error_list}) from error
