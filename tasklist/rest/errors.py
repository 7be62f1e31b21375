"""What goes wrong inside a view of the API, as a problem (RFC 9457)."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as BrokenRule
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import APIException, NotAuthenticated, NotFound, ValidationError
from rest_framework.exceptions import PermissionDenied as Forbidden

from ledger.clash import Clash
from tasklist.paging import BrokenCursor
from tasklist.problems import DETAILS, problem
from tasklist.throttled import TooManyAttempts

ERRORS = 100  # that one answer names
WHOLE = ("non_field_errors", "__all__")  # what DRF and Django call an error of no single field


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE


class PreconditionFailed(APIException):
    """If-Match names a state that is no more; `current` is the present one."""

    status_code = status.HTTP_412_PRECONDITION_FAILED

    def __init__(self, detail: str, current: Mapping[str, Any], etag: str) -> None:
        super().__init__(detail)
        self.current = current
        self.etag = etag


def exception_handler(error: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """The problem that the error is, with the `members` that it brings along.

    None for what is nobody's fault but ours, or the database's: that passes through to Django,
    logged, and to `tasklist.errors.server_error`.
    """
    if isinstance(error, TooManyAttempts):
        return problem(429, error.advice, headers={"Retry-After": str(error.wait)})
    if isinstance(error, BrokenRule):
        return refused(error)
    error = as_api_exception(error)
    if isinstance(error, ValidationError):
        return bad_input(flat(error.detail))
    if not isinstance(error, APIException):
        return None
    if isinstance(error, PreconditionFailed):
        return problem(412, str(error.detail), headers={"ETag": error.etag}, current=error.current)
    more = getattr(error, "members", {})
    detail = who_asks(context["request"]) if isinstance(error, NotAuthenticated) else error.detail
    return problem(error.status_code, str(detail), headers=headers_of(error), **more)


def as_api_exception(error: Exception) -> Exception:
    if isinstance(error, Http404):
        return NotFound(_(DETAILS[404]))
    if isinstance(error, PermissionDenied):
        return Forbidden(str(error) or _(DETAILS[403]))
    if isinstance(error, BrokenCursor):
        return ValidationError({"cursor": [str(error)]})
    return error


def who_asks(request: Any) -> str:
    """What to send. A header that was sent is not repeated: it may be a secret."""
    if "Authorization" in request.headers:
        return _("`Authorization` takes one scheme here: send `Bearer`, a space and a token.")
    return _("Sign in first, and send the token: `Authorization: Bearer …`.")


def refused(rule: BrokenRule) -> HttpResponse:
    if isinstance(rule, Clash):
        return problem(409, " ".join(rule.messages), errors=broken(rule), **rule.present)
    return bad_input(broken(rule))


def bad_input(errors: Iterator[dict[str, str | None]]) -> HttpResponse:
    first = islice(errors, ERRORS)
    return problem(400, _("Some of the input cannot be taken."), errors=first)


def broken(error: BrokenRule) -> Iterator[dict[str, str | None]]:
    """A rule that an action or a model has seen broken, in the same form and words."""
    code = error.args[1]  # of the whole: where it has fields, Django gives it to none of them
    by_field = error.error_dict if hasattr(error, "error_dict") else {None: error.error_list}
    for field, errors in by_field.items():
        for each in errors:
            for message in each.messages:
                yield {
                    "field": None if field in WHOLE else field,
                    "message": message,
                    "code": each.code or code or "invalid",
                }


def headers_of(error: APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if seconds := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(seconds))
    return headers


def flat(detail: Any, field: str | None = None) -> Iterator[dict[str, str | None]]:
    """`{field, message, code}` of each error; the third label of a task is `labels.2`."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from flat(inner, below(field, str(name)))
    elif isinstance(detail, list):
        for inner in detail:
            yield from flat(inner, field)
    else:
        yield {"field": field, "message": str(detail), "code": detail.code}


def below(field: str | None, name: str) -> str | None:
    if name in WHOLE:
        return field
    return f"{field}.{name}" if field else name
