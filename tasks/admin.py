from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.requests import Request
from tasklist.admin import ActionAdmin, TrashFilter
from tasklist.forms import ActionForm, Lines, MergingForm
from tasklist.page_admin import TrashAdmin
from tasks.actions import labels, lists, memberships, tasks
from tasks.forms import LabelNames
from tasks.models import Label, Membership, Task, TaskList
from tasks.models.lists import DESCRIPTION_LIMIT, TaskListQuerySet
from tasks.models.tasks import TaskQuerySet

KEPT = ("created_at", "updated_at", "deleted_at")


def name_of(task_list: TaskList) -> str:
    """Everybody's inbox has the same title."""
    if task_list.is_inbox:
        return _("Inbox of %(user)s") % {"user": task_list.inbox_of}
    return task_list.title


class DescribedForm(MergingForm):
    description = Lines(
        label=gettext_lazy("Description"), required=False, max_length=DESCRIPTION_LIMIT
    )


class TaskForm(DescribedForm):
    not_facts = ("version", "submission", "list")

    labels = LabelNames(
        label=gettext_lazy("Labels"),
        required=False,
        widget=forms.TextInput({"class": "vTextField"}),
        help_text=gettext_lazy("With commas between them. New ones are created."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["labels"] = labels.names_of(self.instance)

    def facts(self) -> dict[str, Any]:
        """And the list that a new one is added to."""
        new = {} if self.instance.pk else {"task_list": self.cleaned_data["list"]}
        return {**new, **super().facts()}


class MembershipForm(ActionForm):
    class Meta:
        labels = {"list": gettext_lazy("List"), "user": gettext_lazy("Person")}


class LabelForm(ActionForm):
    class Meta:
        labels = {"list": gettext_lazy("List")}


@admin.register(TaskList)
class TaskListAdmin(TrashAdmin):
    """Lists. People make their own, and only their owners delete them for good."""

    verbs, noun = lists, "task_list"
    form = DescribedForm
    fields = ("title", "description", "colour", "archived", "version", "inbox_of", *KEPT)
    readonly_fields = ("inbox_of", *KEPT)
    list_display = ("__str__", "colour", "archived", "inbox_of", "created_at", "deleted_at")
    list_filter = ("archived", TrashFilter)
    list_prefetch_related = ("inbox_of",)
    ordering = ("-pk",)
    search_fields = ("title", "id__exact")

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """What other forms offer to choose from are lists that can be shared and added to."""
        found: Any
        found, several = super().get_search_results(request, queryset, search_term)
        choosing = request.resolver_match and request.resolver_match.url_name == "autocomplete"
        return found.present().filter(inbox_of=None) if choosing else found, several

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changeable(self, request: Request, rows: TaskListQuerySet) -> TaskListQuerySet:
        return rows.present().filter(inbox_of=None)

    def write(self, request: Request, form: MergingForm, row: TaskList) -> Any:
        if row.archived and form.facts()["archived"]:
            raise ValidationError(_("An archived list is not changed. Bring it back first."))
        return super().write(request, form, row)


@admin.register(Task)
class TaskAdmin(TrashAdmin):
    """Tasks, those in somebody's inbox too. Only owners of lists delete them for good."""

    verbs, noun = tasks, "task"
    form = TaskForm
    list_display = ("title", "of_list", "status", "priority", "due_date", "assignee", "deleted_at")
    list_filter = ("status", "priority", TrashFilter)
    list_prefetch_related = ("list__inbox_of", "assignee")
    ordering = ("-pk",)
    search_fields = ("title", "id__exact")
    autocomplete_fields = ("list", "assignee")
    readonly_fields = ("list", "parent", "created_by", "completed_at", *KEPT)
    formfield_overrides = {
        models.DateField: {"widget": forms.DateInput({"type": "date"}, "%Y-%m-%d")},
        models.TimeField: {"widget": forms.TimeInput({"type": "time"}, "%H:%M")},
    }
    actions = ("complete", "reopen", *TrashAdmin.actions)

    @admin.display(description=gettext_lazy("list"))
    def of_list(self, row: Task) -> str:
        return name_of(row.list)

    def get_fields(self, request: HttpRequest, obj: Task | None = None) -> Any:
        if obj is None:
            return ("list", *tasks.EDITABLE, "submission")
        return ("list", *tasks.EDITABLE, "version", *self.readonly_fields[1:])

    def get_readonly_fields(self, request: HttpRequest, obj: Task | None = None) -> Any:
        return self.readonly_fields if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "list":
            kwargs["queryset"] = TaskList.objects.active().filter(inbox_of=None)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changeable(self, request: Request, rows: TaskQuerySet) -> TaskQuerySet:
        return self.movable(rows).present()

    def movable(self, rows: TaskQuerySet) -> TaskQuerySet:
        return rows.filter(list__archived=False)

    @admin.action(description=gettext_lazy("Complete"), permissions=["change"])
    def complete(self, request: Request, chosen: TaskQuerySet) -> None:
        self.do_each(request, chosen, self.changeable(request, chosen), task=tasks.complete)

    @admin.action(description=gettext_lazy("Reopen"), permissions=["change"])
    def reopen(self, request: Request, chosen: TaskQuerySet) -> None:
        self.do_each(request, chosen, self.changeable(request, chosen), task=tasks.reopen)


@admin.register(Membership)
class MembershipAdmin(ActionAdmin):
    """Who takes part in which list, and as what."""

    form = MembershipForm
    fields = ("list", "user", "role")
    list_display = ("person", "of_list", "role", "created_at")
    list_filter = ("role",)
    list_prefetch_related = ("list__inbox_of", "user")
    ordering = ("-pk",)
    search_fields = ("user__username", "list__title")
    autocomplete_fields = ("list", "user")

    @admin.display(description=gettext_lazy("person"))
    def person(self, row: Membership) -> str:
        return str(row.user)

    @admin.display(description=gettext_lazy("list"))
    def of_list(self, row: Membership) -> str:
        return name_of(row.list)

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> Any:
        return ("list", "user") if obj else ()

    def write(self, request: Request, form: ActionForm, row: Membership | None) -> Membership:
        data, by = form.cleaned_data, request.user
        if row:
            return memberships.change_role(membership=row, role=data["role"], by=by)
        return memberships.add(task_list=data["list"], user=data["user"], role=data["role"], by=by)

    def discard(self, request: Request, row: Membership) -> None:
        memberships.remove(membership=row, by=request.user)


@admin.register(Label)
class LabelAdmin(ActionAdmin):
    """Labels: made by being written on a task."""

    fields = ("list", "name", "colour")
    readonly_fields = ("list",)
    form = LabelForm
    list_display = ("name", "of_list", "colour")
    list_filter = ("colour",)
    list_prefetch_related = ("list__inbox_of",)
    ordering = ("-pk",)
    search_fields = ("name", "id__exact")

    @admin.display(description=gettext_lazy("list"))
    def of_list(self, row: Label) -> str:
        return name_of(row.list)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def write(self, request: Request, form: ActionForm, row: Label) -> Label:
        data = form.cleaned_data
        return labels.edit(label=row, by=request.user, name=data["name"], colour=data["colour"])
