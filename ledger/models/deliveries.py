from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ledger import letters


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self, now: datetime) -> Self:
        """What has to go out by now, what waits longest first."""
        return self.waiting().filter(due_at__lte=now)

    def waiting(self) -> Self:
        """What has to go out, now or later, what is due first first."""
        return self.filter(state=Delivery.State.PLANNED).order_by("due_at", "pk")

    def not_out_yet(self) -> Self:
        """What has not ended, with the moment `since` when it waits; what waits longest first.

        That is when it was planned, or when somebody had it sent again.
        """
        under_way = (Delivery.State.PLANNED, Delivery.State.CLAIMED, Delivery.State.HANDED_OVER)
        since = Case(When(attempts=0, then=F("due_at")), default=F("planned_at"))
        return self.filter(state__in=under_way).annotate(since=since).order_by("since", "pk")

    def not_arrived(self, after: datetime) -> Self:
        """What was given up after that moment, or nobody knows of, the last first."""
        ended = (Delivery.State.FAILED, Delivery.State.UNKNOWN)
        return self.filter(state__in=ended, ended_at__gt=after).order_by("-ended_at", "-pk")

    def held_by(self, worker: str) -> Self:
        """What this worker has claimed or hands over, or was lost handing over."""
        return self.filter(worker=worker)

    def that_staff_may_repeat(self) -> Self:
        """What did not arrive, or nobody knows whether it did, and what it said is still there."""
        ended = (Delivery.State.FAILED, Delivery.State.UNKNOWN)
        return self.filter(state__in=ended).exclude(sealed="")


class Delivery(models.Model):
    """Something that has to leave the house: a mail. Planned in the transaction that wants it.

    What it says is sealed (it may hold a link that signs in), and gone once it is sent. `worker`
    is who has it in hand, or lost it: then nobody knows whether it arrived.
    """

    class Channel(models.TextChoices):
        MAIL = "mail", _("mail")

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        CLAIMED = "claimed", _("a worker has it")
        HANDED_OVER = "handed over", _("being handed over")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        UNKNOWN = "unknown", _("nobody knows")

    channel = models.CharField(_("channel"), max_length=16, choices=Channel)
    kind = models.CharField(_("kind"), max_length=64)
    recipient = models.EmailField(_("to"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        null=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    sealed = models.TextField(_("what it says, sealed"), blank=True)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.PLANNED)
    planned_at = models.DateTimeField(_("planned"), default=timezone.now)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    worker = models.CharField(_("worker"), max_length=64, blank=True, db_index=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    result = models.CharField(_("result"), max_length=500, blank=True)

    since: datetime  # when it waits; as `not_out_yet` gives it

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [
            models.Index(fields=["state", "due_at"], name="delivery_due"),
            models.Index(fields=["state", "ended_at"], name="delivery_ended"),
        ]

    def __str__(self) -> str:
        return f"{letters.in_words(self.kind)} ({self.pk})"
