"""The pages for what goes wrong. They use no database: it may be what went wrong.

Programs get the same as a problem (`tasklist/problems.py`); what goes wrong inside their views
is turned into one by `tasklist/rest/errors.py`.
"""

import sys
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from tasklist.problems import is_for_a_program, problem
from tasklist.request_id import current_request_id
from tasklist.throttled import TooManyAttempts

# MySQL's and MariaDB's numbers for: too many connections, lock wait, deadlock, read-only,
# a statement that took too long, gone, unreachable, TLS broken off.
OUTAGES = {1040, 1203, 1205, 1213, 1290, 1836, 1969, 2002, 2003, 2006, 2013, 2026, 3024, 4031}
UNREADABLE = (BadRequest, SuspiciousOperation, MultiPartParserError, UnreadablePostError)
NEVER_SHOWN = ("csrfmiddlewaretoken", "next", "version", "submission")


def error_page(
    request: HttpRequest, status: int, title: str, advice: str, detail: str = "", **more: Any
) -> HttpResponse:
    """`detail` is what a program reads instead, where the status alone says too little."""
    if is_for_a_program(request):
        return problem(status, detail)
    context = {"status": status, "title": title, "advice": advice, **more}
    return render(request, "error.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(
        request,
        400,
        _("That request makes no sense to us"),
        _("The link or form is broken or too large. Nothing was changed. Go back and try again."),
    )


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(
        request,
        403,
        _("You may look, but not change this"),
        _("Ask the owner of the list, or unarchive the list first. Nothing was changed."),
        typed=typed(request),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(
        request,
        404,
        _("There is nothing here"),
        _("It may be in the trash, gone for good, or not shared with you."),
        typed=typed(request),
    )


@csrf_exempt
@login_not_required
def not_there(request: HttpRequest) -> HttpResponse:
    """What is nowhere in the API: with DEBUG, Django would answer with a page for developers."""
    return not_found(request)


def wrong_method(request: HttpRequest, allowed: str) -> HttpResponse:
    page = error_page(
        request,
        405,
        _("This address only takes a button press"),
        _("Nothing was changed. Go back to the page with the button."),
    )
    page["Allow"] = allowed
    return page


def too_many(request: HttpRequest, refusal: TooManyAttempts) -> HttpResponse:
    """429: somebody tried too often, and what they sent was not looked at."""
    page = error_page(
        request,
        429,
        _("Please wait"),
        refusal.advice,
        detail=refusal.advice,
        again=request.path,
        typed=typed(request),
    )
    page["Retry-After"] = str(refusal.wait)
    return page


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 where the database is away: that is nobody's bug and passes."""
    if is_outage(sys.exc_info()[1]):
        connection.close()  # the next request starts with a fresh one
        return unavailable(request)
    return error_page(
        request,
        500,
        _("Something broke on our side"),
        _("It is in our logs. Your data are as they were before."),
        request_id=current_request_id.get(),
        typed=typed(request),
    )


def unavailable(request: HttpRequest) -> HttpResponse:
    page = error_page(
        request,
        503,
        _("Back in a moment"),
        _("The database does not answer just now. Nothing was changed. Try again in a minute."),
        typed=typed(request),
    )
    page["Retry-After"] = "30"
    return page


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return error_page(
        request,
        403,
        _("This form was too old"),
        _("You may have signed in again since you opened it. Nothing was changed."),
        typed=typed(request),
    )


def signed_out(request: HttpRequest) -> HttpResponse:
    return error_page(
        request,
        403,
        _("You are signed out"),
        _("Nothing was changed. Sign in, then send the form again."),
        sign_in=True,
        typed=typed(request),
    )


def typed(request: HttpRequest) -> list[tuple[str, str]]:
    """What somebody typed into a form that we could not take, to copy it from the page.

    Nothing where the form itself is what cannot be read: this page must come all the same.
    """
    try:
        fields = request.POST.items()
    except UNREADABLE:
        return []
    return [
        (name.replace("_", " "), value)
        for name, value in fields
        if value and name not in NEVER_SHOWN and "password" not in name and isinstance(value, str)
    ]


def is_outage(error: BaseException | None) -> bool:
    if isinstance(error, InterfaceError):
        return True
    if not isinstance(error, OperationalError) or not error.args:
        return False
    return error.args[0] in OUTAGES or "database is locked" in str(error)
