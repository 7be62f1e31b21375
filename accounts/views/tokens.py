"""Personal tokens: a list of them, one that is shown once, and the buttons that revoke them."""

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.actions import tokens
from accounts.models import ApiToken
from accounts.requests import Request
from accounts.token_forms import TokenForm
from tasklist.forms import rules_shown_on
from tasklist.pages import shows_a_form


def makes_one(request: HttpRequest) -> bool:
    return request.method == "POST"


@shows_a_form
@reauthentication_required(enabled=makes_one)
def index(request: Request) -> HttpResponse:
    """The list, with the form that makes one; whoever sends it shows first that it is them."""
    form = TokenForm(request.POST or None, user=request.user)
    if form.is_valid():
        with rules_shown_on(form):
            made, secret = tokens.make(user=request.user, by=request.user, **form.facts())
            return shown_once(request, made, secret)
    mine = ApiToken.objects.filter(user=request.user).select_related("user").order_by("-pk")
    context = {"form": form, "tokens": mine, "now": timezone.now()}
    return render(request, "accounts/tokens.html", context, status=422 if form.errors else 200)


def shown_once(request: Request, token: ApiToken, secret: str) -> HttpResponse:
    """In the answer to the form itself: on the way to another page it would have to be kept."""
    context = {"token": token, "secret": secret, "base_url": settings.BASE_URL}
    response = render(request, "accounts/token_made.html", context, status=201)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def revoke(request: Request, pk: int) -> HttpResponse:
    token = get_object_or_404(ApiToken.objects.filter(user=request.user), pk=pk)
    tokens.revoke(token=token, by=request.user)
    messages.success(request, _("“%(name)s” is revoked.") % {"name": token.name})
    return redirect("accounts:tokens")
