"""What becomes of lists and tasks when somebody is deleted."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User
from ledger.actions import rows
from ledger.actions.action import action
from tasks.actions import memberships
from tasks.models import Membership, Role, TaskList


@action
def take_leave(*, user: User, by: User | None) -> None:
    """Delete the lists that are theirs alone, and end their part in those of others.

    Raises ValidationError where they are the only owner of a list that others take part in.
    """
    alone = TaskList.objects.filter(memberships__user=user, memberships__role=Role.OWNER)
    alone = alone.exclude(pk__in=Membership.objects.exclude(user=user).values("list"))
    for task_list in TaskList.objects.select_for_update().filter(pk__in=alone.values("pk")):
        rows.remove(task_list, kind="list.deleted", by=by, keep=("title",))
    for membership in Membership.objects.filter(user=user).select_related("list"):
        refuse_orphan(membership)
        memberships.remove(membership=membership, by=by)


def refuse_orphan(membership: Membership) -> None:
    try:
        memberships.refuse_only_owner(membership)
    except ValidationError as error:
        message = _("Others take part in “%(list)s”. Give it another owner, or delete it, first.")
        words = message % {"list": membership.list}
        raise ValidationError(words, code="only_owner") from error
