"""What this app puts into a person's archive: the lists and tasks that they may see."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.belongings import Part
from accounts.models import User
from ledger.chunks import ROWS, in_chunks
from ledger.models import Change
from tasks.actions.leaving import IN_A_LIST
from tasks.api.bodies import LIST_FIELDS, list_body, task_body, task_page
from tasks.models import Label, Membership, Task, TaskList


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
    found, cursor = Task.objects.where_user_may(user, "view"), None
    while True:
        page = task_page(found, order=("id",), cursor=cursor, limit=ROWS)
        yield from map(task_body, page.rows)
        if not (cursor := page.next):
            return


def history(user: User) -> Iterator[dict[str, Any]]:
    """What they did themselves, in lists that they still may see."""
    visible = TaskList.objects.where_user_may(user, "view").values("pk")
    mine = Change.objects.filter(by=user, subject_type__in=IN_A_LIST, scope_id__in=visible)
    for row in in_chunks(
        mine, "at", "kind", "via", "subject_type", "subject_id", "scope_id", "changes"
    ):
        yield {**row, "list": row.pop("scope_id")}


PARTS = [
    Part("lists.json", _("your lists and those that others share with you"), lists),
    Part("tasks.json", _("the tasks in them, also those in the trash"), tasks),
    Part("history.json", _("what you did in these lists"), history),
]
