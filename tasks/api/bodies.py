"""How lists, tasks and labels look to programs: rows of values to JSON, by hand.

A serializer takes six times as long for a page of 50. What these functions answer is what
`tasks/api/serializers.py` tells the schema; schemathesis holds the two together.
"""

from typing import Any

from tasklist.paging import Page
from tasks.models import Priority, Status
from tasks.models.tasks import TaskQuerySet
from tasks.rows import read, with_subtask_counts

TASK_FIELDS = (
    *("id", "list_id", "parent_id", "title", "description", "status", "priority"),
    *("start_date", "due_date", "due_time", "time_zone", "estimate_minutes"),
    *("assignee_id", "position", "subtasks_total", "subtasks_done"),
    *("version", "created_by_id", "created_at", "updated_at", "completed_at", "deleted_at"),
)
LIST_FIELDS = (
    *("id", "title", "description", "colour", "archived", "inbox_of", "role"),
    *("version", "created_at", "updated_at"),
)
RENAMED = {"inbox_of": "is_inbox"}
MEMBER_FIELDS = ("user_id", "user__username", "role", "version")
LABEL_FIELDS = ("name", "colour", "list_id")
PRIORITIES = {priority.value: priority.name.lower() for priority in Priority}


def task_page(
    tasks: TaskQuerySet, *, order: tuple[str, ...], cursor: str | None, limit: int
) -> Page:
    """One page of tasks that the person may see. Raises BrokenCursor."""
    rows = with_subtask_counts(tasks)
    return read(rows, fields=TASK_FIELDS, order=order, cursor=cursor, limit=limit)


def one_task(tasks: TaskQuerySet) -> dict[str, Any] | None:
    """The task that is left of `tasks`, as programs see it."""
    page = task_page(tasks, order=("id",), cursor=None, limit=1)
    return task_body(page.rows[0]) if page.rows else None


def task_body(row: dict[str, Any]) -> dict[str, Any]:
    """A row of TASK_FIELDS as programs see it."""
    return {
        "id": row["id"],
        "list": row["list_id"],
        "parent": row["parent_id"],
        "title": row["title"],
        "description": row["description"],
        "status": row["status"],
        "completed": row["status"] == Status.DONE,
        "priority": PRIORITIES[row["priority"]],
        "start_date": row["start_date"],
        "due_date": row["due_date"],
        "due_time": row["due_time"],
        "time_zone": row["time_zone"] or None,
        "estimate_minutes": row["estimate_minutes"],
        "assignee": row["assignee_id"],
        "labels": [label["name"] for label in row["labels"]],
        "position": row["position"],
        "subtasks": {"total": row["subtasks_total"], "done": row["subtasks_done"]},
        "version": row["version"],
        "created_by": row["created_by_id"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "completed_at": row["completed_at"],
        "deleted_at": row["deleted_at"],
    }


def list_body(row: dict[str, Any]) -> dict[str, Any]:
    """A row of LIST_FIELDS as programs see it."""
    body = {RENAMED.get(name, name): row[name] for name in LIST_FIELDS}
    return body | {"is_inbox": row["inbox_of"] is not None}


def member_body(row: dict[str, Any]) -> dict[str, Any]:
    """A row of MEMBER_FIELDS as programs see it."""
    return {
        "user": row["user_id"],
        "username": row["user__username"],
        "role": row["role"],
        "version": row["version"],
    }


def label_body(row: dict[str, Any]) -> dict[str, Any]:
    """A row of LABEL_FIELDS as programs see it."""
    return {"name": row["name"], "colour": row["colour"], "list": row["list_id"]}
