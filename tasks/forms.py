"""Forms translate between what people type and what actions take. They decide nothing."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from tasklist.forms import Lines, MergingForm, VersionedForm
from tasks.models import Priority, Status, Task, TaskList
from tasks.models.labels import Label
from tasks.models.lists import DESCRIPTION_LIMIT
from tasks.models.tasks import ESTIMATE_LIMIT

LABELS_LIMIT = 2_000  # characters; a task has at most 20 labels of 50


class PersonChoice(forms.ModelChoiceField):
    """Somebody, by name and username."""

    def label_from_instance(self, obj: User) -> str:
        return obj.label


class LabelNames(forms.Field):
    """Names written with commas between them."""

    def to_python(self, value: Any) -> list[str]:
        if len(value or "") > LABELS_LIMIT:
            raise ValidationError(_("That is too long for labels."), code="max_length")
        ProhibitNullCharactersValidator()(value or "")
        return sorted({name.strip() for name in (value or "").split(",") if name.strip()})

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value


class TaskForm(VersionedForm):
    title = forms.CharField(label=_("Title"), max_length=Task._meta.get_field("title").max_length)
    description = Lines(
        label=_("Description"),
        required=False,
        max_length=DESCRIPTION_LIMIT,
        help_text=_("Markdown works here."),
    )
    status = forms.ChoiceField(label=_("Status"), choices=Status.choices, required=False)
    priority = forms.TypedChoiceField(
        label=_("Priority"),
        choices=Priority.choices,
        coerce=int,
        empty_value=Priority.NONE,  # type: ignore[arg-type]
        required=False,
    )
    due_date = forms.DateField(
        label=_("Due date"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    due_time = forms.TimeField(
        label=_("Due time"), required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M")
    )
    start_date = forms.DateField(
        label=_("Start date"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    estimate_minutes = forms.IntegerField(
        label=_("Estimate in minutes"), required=False, min_value=0, max_value=ESTIMATE_LIMIT
    )
    labels = LabelNames(
        label=_("Labels"),
        required=False,
        help_text=_("With commas between them. New ones are created."),
    )
    assignee = PersonChoice(
        label=_("Assigned to"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("Nobody"),
    )

    def __init__(self, *args: Any, user: User, task_list: TaskList | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.task_list = task_list
        people = (
            User.objects.filter(memberships__list=task_list) if task_list else User.objects.none()
        )
        self.fields["assignee"].queryset = people.order_by("username")  # type: ignore[attr-defined]

    @property
    def known_labels(self) -> list[str]:
        """What the labels field suggests: those of its list."""
        known = Label.objects.filter(list=self.task_list).order_by("name")
        return list(known.values_list("name", flat=True)) if self.task_list else []

    def facts(self) -> dict[str, Any]:
        """As typed; and whoever types a time means the clock on their own wall."""
        facts = super().facts()
        if facts.get("due_time") and "due_time" in self.changed_data:
            facts["time_zone"] = self.user.time_zone
        return facts


class NewTaskForm(TaskForm):
    list = forms.ModelChoiceField(
        label=_("List"), queryset=TaskList.objects.none(), required=False, empty_label=_("Inbox")
    )
    parent = forms.ModelChoiceField(
        queryset=Task.objects.none(), required=False, widget=forms.HiddenInput
    )

    field_order = ("title", "list")
    not_facts = ("version", "submission", "list", "parent")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        lists = TaskList.objects.taking_tasks_of(user)
        self.fields["list"].queryset = lists.by_title()  # type: ignore[attr-defined]
        tasks = Task.objects.present().where_user_may(user, "edit")
        self.fields["parent"].queryset = tasks  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        """And where the task goes."""
        parent = self.cleaned_data["parent"]
        task_list = parent.list if parent else self.cleaned_data["list"]
        return super().facts() | {"task_list": task_list, "parent": parent}


class ListForm(MergingForm):
    class Meta:
        model = TaskList
        fields = ("title", "colour", "description")
        field_classes = {"description": Lines}
        widgets = {"colour": forms.RadioSelect}


class MoveForm(forms.Form):
    """Where a task is to go."""

    list = forms.ModelChoiceField(
        label=_("Move to"), queryset=TaskList.objects.none(), empty_label=_("Choose a list")
    )

    def __init__(self, *args: Any, user: User, task_list: TaskList, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lists = TaskList.objects.active().where_user_may_move(user, task_list)
        self.fields["list"].queryset = lists.by_title()  # type: ignore[attr-defined]


def chosen_list(number: str, user: User) -> TaskList | None:
    """The list that an address or a half-filled form names, if the person may add to it."""
    field = forms.ModelChoiceField(TaskList.objects.taking_tasks_of(user))
    try:
        return field.clean(number)
    except ValidationError:
        return None
