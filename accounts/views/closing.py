from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import closing
from accounts.requests import Request
from tasklist.pages import shows_a_form


@shows_a_form
def keep(request: Request) -> HttpResponse:
    """All that somebody sees who closes their account and signs in again: it can be taken back."""
    user = request.user
    if user.closes_at is None:
        return redirect("home")
    if request.method == "POST":
        try:
            closing.keep(user=user, by=user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("accounts:keep")
        messages.success(request, _("Your account stays, with everything in it."))
        return redirect("home")
    context = {"too_late": user.closes_at <= timezone.now()}
    return render(request, "accounts/keep.html", context)
