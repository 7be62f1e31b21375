"""Closing one's account: days in which it can be taken back, then it is gone for good."""

import logging
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import belongings, mails
from accounts.actions import events, leaving
from accounts.actions.users import all_ended
from accounts.models import SecurityEvent, User
from ledger.actions import rows
from ledger.actions.action import action

logger = logging.getLogger(__name__)

GRACE = timedelta(days=14)


@action
def close(*, user: User, by: User | None) -> User:
    """Close the account after GRACE; said twice, it closes when it was said first.

    Every session, sign-in and token ends at once. Raises ValidationError for the last
    superuser: nobody could make another one.
    """
    refuse_last_superuser(user)
    user = rows.lock(user)
    if user.closes_at:
        return user
    changes = {"closes_at": timezone.now() + GRACE, **all_ended(user)}
    user = rows.update(user, changes, kind="user.closing", by=by)
    events.note(user=user, kind=SecurityEvent.Kind.CLOSING, by=by)
    mails.account_closing(user, to=leaving.addresses_of(user, verified=True))
    return user


@action
def keep(*, user: User, by: User | None) -> User:
    """Take it back; an account that is not closing stays as it is.

    Raises ValidationError once the day is there: its deletion may have begun.
    """
    user = rows.lock(user)
    if user.closes_at and user.closes_at <= timezone.now():
        raise ValidationError(_("It is too late: the account is being deleted."), code="too_late")
    if user.closes_at:
        events.note(user=user, kind=SecurityEvent.Kind.KEPT, by=by)
    return rows.update(user, {"closes_at": None}, kind="user.kept", by=by)


def finish_due(*, by: None = None) -> int:
    """Delete every account whose day has come, one at a time; answers how many.

    Safe at once and again: whoever comes second finds nobody. One that fails stops no other,
    and is tried again the next time.
    """
    due = User.objects.filter(closes_at__lte=timezone.now()).order_by("pk")
    return sum(finished(user) for user in due)


def finished(user: User) -> bool:
    try:
        return finish(user=user, by=None)
    except Http404:
        return False
    except Exception:
        logger.exception("account %d could not be deleted", user.pk)
        return False


@action
def finish(*, user: User, by: None) -> bool:
    """Delete the account for good, unless it was taken back; answers whether it is gone.

    Lists that others share go to whom the person has chosen. Raises Http404 where it is gone.
    """
    user = rows.lock(user)
    if user.closes_at is None or user.closes_at > timezone.now():
        return False
    for settle in belongings.settling:
        settle(user=user, by=by)
    addresses = leaving.addresses_of(user, verified=True)
    leaving.erase(user=user, by=by)
    mails.account_closed(user.username, to=addresses)
    return True


def refuse_last_superuser(user: User) -> None:
    """They are locked, so that two at once do not each count on the other."""
    if not user.is_superuser:
        return
    superusers = User.objects.select_for_update().filter(is_superuser=True).order_by("pk")
    if [each.pk for each in superusers if each.is_open] == [user.pk]:
        words = _(
            "You are the last administrator here. Make somebody else one first, in the admin."
        )
        raise ValidationError(words, code="last_superuser")
