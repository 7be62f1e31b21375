"""What people should recognise, and the mail that asks them whether it was them."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.event_words import tell
from accounts.models import SecurityEvent, User
from accounts.origin import Origin, current_origin
from accounts.verified import verified_address
from ledger.actions import deliveries
from ledger.actions.action import action
from tasklist.letters import as_html, as_text

Kind = SecurityEvent.Kind
# What changes who gets in: those are told by mail, too.
WEIGHTY = {
    *(Kind.PASSWORD_CHANGED, Kind.PASSWORD_RESET, Kind.PASSWORD_SET, Kind.USED_TWICE),
    *(Kind.EMAIL_ADDED, Kind.EMAIL_VERIFIED, Kind.EMAIL_REMOVED, Kind.EMAIL_PRIMARY),
    *(Kind.LINKED, Kind.UNLINKED),
    *(Kind.TOTP_ADDED, Kind.TOTP_REMOVED, Kind.PASSKEY_ADDED, Kind.PASSKEY_REMOVED),
    *(Kind.RECOVERY_CODES_MADE, Kind.RECOVERY_CODE_USED, Kind.FACTORS_REMOVED),
    *(Kind.API_TOKEN_MADE, Kind.ARCHIVE_ASKED, Kind.WRONG_CODE, Kind.PASSKEY_REFUSED),
}
# The same, but whoever forgets cookies with every window would get nothing but letters.
A_FEW_A_DAY = (Kind.NEW_BROWSER, Kind.NEW_PROGRAM)
FEW = 3
REFUSAL_EVERY = timedelta(hours=1)


@action
def note(
    *, user: User, kind: SecurityEvent.Kind, by: User | None, to: str | None = None, **details: Any
) -> None:
    """Something happened to the account of `user`. `details` are words and names, no secrets.

    What is weighty goes by mail to their primary address, or to the address `to` of theirs, if
    it is verified: any other may be a stranger's. To "" none goes.

    Where staff did it (`by` is somebody else), that is all that is said: their address and
    browser are nobody else's business.
    """
    own = by is None or by == user
    origin = current_origin() if own else Origin()
    event = SecurityEvent.objects.create(
        user=user,
        kind=kind,
        address=origin.address,
        client=origin.client,
        details=details if own else details | {"by": "staff"},
    )
    if is_mailed(event) and (address := verified_address(user, to)):
        plan_letter(event, address)


def is_mailed(event: SecurityEvent) -> bool:
    if event.kind not in A_FEW_A_DAY:
        return event.kind in WEIGHTY
    lately = SecurityEvent.objects.since(timezone.now() - timedelta(days=1))
    return lately.filter(user=event.user, kind__in=A_FEW_A_DAY).count() <= FEW


def plan_letter(event: SecurityEvent, address: str) -> None:
    """“Was this you?”, and where to go if not; in the time zone of whose account it is."""
    told = tell(event)
    context = {
        "event": told,
        "by_staff": event.details.get("by") == "staff",
        "username": event.user.username,
        "url": settings.BASE_URL + reverse("accounts:sessions"),
        "domain": urlsplit(settings.BASE_URL).netloc,
    }
    with timezone.override(event.user.zone):
        text = render_to_string("accounts/email/event.txt", context)
    deliveries.plan(
        recipient=address,
        subject=told.what,
        text=as_text(text),
        html=as_html(text),
        kind=f"accounts/{event.kind}",
        user=event.user,
        by=None,
    )


@action
def note_news(*, user: User, kind: SecurityEvent.Kind, by: User | None, **details: Any) -> None:
    """Something that others do concerns them: who does it, and from where, is not kept."""
    SecurityEvent.objects.create(user=user, kind=kind, details=details)


@action
def note_refusal(
    *, user: User | None, kind: SecurityEvent.Kind = Kind.REFUSED, by: None, **details: Any
) -> None:
    """Guesses at an account are refused: one entry of a kind an hour for them all.

    Where there is no such account it looks all the same, so that the time tells nobody.
    """
    noted = SecurityEvent.objects.since(timezone.now() - REFUSAL_EVERY)
    if not noted.filter(user_id=user.pk if user else 0, kind=kind).exists() and user:
        note(user=user, kind=kind, by=by, **details)


@action
def forget(*, before: datetime, by: None) -> int:
    """Remove what is older; answers how many entries that were."""
    return SecurityEvent.objects.filter(at__lt=before).delete()[0]
