from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User
from ledger.actions import rows
from ledger.actions.action import action
from tasks.models import Membership, Role, TaskList
from tasks.models.lists import LISTS_PER_PERSON


@action
def add(*, task_list: TaskList, user: User, role: Role, by: User | None) -> Membership:
    """Let somebody take part in a list; somebody who does already keeps their role."""
    task_list = rows.lock(task_list)
    if task_list.is_inbox:
        raise ValidationError(_("An inbox cannot be shared."), code="inbox")
    if present := Membership.objects.filter(list=task_list, user=user).first():
        return present
    rows.lock(user)  # so that two at once count each other
    if Membership.objects.filter(user=user).count() >= LISTS_PER_PERSON:
        limit = _("%(user)s cannot have more lists.") % {"user": user.username}
        raise ValidationError({"user": limit}, code="limit")
    membership = Membership(list=task_list, user=user, role=role)
    return rows.insert(membership, kind="membership.created", by=by)
