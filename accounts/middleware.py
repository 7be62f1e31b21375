import logging
from collections.abc import Callable

from django.contrib.auth import logout
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from accounts import sessions
from accounts.actions import sessions as session_actions
from accounts.origin import address_of
from tasklist import errors
from tasklist.problems import is_for_a_program

logger = logging.getLogger(__name__)


def time_zone(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Show times as the clock on the person's wall has them."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return get_response(request)
        with timezone.override(request.user.zone):
            return get_response(request)

    return middleware


def session_ages(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """A session that is too old ends; that one was seen is written down now and then."""

    def middleware(request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        if sessions.is_over(request.session, now):
            logout(request)
        elif sessions.was_long_ago(request.session, now):
            note_seen(request)
        return get_response(request)

    return middleware


def note_seen(request: HttpRequest) -> None:
    """A database that takes nothing just now keeps nobody from reading."""
    session, now, address = request.session, timezone.now(), address_of(request)
    try:
        session_actions.note_seen(key=session.session_key, address=address, at=now, by=None)
    except DatabaseError:
        logger.warning("a session was seen, and the database takes no note of it")
        return
    session[sessions.SEEN_AT] = int(now.timestamp())


def closing(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
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
