"""What becomes of the lists that others share with somebody who closes their account."""

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.actions import closing
from accounts.models import User
from ledger.actions import rows
from ledger.actions.action import action
from tasks.actions import memberships
from tasks.actions.leaving import discard
from tasks.models import Handover, Membership, Role, TaskList


@action
def close_account(*, user: User, heirs: Mapping[int, int | None], by: User | None) -> User:
    """Close the account; `heirs` says who gets which list, {its id: the user's id or None}.

    None: the list goes with the account. A list that is not named goes to the editor who has
    been there longest. Raises ValidationError where somebody is not in the list any more.
    """
    user = closing.close(user=user, by=by)
    owned = {each.list_id: each for each in Membership.objects.filter(user=user, role=Role.OWNER)}
    Handover.objects.filter(membership__user=user).delete()
    day = cast(datetime, user.closes_at)
    for task_list in TaskList.objects.left_alone_by(user).filter(pk__in=heirs):
        to = chosen(task_list, user, heirs[task_list.pk])
        Handover.objects.create(membership=owned[task_list.pk], to=to, closes_at=day)
    return user


def chosen(task_list: TaskList, user: User, heir: int | None) -> Membership | None:
    if heir is None:
        return None
    found = Membership.objects.filter(list=task_list).heirs(user).filter(user=heir).first()
    if found is None:
        words = _("Somebody has left “%(list)s” meanwhile. Choose again.") % {"list": task_list}
        raise ValidationError(words, code="gone")
    return found


@action
def settle(*, user: User, by: User | None) -> None:
    """Hand over each shared list that would be left without an owner, or delete it."""
    for found in TaskList.objects.left_alone_by(user).order_by("pk"):
        task_list = rows.lock(found)
        if TaskList.objects.left_alone_by(user).filter(pk=task_list.pk).exists():
            pass_on(task_list, user, by=by)


def pass_on(task_list: TaskList, user: User, *, by: User | None) -> None:
    if heir := heir_of(task_list, user):
        memberships.change_role(membership=heir, role=Role.OWNER, by=by)
    else:
        discard(task_list=task_list, by=by)


def heir_of(task_list: TaskList, user: User) -> Membership | None:
    """Who gets the list: whom the person has chosen, else the first of its editors.

    None where the list goes with them: by choice, in the trash, or for want of an editor.
    """
    if task_list.deleted_at:
        return None
    there = Membership.objects.filter(list=task_list).heirs(user)
    handovers = Handover.objects.filter(membership__list=task_list, membership__user=user)
    choice = handovers.filter(closes_at=F("membership__user__closes_at")).first()
    if choice and not choice.to:
        return None
    wanted = there.filter(pk=choice.to.pk).first() if choice and choice.to else None
    return wanted or there.filter(role=Role.EDITOR).first()
