from datetime import date, time
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import (
    MaxLengthValidator,
    MaxValueValidator,
    MinValueValidator,
)
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import User, validate_time_zone
from ledger.models import Trashable
from tasklist.columns import derived
from tasklist.text import validate_visible
from tasks.models.labels import Label
from tasks.models.lists import DESCRIPTION_LIMIT, TaskList

NO_DUE_DATE = date(9999, 12, 31)
NO_DUE_TIME = time(23, 59, 59)
ESTIMATE_LIMIT = 60_000  # minutes
DATES = [MinValueValidator(date(1970, 1, 1)), MaxValueValidator(date(2200, 12, 31))]


class Status(models.TextChoices):
    PENDING = "pending", _("To do")
    IN_PROGRESS = "in_progress", _("In progress")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")


OPEN = (Status.PENDING, Status.IN_PROGRESS)


class Priority(models.IntegerChoices):
    NONE = 0, _("No priority")
    LOW = 1, _("Low")
    MEDIUM = 2, _("Medium")
    HIGH = 3, _("High")
    URGENT = 4, _("Urgent")


class TaskQuerySet(models.QuerySet["Task"]):
    def where_user_may(self, user: User, ability: str) -> Self:
        """The tasks in lists where this person has the ability; a task has no rules of its own."""
        return self.filter(list__in=TaskList.objects.where_user_may(user, ability).values("pk"))

    def present(self) -> Self:
        """Neither in the trash nor in a list that is."""
        return self.filter(deleted_at=None, list__deleted_at=None)

    def in_trash(self) -> Self:
        """Thrown away by themselves; what lies in a deleted list comes back with the list."""
        return self.filter(list__deleted_at=None).exclude(deleted_at=None)

    def open(self) -> Self:
        return self.filter(is_open=True)

    def on_agenda_of(self, user: User) -> Self:
        """What this person has to think of: open, in active lists, nobody else's."""
        lists = TaskList.objects.where_user_may(user, "view").filter(archived=False)
        mine = Q(assignee=None) | Q(assignee=user)
        return self.present().open().filter(mine, list__in=lists.values("pk"))

    def due_by(self, day: date) -> Self:
        return self.filter(sort_date__lte=day)

    def due_after(self, day: date) -> Self:
        return self.filter(sort_date__gt=day, sort_date__lt=NO_DUE_DATE)


class Task(Trashable):
    """A thing to do, in a list, perhaps under another task of that list."""

    list = models.ForeignKey(
        TaskList, verbose_name=_("list"), on_delete=models.CASCADE, related_name="tasks"
    )
    parent = models.ForeignKey(
        "self",
        verbose_name=_("part of"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="subtasks",
    )
    title = models.CharField(_("title"), max_length=500, validators=[validate_visible])
    description = models.TextField(
        _("description"), blank=True, validators=[MaxLengthValidator(DESCRIPTION_LIMIT)]
    )
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.PENDING)
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=Priority, default=Priority.NONE
    )
    start_date = models.DateField(_("start date"), null=True, blank=True, validators=DATES)
    due_date = models.DateField(_("due date"), null=True, blank=True, validators=DATES)
    due_time = models.TimeField(_("due time"), null=True, blank=True)
    time_zone = models.CharField(
        _("time zone of the due time"), max_length=64, blank=True, validators=[validate_time_zone]
    )
    estimate_minutes = models.PositiveIntegerField(
        _("estimate in minutes"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(ESTIMATE_LIMIT)],
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("assignee"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="assigned_tasks",
    )
    labels = models.ManyToManyField(Label, blank=True, related_name="tasks")
    position = models.BigIntegerField(_("position"), default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("created by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="created_tasks",
    )
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True)

    # What lists are filtered and sorted by, derived by the database and never NULL, so that
    # keyset paging neither loses nor repeats a row.
    is_open = derived(
        Case(When(status__in=OPEN, then=Value(True)), default=Value(False)), models.BooleanField()
    )
    sort_date = derived(Coalesce("due_date", Value(NO_DUE_DATE)), models.DateField())
    sort_time = derived(Coalesce("due_time", Value(NO_DUE_TIME)), models.TimeField())

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        constraints = [
            models.CheckConstraint(
                name="done_tasks_have_a_completion_time",
                condition=Q(status="done", completed_at__isnull=False)
                | (~Q(status="done") & Q(completed_at__isnull=True)),
            ),
            models.CheckConstraint(name="priority_is_known", condition=Q(priority__lte=4)),
            models.CheckConstraint(name="status_is_known", condition=Q(status__in=Status.values)),
            models.CheckConstraint(
                name="due_time_has_a_date_and_a_zone",
                condition=Q(due_time=None, time_zone="")
                | (Q(due_time__isnull=False, due_date__isnull=False) & ~Q(time_zone="")),
            ),
            models.CheckConstraint(
                name="start_is_not_after_due",
                condition=Q(start_date=None) | Q(due_date=None) | Q(start_date__lte=F("due_date")),
            ),
        ]
        indexes = [
            models.Index(
                name="task_by_position",
                fields=["list", "parent", "deleted_at", "is_open", "position"],
            ),
            models.Index(
                name="task_all_by_position",
                fields=["list", "parent", "deleted_at", "position"],
            ),
            models.Index(
                name="task_by_due",
                fields=["list", "deleted_at", "is_open", "sort_date", "sort_time"],
            ),
            # One for each order that the API offers (tasks/api/queries.py).
            models.Index(name="task_api_created", fields=["list", "deleted_at"]),
            models.Index(name="task_api_updated", fields=["list", "deleted_at", "updated_at"]),
            models.Index(name="task_api_priority", fields=["list", "deleted_at", "priority"]),
            models.Index(name="task_api_position", fields=["list", "deleted_at", "position"]),
            models.Index(
                name="task_api_due", fields=["list", "deleted_at", "sort_date", "sort_time"]
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def scope_id(self) -> int:
        return self.list_id

    def clean(self) -> None:
        """The rules between fields; each names the field that a person would change."""
        if self.due_time and not self.due_date:
            raise ValidationError({"due_date": _("A due time needs a due date.")})
        if self.due_time and self.due_time.microsecond:
            raise ValidationError({"due_time": _("A due time has whole seconds.")})
        if self.start_date and self.due_date and self.start_date > self.due_date:
            raise ValidationError({"start_date": _("It cannot start after it is due.")})
