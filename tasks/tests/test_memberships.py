import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from ledger.models import Change
from tasks.actions import lists, memberships
from tasks.models import Membership, Role, Task, TaskList
from tasks.tests.factories import TaskFactory, TaskListFactory
from tasks.tests.records import kinds, latest, nothing_written, refused


def test_taking_part_is_recorded(shared_list, owner, stranger):
    added = memberships.add(task_list=shared_list, user=stranger, role=Role.VIEWER, by=owner)
    assert (added.list, added.user, added.role) == (shared_list, stranger, "viewer")
    change = latest(added)
    assert (change.kind, change.by) == ("membership.created", owner)
    assert (change.scope_id, change.version) == (shared_list.pk, 1)
    assert change.changes["role"] == [None, "viewer"]


def test_somebody_who_takes_part_keeps_their_role(shared_list, owner, viewer):
    with nothing_written():
        again = memberships.add(task_list=shared_list, user=viewer, role=Role.VIEWER, by=owner)
    assert again.role == "viewer"
    with refused("user"):
        memberships.add(task_list=shared_list, user=viewer, role=Role.EDITOR, by=owner)


def test_an_unknown_role_is_refused(shared_list, owner, stranger):
    with refused("role"):
        memberships.add(task_list=shared_list, user=stranger, role="boss", by=owner)


def test_an_inbox_cannot_be_shared(owner, stranger):
    inbox = lists.inbox_of(user=owner, by=owner)
    with refused():
        memberships.add(task_list=inbox, user=stranger, role=Role.VIEWER, by=owner)


def test_others_put_nobody_into_more_lists_than_allowed(owner, editor, stranger, monkeypatch):
    monkeypatch.setattr(memberships, "LISTS_GIVEN", 1)
    lists.create(title="Own", by=stranger)
    first, second, third = (TaskListFactory(by=by) for by in (owner, editor, owner))
    memberships.add(task_list=first, user=stranger, role=Role.OWNER, by=owner)
    words = "stranger cannot take part in more lists. Ask them to leave one first."
    with nothing_written(), pytest.raises(ValidationError, match=words):
        memberships.add(task_list=second, user=stranger, role=Role.VIEWER, by=editor)

    memberships.remove(membership=first.memberships.get(user=stranger), by=stranger)
    memberships.add(task_list=third, user=stranger, role=Role.VIEWER, by=owner)


def test_lists_that_somebody_was_put_into_are_none_of_those_they_may_make(
    owner, stranger, monkeypatch
):
    for role in (Role.OWNER, Role.EDITOR):
        given = TaskListFactory(by=owner)
        memberships.add(task_list=given, user=stranger, role=role, by=owner)
    alone = given.memberships.get(user=stranger)
    memberships.change_role(membership=alone, role=Role.OWNER, by=owner)
    memberships.remove(membership=given.memberships.get(user=owner), by=owner)
    monkeypatch.setattr(lists, "LISTS_PER_PERSON", 1)

    assert lists.create(title="Own", by=stranger)
    with refused():
        lists.create(title="One more", by=stranger)


def test_who_leaves_many_tasks_keeps_the_list_no_longer(shared_list, owner, editor, viewer):
    for user, count in ((editor, 1), (viewer, 30)):
        for _ in range(count):
            TaskFactory(task_list=shared_list, by=owner, assignee=user)

    def statements(user):
        with CaptureQueriesContext(connection) as queries:
            memberships.remove(membership=shared_list.memberships.get(user=user), by=user)
        return len(queries)

    assert statements(editor) == statements(viewer)
    assert not Task.objects.exclude(assignee=None).exists()
    assert {kinds(task)[-1] for task in Task.objects.all()} == {"task.edited"}


def test_a_list_that_is_gone_cannot_be_joined(shared_list, owner, stranger):
    lists.delete(task_list=TaskList.objects.get(pk=shared_list.pk), by=owner)
    with nothing_written(), pytest.raises(Http404):
        memberships.add(task_list=shared_list, user=stranger, role=Role.VIEWER, by=owner)


def test_the_database_takes_one_membership_a_person_and_list(shared_list, viewer, editor):
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(user=editor).update(user=viewer)


def test_memberships_of_the_cast_are_recorded_in_order(shared_list):
    recorded = Change.objects.filter(subject_type="membership").order_by("id")
    roles = [change.changes["role"][1] for change in recorded]
    assert roles == ["owner", "editor", "viewer"]
