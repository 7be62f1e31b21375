"""What accounts have to be tidied of from time to time."""

from datetime import timedelta

from django.utils import timezone

from accounts.actions import attempts, closing, events, sessions
from ledger import housekeeping

KEEP_EVENTS = timedelta(days=365)


def register() -> None:
    hour, day = timedelta(hours=1), timedelta(days=1)
    housekeeping.register("delete closed accounts", every=hour, do=closing.finish_due)
    housekeeping.register("forget sessions that are over", every=hour, do=forget_sessions)
    housekeeping.register("forget old security events", every=day, do=forget_events)
    housekeeping.register("forget counts of tries", every=hour, do=forget_attempts)


def forget_sessions() -> None:
    """What is known of sessions beside them: they themselves are the ledger's chore."""
    sessions.forget_gone(by=None)


def forget_events() -> None:
    events.forget(before=timezone.now() - KEEP_EVENTS, by=None)


def forget_attempts() -> None:
    attempts.remove_ended(by=None)
