"""Invitations to open an account, where strangers may not: made by staff, used once."""

import secrets
from datetime import timedelta
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import identities, users
from accounts.models import SignUpInvitation, User, digest_of
from accounts.openid.identity import Identity
from ledger.actions import rows
from ledger.actions.action import action

VALID = timedelta(days=7)


@action
def make(*, note: str, by: User | None) -> SignUpInvitation:
    """A new invitation. Its `secret`, for the link, is on this object and nowhere else."""
    secret = secrets.token_urlsafe(32)
    invitation = SignUpInvitation(
        note=note, digest=digest_of(secret), made_by=by, expires_at=timezone.now() + VALID
    )
    rows.insert(invitation, kind="invitation.made", by=by)
    invitation.secret = secret
    return invitation


@action
def revoke(*, invitation: SignUpInvitation, by: User | None) -> None:
    """Its link opens nothing any more. Who has signed up with it stays."""
    rows.remove(rows.lock(invitation), kind="invitation.revoked", by=by, keep=("made_by",))


@action
def sign_up(*, digest: str, by: None, **facts: Any) -> User:
    """A new person, by the invitation of this digest, which is used up.

    Raises PermissionDenied where it was used before, has expired, was revoked, or never was;
    and what `users.create` raises, with the invitation still open.
    """
    invitation = lock_open(digest)
    user = users.create(by=by, **facts)
    use_up(invitation, user)
    return user


@action
def sign_up_linked(*, digest: str, identity: Identity, by: None) -> SocialAccount:
    """A new person whom the provider has signed in, by the invitation of this digest.

    Raises PermissionDenied as `sign_up` does, and what `identities.sign_up` raises.
    """
    invitation = lock_open(digest)
    account = identities.sign_up(identity=identity, by=by)
    use_up(invitation, account.user)
    return account


def lock_open(digest: str) -> SignUpInvitation:
    open_ones = SignUpInvitation.objects.open(timezone.now())
    if found := open_ones.select_for_update().filter(digest=digest).first():
        return found
    raise not_invited()


def not_invited() -> PermissionDenied:
    return PermissionDenied(_("Nobody can open an account without an invitation here."))


def use_up(invitation: SignUpInvitation, user: User) -> None:
    used = {"used_by": user, "used_at": timezone.now()}
    rows.update(invitation, used, kind="invitation.used", by=user)
