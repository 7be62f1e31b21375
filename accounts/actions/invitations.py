"""Invitations to open an account, where strangers may not: made by staff, used once."""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import SignUpInvitation, SignUpInvitationQuerySet, User, digest_of
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


def needed(digest: str) -> SignUpInvitation | None:
    """The open invitation of this digest, locked; None where nobody needs one.

    Raises PermissionDenied where nobody opens an account by themselves, or where the invitation
    was used before, has expired, was revoked, or never was.
    """
    return look_at(SignUpInvitation.objects.select_for_update(), digest)


def look_at(among: SignUpInvitationQuerySet, digest: str) -> SignUpInvitation | None:
    """As `needed`, without a lock: who may open an account is said here and nowhere else."""
    if settings.REGISTRATION == "closed":
        raise PermissionDenied(_("Nobody can open an account by themselves here."))
    if settings.REGISTRATION == "open":
        return None
    if found := among.open(timezone.now()).filter(digest=digest).first():
        return found
    raise PermissionDenied(_("Nobody can open an account without an invitation here."))


def use_up(invitation: SignUpInvitation | None, user: User) -> None:
    """It opens no other account; where none was needed there is nothing to do."""
    if invitation:
        used = {"used_by": user, "used_at": timezone.now()}
        rows.update(invitation, used, kind="invitation.used", by=user)


@action
def forget(*, before: datetime, by: None) -> None:
    """Those that have been of no use since before then."""
    SignUpInvitation.objects.filter(expires_at__lt=before).delete()
