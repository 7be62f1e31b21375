"""What people should recognise, and what they are told when they do not."""

from datetime import datetime
from typing import Any

from accounts.models import SecurityEvent, User
from accounts.origin import Origin, current_origin
from ledger.actions.action import action


@action
def note(*, user: User, kind: SecurityEvent.Kind, by: User | None, **details: Any) -> None:
    """Something happened to the account of `user`. `details` are words and names, no secrets.

    Where staff did it (`by` is somebody else), that is all that is said: their address and
    browser are nobody else's business.
    """
    own = by is None or by == user
    origin = current_origin() if own else Origin()
    SecurityEvent.objects.create(
        user=user,
        kind=kind,
        address=origin.address,
        client=origin.client,
        details=details if own else details | {"by": "staff"},
    )


@action
def note_once(
    *, user: User, kind: SecurityEvent.Kind, since: datetime, by: User | None, **details: Any
) -> None:
    """The same, unless it stands there already since then: one entry for a hundred guesses."""
    if not SecurityEvent.objects.since(since).filter(user=user, kind=kind).exists():
        note(user=user, kind=kind, by=by, **details)


@action
def forget(*, before: datetime, by: None) -> int:
    """Remove what is older; answers how many entries that were."""
    return SecurityEvent.objects.filter(at__lt=before).delete()[0]
