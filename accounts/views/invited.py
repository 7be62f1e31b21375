"""How somebody comes in who was invited."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.adapter import INVITATION
from accounts.models import digest_of
from accounts.registering import refusal


@require_safe
@login_not_required
def invited(request: HttpRequest, key: str) -> HttpResponse:
    """To the page that opens an account, whose address does not have the key any more.

    What is remembered is the digest, which opens nothing by itself.
    """
    digest = digest_of(key)
    if refusal(digest):
        response = render(request, "account/invitation_gone.html", status=404)
        response["Referrer-Policy"] = "strict-origin"  # as nginx says of every path with a key
        return response
    request.session[INVITATION] = digest
    return redirect("account_signup")
