"""Signing in and out by the API: what access and refresh tokens are bound to."""

import uuid
from datetime import datetime

from django.utils import timezone

from accounts.actions import events
from accounts.models import SecurityEvent, SignIn, User
from accounts.origin import Origin, current_origin
from accounts.tokens import REFRESH
from ledger.actions.action import action

Kind = SecurityEvent.Kind


@action
def begin(*, user: User, by: User) -> SignIn:
    """A sign-in of somebody who has just proved who they are; theirs that are over go."""
    now, origin = timezone.now(), current_origin()
    kind = Kind.NEW_PROGRAM if is_new(user, origin) else Kind.SIGNED_IN
    User.objects.filter(pk=user.pk).update(last_login=now)
    SignIn.objects.filter(user=user).over(now).delete()
    events.note(user=user, kind=kind, by=by, via="api")
    return SignIn.objects.create(
        user=user,
        address=origin.address,
        client=origin.client,
        started_at=now,
        refreshed_at=now,
        expires_at=now + REFRESH.lifetime,
        auth_hash=user.get_session_auth_hash(),
    )


def is_new(user: User, origin: Origin) -> bool:
    """Whether neither the program nor its address has signed in by the API within the last year.

    Either is enough: scripts get new versions, and run on machines whose address changes.
    """
    seen = user.security_events.by_program(origin.client, origin.address)
    return user.last_login is not None and not seen.exists()


@action
def rotate(*, number: int, refresh: uuid.UUID, by: None) -> SignIn | None:
    """The sign-in with a new refresh token, if `refresh` is the one not used yet.

    One that was used before has been stolen, or was sent twice by somebody who lost the
    answer: nobody can tell, so the sign-in ends (RFC 9700, section 4.14.2). None, then,
    and for a sign-in that is over already.
    """
    now = timezone.now()
    sign_in = SignIn.objects.open(now).select_for_update().filter(pk=number).first()
    if sign_in is None or not sign_in.is_good:
        return None
    if sign_in.refresh_number != refresh:
        close(sign_in)
        events.note(user=sign_in.user, kind=Kind.USED_TWICE, by=None)
        return None
    sign_in.refresh_number = uuid.uuid4()
    sign_in.refreshed_at, sign_in.expires_at = now, now + REFRESH.lifetime
    sign_in.save(update_fields=["refresh_number", "refreshed_at", "expires_at"])
    return sign_in


@action
def end(*, sign_in: SignIn, by: User | None) -> None:
    """From now on none of its tokens is taken."""
    if close(sign_in):
        kind = Kind.SESSION_ENDED
        events.note(user=sign_in.user, kind=kind, by=by, client=sign_in.client)


def close(sign_in: SignIn) -> bool:
    """Whether it was open until now."""
    still_open = SignIn.objects.filter(pk=sign_in.pk, ended_at=None)
    return bool(still_open.update(ended_at=timezone.now()))


@action
def forget(*, before: datetime, by: None) -> None:
    """Those of programs that signed out, or did not come back, before then."""
    SignIn.objects.filter(ended_at__lt=before).delete()
    SignIn.objects.filter(expires_at__lt=before).delete()
