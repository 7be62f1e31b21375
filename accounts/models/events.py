from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User


class SecurityEvent(models.Model):
    """Something a person should recognise: a sign-in, a new password, a passkey that was added.

    Theirs alone, and gone with them; what others have to know stands in the Changes.
    """

    user = models.ForeignKey(
        User, verbose_name=_("person"), on_delete=models.CASCADE, related_name="security_events"
    )
    at = models.DateTimeField(_("at"), default=timezone.now)
    kind = models.CharField(_("kind"), max_length=64)
    address = models.GenericIPAddressField(_("from"), null=True)
    client = models.CharField(_("browser or program"), max_length=200, blank=True)
    details = models.JSONField(_("details"), default=dict)

    class Meta:
        verbose_name = _("security event")
        verbose_name_plural = _("security events")
        indexes = [models.Index(fields=["user", "id"], name="security_event_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.user_id}"
