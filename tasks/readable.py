"""Lists and tasks in a person's archive as people read them: a page and a spreadsheet.

Both are written piece by piece: nothing holds more than a few hundred tasks at once.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import F
from django.template.loader import get_template
from django.utils import timezone

from accounts.models import User
from tasklist import spreadsheets
from tasks.api.bodies import PRIORITIES
from tasks.models import Membership, Priority, Status, Task, TaskList
from tasks.models.tasks import TaskQuerySet
from tasks.rows import BY_POSITION, each, with_subtask_counts

COLUMNS = (
    *("list", "title", "description", "status", "priority", "start", "due", "time"),
    *("labels", "assignee", "created", "completed"),
)
FIELDS = (
    *("id", "title", "description", "status", "priority", "start_date", "due_date", "due_time"),
    *("time_zone", "estimate_minutes", "created_at", "completed_at", "assignee_name"),
)


def sheet(user: User) -> Iterator[str]:
    """Lines of CSV."""
    found = seen_by(user).annotate(list_title=F("list__title"))
    rows = each(found, *FIELDS, "list_title", order=("id",))
    return spreadsheets.sheet(COLUMNS, map(cells, rows))


def cells(row: dict[str, Any]) -> tuple[Any, ...]:
    """What stands under each of COLUMNS."""
    return (
        *(row["list_title"], row["title"], row["description"]),
        *(row["status"], PRIORITIES[row["priority"]]),
        *(row["start_date"], row["due_date"], row["due_time"]),
        *(", ".join(label["name"] for label in row["labels"]), row["assignee_name"]),
        *(in_utc(row["created_at"]), in_utc(row["completed_at"])),
    )


def in_utc(moment: Any) -> str:
    """As every spreadsheet reads it."""
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else ""


def page(user: User) -> Iterator[str]:
    """A page of HTML that needs nothing but itself."""
    found = TaskList.objects.where_user_may(user, "view").present()
    lists = found.with_role_of(user).order_by("archived", "pk")
    top, heading, task = (get_template(f"tasks/archive/{name}.html").render for name in PIECES)
    yield top({"user": user, "now": timezone.now(), "lists": lists})
    for task_list in lists:
        people = Membership.objects.filter(list=task_list).select_related("user").order_by("pk")
        yield heading({"list": task_list, "people": people})
        tasks = with_subtask_counts(seen_by(user).filter(list=task_list))
        yield from tree(tasks, None, task, user)
    yield "</body>\n</html>\n"


PIECES = ("top", "list", "task")
Show = Callable[[dict[str, Any]], str]


def tree(tasks: Any, parent: int | None, show: Show, user: User) -> Iterator[str]:
    """The tasks below `parent`, each with its own below it."""
    yield "<ul>\n"
    below = tasks.filter(parent=parent)
    for row in each(below, *FIELDS, "subtasks_total", order=BY_POSITION):
        row["status_words"] = Status(row["status"]).label
        row["priority_words"] = Priority(row["priority"]).label if row["priority"] else ""
        yield show({"task": row, "zone": user.zone})
        if row["subtasks_total"]:
            yield from tree(tasks, row["id"], show, user)
        yield "</li>\n"
    yield "</ul>\n"


def seen_by(user: User) -> TaskQuerySet:
    """Without the trash, which stands in the files for programs."""
    found = Task.objects.where_user_may(user, "view").present()
    return found.annotate(assignee_name=F("assignee__username"))
