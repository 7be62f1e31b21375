"""Pages of the API: `{"results", "next", "previous"}`, by cursor (`tasklist/paging.py`)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from tasklist.paging import Page, page_of
from tasklist.rest.serializers import Query

DEFAULT, MOST = 50, 100


class PageQuery(Query):
    """Which page of a list; the base of every list's own query."""

    limit = serializers.IntegerField(
        min_value=1, max_value=MOST, default=DEFAULT, help_text="How many, at most."
    )
    cursor = serializers.CharField(
        required=False, max_length=2_000, help_text="Taken from `next` or `previous`."
    )


class KeysetPagination(BasePagination):
    """Tells the schema what a page looks like; `answer` makes one."""

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        properties = {"results": schema, "next": link, "previous": link}
        return {"type": "object", "required": list(properties), "properties": properties}


def listed(
    request: Request,
    rows: QuerySet,
    query: Mapping[str, Any],
    *,
    fields: Sequence[str],
    shape: Callable[[dict[str, Any]], Any],
    order: Sequence[str] = ("id",),
) -> Response:
    """The page of `rows` that a PageQuery asks for. Raises BrokenCursor."""
    page = page_of(rows, order, fields=fields, cursor=query.get("cursor"), limit=query["limit"])
    return answer(request, page, shape)


def answer(request: Request, page: Page, shape: Callable[[dict[str, Any]], Any]) -> Response:
    """The page, each row in the `shape` that programs see."""
    return Response(
        {
            "results": [shape(row) for row in page.rows],
            "next": link(request, page.next),
            "previous": link(request, page.previous),
        }
    )


def link(request: Request, cursor: str | None) -> str | None:
    url = request.build_absolute_uri()
    return replace_query_param(url, "cursor", cursor) if cursor else None
