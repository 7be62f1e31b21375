import uuid
from typing import cast

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ledger.actions import undoing
from tasklist.messages import report, report_rule
from tasklist.redirects import back


@require_POST
def undo(request: HttpRequest, batch: uuid.UUID) -> HttpResponse:
    """Take back what one press of a button did; that is a step like any other, with its Undo."""
    try:
        rows = undoing.undo(batch=batch, by=cast(Model, request.user))
    except ValidationError as error:
        report_rule(request, error)
        return back(request, "home")
    report(request, _("Undone."))
    for row in rows:
        if row.deleted_at:
            gone, otherwise = undoing.pages(row)
            return back(request, otherwise, gone=gone)
    return back(request, "home")
