"""What every request passes through: a function each, in the order of settings.MIDDLEWARE."""

import codecs
from collections.abc import Callable

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.urls import is_valid_path
from django.utils.cache import patch_cache_control

from ledger.doorway import Via, one_batch, through
from tasklist import errors
from tasklist.request_id import GetResponse


def headers(get_response: GetResponse) -> GetResponse:
    """Headers that Django has no setting for, and no shared cache for anybody's pages."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        )
        if "Cache-Control" not in response:
            patch_cache_control(response, private=True, no_cache=True)
        return response

    return middleware


def utf8_only(get_response: GetResponse) -> GetResponse:
    """Refuse forms in another encoding.

    One like `unicode_escape` makes half characters, which neither a database nor a page takes.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.encoding and codecs.lookup(request.encoding).name != "utf-8":
            return errors.bad_request(request)
        return get_response(request)

    return middleware


def either_slash(get_response: GetResponse) -> GetResponse:
    """`/today` answers as `/today/` does, without a redirect that would lose a form."""

    def middleware(request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if not path.endswith("/") and not is_valid_path(path) and is_valid_path(path + "/"):
            request.path_info = path + "/"
        return get_response(request)

    return middleware


def readable_405(get_response: GetResponse) -> GetResponse:
    """Django's answer to a wrong method is an empty page; people get a readable one."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code == 405 and not response.content:
            return errors.wrong_method(request, allowed=response["Allow"])
        return response

    return middleware


class LoginRequired(LoginRequiredMiddleware):
    """Denies by default; a form sent after the session ended is not lost on the way to sign-in."""

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable
    ) -> HttpResponse:
        if request.method in ("GET", "HEAD"):
            return super().handle_no_permission(request, view_func)
        return errors.signed_out(request)


def through_the_pages(get_response: GetResponse) -> GetResponse:
    """What a request changes is recorded as done on a page, and as one batch."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with through(Via.PAGE), one_batch():
            return get_response(request)

    return middleware
