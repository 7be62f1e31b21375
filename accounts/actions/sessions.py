"""The sessions of browsers, and what their person sees of them: django-allauth's UserSession.

A `key` is what the browser's cookie says; rows are known by a digest of it.
"""

from collections.abc import Iterable
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils import timezone

from accounts import sessions
from accounts.actions import events
from accounts.models import SecurityEvent, User
from accounts.origin import origin_of
from ledger.actions import rows
from ledger.actions.action import action
from tasklist.addresses import client_address
from tasklist.session_store import row_key

Kind = SecurityEvent.Kind


@action
def end(*, session: UserSession, by: User) -> None:
    """The next thing that browser asks for, it asks as nobody."""
    close([session])
    events.note(user=by, kind=Kind.SESSION_ENDED, by=by, client=session.user_agent)


@action
def end_others(*, user: User, key: str | None, by: User) -> None:
    """End every session of the person but the one with this key."""
    rows.lock(user)
    close(UserSession.objects.filter(user=user).exclude(session_key=row_key(key)))
    events.note(user=user, kind=Kind.OTHERS_ENDED, by=by)


@action
def sign_out(*, user: User, key: str | None, by: User) -> None:
    """Note that the person leaves this session, which is ended by whoever calls."""
    UserSession.objects.filter(user=user, session_key=row_key(key)).delete()
    events.note(user=user, kind=Kind.SIGNED_OUT, by=by)


@action
def begin(*, request: HttpRequest, by: User) -> None:
    """The session in which the person has just signed in, and what is known of it, or neither.

    While their row is locked: what ends other sessions finds it, and another sign-in does not
    take it for one that is over.
    """
    rows.lock(by)
    make_room(user=by, by=by)
    request.session.save()
    keep(request=request, by=by)


@action
def keep(*, request: HttpRequest, by: User) -> None:
    """The session that the person is in, which is new or goes on under another key."""
    if not request.session.session_key:
        request.session.save()
    facts = {
        **{"user": by, "last_seen_at": timezone.now()},
        **{
            "ip": client_address(request) or sessions.UNKNOWN,
            "user_agent": origin_of(request).client,
        },
    }
    key = row_key(request.session.session_key)
    UserSession.objects.update_or_create(session_key=key, defaults=facts)


@action
def make_room(*, user: User, by: User) -> None:
    """Before one more begins: those seen longest ago end where there are `sessions.MOST`.

    What is known of those that are over goes, too.
    """
    stay = [row.pk for row in sessions.open_sessions(user, None)[: sessions.MOST - 1]]
    close(UserSession.objects.filter(user=user).exclude(pk__in=stay))


def close(found: Iterable[UserSession]) -> None:
    """These let nobody in any more, and nothing is known of them."""
    keys = [row.session_key for row in found]
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()


@action
def note_seen(*, key: str | None, address: str, at: datetime, by: None) -> None:
    """This browser was there, at this address."""
    seen = {"last_seen_at": at} | ({"ip": address} if address else {})
    UserSession.objects.filter(session_key=row_key(key)).update(**seen)


@action
def forget_gone(*, by: None) -> int:
    """Remove what is known of sessions that are over; answers how many."""
    there = Session.objects.filter(session_key=OuterRef("session_key"))
    return UserSession.objects.filter(~Exists(there)).delete()[0]
