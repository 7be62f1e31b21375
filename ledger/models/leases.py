from datetime import datetime
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _


class LeaseQuerySet(models.QuerySet["Lease"]):
    def due(self, now: datetime) -> Self:
        """Timed work that somebody should do now, and that nobody is doing."""
        free = models.Q(holder="") | models.Q(until__lt=now)
        return self.filter(free, due_at__lte=now).exclude(name__startswith=Lease.WORKER)

    def of_workers(self, now: datetime) -> Self:
        """Of workers that are alive, as far as anybody has heard."""
        return self.filter(name__startswith=Lease.WORKER, until__gte=now).order_by("holder")

    def lost(self, now: datetime) -> Self:
        """Of workers that have not been heard of for too long."""
        return self.filter(name__startswith=Lease.WORKER, until__lt=now)


class Lease(models.Model):
    """What one worker of all holds for a time, and longer only as long as it is heard of.

    Timed work, that is not done again before it is due; and the worker's own name, which stands
    for everything that it has in hand.
    """

    WORKER = "worker "  # how the names of these begin

    name = models.CharField(_("name"), max_length=80, unique=True)
    holder = models.CharField(_("holder"), max_length=64, blank=True)
    until = models.DateTimeField(_("until"))
    due_at = models.DateTimeField(_("due"))

    objects = LeaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("lease")
        verbose_name_plural = _("leases")

    def __str__(self) -> str:
        return self.name
