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
LETTERS = {Kind.LISTS_COMING: mails.COMING, Kind.LISTS_YOURS: mails.YOURS}
A_DAY = 3  # letters of a kind that somebody gets


@action
def close_account(*, user: User, heirs: Mapping[int, int | None], by: User | None) -> User:
    """Close the account; `heirs` says who gets which list, {its id: the user's id or None}.

    None: the list goes with the account. A list that is not named goes to the editor who has
    been there longest. Whoever is to get one is told, and may leave the list before.
    Raises ValidationError where somebody is not in the list any more.
    """
    owned = lock_shared(user)
    lock_people(user, {heir for heir in heirs.values() if heir})
    user = closing.close(user=user, by=by)
    Handover.objects.filter(membership__user=user).delete()
    day = cast(datetime, user.closes_at)
    for task_list in TaskList.objects.left_alone_by(user).filter(pk__in=owned & heirs.keys()):
        mine = Membership.objects.get(list=task_list, user=user)
        to = chosen(task_list, user, heirs[task_list.pk])
        Handover.objects.create(membership=mine, to=to, closes_at=day)
    tell_heirs(user, day)
    return user


def lock_shared(user: User) -> set[int]:
    """The shared lists that they own, whose members stay the same then; answers their ids.

    Of two owners who close at once the second waits for the first, and is the last one then.
    """
    others = Membership.objects.exclude(user=user).values("list")
    shared = TaskList.objects.where_user_may(user, "manage").filter(pk__in=others)
    ids = list(shared.values_list("pk", flat=True))
    locked = TaskList.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    return set(locked.values_list("pk", flat=True))


def lock_people(user: User, wanted: set[int]) -> None:
    """The person and whoever may be told of it, in one order.

    Two who close at once and are each other's heirs would wait for each other otherwise.
    """
    alone = TaskList.objects.left_alone_by(user).values("pk")
    there = list(Membership.objects.filter(list__in=alone).heirs(user))
    foremost = {each.list_id: each.user_id for each in reversed(there)}
    chosen = {each.user_id for each in there} & wanted
    people = {user.pk, *foremost.values(), *chosen}
    list(User.objects.select_for_update().filter(pk__in=people).order_by("pk").values("pk"))


def tell_heirs(user: User, day: datetime) -> None:
    """Who would get which lists, if nothing changes before that day."""
    coming: Inheritance = defaultdict(list)
    for task_list in TaskList.objects.left_alone_by(user).by_title():
        if heir := heir_of(task_list, user):
            coming[heir.user].append(task_list)
    for person, lists in coming.items():
        told = person.security_events.filter(kind=Kind.LISTS_COMING, details__day=day.isoformat())
        if not told.exists():
            tell(Kind.LISTS_COMING, person, lists, day)


def tell(
    kind: SecurityEvent.Kind, person: User, lists: list[TaskList], day: datetime | None = None
) -> None:
    """On the page always; by letter a few times a day, or somebody could do it for the letters."""
    titles = [str(each) for each in lists[:NAMED]]
    details = {"lists": titles, "more": max(len(lists) - NAMED, 0)}
    if day:
        details["day"] = day.isoformat()
    events.note_news(user=person, kind=kind, by=None, **details)
    lately = person.security_events.since(timezone.now() - timedelta(days=1))
    if lately.filter(kind=kind).count() <= A_DAY:
        mails.inheritance(LETTERS[kind], person, count=len(lists), day=day)


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
    """Hand over each shared list that would be left without an owner who stays, or delete it."""
    given: Inheritance = defaultdict(list)
    for found in TaskList.objects.left_alone_by(user).order_by("pk"):
        task_list = rows.lock(found)
        still = TaskList.objects.left_alone_by(user).filter(pk=task_list.pk).exists()
        if still and (heir := settle_one(task_list, user, by)):
            given[heir].append(task_list)
    for person, lists in given.items():
        tell(Kind.LISTS_YOURS, person, lists)


def settle_one(task_list: TaskList, user: User, by: User | None) -> User | None:
    """Answers whose it is now, if that is somebody new.

    Of owners who all close their accounts the last decides: until then that one may still
    stay, and was asked after the others. With one who is disabled a list that nobody gets
    stays, unless the choice was to delete it.
    """
    mine = Membership.objects.get(list=task_list, user=user)
    others = Membership.objects.filter(list=task_list, role=Role.OWNER).exclude(user=user)
    if others.filter(user__closes_at__gte=user.closes_at).exists():
        memberships.end(membership=mine, by=by)
    elif heir := heir_of(task_list, user):
        memberships.change_role(membership=heir, role=Role.OWNER, by=by)
        return heir.user
    elif others.exists() and not goes(choice_of(task_list, user)):
        memberships.end(membership=mine, by=by)
    else:
        discard(task_list=task_list, by=by)
    return None


def heir_of(task_list: TaskList, user: User) -> Membership | None:
    """Who gets the list: whom the person has chosen, else the first of its editors.

    None where the list goes with them: by choice, in the trash, or for want of an editor.
    """
    if task_list.deleted_at:
        return None
    choice = choice_of(task_list, user)
    if goes(choice):
        return None
    there = Membership.objects.filter(list=task_list).heirs(user).select_related("user")
    wanted = there.filter(pk=choice.to_id or 0).first() if choice else None
    return wanted or default_heir(there)


def choice_of(task_list: TaskList, user: User) -> Handover | None:
    """What they have chosen for this closing of their account."""
    handovers = Handover.objects.filter(membership__list=task_list, membership__user=user)
    return handovers.filter(closes_at=F("membership__user__closes_at")).first()


def goes(choice: Handover | None) -> bool:
    return choice is not None and choice.to_id is None
