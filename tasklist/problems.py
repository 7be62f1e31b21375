"""Errors of the API, each in the form of RFC 9457: `application/problem+json`."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from rest_framework.utils.encoders import JSONEncoder

API = "/api/"  # below it answers are for programs

# What a status says where nobody knows more.
DETAILS = {
    400: gettext_noop("The request cannot be read. Nothing was changed."),
    403: gettext_noop("You may see this, but not do that to it."),
    404: gettext_noop("There is nothing here, or nothing that you may see."),
    405: gettext_noop("This address does not take that method; Allow names those it takes."),
    500: gettext_noop("Something broke on our side. It is in our logs, and nothing was changed."),
    503: gettext_noop("The database does not answer just now. Nothing was changed. Try again."),
}


def is_for_a_program(request: HttpRequest) -> bool:
    return f"{request.path_info}/".startswith(API)


def problem(
    status: int,
    detail: str = "",
    *,
    errors: Iterable[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> JsonResponse:
    """The answer that says what is wrong; `errors` are `{field, message, code}` of bad input."""
    body: dict[str, Any] = {
        "type": "about:blank",  # RFC 9457, section 4.2.1: the status says it
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail or str(_(DETAILS[status])),
    }
    if errors := list(errors):
        body["errors"] = errors
    return JsonResponse(
        body | more,
        encoder=JSONEncoder,
        json_dumps_params={"ensure_ascii": False, "separators": (",", ":")},
        status=status,
        headers=headers,
        content_type="application/problem+json",
    )
