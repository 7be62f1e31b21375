from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User
from ledger.actions import rows
from ledger.actions.action import action
from tasks.models import Membership, Role, Task, TaskList
from tasks.models.lists import LISTS_GIVEN


@action
def add(*, task_list: TaskList, user: User, role: Role, by: User | None) -> Membership:
    """Let somebody take part in a list; said twice, they do once.

    Raises ValidationError for somebody who has another role there already, and for whom others
    have put into as many lists as anybody may take part in: that takes none of their own.
    """
    task_list = rows.lock(task_list)
    if task_list.is_inbox:
        raise ValidationError(_("An inbox cannot be shared."), code="inbox")
    if present := Membership.objects.filter(list=task_list, user=user).first():
        return same(present, role)
    rows.lock(user)  # so that two at once count each other
    refuse_one_more(user)
    membership = Membership(list=task_list, user=user, role=role)
    return rows.insert(membership, kind="membership.created", by=by)


def refuse_one_more(user: User) -> None:
    everywhere = Membership.objects.filter(user=user).count()
    if everywhere - Membership.objects.of_own_lists(user).count() >= LISTS_GIVEN:
        limit = _("%(user)s cannot take part in more lists. Ask them to leave one first.")
        raise ValidationError({"user": limit % {"user": user.username}}, code="limit")


def same(present: Membership, role: Role) -> Membership:
    if present.role != role:
        message = _("%(user)s takes part in this list already.") % {"user": present.user.username}
        raise ValidationError({"user": message}, code="member")
    return present


@action
def change_role(*, membership: Membership, role: Role, by: User | None) -> Membership:
    """Another role for somebody who takes part.

    Raises ValidationError for the only owner: a list without one could be managed by nobody.
    """
    membership = locked(membership)
    if role != Role.OWNER:
        refuse_only_owner(membership)
    return rows.update(membership, {"role": role}, kind="membership.edited", by=by)


@action
def remove(*, membership: Membership, by: User | None) -> None:
    """Somebody takes part no more; what they were to do in the list is nobody's then.

    Raises ValidationError for the only owner.
    """
    membership = locked(membership)
    refuse_only_owner(membership)
    end(membership=membership, by=by)


@action
def end(*, membership: Membership, by: User | None) -> None:
    """The same of any owner, for whoever sees to it that the list is not left alone.

    It must have been read under lock.
    """
    theirs = Task.objects.filter(list=membership.list_id, assignee=membership.user_id)
    rows.update_all(theirs, {"assignee": None}, kind="task.edited", by=by)
    rows.remove(membership, kind="membership.removed", by=by, keep=("user", "role"))


def locked(membership: Membership) -> Membership:
    """The membership as it is now, with its list locked first, as everywhere."""
    rows.lock(TaskList(pk=membership.list_id))
    return rows.lock(membership)


def refuse_only_owner(membership: Membership) -> None:
    if membership.role != Role.OWNER:
        return
    others = Membership.objects.filter(list=membership.list_id, role=Role.OWNER)
    others = others.exclude(pk=membership.pk)
    if not others.who_stay().exists():
        message = _("A list needs an owner. Make somebody else one first.")
        if others.exists():
            message = _(
                "A list needs an owner who stays, and every other one is leaving or disabled."
                " Make somebody else one first."
            )
        raise ValidationError(message, code="only_owner")
