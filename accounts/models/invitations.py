from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User


class SignUpInvitation(models.Model):
    """A link that lets one person open an account where strangers may not. Its digest is kept."""

    digest = models.CharField(_("digest"), max_length=64, unique=True)
    note = models.CharField(_("for whom"), max_length=100, blank=True)
    made_by = models.ForeignKey(
        User, verbose_name=_("made by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"))
    used_by = models.ForeignKey(
        User, verbose_name=_("used by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    used_at = models.DateTimeField(_("used"), null=True)

    class Meta:
        verbose_name = _("invitation to sign up")
        verbose_name_plural = _("invitations to sign up")

    def __str__(self) -> str:
        return self.note or f"{self.made_at:%Y-%m-%d %H:%M}"
