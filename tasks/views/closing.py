"""Closing one's account: in this app, since it asks what becomes of the lists."""

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.reauthentication.password import refuse_wrong_password
from accounts.requests import Request
from tasklist.forms import rules_shown_on
from tasklist.pages import shows_a_form
from tasks.actions import handing_over
from tasks.closing import CloseForm


@shows_a_form
def close_account(request: Request) -> HttpResponse:
    """By password; who has none proves who they are in the other ways that they sign in."""
    user = request.user
    if not user.has_usable_password():
        raise_if_reauthentication_required(request, app="accounts")
    form = CloseForm(user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        with rules_shown_on(form):
            return closed(request, close(request, form))
    status = 422 if form.errors else 200
    return render(request, "tasks/close_account.html", {"form": form}, status=status)


def close(request: Request, form: CloseForm) -> User:
    user = request.user
    if user.has_usable_password():
        refuse_wrong_password(request, user, form.cleaned_data["password"])
    return handing_over.close_account(user=user, heirs=form.heirs(), by=user)


def closed(request: Request, user: User) -> HttpResponse:
    day = date_format(localtime(user.closes_at), "j F Y")
    logout(request)
    words = _("Your account closes on %(day)s. Sign in before that day to keep it.")
    messages.success(request, words % {"day": day})
    return redirect("account_login")
