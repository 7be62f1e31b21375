"""New people: the row, the address, and the mail that verifies it, all of them or nothing."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import get_emailconfirmation_model
from allauth.account.utils import setup_user_email
from django.conf import settings
from django.http import HttpRequest

from accounts.actions import invitations, users
from accounts.models import User
from ledger.actions.action import action


@action
def register(
    *, request: HttpRequest, invitation: str, mailed: bool, by: User | None, **facts: Any
) -> User:
    """A new person: who comes by themselves (`by` is None), or whom staff add.

    `mailed` says whether the address gets a link that verifies it. Raises what `open_account`
    raises.
    """
    if by is None:
        user = open_account(invitation=invitation, by=by, **facts)
    else:
        user = users.create(by=by, **facts)
    address = setup_user_email(request, user, [])
    if address and mailed:
        confirmation = get_emailconfirmation_model().create(address)
        get_adapter().plan_confirmation(request, confirmation, signup=by is None)
    return user


@action
def open_account(*, invitation: str, by: None, **facts: Any) -> User:
    """The account that somebody opens by themselves.

    Raises ValidationError where the name is taken, and PermissionDenied where an invitation is
    needed and there is none of this digest.
    """
    if settings.REGISTRATION == "invite":
        return invitations.sign_up(digest=invitation, by=by, **facts)
    return users.create(by=by, **facts)
