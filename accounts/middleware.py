import logging
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from accounts import sessions
from accounts.actions import sessions as session_actions
from accounts.actions.lasting import SignedOut
from accounts.guessing import known_browsers, throttles
from tasklist import errors
from tasklist.addresses import client_address
from tasklist.problems import is_for_a_program
from tasklist.request_id import GetResponse
from tasklist.throttled import TooManyAttempts

logger = logging.getLogger(__name__)


class Throttled:
    """Counts the calls of routes that have limits; where one is over, the answer is 429.

    A form that could not look at a guess shows so itself, with what was typed.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        wait = vars(request).get("retry_after")
        if wait and "Location" not in response:
            response.status_code = 429
            response["Retry-After"] = str(wait)
        known_browsers.write(request, response)
        return response

    def process_view(self, request: HttpRequest, view: Any, *_args: Any) -> HttpResponse | None:
        try:
            throttles.call(request, view)
        except TooManyAttempts as refusal:
            return errors.too_many(request, refusal)
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, TooManyAttempts):
            return errors.too_many(request, error)
        return None


class SignedOutMeanwhile:
    """Who would have got what outlives their session hears why not where they sign in again."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, SignedOut) or is_for_a_program(request):
            return None
        logout(request)
        messages.error(request, str(error))
        return redirect("account_login")


def time_zone(get_response: GetResponse) -> GetResponse:
    """Show times as the clock on the person's wall has them."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return get_response(request)
        with timezone.override(request.user.zone):
            return get_response(request)

    return middleware


def session_ages(get_response: GetResponse) -> GetResponse:
    """A session that is too old ends; that one was seen is written down now and then."""

    def middleware(request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        if sessions.is_over(request.session, now):
            logout(request)
        elif sessions.was_long_ago(request.session, now):
            note_seen(request)
        return get_response(request)

    return middleware


def session_rows(get_response: GetResponse) -> GetResponse:
    """A session that goes on under another key is among those its person sees.

    One in which somebody signs in by our pages is already: the adapter saw to it.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        before = request.session.session_key
        response = get_response(request)
        known = (before, vars(request).get(sessions.KEPT))
        if request.session.session_key not in known and request.user.is_authenticated:
            session_actions.keep(request=request, by=request.user)
        return response

    return middleware


def note_seen(request: HttpRequest) -> None:
    """A database that takes nothing just now keeps nobody from reading."""
    session, now, address = request.session, timezone.now(), client_address(request)
    try:
        session_actions.note_seen(key=session.session_key, address=address, at=now, by=None)
    except DatabaseError as error:
        logger.warning("when a session was last used could not be written down: %s", error)
        return
    session[sessions.SEEN_AT] = int(now.timestamp())


def closing(get_response: GetResponse) -> GetResponse:
    """Whoever closes their account and signs in again may take it back, and nothing else."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated or not user.closes_at or request.path_info in left_open():
            return get_response(request)
        if is_for_a_program(request):
            return errors.permission_denied(request)
        return redirect("accounts:keep")

    return middleware


def left_open() -> tuple[str, ...]:
    return reverse("accounts:keep"), reverse("account_logout")
