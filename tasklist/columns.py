"""Columns that are worked out of others."""

from typing import Any

from django.db import models


def derived(expression: Any, column: models.Field, **options: Any) -> models.GeneratedField:
    """A column that the database works out and keeps, so that an index can be made of it."""
    return models.GeneratedField(
        expression=expression, output_field=column, db_persist=True, **options
    )
