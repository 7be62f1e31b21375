from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from ledger.models import Recorded
from tasklist.text import validate_visible
from tasks.models.lists import Colour, TaskList


class LabelQuerySet(models.QuerySet["Label"]):
    def where_user_may(self, user: User, ability: str) -> Self:
        lists = TaskList.objects.present().where_user_may(user, ability)
        return self.filter(list__in=lists.values("pk"))

    def in_use(self) -> Self:
        """On a task that is not in the trash."""
        on_tasks = self.model.tasks.through.objects.filter(label=models.OuterRef("pk"))
        return self.filter(models.Exists(on_tasks.filter(task__deleted_at=None)))


class Label(Recorded):
    """A word on tasks, belonging to a list."""

    list = models.ForeignKey(TaskList, on_delete=models.CASCADE, related_name="labels")
    name = models.CharField(_("name"), max_length=50, validators=[validate_visible])
    key = models.CharField(max_length=32, editable=False)
    colour = models.CharField(_("colour"), max_length=8, choices=Colour)

    objects = LabelQuerySet.as_manager()

    class Meta:
        verbose_name = _("label")
        verbose_name_plural = _("labels")
        constraints = [models.UniqueConstraint(name="one_label_a_name", fields=["list", "key"])]

    def __str__(self) -> str:
        return self.name

    @property
    def scope_id(self) -> int:
        return self.list_id

    def clean(self) -> None:
        if "," in self.name:
            raise ValidationError({"name": _("A label cannot have a comma in it.")})
