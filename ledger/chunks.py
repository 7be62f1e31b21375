"""Reading more rows than fit into memory."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

ROWS = 500  # at a time


def in_chunks(rows: QuerySet, *fields: str) -> Iterator[dict[str, Any]]:
    """All rows as dicts of `fields`, the oldest first.

    QuerySet.iterator() does not help: MySQL's driver reads the whole answer before the first row.
    """
    last = 0
    while True:
        chunk = list(rows.filter(pk__gt=last).order_by("pk").values("pk", *fields)[:ROWS])
        for row in chunk:
            last = row.pop("pk")
            yield row
        if len(chunk) < ROWS:
            return
