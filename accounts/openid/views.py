"""To the provider's page and back. Where no provider is set up, none of this is there."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.socialaccount import views as allauths
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.openid.adapter import provider_name
from accounts.openid.identity import PROVIDER
from accounts.openid.provider import OAuth2Adapter
from tasklist.pages import shows_a_form

View = Callable[..., HttpResponse]


def where_there_is_a_provider(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.OPENID or kwargs.pop("provider_id", PROVIDER) != PROVIDER:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@login_not_required
@shows_a_form
@where_there_is_a_provider
def login(request: HttpRequest) -> HttpResponse:
    view = OAuth2LoginView.adapter_view(OAuth2Adapter(request, PROVIDER))
    return going_on(request, view(request))


@login_not_required
@require_safe
@where_there_is_a_provider
def callback(request: HttpRequest) -> HttpResponse:
    view = OAuth2CallbackView.adapter_view(OAuth2Adapter(request, PROVIDER))
    return view(request)


@login_not_required
@require_safe
@where_there_is_a_provider
def cancelled(request: HttpRequest) -> HttpResponse:
    return allauths.login_cancelled(request)


def going_on(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A page that leads on by itself, in place of a redirect.

    Our Content-Security-Policy lets forms go nowhere else, redirects included, and where a
    provider sends people on to is not known beforehand.
    """
    if not isinstance(response, HttpResponseRedirect):
        return response
    context = {"url": response.url, "provider": provider_name()}
    page = render(request, "socialaccount/going_on.html", context)
    page.headers["Refresh"] = f"0; url={response.url}"
    page.headers["Cache-Control"] = "no-store"
    return page
