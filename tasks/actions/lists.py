import uuid
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from ledger.actions import rows
from ledger.actions.action import action
from ledger.actions.submissions import sent_before
from ledger.merging import merge
from tasks.models import Membership, Role, TaskList
from tasks.models.lists import LISTS_PER_PERSON

EDITABLE = ("title", "description", "colour", "archived")


@action
def create(*, by: User, submission: uuid.UUID | None = None, **facts: Any) -> TaskList:
    """A new list that `by` owns. The same form sent twice makes one list.

    Raises ValidationError when `by` has made as many lists as anybody may.
    """
    rows.refuse_unknown(facts, EDITABLE)
    rows.lock(by)  # so that two at once count each other
    made, submission = sent_before(submission, TaskList, title=facts.get("title"), by=by)
    if made:
        return made
    if Membership.objects.of_own_lists(by).count() >= LISTS_PER_PERSON:
        limit = _("Nobody can have more than %(count)d lists of their own.") % {
            "count": LISTS_PER_PERSON
        }
        raise ValidationError(limit, code="limit")
    return _with_owner(TaskList(**facts), owner=by, by=by, submission=submission)


@action
def inbox_of(*, user: User, by: User | None) -> TaskList:
    """The person's inbox, made when it is first needed."""
    inbox = TaskList.objects.filter(inbox_of=user)
    if present := inbox.first():
        return present
    rows.lock(user)  # so that two at once make one; not before, since lists are locked first
    return inbox.first() or _with_owner(TaskList(title="Inbox", inbox_of=user), owner=user, by=by)


@action
def edit(
    *, task_list: TaskList, by: User | None, version: int | None = None, **changes: Any
) -> TaskList:
    """Change title, description or colour; archive it, or bring it back.

    An archived list can be read, not changed, and is on nobody's agenda.
    With the `version` that the writer had read, changes of others in between are kept:
    raises ledger.merging.Conflict where they touch the same fields.
    """
    rows.refuse_unknown(changes, EDITABLE)
    task_list = _no_inbox(rows.lock(task_list))
    changes = merge(task_list, changes, since=version)
    return rows.update(task_list, changes, kind=_kind_of(task_list, changes), by=by)


@action
def archive(*, task_list: TaskList, by: User | None) -> TaskList:
    return edit(task_list=task_list, by=by, archived=True)


@action
def unarchive(*, task_list: TaskList, by: User | None) -> TaskList:
    return edit(task_list=task_list, by=by, archived=False)


@action
def trash(*, task_list: TaskList, by: User | None) -> TaskList:
    """Into the trash, with all its tasks; thrown away twice it keeps its first date."""
    task_list = _no_inbox(rows.lock(task_list))
    when = task_list.deleted_at or timezone.now()
    return rows.update(task_list, {"deleted_at": when}, kind="list.trashed", by=by)


@action
def restore(*, task_list: TaskList, by: User | None) -> TaskList:
    return rows.update(rows.lock(task_list), {"deleted_at": None}, kind="list.restored", by=by)


@action
def delete(*, task_list: TaskList, by: User | None) -> None:
    """Delete the list and all its tasks for good. This cannot be undone.

    Raises ValidationError where it was thrown away or restored since `task_list` was read.
    """
    seen, task_list = task_list, _no_inbox(rows.lock(task_list))
    rows.refuse_moved(task_list, seen)
    rows.remove(task_list, kind="list.deleted", by=by, keep=("title",))


def _kind_of(task_list: TaskList, changes: Mapping[str, Any]) -> str:
    archived = changes.get("archived", task_list.archived)
    if archived == task_list.archived:
        return "list.edited"
    return "list.archived" if archived else "list.unarchived"


def _with_owner(
    task_list: TaskList, *, owner: User, by: User | None, submission: uuid.UUID | None = None
) -> TaskList:
    rows.insert(task_list, kind="list.created", by=by, submission=submission)
    owns = Membership(list=task_list, user=owner, role=Role.OWNER)
    rows.insert(owns, kind="membership.created", by=by)
    return task_list


def _no_inbox(task_list: TaskList) -> TaskList:
    if task_list.is_inbox:
        raise ValidationError(_("The inbox cannot be changed, archived or deleted."), code="inbox")
    return task_list
