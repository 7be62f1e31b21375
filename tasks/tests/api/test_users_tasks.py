"""The tasks in lists that somebody owns, by the API: for themselves, and for staff."""

import pytest

from ledger.models import Change
from tasks.actions import lists, memberships
from tasks.models import Role
from tasks.tests.api.programs import found, last_batch
from tasks.tests.factories import TaskFactory, TaskListFactory
from tasks.tests.records import nothing_written


@pytest.fixture
def hers(owner, stranger, task):
    """The owner also takes part in a list of the stranger, and has thrown a list away."""
    other = TaskFactory(title="Somebody else's", by=stranger)
    memberships.add(task_list=other.list, user=owner, role=Role.EDITOR, by=stranger)
    gone = TaskFactory(title="Gone", by=owner)
    lists.trash(task_list=gone.list, by=owner)
    old = TaskFactory(title="Old", task_list=TaskListFactory(by=owner), by=owner)
    lists.archive(task_list=old.list, by=owner)
    TaskFactory(title="In the inbox", task_list=lists.inbox_of(user=owner, by=owner), by=owner)
    return ["Water the plants", "Old", "In the inbox"]


def test_ones_own_tasks_are_those_in_lists_that_one_owns(api, owner, editor, hers):
    program = api(owner)

    with nothing_written():
        seen = [
            found(program.get(f"users/{who}/tasks")) for who in (owner.pk, "owner", "OWNER", "me")
        ]

    assert seen == [hers] * 4
    assert found(api(editor).get(f"users/{editor.pk}/tasks")) == []  # who only takes part


def test_ones_own_tasks_are_filtered_and_paged_like_all(api, owner, hers):
    program = api(owner)

    assert found(program.get("users/me/tasks?ordering=-created_at&limit=2")) == hers[:0:-1]
    assert found(program.get("users/owner/tasks?status=done")) == []
    assert program.get("users/me/tasks?state=done").problem == {"state": "unknown"}
    assert program.get("users/me/tasks").json == program.get("tasks/").json | {
        "results": program.get("users/owner/tasks").json["results"]
    }


@pytest.mark.parametrize("who", ["owner", "pk"])
def test_staff_see_them_too_and_that_is_recorded(who, api, staff, owner, hers):
    before = Change.objects.count()
    path = f"users/{getattr(owner, who, owner.username)}/tasks"

    seen = found(api(staff).get(path))

    assert seen == hers
    assert last_batch() == [("user.tasks_seen", owner.pk, staff, "api")]
    assert Change.objects.latest("id").changes == {}
    assert Change.objects.count() == before + 1


def test_staff_looking_at_their_own_are_not_recorded(api, staff):
    mine = TaskFactory(by=staff)

    with nothing_written():
        assert found(api(staff).get("users/staff/tasks")) == [mine.title]
        assert found(api(staff).get("users/me/tasks")) == [mine.title]


def test_nobody_else_sees_whether_there_is_anybody(api, owner, editor, stranger, hers):
    with nothing_written():
        answers = [
            api(user).get(f"users/{who}/tasks")
            for user in (stranger, editor)
            for who in (owner.pk, "owner", "nobody", 10**30, "a%00b")
        ]

    assert [(each.status, each.problem) for each in answers] == [(404, {})] * 10
    assert api().get("users/me/tasks").status == 401


def test_staff_asking_for_nobody_are_told_so(api, staff):
    with nothing_written():
        answers = [api(staff).get(f"users/{who}/tasks") for who in ("nobody", 10**12, 10**30, "0")]

    assert [each.status for each in answers] == [404] * 4
