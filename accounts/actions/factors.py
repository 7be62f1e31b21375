"""What happens to second factors apart from django-allauth's own pages."""

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.actions import events
from accounts.actions.users import all_ended
from accounts.models import SecurityEvent, User
from ledger.actions import rows
from ledger.actions.action import action


@action
def spend_code(*, authenticator: Authenticator, code: str, by: None) -> bool:
    """Whether this code, found good, is new: of an app none counts that is not later than the last.

    RFC 6238, section 5.2. Recovery codes are crossed out where they are compared.
    """
    if authenticator.type != Authenticator.Type.TOTP:
        user = authenticator.user
        events.note(user=user, kind=SecurityEvent.Kind.RECOVERY_CODE_USED, by=user)
        return True
    authenticator = Authenticator.objects.select_for_update().get(pk=authenticator.pk)
    step = step_of(code, decrypt(authenticator.data["secret"]))
    if step <= authenticator.data.get("last_step", 0):
        return False
    authenticator.data["last_step"] = step
    authenticator.save(update_fields=["data"])
    return True


@action
def note_use(*, authenticator: Authenticator, by: User) -> None:
    authenticator.record_usage()


def step_of(code: str, secret: str) -> int:
    """Which of the time steps that count now shows this code; 0 where none does."""
    shown = {step: hotp_value(secret, step) for step in yield_hotp_counters_from_time()}
    fitting = (
        step
        for step, value in shown.items()
        if compare_user_code(actual=code, expected=format_hotp_value(value))
    )
    return max(fitting, default=0)


@action
def remove_all(*, user: User, by: User | None) -> User:
    """Take off every second factor of somebody who has lost theirs, and end their sessions.

    Raises ValidationError where there is none.
    """
    user = rows.lock(user)
    _count, removed = Authenticator.objects.filter(user=user).delete()
    if not removed:
        raise ValidationError(_("They have no second factor."), code="none")
    events.note(user=user, kind=SecurityEvent.Kind.FACTORS_REMOVED, by=by)
    return rows.update(user, all_ended(user), kind="user.factors_removed", by=by)
