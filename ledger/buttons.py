"""What holds for every button above a list of the admin."""

import re
from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

NUMBER = re.compile(r"[0-9]{1,18}\Z")


class Buttons:
    """They are for rows of the page, never for all that were found: those may be a million."""

    def response_action(
        self, request: HttpRequest, queryset: QuerySet, *args: Any
    ) -> HttpResponse | None:
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        across = request.POST.get("select_across", "0")
        if across != "0" or not all(NUMBER.match(each) for each in chosen):
            raise BadRequest
        return super().response_action(request, queryset, *args)  # type: ignore[misc]
