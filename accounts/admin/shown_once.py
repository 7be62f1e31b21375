"""Secrets in the admin: on one page, once, and in no message that the database would keep."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from tasklist.admin import ActionAdmin


def shown_once(
    model_admin: ActionAdmin, request: HttpRequest, page: str, **words: Any
) -> HttpResponse:
    """A page of the admin with a secret on it: no page of the admin is kept by anybody."""
    context = {**model_admin.admin_site.each_context(request), "opts": model_admin.opts, **words}
    return TemplateResponse(request, f"admin/accounts/{page}.html", context)
