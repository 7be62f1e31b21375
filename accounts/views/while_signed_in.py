"""Pages of django-allauth that change how somebody gets in, held against what ends all theirs."""

import functools
from collections.abc import Callable
from typing import Any

from allauth.account import views
from django.http import HttpRequest, HttpResponse

from accounts.actions import lasting

View = Callable[..., HttpResponse]
COUNTED = {"action_add", "action_send"}  # forms of addresses whose mail is counted


def while_signed_in(view: View) -> View:
    """A form that is done while nothing ends all that its person has open, or not at all.

    Raises SignedOut where that has ended since the request began.
    """

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST" or not request.user.is_authenticated:
            return view(request, *args, **kwargs)
        with lasting.held(request.user):
            return view(request, *args, **kwargs)

    return guarded


def email(request: HttpRequest) -> HttpResponse:
    """Adding an address is held where it is done: `accounts.actions.addresses`."""
    if COUNTED & set(request.POST):
        return views.email(request)
    return while_signed_in(views.email)(request)
