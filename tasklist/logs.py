"""Logs: one JSON object a line where LOG_FORMAT=json, each with its request's number.

A path can carry a secret (a link that resets a password), so the access line names the
route instead: `accounts/password/reset/key/<key>`.
"""

import logging
import time
from typing import Any

from django.http import HttpRequest, HttpResponse
from pythonjsonlogger.json import JsonFormatter as BaseJsonFormatter

from tasklist.request_id import GetResponse, current_request_id

logger = logging.getLogger("tasklist.access")


def access_log(get_response: GetResponse) -> GetResponse:
    """One line a request: how it went, how long it took, for whom."""

    def middleware(request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = get_response(request)
        log_access(request, response, time.perf_counter() - started)
        return response

    return middleware


def log_access(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    user = getattr(request, "_cached_user", None)  # set if somebody asked: costs no query
    facts = {
        "method": request.method,
        "route": route_of(request),
        "status": response.status_code,
        "milliseconds": round(seconds * 1000, 1),
        "user": user.pk if user else None,
    }
    logger.info("%(method)s %(status)s", facts, extra=facts)


class RequestFilter(logging.Filter):
    """Puts the request's number on every record, and its route where Django says its path."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id.get()
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            record.args = tuple(
                route_of(request) if each == request.path else each for each in record.args
            )
        return True


def route_of(request: HttpRequest) -> str:
    return request.resolver_match.route if request.resolver_match else "(no route)"


class JsonFormatter(BaseJsonFormatter):
    """`{"timestamp", "level", "logger", "message", "request_id", …}`, times in UTC."""

    def __init__(self, **options: Any) -> None:
        # Django hangs the whole request on some records; it is neither JSON nor harmless.
        hidden = [*logging.makeLogRecord({}).__dict__, "request", "server_time"]
        super().__init__(
            "%(levelname)s %(name)s %(message)s %(request_id)s",
            rename_fields={"levelname": "level", "name": "logger"},
            timestamp=True,
            reserved_attrs=hidden,
            **options,
        )


def configuration(form: str) -> dict[str, Any]:
    """Django's LOGGING: lines of `form` ("text" or "json") on standard error."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request": {"()": "tasklist.logs.RequestFilter"}},
        "formatters": {
            "text": {"format": "{levelname} {name} {message} [{request_id}]", "style": "{"},
            "json": {"()": "tasklist.logs.JsonFormatter"},
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "filters": ["request"],
                "formatter": form,
            },
            "none": {"class": "logging.NullHandler"},
        },
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            "django": {"level": "INFO"},
            "botocore": {"level": "WARNING"},
            # Scanners try foreign hosts all day; the answer, 400, is enough.
            "django.security.DisallowedHost": {"handlers": ["none"], "propagate": False},
            # On a laptop the development server already prints a line a request.
            "tasklist.access": {"level": "INFO" if form == "json" else "WARNING"},
        },
    }
