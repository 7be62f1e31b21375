from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Recorded(models.Model):
    """A row whose every write is recorded and counted, by `ledger.actions.rows`."""

    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now, editable=False)

    class Meta:
        abstract = True

    stamps = ("version", "created_at", "updated_at")
    # Columns that never stand in a Change, such as a password's hash.
    unrecorded: frozenset[str] = frozenset()

    @property
    def scope_id(self) -> int | None:
        """The id of what this row belongs to, for those who follow the changes of that."""
        return None

    @classmethod
    def recorded_fields(cls) -> list[models.Field]:
        """The columns that hold facts: no keys, no counters, nothing the database derives."""
        left_out = {*cls.stamps, *cls.unrecorded}
        return [
            field
            for field in cls._meta.concrete_fields
            if not (field.primary_key or field.generated or field.name in left_out)
        ]

    def facts(self) -> dict[str, Any]:
        """{field name: value}, a foreign key as the id it holds."""
        return {field.name: getattr(self, field.attname) for field in self.recorded_fields()}

    def unrecorded_facts(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.unrecorded}


class Trashable(Recorded):
    """A recorded row that can be thrown away, comes back for 30 days, and then goes for good."""

    deleted_at = models.DateTimeField(_("in the trash since"), null=True, blank=True)

    class Meta:
        abstract = True
