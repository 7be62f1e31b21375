"""Accounts that close while others are at work: nobody is locked out, no list loses its owner."""

import threading
import time
from datetime import timedelta
from functools import partial
from itertools import permutations

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from accounts.actions import closing
from accounts.models import User
from accounts.tests.factories import UserFactory
from ledger.actions import action
from ledger.models import Change
from tasks.actions import memberships
from tasks.actions.handing_over import close_account
from tasks.models import Membership, Role, TaskList
from tasks.tests.factories import TaskListFactory
from tasks.tests.races import PATIENCE, race
from tasks.tests.test_races import ROUNDS

pytestmark = [
    pytest.mark.mariadb,
    pytest.mark.django_db(transaction=True),
]
WAITING = "SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'"
SOME = max(ROUNDS // 4, 1)


def team():
    """Somebody who owns a list that two editors share."""
    owner, one, two = UserFactory(), UserFactory(), UserFactory()
    task_list = TaskListFactory(by=owner)
    for user in (one, two):
        memberships.add(task_list=task_list, user=user, role=Role.EDITOR, by=owner)
    return owner, one, two, task_list


def the_day():
    return time_machine.travel(timezone.now() + timedelta(days=15), tick=False)


def test_two_workers_delete_an_account_once():
    for _ in range(SOME):
        owner, one, _two, task_list = team()
        closing.close(user=owner, by=owner)
        with the_day():
            assert sum(race([closing.finish_due] * 4)) == 1

        assert Change.objects.filter(kind="user.deleted", subject_id=owner.pk).count() == 1
        assert Membership.objects.get(list=task_list, role=Role.OWNER).user == one


def test_the_heir_who_leaves_at_that_moment_leaves_no_list_without_an_owner():
    for _ in range(SOME):
        owner, one, two, task_list = team()
        closing.close(user=owner, by=owner)
        leaving = Membership.objects.get(list=task_list, user=one)
        with the_day():
            race(
                [closing.finish_due, partial(memberships.remove, membership=leaving, by=one)],
                losing=ValidationError,  # they are the only owner by now
            )

        owners = Membership.objects.filter(list=task_list, role=Role.OWNER)
        assert [each.user_id for each in owners] in ([one.pk], [two.pk])
        assert TaskList.objects.filter(pk=task_list.pk).exists()


def test_who_are_each_others_heirs_close_at_once_and_none_is_a_deadlocks_loser(monkeypatch):
    monkeypatch.setattr(action, "ATTEMPTS", 1)
    for _ in range(SOME):
        people = [UserFactory() for _ in range(3)]
        for user, other in permutations(people, 2):
            shared = TaskListFactory(by=user)
            memberships.add(task_list=shared, user=other, role=Role.EDITOR, by=user)

        race(partial(close_account, user=user, heirs={}, by=user) for user in people)

        assert not User.objects.filter(pk__in=[each.pk for each in people], closes_at=None).exists()


def test_of_two_owners_who_close_at_once_one_is_the_last_and_the_heir_is_told():
    for _ in range(SOME):
        owner, one, two, task_list = team()
        second = task_list.memberships.get(user=one)
        memberships.change_role(membership=second, role=Role.OWNER, by=owner)

        race(partial(close_account, user=user, heirs={}, by=user) for user in (owner, one))

        assert [each.kind for each in two.security_events.all()] == ["lists_coming"]


def test_an_heir_who_leaves_at_that_moment_is_waited_for_and_told_of():
    owner, heir, _two, task_list = team()
    left = threading.Event()

    def leave():
        with transaction.atomic():
            memberships.remove(membership=task_list.memberships.get(user=heir), by=heir)
            left.set()
            waited_for()

    def close():
        left.wait(PATIENCE)
        close_account(user=owner, heirs={task_list.pk: heir.pk}, by=owner)

    [_left, outcome] = race([leave, close], losing=ValidationError)

    assert outcome.code == "gone"
    assert User.objects.get(pk=owner.pk).closes_at is None


def waited_for():
    """Until somebody waits for a lock."""
    deadline = time.monotonic() + PATIENCE
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            time.sleep(0.15)  # asked again within 0.1 s, the server repeats its last answer
            if cursor.execute(WAITING):
                return
    raise AssertionError("nobody waits")


def test_closing_and_taking_back_at_once_end_as_one_after_the_other():
    for _ in range(SOME):
        owner, *_others = team()
        race(partial(do, user=owner, by=owner) for do in (closing.close, closing.keep) * 3)

        steps = Change.objects.about(owner).order_by("version").values_list("kind", flat=True)
        assert list(steps)[1::2] == ["user.closing"] * len(list(steps)[1::2])
        assert list(steps)[2::2] == ["user.kept"] * len(list(steps)[2::2])


def test_of_two_last_superusers_one_stays():
    for _ in range(SOME):
        User.objects.update(is_superuser=False)
        both = [UserFactory(is_superuser=True) for _ in range(2)]
        race((partial(closing.close, user=each, by=each) for each in both), losing=ValidationError)

        assert User.objects.filter(is_superuser=True, closes_at=None).count() == 1
