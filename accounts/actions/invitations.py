"""Invitations to open an account, where strangers may not: made by staff, used once."""

import secrets
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import users
from accounts.models import SignUpInvitation, User, digest_of
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
    now = timezone.now()
    found = SignUpInvitation.objects.open(now).select_for_update().filter(digest=digest).first()
    if found is None:
        raise PermissionDenied(_("Nobody can open an account without an invitation here."))
    user = users.create(by=by, **facts)
    used = {"used_by": user, "used_at": now}
    rows.update(found, used, kind="invitation.used", by=user)
    return user
