"""Which page asked for a passkey, and when: django-allauth keeps one question for all of them.

An answer to the question of another page is none: what was asked as a second factor, where a
touch is enough, must not sign in alone. Web Authentication, section 7.2, steps 11 and 15 to 17.
"""

import functools
import time
from collections.abc import Callable
from typing import Any

from allauth.mfa.webauthn.internal.auth import STATE_SESSION_KEY
from django.http import HttpRequest, HttpResponse

GOOD_FOR = 5 * 60  # seconds, as the browser's own dialogue: W3C recommends that
ASKED = "accounts.passkey_asked"  # in the session: by which page, and in seconds since 1970

View = Callable[..., HttpResponse]


def asks_for_a_passkey(view: View) -> View:
    """A view that asks and takes the answer: only to its own question, and while it is new."""
    page = view.__name__

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        forget_others(request, page)
        before = request.session.get(STATE_SESSION_KEY)
        response = view(request, *args, **kwargs)
        if request.session.get(STATE_SESSION_KEY) != before:
            request.session[ASKED] = [page, time.time()]
        return response

    return guarded


def forget_others(request: HttpRequest, page: str) -> None:
    asked_by, at = request.session.get(ASKED, ("", 0.0))
    if asked_by != page or time.time() - at > GOOD_FOR:
        request.session.pop(STATE_SESSION_KEY, None)
