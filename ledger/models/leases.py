from django.db import models
from django.utils.translation import gettext_lazy as _


class Lease(models.Model):
    """Timed work that one worker of all does at a time, and not again before it is due."""

    name = models.CharField(_("name"), max_length=64, unique=True)
    holder = models.CharField(_("holder"), max_length=64, blank=True)
    until = models.DateTimeField(_("until"))
    due_at = models.DateTimeField(_("due"))

    class Meta:
        verbose_name = _("lease")
        verbose_name_plural = _("leases")

    def __str__(self) -> str:
        return self.name
