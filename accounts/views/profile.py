from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.actions import users
from accounts.forms import ProfileForm
from accounts.requests import Request
from tasklist.pages import shows_a_form


@shows_a_form
def profile(request: Request) -> HttpResponse:
    user = request.user
    form = ProfileForm(request.POST or None, initial={**user.facts(), "name": user.name})
    if form.is_valid():
        users.edit_profile(user=user, by=user, **form.cleaned_data)
        messages.success(request, _("Your settings are saved."))
        return redirect("accounts:settings")
    status = 422 if form.errors else 200
    return render(request, "accounts/settings.html", {"form": form}, status=status)


@require_POST
def time_zone(request: Request) -> HttpResponse:
    """The answer to the question whether the clock on the page is the one on the wall."""
    user = request.user
    try:
        users.edit_profile(user=user, by=user, time_zone=request.POST.get("time_zone", ""))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("home")
