from datetime import datetime
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User
from ledger.models import Recorded


class SignUpInvitationQuerySet(models.QuerySet["SignUpInvitation"]):
    def open(self, now: datetime) -> Self:
        return self.filter(used_at=None, expires_at__gt=now)


class SignUpInvitation(Recorded):
    """A link that lets one person open an account where strangers may not. Its digest is kept."""

    digest = models.CharField(_("digest"), max_length=64, unique=True, editable=False)
    note = models.CharField(
        _("for whom"),
        max_length=100,
        blank=True,
        help_text=_("For your own list: a name, or where you know them from. They do not see it."),
    )
    made_by = models.ForeignKey(
        User,
        verbose_name=_("made by"),
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    expires_at = models.DateTimeField(_("expires"), editable=False)
    used_by = models.ForeignKey(
        User,
        verbose_name=_("used by"),
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    used_at = models.DateTimeField(_("used"), null=True, editable=False)

    secret: str  # on the object that was just made, and nowhere else
    unrecorded = frozenset({"digest", "note"})

    objects = SignUpInvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation to sign up")
        verbose_name_plural = _("invitations to sign up")

    def __str__(self) -> str:
        return self.note or str(self.pk)
