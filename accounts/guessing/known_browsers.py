"""Browsers from which somebody has signed in before.

Guesses from them are counted apart, so that strangers who guess at an account do not lock its
owner out (OWASP, "Slow Down Online Guessing Attacks with Device Cookies"). What a browser
carries signs nobody in, and what ends every session has the account know none of them.
"""

import secrets
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from accounts.models import User

SALT = "accounts.known_browsers"
AGE = 60 * 60 * 24 * 400  # seconds; browsers keep no cookie for longer (RFC 6265bis)
ACCOUNTS = 5  # that one browser is known to
TO_WRITE, NEW = "known_browser_to_write", "known_browser_is_new"


def cookie_name() -> str:
    return "__Host-known" if settings.SESSION_COOKIE_SECURE else "known"


def numbers(request: HttpRequest) -> dict[str, str]:
    """{account: the number of this browser} of everybody who signed in here, oldest first."""
    try:
        known: Any = signing.loads(request.COOKIES[cookie_name()], salt=SALT, max_age=AGE)
    except (KeyError, signing.BadSignature):
        return {}
    return dict(known)


def number(request: HttpRequest, user: User) -> str:
    """What this browser is counted by for the account; empty where it is not known, or no more."""
    own = str(numbers(request).get(str(user.pk), ""))
    return own if own.startswith(f"{user.session_epoch}.") else ""


def look(request: HttpRequest, user: User) -> None:
    """Keep for `is_new` whether the account knows this browser, before the sign-in changes that.

    Where nobody has ever signed in to the account there is none to tell it from.
    """
    vars(request)[NEW] = user.last_login is not None and not number(request, user)


def is_new(request: HttpRequest) -> bool:
    return bool(vars(request)[NEW])


def remember(request: HttpRequest, user: User) -> None:
    """Have the answer to this request tell the browser that the account knows it."""
    known = numbers(request)
    own = number(request, user) or f"{user.session_epoch}.{secrets.token_urlsafe(12)}"
    known.pop(str(user.pk), None)
    newest = [*known.items(), (str(user.pk), own)][-ACCOUNTS:]
    vars(request)[TO_WRITE] = signing.dumps(newest, salt=SALT)


def write(request: HttpRequest, response: HttpResponse) -> None:
    if value := vars(request).get(TO_WRITE):
        response.set_cookie(
            cookie_name(),
            value,
            max_age=AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
