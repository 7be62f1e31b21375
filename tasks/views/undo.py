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
    gone = None
    try:
        for row in take_back(batch=batch, by=request.user):
            if row.deleted_at:
                name = "tasks:show" if isinstance(row, Task) else "lists:show"
                gone = reverse(name, args=[row.pk])
        report(request, _("Undone."))
    except ValidationError as error:
        report_rule(request, error)
    return back(request, "home", gone=gone)
