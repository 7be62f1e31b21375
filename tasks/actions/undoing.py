"""What is special in taking back what was done to lists and tasks (ledger/actions/undoing.py)."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from accounts.models import User
from ledger.access import fetch
from ledger.actions import rows
from ledger.actions.undoing import Subject, is_creation, subjects
from ledger.models import Change
from tasks.actions import labels, positions
from tasks.models import Task, TaskList
from tasks.models.access import OWNERS_FIELDS


def register() -> None:
    subjects["tasklist"] = ListChanges(TaskList)
    subjects["task"] = TaskChanges(Task)


class ListChanges(Subject):
    def pages(self, row: TaskList) -> tuple[str, str]:
        return reverse("lists:show", args=[row.pk]), reverse("home")

    def refuse(self, change: Change, by: User) -> None:
        """What it takes to put it back; also for an undo of an undo, whose kind tells nothing."""
        owners = is_creation(change) or bool(OWNERS_FIELDS & change.changes.keys())
        ability = "manage" if owners else "edit"
        fetch(TaskList.objects.all(), by, ability, pk=change.subject_id)

    def holders(self, change: Change) -> list[TaskList]:
        return [TaskList(pk=change.subject_id)]

    def take_back(self, change: Change, *, by: User) -> TaskList:
        """An inbox was made along with its first task, and always stays."""
        row = rows.lock(TaskList(pk=change.subject_id))
        return row if row.is_inbox else super().take_back(change, by=by)  # type: ignore[return-value]


class TaskChanges(Subject):
    only_told = ("task.left",)
    unwatched = frozenset({"position"})  # making room for others moves it, nobody has typed it

    def pages(self, row: Task) -> tuple[str, str]:
        return reverse("tasks:show", args=[row.pk]), reverse("lists:show", args=[row.list_id])

    def refuse(self, change: Change, by: User) -> None:
        """Also in the trash, but not in a list that is there."""
        fetch(Task.objects.filter(list__deleted_at=None), by, "edit", pk=change.subject_id)
        for number in lists_of(change) - {change.scope_id}:
            fetch(TaskList.objects.all(), by, "edit", pk=number)

    def holders(self, change: Change) -> list[TaskList]:
        return [TaskList(pk=number) for number in lists_of(change)]

    def facts_of(self, row: Task) -> dict[str, Any]:
        return super().facts_of(row) | {"labels": labels.names_of(row)}

    def columns(self, row: Task, was: Mapping[str, Any]) -> dict[str, Any]:
        columns = super().columns(row, was)
        if "position" in columns:
            columns["position"] = free_position(row, columns)
        return columns

    def put_back(self, row: Task, change: Change, *, kind: str, by: User) -> None:
        """With its labels, which a task takes along where it moves."""
        names = labels.names_of(row)
        super().put_back(row, change, kind=kind, by=by)
        if "labels" in change.changes:
            names = change.changes["labels"][0]
        if change.changes.keys() & {"labels", "list"}:
            was_and_is = labels.replace(row, names, by=by)
            rows.update(row, {}, kind=kind, by=by, also={"labels": was_and_is})


def lists_of(change: Change) -> set[int]:
    """The list that the changed task is in, and the one that it was in before."""
    return {number for number in (change.scope_id, *change.changes.get("list", ())) if number}


def free_position(task: Task, columns: Mapping[str, Any]) -> int:
    """Where it stood, or right before what stands there now."""
    there = Task.objects.filter(
        list=columns.get("list_id", task.list_id),
        parent=columns.get("parent_id", task.parent_id),
        position=columns["position"],
    )
    other = there.exclude(pk=task.pk).first()
    return positions.before(other) if other else columns["position"]
