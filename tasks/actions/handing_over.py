"""What becomes of the lists that others share with somebody who closes their account."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import cast

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import closing, events
from accounts.models import SecurityEvent, User
from ledger.actions import rows
from ledger.actions.action import action
from tasks import mails
from tasks.actions import memberships
from tasks.actions.leaving import discard
from tasks.models import Handover, Membership, Role, TaskList
from tasks.models.lists import default_heir

Kind = SecurityEvent.Kind
Inheritance = defaultdict[User, list[TaskList]]
NAMED = 10  # lists that the page of events names
A_DAY = 3  # closings that somebody is told of


@action
def close_account(*, user: User, heirs: Mapping[int, int | None], by: User | None) -> User:
    """Close the account; `heirs` says who gets which list, {its id: the user's id or None}.

    None: the list goes with the account. A list that is not named goes to the editor who has
    been there longest. Whoever is to get one is told, and may leave the list before.
    Raises ValidationError where somebody is not in the list any more.
    """
    user = closing.close(user=user, by=by)
    owned = {each.list_id: each for each in Membership.objects.filter(user=user, role=Role.OWNER)}
    Handover.objects.filter(membership__user=user).delete()
    day = cast(datetime, user.closes_at)
    for task_list in TaskList.objects.left_alone_by(user).filter(pk__in=heirs):
        to = chosen(task_list, user, heirs[task_list.pk])
        Handover.objects.create(membership=owned[task_list.pk], to=to, closes_at=day)
    tell_heirs(user, day)
    return user


def tell_heirs(user: User, day: datetime) -> None:
    """Who would get which lists, if nothing changes before that day."""
    coming: Inheritance = defaultdict(list)
    for task_list in TaskList.objects.left_alone_by(user).by_title():
        if heir := heir_of(task_list, user):
            coming[heir.user].append(task_list)
    for person, lists in coming.items():
        if not was_told(person, day):
            note(Kind.LISTS_COMING, person, lists, day=day.isoformat())
            mails.inheritance(mails.COMING, person, count=len(lists), day=day)


def was_told(person: User, day: datetime) -> bool:
    """Of this closing; or of so many today that somebody may be doing it for the letters."""
    coming = person.security_events.filter(kind=Kind.LISTS_COMING)
    lately = coming.since(timezone.now() - timedelta(days=1))
    return coming.filter(details__day=day.isoformat()).exists() or lately.count() >= A_DAY


def note(kind: SecurityEvent.Kind, person: User, lists: list[TaskList], **details: str) -> None:
    titles = [str(each) for each in lists[:NAMED]]
    more = max(len(lists) - NAMED, 0)
    events.note_news(user=person, kind=kind, by=None, lists=titles, more=more, **details)


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
    given: Inheritance = defaultdict(list)
    for found in TaskList.objects.left_alone_by(user).order_by("pk"):
        task_list = rows.lock(found)
        if TaskList.objects.left_alone_by(user).filter(pk=task_list.pk).exists():
            if heir := heir_of(task_list, user):
                memberships.change_role(membership=heir, role=Role.OWNER, by=by)
                given[heir.user].append(task_list)
            else:
                discard(task_list=task_list, by=by)
    for person, lists in given.items():
        note(Kind.LISTS_YOURS, person, lists)
        mails.inheritance(mails.YOURS, person, count=len(lists))


def heir_of(task_list: TaskList, user: User) -> Membership | None:
    """Who gets the list: whom the person has chosen, else the first of its editors.

    None where the list goes with them: by choice, in the trash, or for want of an editor.
    """
    if task_list.deleted_at:
        return None
    there = Membership.objects.filter(list=task_list).heirs(user).select_related("user")
    handovers = Handover.objects.filter(membership__list=task_list, membership__user=user)
    choice = handovers.filter(closes_at=F("membership__user__closes_at")).first()
    if choice and not choice.to_id:
        return None
    wanted = there.filter(pk=choice.to_id or 0).first() if choice else None
    return wanted or default_heir(there)
