"""New people: the row, the address, and the mail that verifies it, all of them or nothing."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import get_emailconfirmation_model
from allauth.account.utils import setup_user_email
from allauth.socialaccount.models import SocialAccount
from django.http import HttpRequest

from accounts.actions import identities, invitations, users
from accounts.models import User
from accounts.openid.identity import Identity
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
    held = invitations.needed(invitation)
    user = users.create(by=by, **facts)
    invitations.use_up(held, user)
    return user


@action
def open_linked(*, identity: Identity, invitation: str, by: None) -> SocialAccount:
    """As `open_account`, for somebody whom the provider has signed in.

    Raises what `identities.sign_up` raises, too.
    """
    held = invitations.needed(invitation)
    account = identities.sign_up(identity=identity, by=by)
    invitations.use_up(held, account.user)
    return account
