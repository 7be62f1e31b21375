"""Lists, tasks and labels in JSON: what may be written, and what the schema tells of the rest."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tasklist.rest.fields import (
    Choice,
    Flag,
    Identifier,
    Named,
    Several,
    Text,
    Whole,
)
from tasklist.rest.serializers import Body, ModelBody
from tasks import models
from tasks.actions import lists
from tasks.actions.labels import LABELS_PER_TASK
from tasks.models import Colour, Priority, Role, Status

LABEL_LENGTH = models.Label._meta.get_field("name").max_length  # characters


class Counts(Body):
    """Of the subtasks right below a task, those in the trash not counted."""

    total = Whole(read_only=True)
    done = Whole(read_only=True, help_text="Done or cancelled.")


class Task(ModelBody):
    """A thing to do."""

    id = Identifier(read_only=True)
    list = Identifier(required=False, help_text="Where it is made; by default in your inbox.")
    parent = Identifier(  # type: ignore[assignment]  # fields are no attributes in the end
        required=False, allow_null=True, help_text="The task it is part of."
    )
    completed = Flag(required=False, help_text="True exactly when status is done.")
    priority = Named(Priority, default=Priority.NONE)
    assignee = Identifier(default=None, allow_null=True, help_text="A member of the list.")
    labels = Several(child=Text(max_length=LABEL_LENGTH), default=[], max_length=LABELS_PER_TASK)
    subtasks = Counts(read_only=True)
    created_by = Identifier(read_only=True, allow_null=True)

    class Meta:
        model = models.Task
        fields = (
            *("id", "list", "parent", "title", "description", "status", "completed", "priority"),
            *("start_date", "due_date", "due_time", "time_zone", "estimate_minutes"),
            *("assignee", "labels", "position", "subtasks"),
            *("version", "created_by", "created_at", "updated_at", "completed_at", "deleted_at"),
        )
        read_only_fields = ("position", "completed_at", "deleted_at")
        extra_kwargs = {
            "description": {"help_text": "Markdown."},
            "due_time": {"help_text": "On the wall, in time_zone."},
            "time_zone": {
                "default": None,
                "allow_null": True,
                "help_text": "Of due_time; by default your own.",
            },
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """`completed` is another word for a status: the two must not disagree."""
        completed = attrs.get("completed")
        named = "status" in self.initial_data
        if completed is not None and named and completed != (attrs["status"] == Status.DONE):
            message = _("It disagrees with status.")
            raise serializers.ValidationError({"completed": message}, code="disagrees")
        return attrs


class Move(Body):
    """Where a task is to go. What is left out stays as it is."""

    list = Identifier(required=False)
    parent = Identifier(  # type: ignore[assignment]
        required=False, allow_null=True, help_text="null: to the top."
    )
    before = Identifier(
        required=False, allow_null=True, help_text="A task to stand before; null: to the end."
    )


class TaskList(ModelBody):
    """A list of tasks, as one of its members sees it."""

    id = Identifier(read_only=True)
    is_inbox = Flag(read_only=True)
    role = Choice(choices=Role.values, read_only=True)

    class Meta:
        model = models.TaskList
        fields = ("id", *lists.EDITABLE, "is_inbox", "role", *models.TaskList.stamps)
        extra_kwargs = {"archived": {"help_text": "An archived list cannot be changed."}}


class Member(Body):
    """That somebody takes part in a list, and as what."""

    user = Identifier(read_only=True)
    username = Text(read_only=True)
    role = Choice(choices=Role.values)
    version = Whole(read_only=True)


@extend_schema_field({"type": ["integer", "string"], "minLength": 1, "maxLength": 64})
class IdOrUsername(serializers.Field):
    """Whom a body names, by number or by name."""

    default_error_messages = {"invalid": _("An id or a username.")}

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, bool) or not isinstance(data, int | str) or not str(data):
            self.fail("invalid")
        return str(data)


class NewMember(Body):
    user = IdOrUsername(help_text="An id or a username.")
    role = Choice(choices=Role.values)


class Label(Body):
    """A label of a list that a task has."""

    name = Text(read_only=True)
    colour = Choice(choices=Colour.choices, read_only=True)
    list = Identifier(read_only=True)
