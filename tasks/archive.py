"""What this app puts into a person's archive: the lists and tasks that they may see."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.belongings import Part
from accounts.models import User
from ledger.chunks import ROWS, in_chunks
from ledger.models import Change
from tasks.actions.leaving import IN_A_LIST
from tasks.api.bodies import LIST_FIELDS, TASK_FIELDS, list_body, task_body
from tasks.models import Label, Membership, Task, TaskList
from tasks.readable import page, sheet
from tasks.rows import each, with_subtask_counts

PEOPLE = {"assignee", "created_by", "inbox_of", "user"}  # fields of a Change that hold numbers


def lists(user: User) -> Iterator[dict[str, Any]]:
    """Each with who takes part and which labels it has; nobody has more than a few hundred."""
    found = TaskList.objects.where_user_may(user, "view").with_role_of(user)
    ids = found.values("pk")
    people = Membership.objects.filter(list__in=ids).order_by("pk")
    labels = Label.objects.filter(list__in=ids).order_by("pk")
    members = grouped(people.values("list_id", "role", "created_at", username=F("user__username")))
    names = grouped(labels.values("list_id", "name", "colour"))
    for row in found.order_by("pk").values(*LIST_FIELDS, "deleted_at"):
        yield {
            **list_body(row),
            "deleted_at": row["deleted_at"],
            "members": members[row["id"]],
            "labels": names[row["id"]],
        }


def grouped(rows: Any) -> dict[int, list[dict[str, Any]]]:
    by_list: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_list[row.pop("list_id")].append(row)
    return by_list


def tasks(user: User) -> Iterator[dict[str, Any]]:
    """As the API shows them, those in the trash as well."""
    found = with_subtask_counts(Task.objects.where_user_may(user, "view"))
    named = found.annotate(doing=F("assignee__username"), author=F("created_by__username"))
    for row in each(named, *TASK_FIELDS, "doing", "author"):
        yield {**task_body(row), "assignee": row["doing"], "created_by": row["author"]}


def history(user: User) -> Iterator[dict[str, Any]]:
    """What they did themselves, in lists that they still may see."""
    visible = TaskList.objects.where_user_may(user, "view").values("pk")
    mine = Change.objects.filter(by=user, subject_type__in=IN_A_LIST, scope_id__in=visible)
    rows = in_chunks(mine, "at", "kind", "via", "subject_type", "subject_id", "scope_id", "changes")
    while some := list(islice(rows, ROWS)):
        names = usernames(value for row in some for value in people_in(row["changes"]))
        for row in some:
            changes = with_names(row["changes"], names)
            yield {**row, "list": row.pop("scope_id"), "changes": changes}


def people_in(changes: dict[str, Any]) -> Iterator[Any]:
    for field in PEOPLE & changes.keys():
        yield from changes[field]


def usernames(ids: Iterable[Any]) -> dict[Any, str]:
    return dict(User.objects.filter(pk__in=set(ids) - {None}).values_list("pk", "username"))


def with_names(changes: dict[str, Any], names: dict[Any, str]) -> dict[str, Any]:
    """People who are there no more stay numbers."""
    named = {
        field: [names.get(each, each) for each in changes[field]]
        for field in PEOPLE & changes.keys()
    }
    return changes | named


PARTS = [
    Part("index.html", _("your lists and tasks, to be read in a browser or printed"), page),
    Part(
        "tasks.csv",
        _("the tasks, for a spreadsheet; not those in the trash"),
        sheet,
        {
            "status": _("pending, in_progress, done or cancelled"),
            "time": _("of the day it is due, in the time zone that tasks.json names"),
            "created, completed": _("in UTC"),
            "'": _("stands before what a spreadsheet would take for a formula; it is not yours"),
        },
    ),
    Part(
        "lists.json",
        _("your lists and those that others share with you"),
        lists,
        {
            "id": _("what “list” in the other files means"),
            "is_inbox": _("whether it is an inbox: everybody has one"),
            "role": _("what you are in the list: owner, editor or viewer"),
            "members": _("who takes part, by username; created_at: since when"),
            "version": _("how often it was changed"),
            "deleted_at": _("since when it is in the trash; null: it is not"),
        },
    ),
    Part(
        "tasks.json",
        _("the tasks in them, also those in the trash"),
        tasks,
        {
            "list": _("the “id” of its list in lists.json"),
            "parent": _("the “id” of the task that it is part of"),
            "due_time": _("the time of the day in time_zone"),
            "assignee": _("the username of who is to do it"),
            "created_by": _("the username of who has added it"),
            "position": _("its place in the list: the smallest is the first"),
            "subtasks": _("how many there are, and how many of them are done"),
            "version": _("how often it was changed"),
            "deleted_at": _("since when it is in the trash; null: it is not"),
        },
    ),
    Part(
        "history.json",
        _("what you did in these lists"),
        history,
        {
            "kind": _("what you did"),
            "via": _("how: on a page, by a program (api), in the admin or by a command"),
            "subject_type": _("what you did it to; subject_id is its “id”"),
            "list": _("the “id” of its list in lists.json"),
            "changes": _("each field with what it was before and what it was then"),
        },
    ),
]
