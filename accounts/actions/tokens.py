"""Personal tokens: what scripts sign in with."""

import secrets
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import events, lasting
from accounts.models import ApiToken, SecurityEvent, User
from accounts.models.credentials import USE_NOTED_EVERY, digest_of
from ledger.actions import rows
from ledger.actions.action import action

PREFIX = "tl_"  # by which people, and those who scan for leaked secrets, know ours
SHOWN = 8  # letters of a token that its list shows
LATEST = datetime(2202, 1, 1, tzinfo=UTC)  # a day after the last that the page lets one choose
EACH = 50  # that somebody may have


@action
def make(
    *,
    user: User,
    name: str,
    scopes: Iterable[str],
    by: User,
    expires_at: datetime | None = None,
    submission: uuid.UUID | None = None,
) -> tuple[ApiToken, str]:
    """A new token of the person, and its secret, which nothing can show again.

    Raises ValidationError on `name`, `scopes` or `expires_at`; and without a field where the
    person has EACH already, or the form's number has made one. Raises PermissionDenied where
    they were signed out everywhere meanwhile.
    """
    user = lasting.lock(user)
    refuse_one_too_many(user)
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(
        user=user,
        name=name.strip(),
        prefix=secret[:SHOWN],
        digest=digest_of(secret),
        scopes=known(scopes),
        expires_at=later(expires_at),
        auth_hash=user.get_session_auth_hash(),
    )
    token.clean_fields(exclude=("user", "expires_at", "used_at"))
    token.save(force_insert=True)
    record(token, user, "user.token_made", by, submission)
    events.note(user=user, kind=SecurityEvent.Kind.API_TOKEN_MADE, by=by, name=token.name)
    return token, secret


@action
def revoke(*, token: ApiToken, by: User) -> None:
    """From now on it is not taken. Once is enough: again, nothing happens."""
    user = rows.lock(token.user)
    gone, _each = ApiToken.objects.filter(pk=token.pk).delete()
    if gone:
        record(token, user, "user.token_revoked", by)
        events.note(user=user, kind=SecurityEvent.Kind.API_TOKEN_REVOKED, by=by, name=token.name)


@action
def note_use(*, token: ApiToken, by: User) -> None:
    """That it was used about now: at most one of many at once writes it."""
    now = timezone.now()
    mine = ApiToken.objects.filter(pk=token.pk)
    (mine.filter(used_at=None) | mine.filter(used_at__lte=now - USE_NOTED_EVERY)).update(
        used_at=now
    )


def record(
    token: ApiToken, user: User, kind: str, by: User, submission: uuid.UUID | None = None
) -> None:
    """Beside the person: which token and what it may do, not what they called it.

    Raises ValidationError where a form of this number has made one.
    """
    pair = [None, token.prefix] if kind == "user.token_made" else [token.prefix, None]
    changes = {"token": pair, "scopes": token.scopes}
    rows.record(user, kind=kind, by=by, changes=changes, submission=submission)


def refuse_one_too_many(user: User) -> None:
    """Those that are over make room. Raises ValidationError where all EACH are in use."""
    mine = ApiToken.objects.filter(user=user)
    if mine.count() >= EACH:
        mine.over(timezone.now()).delete()
    if mine.count() >= EACH:
        message = _("You have %(count)d tokens. Revoke one that you do not need any more.")
        raise ValidationError(message % {"count": EACH}, code="too_many")


def known(scopes: Iterable[str]) -> list[str]:
    """Each scope once, in our order. Raises ValidationError where none or another is named."""
    asked = set(scopes)
    if not asked or not asked <= set(ApiToken.Scope.values):
        message = _("Choose read, write, or both.")
        raise ValidationError({"scopes": [message]}, code="invalid_choice")
    return [scope for scope in ApiToken.Scope.values if scope in asked]


def later(moment: datetime | None) -> datetime | None:
    """Raises ValidationError for a time that is over, or that not every zone can show."""
    if moment and not timezone.now() < moment < LATEST:
        message = _("Choose a time that is still to come, and before the year 2202.")
        raise ValidationError({"expires_at": [message]}, code="out_of_range")
    return moment


@action
def forget(*, before: datetime, by: None) -> None:
    """Those that have been of no use since before then."""
    ApiToken.objects.over(before).delete()
