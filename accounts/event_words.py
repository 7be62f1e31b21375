"""What happened to an account, in words that its person recognises."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import SecurityEvent, User
from accounts.origin import in_words

Kind = SecurityEvent.Kind

# What django-allauth tells people by mail, {its template: what it is}.
NOTIFICATIONS = {
    "account/email/password_changed": Kind.PASSWORD_CHANGED,
    "account/email/password_reset": Kind.PASSWORD_RESET,
    "account/email/password_set": Kind.PASSWORD_SET,
    "account/email/email_changed": Kind.EMAIL_PRIMARY,
    "account/email/email_deleted": Kind.EMAIL_REMOVED,
    "mfa/email/totp_activated": Kind.TOTP_ADDED,
    "mfa/email/totp_deactivated": Kind.TOTP_REMOVED,
    "mfa/email/webauthn_added": Kind.PASSKEY_ADDED,
    "mfa/email/webauthn_removed": Kind.PASSKEY_REMOVED,
    "mfa/email/recovery_codes_generated": Kind.RECOVERY_CODES_MADE,
    "socialaccount/email/account_connected": Kind.LINKED,
    "socialaccount/email/account_disconnected": Kind.UNLINKED,
}
NAMED = ("deleted_email", "to_email", "account")  # what is kept of what its mails say
WAYS = {
    "password": gettext_lazy("by password"),
    "password_reset": gettext_lazy("by a new password"),
    "code": gettext_lazy("by a mailed code"),
    "totp": gettext_lazy("by an authenticator app"),
    "recovery_codes": gettext_lazy("by a recovery code"),
    "webauthn": gettext_lazy("by a passkey"),
    "socialaccount": gettext_lazy("by an account elsewhere"),
}
# What was right before something was refused, at signing in or when asked again.
AFTER = {
    "password": gettext_lazy("after the right password"),
    "password_reset": gettext_lazy("after a new password"),
    "code": gettext_lazy("after the right mailed code"),
    "socialaccount": gettext_lazy("after signing in elsewhere"),
    "session": gettext_lazy("in an open session"),
    "nothing": gettext_lazy("on its own"),
}


@dataclass(frozen=True)
class Told:
    """An event as the page shows it: what, more about it, when, and from where."""

    what: str
    about: str
    at: datetime
    client: str
    address: str | None


def ways_in(request: HttpRequest, user: User) -> list[str]:
    """How they have just shown who they are, in order: `["password", "totp"]`."""
    records = get_authentication_records(request, user)
    return list(dict.fromkeys(each.get("type") or each["method"] for each in records))


def right_so_far(request: HttpRequest, user: User) -> str:
    """What of AFTER they have shown. A program shows the password in the same request."""
    if request.user == user:
        return "session"
    ways = ways_in(request, user)
    return ways[-1] if ways else "password"


def details_of(context: Mapping[str, Any]) -> dict[str, str]:
    """What is worth keeping of what a mail says."""
    found = [str(context[name]) for name in NAMED if name in context]
    return {"email": found[0]} if found else {}


def tell(event: SecurityEvent) -> Told:
    """Names of kinds that this release does not know stay as they are."""
    known = event.kind in Kind.values
    what = str(Kind(event.kind).label) if known else event.kind
    return Told(
        what=what,
        about=", ".join(more_about(event.details)),
        at=event.at,
        client=in_words(event.client) if event.client else "",
        address=event.address,
    )


def more_about(details: Mapping[str, Any]) -> Iterator[str]:
    yield from (str(WAYS.get(way, way)) for way in details.get("ways", ()))
    if after := details.get("after"):
        yield str(AFTER.get(after, after))
    yield from (str(details[name]) for name in ("email", "name") if details.get(name))
    yield from (_("“%(list)s”") % {"list": title} for title in details.get("lists", ()))
    if more := details.get("more"):
        yield _("and %(count)d more") % {"count": more}
    if day := details.get("day"):
        yield _("on %(day)s") % {
            "day": date_format(localtime(datetime.fromisoformat(day)), "j F Y")
        }
    if client := details.get("client"):
        yield in_words(client)
    if details.get("via") == "api":
        yield _("by a program")
    if details.get("by") == "staff":
        yield _("by staff")
