"""What becomes of lists and tasks when somebody is deleted."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User
from ledger.actions import history, rows
from ledger.actions.action import action
from ledger.models import Change
from tasks.actions import memberships
from tasks.models import Label, Membership, Role, Task, TaskList

IN_A_LIST = [model._meta.model_name for model in (TaskList, Membership, Task, Label)]


@action
def take_leave(*, user: User, by: User | None) -> None:
    """Delete the lists that are theirs alone, and end their part in those of others.

    Raises ValidationError where they are the only owner of a list that others take part in.
    """
    alone = TaskList.objects.filter(memberships__user=user, memberships__role=Role.OWNER)
    alone = alone.exclude(pk__in=Membership.objects.exclude(user=user).values("list"))
    for task_list in TaskList.objects.select_for_update().filter(pk__in=alone.values("pk")):
        discard(task_list=task_list, by=by)
    for membership in Membership.objects.filter(user=user).select_related("list"):
        refuse_orphan(membership)
        memberships.remove(membership=membership, by=by)
    gone = Change.objects.filter(by=user, subject_type__in=IN_A_LIST)
    gone = gone.exclude(scope_id__in=TaskList.objects.values("pk"))
    history.forget(changes=gone, by=by)  # of lists that they deleted themselves


@action
def discard(*, task_list: TaskList, by: User | None) -> None:
    """Delete the list, and what the record says of anything that was in it.

    It must have been read under lock.
    """
    inside = Change.objects.filter(scope_id=task_list.pk, subject_type__in=IN_A_LIST)
    history.forget(changes=inside, by=by)
    rows.remove(task_list, kind="list.deleted", by=by, keep=())


def refuse_orphan(membership: Membership) -> None:
    try:
        memberships.refuse_only_owner(membership)
    except ValidationError as error:
        message = _("Others take part in “%(list)s”. Give it another owner, or delete it, first.")
        words = message % {"list": membership.list}
        raise ValidationError(words, code="only_owner") from error
