"""Where somebody is signed in, and the buttons that end it."""

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actions import sessions, sign_ins, users
from accounts.models import SignIn
from accounts.origin import in_words
from accounts.requests import Request
from accounts.sessions import UNKNOWN, open_sessions
from tasklist.session_store import row_key

SHOWN = 50  # programs; whoever has more of them ends all at once


@require_safe
def index(request: Request) -> HttpResponse:
    key = row_key(request.session.session_key)
    browsers = [
        {
            **{
                "row": each,
                "client": in_words(each.user_agent),
                "is_this": each.session_key == key,
            },
            "address": "" if each.ip == UNKNOWN else each.ip,
        }
        for each in open_sessions(request.user, key)
    ]
    programs = good_sign_ins(request)
    context = {
        "browsers": browsers,
        "others": any(not each["is_this"] for each in browsers),
        "programs": [{"row": each, "client": in_words(each.client)} for each in programs[:SHOWN]],
        "not_shown": max(0, len(programs) - SHOWN),
    }
    return render(request, "accounts/sessions.html", context)


def good_sign_ins(request: Request) -> list[SignIn]:
    rows = request.user.sign_ins.open(timezone.now()).select_related("user")
    return [each for each in rows.order_by("-refreshed_at", "-pk") if each.is_good]


@require_POST
def end(request: Request, pk: int) -> HttpResponse:
    """End one browser's session; one's own is signing out."""
    session = get_object_or_404(UserSession, user=request.user, pk=pk)
    if session.session_key == row_key(request.session.session_key):
        get_adapter().logout(request)
        return redirect("home")
    sessions.end(session=session, by=request.user)
    words = _("%(client)s is signed out.") % {"client": in_words(session.user_agent)}
    return reported(request, words)


@require_POST
def end_others(request: Request) -> HttpResponse:
    sessions.end_others(user=request.user, key=request.session.session_key, by=request.user)
    return reported(request, _("Every other browser is signed out."))


@require_POST
def end_sign_in(request: Request, pk: int) -> HttpResponse:
    sign_in = get_object_or_404(request.user.sign_ins.open(timezone.now()), pk=pk)
    sign_ins.end(sign_in=sign_in, by=request.user)
    return reported(request, _("The program is signed out."))


@require_POST
def end_everything(request: Request) -> HttpResponse:
    """Every browser, this one too, every program and every personal token."""
    users.end_sessions(user=request.user, by=request.user)
    logout(request)
    messages.success(request, _("You are signed out everywhere."))
    return redirect("account_login")


def reported(request: Request, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("accounts:sessions")
