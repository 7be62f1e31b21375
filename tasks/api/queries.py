"""What lists of tasks can be asked for, and in which order: only those that have an index."""

import re
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.models import User
from tasklist.rest.fields import LARGEST_ID, Day, Moment, Several, Switch
from tasklist.rest.paging import PageQuery
from tasklist.rest.resources import ResourceQuery
from tasklist.text import key_of
from tasks.actions.labels import LABELS_PER_TASK
from tasks.api.serializers import LABEL_LENGTH
from tasks.models import Label, Priority, Status
from tasks.models.tasks import NO_DUE_DATE, TaskQuerySet

# Each has an index behind `list`; ids are given in the order of creation.
ORDERS = {
    "created_at": ("id",),
    "updated_at": ("updated_at", "id"),
    "due_date": ("sort_date", "sort_time", "id"),
    "priority": ("priority", "id"),
    "position": ("position", "id"),
}


NUMBER = r"[1-9][0-9]{0,17}"


class OneOf(serializers.RegexField):
    """The id of something, or one of some words."""

    def __init__(self, *words: str, **options: Any) -> None:
        message = _("An id, or one of: %(words)s.") % {"words": ", ".join(words)}
        super().__init__(
            rf"^({NUMBER}|{'|'.join(words)})\Z",
            error_messages={"invalid": message},
            **options,
        )

    def to_internal_value(self, data: Any) -> Any:
        text = super().to_internal_value(data)
        return int(text) if re.fullmatch(NUMBER, text) else text  # ² is a digit to isdigit()


class TaskQuery(ResourceQuery):
    """Filters, which all have to fit, and the order."""

    list = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)
    parent = OneOf(  # type: ignore[assignment]  # fields are no attributes in the end
        "none", required=False, help_text="The id of a task, or `none`."
    )
    status = serializers.MultipleChoiceField(choices=Status.values, required=False)
    priority = serializers.MultipleChoiceField(
        choices=[each.name.lower() for each in Priority], required=False
    )
    label = Several(  # type: ignore[assignment]
        child=serializers.CharField(max_length=LABEL_LENGTH),
        required=False,
        max_length=LABELS_PER_TASK,
        help_text="All of them.",
    )
    assignee = OneOf("me", "none", required=False, help_text="A user's id, `me` or `none`.")
    due_before = Day(required=False, help_text="Due on an earlier day than this.")
    due_after = Day(required=False, help_text="Due on a later day than this.")
    updated_after = Moment(required=False, help_text="Changed after this point in time.")
    ordering = serializers.ChoiceField(
        choices=[*ORDERS, *(f"-{name}" for name in ORDERS)], default="created_at"
    )


class ListQuery(ResourceQuery):
    archived = Switch(required=False, help_text="`true`: only archived ones, `false`: only others.")


class LabelQuery(PageQuery):
    list = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)


def asked_for(tasks: TaskQuerySet, query: dict[str, Any], user: User) -> TaskQuerySet:
    """Those of `tasks` that fit the filters of a TaskQuery."""
    tasks = tasks.in_trash() if query["deleted"] else tasks.present()
    conditions = Q()
    for name, value in query.items():
        if name in FILTERS and (value or value == 0):
            conditions &= FILTERS[name](value, user)
    return tasks.filter(conditions)


def labelled(names: list[str]) -> Q:
    found = Q()
    for name in names:
        has = Label.objects.filter(tasks=OuterRef("pk"), key=key_of(name))
        found &= Q(Exists(has))
    return found


def assigned(who: int | str, user: User) -> Q:
    if who == "none":
        return Q(assignee=None)
    return Q(assignee=user.pk if who == "me" else who)


FILTERS = {
    "list": lambda pk, user: Q(list=pk),
    "parent": lambda pk, user: Q(parent=None if pk == "none" else pk),
    "status": lambda names, user: Q(status__in=names),
    "priority": lambda names, user: Q(priority__in=[Priority[name.upper()] for name in names]),
    "label": lambda names, user: labelled(names),
    "assignee": assigned,
    "due_before": lambda day, user: Q(sort_date__lt=day),
    "due_after": lambda day, user: Q(sort_date__gt=day, sort_date__lt=NO_DUE_DATE),
    "updated_after": lambda moment, user: Q(updated_at__gt=moment),
}


def order_of(query: dict[str, Any]) -> tuple[str, ...]:
    """The keys of the order, all of them turned round by a minus."""
    asked = query["ordering"]
    keys = ORDERS[asked.removeprefix("-")]
    return tuple(f"-{key}" for key in keys) if asked.startswith("-") else keys
