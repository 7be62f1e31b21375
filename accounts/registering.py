"""A new person by page, API or admin, whether they sign up themselves or staff do it for them."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest

from accounts.actions import invitations, newcomers, users
from accounts.guessing import throttles
from accounts.models import SignUpInvitation, User
from accounts.verified import mail_verifies, refuse_no_address


def registered(
    request: HttpRequest, facts: dict[str, Any], *, by: User | None, invitation: str = ""
) -> User:
    """The new person, who gets a mail that verifies the address, if there is one.

    Such mails are counted where strangers ask for them, outside of the action that plans one.
    Without a password they come in by a link that sets one. `invitation` is the digest of one,
    for who opens an account by themselves. Raises ValidationError where the name is taken or
    the password too weak, and PermissionDenied where an invitation is needed.
    """
    if facts["password"]:
        refuse_weak(**facts)
    refuse_no_address(facts["email"])
    users.refuse_taken(facts["username"])
    mailed = bool(facts["email"]) and mail_verifies()
    if mailed and by is None:
        mailed = not throttles.wait_for_mail(facts["email"])
    return newcomers.register(request=request, invitation=invitation, mailed=mailed, by=by, **facts)


def refusal(invitation: str = "") -> PermissionDenied | None:
    """Why a stranger opens no account with the invitation of this digest; None where they may."""
    try:
        invitations.look_at(SignUpInvitation.objects.all(), invitation)
    except PermissionDenied as refused:
        return refused
    return None


def refuse_weak(*, password: str, username: str, email: str, **_others: Any) -> None:
    """Raises ValidationError at `password`."""
    try:
        get_adapter().clean_password(password, user=User(username=username, email=email))
    except ValidationError as error:
        raise ValidationError({"password": error.error_list}) from error
