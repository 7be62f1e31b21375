from django.db import models
from django.utils.translation import gettext_lazy as _


class Attempts(models.Model):
    """How often something was tried, by one account or from one address, in a span of time.

    All instances count here. A row is a digest: whom it is about cannot be read from it.
    """

    key = models.CharField(_("of what"), max_length=64, unique=True)
    count = models.PositiveIntegerField(_("tried"), default=0)
    ends_at = models.DateTimeField(_("forgotten"), db_index=True)

    class Meta:
        verbose_name = _("attempts")
        verbose_name_plural = _("attempts")

    def __str__(self) -> str:
        return f"{self.key[:8]} {self.count}"
