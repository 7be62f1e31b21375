from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.models import User
from ledger.access import fetch
from tasks.actions import lists, memberships, tasks
from tasks.models import ABILITIES, Role, Task, TaskList
from tasks.tests.factories import TaskFactory, TaskListFactory

DAY = date(2026, 12, 1)

# Who may do what: in an active list, and in an archived one.
MAY = {
    "view": ("owner editor viewer", "owner editor viewer"),
    "edit": ("owner editor", ""),
    "manage": ("owner", "owner"),
}
CAST = ("owner", "editor", "viewer", "stranger", "staff")


@pytest.fixture
def cast(owner, editor, viewer, stranger, staff):
    return {user.username: user for user in (owner, editor, viewer, stranger, staff)}


def who_may(queryset, ability, cast):
    allowed = (name for name in CAST if queryset.where_user_may(cast[name], ability).exists())
    return " ".join(allowed)


def test_the_table_names_every_ability():
    assert set(MAY) == set(ABILITIES)


@pytest.mark.parametrize("ability", MAY)
def test_roles_decide_who_may_do_what(task, cast, ability):
    active, archived = MAY[ability]
    assert who_may(TaskList.objects, ability, cast) == active
    assert who_may(Task.objects, ability, cast) == active

    lists.archive(task_list=task.list, by=cast["owner"])
    assert who_may(TaskList.objects, ability, cast) == archived
    assert who_may(Task.objects, ability, cast) == archived


@pytest.mark.parametrize("ability", MAY)
def test_what_a_button_shows_is_what_may_be_done(shared_list, cast, ability):
    for archived, names in zip((False, True), MAY[ability], strict=True):
        roles = [
            role
            for role in ("owner", "editor", "viewer", None)
            if ABILITIES[ability].allows(role, archived=archived)
        ]
        assert roles == names.split()


@pytest.mark.parametrize("rows", ["lists", "tasks"])
@pytest.mark.parametrize("ability", MAY)
def test_not_visible_is_not_found_and_not_allowed_is_forbidden(task, cast, rows, ability):
    queryset, row = {"lists": (TaskList.objects, task.list), "tasks": (Task.objects, task)}[rows]
    for name in CAST:
        if name in MAY[ability][0].split():
            assert fetch(queryset.all(), cast[name], ability, pk=row.pk) == row
            continue
        expected = PermissionDenied if name in MAY["view"][0].split() else Http404
        with pytest.raises(expected):
            fetch(queryset.all(), cast[name], ability, pk=row.pk)


def test_what_does_not_exist_is_not_found(owner):
    with pytest.raises(Http404):
        fetch(Task.objects.all(), owner, "view", pk=1)


def test_an_archived_list_is_forbidden_to_change_and_not_hidden(task, owner):
    lists.archive(task_list=task.list, by=owner)
    with pytest.raises(PermissionDenied):
        fetch(Task.objects.all(), owner, "edit", pk=task.pk)
    assert fetch(Task.objects.all(), owner, "view", pk=task.pk) == task


def test_what_the_query_leaves_out_is_not_found_whatever_the_role(task, owner):
    tasks.trash(task=task, by=owner)
    with pytest.raises(Http404):
        fetch(Task.objects.present(), owner, "manage", pk=task.pk)


def test_a_person_of_many_lists_finds_each_row_once(task, owner):
    for _ in range(3):
        TaskFactory(by=owner)
    assert TaskList.objects.where_user_may(owner, "view").count() == 4
    assert Task.objects.where_user_may(owner, "view").count() == 4


def test_an_inbox_is_its_persons_alone(owner, editor, shared_list, cast):
    task = tasks.create(title="Secret", by=owner)
    assert who_may(Task.objects.filter(pk=task.pk), "view", cast) == "owner"


@pytest.fixture
def due(shared_list, owner):
    """`due("One", …)`: a task in the shared list for everybody's agenda."""
    return lambda title, **facts: TaskFactory(
        title=title, task_list=shared_list, by=owner, due_date=DAY, **facts
    )


def agenda(user):
    found = Task.objects.on_agenda_of(user).order_by("title")
    return list(found.values_list("title", flat=True))


def test_on_the_agenda_is_ones_own_and_what_is_nobodys(due, owner, editor, viewer):
    due("Editor's", assignee=editor)
    due("Nobody's")
    assert agenda(owner) == ["Nobody's"]
    assert agenda(editor) == ["Editor's", "Nobody's"]
    assert agenda(viewer) == ["Nobody's"]


def test_strangers_and_staff_have_nobody_elses_agenda(due, stranger, staff):
    due("Nobody's")
    assert (agenda(stranger), agenda(staff)) == ([], [])


def test_off_the_agenda_is_what_is_closed_or_in_the_trash(due, owner):
    due("Open", status="in_progress")
    due("Done", status="done")
    due("Cancelled", status="cancelled")
    tasks.trash(task=due("Thrown away"), by=owner)
    assert agenda(owner) == ["Open"]


def test_off_the_agenda_are_lists_that_are_archived_or_in_the_trash(due, shared_list, owner):
    due("One")
    lists.archive(task_list=shared_list, by=owner)
    assert agenda(owner) == []
    lists.unarchive(task_list=shared_list, by=owner)
    lists.trash(task_list=shared_list, by=owner)
    assert agenda(owner) == []
    lists.restore(task_list=shared_list, by=owner)
    assert agenda(owner) == ["One"]


def test_subtasks_are_on_the_agenda_by_themselves(due, owner):
    due("Below", parent=due("Above"))
    assert agenda(owner) == ["Above", "Below"]


def test_due_by_a_day_and_after_it_are_all_that_have_a_date(due, shared_list, owner):
    due("Today")
    TaskFactory(title="Someday", task_list=shared_list, by=owner)
    TaskFactory(title="Later", task_list=shared_list, by=owner, due_date=date(2026, 12, 2))
    TaskFactory(title="Last", task_list=shared_list, by=owner, due_date=date(2200, 12, 31))

    def found(queryset):
        return list(queryset.order_by("sort_date").values_list("title", flat=True))

    assert found(Task.objects.due_by(DAY)) == ["Today"]
    assert found(Task.objects.due_after(DAY)) == ["Later", "Last"]


def test_the_whole_cast_is_in_the_table(cast):
    assert set(User.objects.values_list("username", flat=True)) == set(CAST)


def test_nobody_takes_a_task_away_by_making_its_owner_one_of_their_own_list(
    shared_list, owner, editor
):
    """The editor could leave the owner out again, and then delete the task for good."""
    trap = TaskListFactory(by=editor)
    memberships.add(task_list=trap, user=owner, role=Role.OWNER, by=editor)
    mine = TaskListFactory(by=owner)
    memberships.add(task_list=mine, user=editor, role=Role.EDITOR, by=owner)

    assert set(TaskList.objects.where_user_may_move(editor, shared_list)) == {mine}
