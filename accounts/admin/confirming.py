"""What takes over an account in the admin: whoever does it shows first that it is them.

A form that somebody is asked to send again is not kept in the session meanwhile, where
django-allauth keeps them: it may hold a password.
"""

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from accounts.models import UserQuerySet

CONFIRMED = "confirmed"  # the field of the page that asks


def demand_proof(request: HttpRequest) -> None:
    """Raises ReauthenticationRequired unless they showed again of late that it is them."""
    raise_if_reauthentication_required(request, app="accounts")


def asked_for_proof(request: HttpRequest) -> HttpResponse | None:
    """As `demand_proof`; a form that comes too late is answered with the page that has it."""
    try:
        demand_proof(request)
    except ReauthenticationRequired:
        if request.method != "POST":
            raise
        return redirect(request.path)
    return None


def asked_to_confirm(
    model_admin: ModelAdmin, request: HttpRequest, chosen: UserQuerySet, allowed: UserQuerySet
) -> HttpResponse | None:
    """A page that names those to whom the button will be done, unless it was pressed on that."""
    people = list(allowed)
    if not people or CONFIRMED in request.POST:
        return None
    button = request.POST["action"]
    context = {
        **model_admin.admin_site.each_context(request),
        **{
            "title": dict(model_admin.get_action_choices(request))[button],
            "opts": model_admin.opts,
        },
        **{"people": people, "chosen": chosen, "button": button},
        **{"checkbox": ACTION_CHECKBOX_NAME, "confirmed": CONFIRMED},
    }
    return TemplateResponse(request, "admin/accounts/user/confirm.html", context)
