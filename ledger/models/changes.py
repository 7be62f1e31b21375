from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ledger.doorway import Via
from ledger.encoding import ExactEncoder
from ledger.models.recorded import Recorded


class ChangeQuerySet(models.QuerySet["Change"]):
    def about(self, row: Recorded) -> Self:
        return self.filter(subject_type=row._meta.model_name, subject_id=row.pk)

    def since(self, version: int) -> Self:
        """What came after this version of the row, oldest first."""
        return self.filter(version__gt=version).order_by("version")


class Change(models.Model):
    """One write of one row. Rows of this table are added, never altered.

    `changes` is {field: [before, after]} in JSON; `batch` ties together what one action
    did; `scope_id` is what the row belongs to, as its app sees it (a task's list).
    """

    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    via = models.CharField(_("doorway"), max_length=16, choices=Via)
    batch = models.UUIDField(_("batch"), db_index=True)
    kind = models.CharField(_("kind"), max_length=64)
    subject_type = models.CharField(_("subject type"), max_length=32)
    subject_id = models.BigIntegerField(_("subject"))
    scope_id = models.BigIntegerField(_("scope"), null=True)
    version = models.PositiveIntegerField(_("version after"))
    changes = models.JSONField(_("changes"), encoder=ExactEncoder, default=dict)
    submission = models.UUIDField(
        _("form"),
        null=True,
        unique=True,
        help_text=_("The form that was sent: sent twice, it still creates once."),
    )

    objects = ChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "version"], name="change_subject"),
            models.Index(fields=["scope_id", "id"], name="change_scope"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_type} {self.subject_id}"
