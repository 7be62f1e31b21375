from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.event_words import tell
from accounts.models import SecurityEvent
from accounts.requests import Request
from tasklist.paging import page_of

SHOWN = 50  # on a page
FIELDS = ("id", "kind", "at", "address", "client", "details")


@require_safe
def recent(request: Request) -> HttpResponse:
    """What happened to the account, the newest first: older than a year is not kept."""
    found, cursor = request.user.security_events.all(), request.GET.get("after")
    page = page_of(found, ("-id",), fields=FIELDS, cursor=cursor, limit=SHOWN)
    told = [tell(SecurityEvent(**row)) for row in page.rows]
    return render(request, "accounts/events.html", {"events": told, "page": page})
