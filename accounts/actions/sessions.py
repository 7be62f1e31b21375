"""The sessions of browsers: django-allauth knows them, and these end them."""

from datetime import datetime

from allauth.usersessions.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef
from django.http import HttpRequest

from accounts import sessions
from accounts.actions import events
from accounts.models import SecurityEvent, User
from ledger.actions.action import action

Kind = SecurityEvent.Kind


@action
def end(*, session: UserSession, by: User) -> None:
    """The next thing that browser asks for, it asks as nobody."""
    get_adapter().end_sessions([session])
    events.note(user=by, kind=Kind.SESSION_ENDED, by=by, client=session.user_agent)


@action
def end_others(*, user: User, key: str | None, by: User) -> None:
    """End every session of the person but the one with this key."""
    get_adapter().end_sessions(UserSession.objects.filter(user=user).exclude(session_key=key))
    events.note(user=user, kind=Kind.OTHERS_ENDED, by=by)


@action
def sign_out(*, user: User, key: str | None, by: User) -> None:
    """Note that the person leaves this session, which is ended by whoever calls."""
    UserSession.objects.filter(user=user, session_key=key).delete()
    events.note(user=user, kind=Kind.SIGNED_OUT, by=by)


@action
def keep(*, request: HttpRequest, by: User) -> None:
    """The session that the person is in goes on under another key."""
    UserSession.objects.create_from_request(request)


@action
def make_room(*, user: User, by: User) -> None:
    """Before one more begins: where there are `sessions.MOST`, those seen longest ago end."""
    newest_first = UserSession.objects.filter(user=user).order_by("-last_seen_at", "-pk")
    get_adapter().end_sessions(newest_first[sessions.MOST - 1 :])


@action
def note_seen(*, key: str | None, address: str, at: datetime, by: None) -> None:
    """This browser was there, at this address."""
    seen = {"last_seen_at": at} | ({"ip": address} if address else {})
    UserSession.objects.filter(session_key=key).update(**seen)


@action
def forget_gone(*, by: None) -> int:
    """Remove what is known of sessions that are over; answers how many."""
    there = Session.objects.filter(session_key=OuterRef("session_key"))
    return UserSession.objects.filter(~Exists(there)).delete()[0]
