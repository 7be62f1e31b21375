"""Accounts that close while others are at work: nobody is locked out, no list loses its owner."""

from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.actions import closing
from accounts.models import User
from accounts.tests.factories import UserFactory
from ledger.models import Change
from tasks.actions import memberships
from tasks.models import Membership, Role, TaskList
from tasks.tests.factories import TaskListFactory
from tasks.tests.races import race
from tasks.tests.test_races import ROUNDS

pytestmark = [
    pytest.mark.mariadb,
    pytest.mark.django_db(transaction=True),
]
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
