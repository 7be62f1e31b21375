"""What workers do for accounts: tidying up from time to time, and archives."""

from datetime import timedelta

from django.utils import timezone

from accounts import archive, belongings, mails
from accounts.actions import (
    archives,
    attempts,
    closing,
    events,
    invitations,
    sessions,
    sign_ins,
    tokens,
)
from ledger import housekeeping, jobs, letters

KEEP = timedelta(days=30)  # what is over, for whoever wonders where it is
KEEP_EVENTS = timedelta(days=365)


def register() -> None:
    hour, day = timedelta(hours=1), timedelta(days=1)
    housekeeping.register("delete closed accounts", every=hour, do=closing.finish_due)
    housekeeping.register("delete old archives", every=hour, do=archives.delete_old)
    housekeeping.register("forget sessions that are over", every=hour, do=forget_sessions)
    housekeeping.register("forget old security events", every=day, do=forget_events)
    housekeeping.register("forget counts of tries", every=hour, do=forget_attempts)
    housekeeping.register("forget what let people in", every=day, do=forget_what_is_over)
    letters.names |= mails.NAMES
    jobs.kinds[archives.KIND] = archives.make
    belongings.parts[:0] = archive.PARTS  # before those of the apps above


def forget_sessions() -> None:
    """What is known of sessions beside them: they themselves are the ledger's chore."""
    sessions.forget_gone(by=None)


def forget_events() -> None:
    events.forget(before=timezone.now() - KEEP_EVENTS, by=None)


def forget_attempts() -> None:
    attempts.remove_ended(by=None)


def forget_what_is_over() -> None:
    """Sign-ins, personal tokens and invitations that nobody can use any more."""
    before = timezone.now() - KEEP
    sign_ins.forget(before=before, by=None)
    tokens.forget(before=before, by=None)
    invitations.forget(before=before, by=None)
