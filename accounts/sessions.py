"""How old a session may get, and which ones a person has open.

The cookie holds 30 days from the last visit (SESSION_COOKIE_AGE): an unused session ends. One
that is used ends after LONGEST all the same, and its person signs in again.
"""

from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.models import User
from tasklist.session_store import SessionStore

LONGEST = timedelta(days=90)
SEEN_EVERY = timedelta(minutes=5)  # a visit is written down no more often
MOST = 20  # open at once, a person: then the one seen longest ago ends

UNKNOWN = "::"  # the address of somebody who has none (RFC 4291, 2.5.2): allauth's column needs one
KEPT = "kept_session"  # in a request: the key of the session that began in it

# In the session, as seconds since 1970.
SIGNED_IN_AT, SEEN_AT = "signed_in_at", "seen_at"


def stamp(session: SessionBase) -> None:
    """Somebody has just signed in."""
    session[SIGNED_IN_AT] = session[SEEN_AT] = int(timezone.now().timestamp())


def is_over(session: SessionBase, now: datetime) -> bool:
    return age(session, SIGNED_IN_AT, now) > LONGEST


def was_long_ago(session: SessionBase, now: datetime) -> bool:
    """Whether it is time to write down that this session was seen."""
    return age(session, SEEN_AT, now) > SEEN_EVERY


def age(session: SessionBase, since: str, now: datetime) -> timedelta:
    """How long that is ago; nothing in the session of somebody who is not signed in."""
    return timedelta(seconds=now.timestamp() - session.get(since, now.timestamp()))


def open_sessions(user: User, this: str | None) -> list[UserSession]:
    """Where the person is signed in by a browser: `this` row, then those seen last."""
    rows = UserSession.objects.filter(user=user).order_by("-last_seen_at", "-pk")
    alive = alive_keys(user, [row.session_key for row in rows])
    found = [row for row in rows if row.session_key in alive]
    return sorted(found, key=lambda row: row.session_key != this)


def alive_keys(user: User, keys: list[str]) -> set[str]:
    """Which of these sessions still let somebody in: neither over nor of an earlier epoch."""
    good, decode = user.get_session_auth_hash(), SessionStore().decode
    stored = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    return {
        each.session_key
        for each in stored
        if constant_time_compare(decode(each.session_data).get(HASH_SESSION_KEY, ""), good)
    }
