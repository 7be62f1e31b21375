from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class JobQuerySet(models.QuerySet["Job"]):
    def open(self) -> Self:
        """Not ended yet."""
        return self.filter(state__in=(Job.State.WAITING, Job.State.RUNNING))


class Job(models.Model):
    """Something that takes longer than a page may: what it is about, and how far it is.

    The worker that does it comes from the queue (django-tasks); this is what its person sees.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    kind = models.CharField(_("kind"), max_length=64)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        related_name="+",
    )
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.WAITING)
    progress = models.PositiveSmallIntegerField(_("percent done"), default=0)
    report = models.JSONField(_("report"), default=dict)
    file = models.CharField(_("file"), max_length=200, blank=True)
    worker = models.CharField(_("worker"), max_length=64, blank=True)
    made_at = models.DateTimeField(_("asked for"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True)
    expires_at = models.DateTimeField(_("kept until"), null=True, db_index=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = [models.Index(fields=["user", "kind", "id"], name="job_of_person")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
