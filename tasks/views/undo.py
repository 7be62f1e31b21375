import uuid

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.requests import Request
from tasklist.redirects import back
from tasks.actions.undoing import undo as take_back
from tasks.models import Task
from tasks.views.messages import report, report_rule


@require_POST
def undo(request: Request, batch: uuid.UUID) -> HttpResponse:
    """Take back what one press of a button did; that is a step like any other, with its Undo."""
    try:
        rows = take_back(batch=batch, by=request.user)
    except ValidationError as error:
        report_rule(request, error)
        return back(request, "home")
    report(request, _("Undone."))
    for row in rows:
        if row.deleted_at and isinstance(row, Task):
            there = reverse("tasks:show", args=[row.pk])
            return back(request, "lists:show", row.list_id, gone=there)
        if row.deleted_at:
            return back(request, "home", gone=reverse("lists:show", args=[row.pk]))
    return back(request, "home")
