"""What stands beside every page: the person's lists, and how much is open."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from tasks.models import Task, TaskList


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context for every template; asks the database only where a template shows it."""
    return {"navigation": SimpleLazyObject(lambda: contents(request.user))}  # type: ignore[arg-type]


def contents(user: User) -> dict[str, Any]:
    found = TaskList.objects.active().where_user_may(user, "view").with_open_counts()
    shown = ("id", "title", "colour", "inbox_of", "open_count")
    lists: list[dict[str, Any]] = list(found.by_title().values(*shown))
    return {
        "lists": [each for each in lists if each["inbox_of"] is None],
        "inbox_count": sum(each["open_count"] for each in lists if each["inbox_of"]),
        "today_count": Task.objects.on_agenda_of(user).due_by(user.today()).count(),
    }
