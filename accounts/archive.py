"""What this app puts into a person's archive: who they are, and how they get in. No secrets."""

from collections.abc import Iterator
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.belongings import Part
from accounts.models import ApiToken, SecurityEvent, SignIn, User
from ledger.chunks import in_chunks
from ledger.models import Change, Delivery


def profile(user: User) -> dict[str, Any]:
    names = ("id", "username", "name", "email", "time_zone", "theme", "created_at", "last_login")
    week = User.WeekStart(user.week_start).name.lower()
    return {**{name: getattr(user, name) for name in names}, "week_start": week}


def addresses(user: User) -> Iterator[dict[str, Any]]:
    return in_chunks(EmailAddress.objects.filter(user=user), "email", "verified", "primary")


def sessions(user: User) -> Iterator[dict[str, Any]]:
    browsers = UserSession.objects.filter(user=user)
    seen = ("created_at", "last_seen_at", "ip", "user_agent")
    for row in in_chunks(browsers, *seen):
        yield {"kind": "browser", **row}
    kept = ("started_at", "refreshed_at", "expires_at", "ended_at", "address", "client")
    for row in in_chunks(SignIn.objects.filter(user=user), *kept):
        yield {"kind": "program", **row}


def ways_in(user: User) -> Iterator[dict[str, Any]]:
    for row in in_chunks(Authenticator.objects.filter(user=user), "type", *USED):
        yield row
    linked: QuerySet = SocialAccount.objects.filter(user=user)
    for row in in_chunks(linked, "provider", "uid", "last_login", "date_joined"):
        yield {"type": "linked account", **row}


USED = ("created_at", "last_used_at")


def tokens(user: User) -> Iterator[dict[str, Any]]:
    names = ("name", "prefix", "scopes", "created_at", "expires_at", "used_at")
    return in_chunks(ApiToken.objects.filter(user=user), *names)


def events(user: User) -> Iterator[dict[str, Any]]:
    found = SecurityEvent.objects.filter(user=user)
    return in_chunks(found, "at", "kind", "address", "client", "details")


def mails(user: User) -> Iterator[dict[str, Any]]:
    found = Delivery.objects.filter(user=user)
    return in_chunks(found, "kind", "recipient", "planned_at", "state")


def history(user: User) -> Iterator[dict[str, Any]]:
    """What was done to the account; of others only that it was not oneself."""
    about = Change.objects.about(user).annotate(actor=F("by"))
    for row in in_chunks(about, "at", "kind", "via", "changes", "actor"):
        actor = row.pop("actor")
        yield {**row, "by": "you" if actor == user.pk else "somebody else"}


PARTS = [
    Part(
        "profile.json",
        _("who you are here, and your settings"),
        profile,
        {"id": _("your number here, which stays the same")},
    ),
    Part(
        "addresses.json",
        _("your e-mail addresses"),
        addresses,
        {"primary": _("whether mail goes there")},
    ),
    Part(
        "sessions.json",
        _("where you are or were signed in"),
        sessions,
        {
            "kind": _("browser, or program: one that signed in with the API"),
            "ip, address": _("the network address that it came from"),
            "user_agent, client": _("what the browser or program said it was"),
            "refreshed_at": _("when the program last showed that it was there"),
        },
    ),
    Part(
        "ways-in.json",
        _("authenticator apps, passkeys and linked accounts"),
        ways_in,
        {
            "type": _("totp: an authenticator app; webauthn: a passkey; recovery_codes"),
            "uid": _("made of what the provider of a linked account calls you"),
        },
    ),
    Part(
        "tokens.json",
        _("your personal tokens, without their secrets"),
        tokens,
        {
            "prefix": _("how the token begins"),
            "scopes": _("what a program may do with it"),
        },
    ),
    Part(
        "security-events.json",
        _("what lately happened to your account"),
        events,
        {
            "kind": _("what it was"),
            "address": _("the network address that it came from"),
            "client": _("what the browser or program said it was"),
        },
    ),
    Part(
        "mails.json",
        _("which mails were sent to you, of the last 30 days"),
        mails,
        {"kind": _("which mail it was"), "state": _("how far it got")},
    ),
    Part(
        "account-history.json",
        _("every change of your account"),
        history,
        {
            "via": _("how: on a page, by a program (api), in the admin or by a command"),
            "changes": _("each field with what it was before and what it was then"),
            "by": _("you, or somebody else"),
        },
    ),
]
