from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.event_words import tell
from accounts.requests import Request

SHOWN = 50


@require_safe
def recent(request: Request) -> HttpResponse:
    """What happened to the account, the newest first: older than a year is not kept."""
    found = request.user.security_events.order_by("-pk")[: SHOWN + 1]
    context = {"events": [tell(each) for each in found[:SHOWN]], "is_cut": len(found) > SHOWN}
    return render(request, "accounts/events.html", context | {"shown": SHOWN})
