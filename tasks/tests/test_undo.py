"""Whatever one press of a button did, Undo puts it back as it was."""

import uuid
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from ledger.actions.undoing import undo
from ledger.doorway import one_batch
from ledger.models import Change
from tasks.actions import lists, memberships, moving, tasks
from tasks.models import Role, Task, TaskList
from tasks.tests.factories import TaskFactory, TaskListFactory
from tasks.tests.records import nothing_written, refused


def state(row):
    """Everything about it but its version."""
    row = type(row).objects.get(pk=row.pk)
    labels = sorted(row.labels.values_list("name", flat=True)) if isinstance(row, Task) else []
    return row.facts() | {"labels": labels}


def pressed(action, **arguments):
    """Call the action as a request does; answers its batch."""
    with one_batch() as batch:
        action(**arguments)
    return batch


@pytest.mark.parametrize(
    ("before", "press"),
    [
        ({}, tasks.complete),
        ({"status": "in_progress"}, tasks.complete),
        ({"status": "done"}, tasks.reopen),
        ({"status": "cancelled"}, tasks.reopen),
        ({}, tasks.trash),
    ],
)
def test_a_button_is_taken_back_exactly(task, owner, before, press):
    task = tasks.edit(task=task, by=owner, **before)
    as_it_was = state(task)

    batch = pressed(press, task=task, by=owner)
    assert state(task) != as_it_was
    undo(batch=batch, by=owner)

    assert state(task) == as_it_was


def test_an_edit_is_taken_back_with_its_labels_and_dates(task, owner, editor):
    before = {"description": "Long", "labels": ["home"], "due_date": date(2026, 12, 1)}
    task = tasks.edit(task=task, by=owner, assignee=editor, **before)
    as_it_was = state(task)

    after = {"description": "", "labels": ["work"], "due_date": None, "assignee": None}
    batch = pressed(tasks.edit, task=task, by=owner, **after)
    undo(batch=batch, by=owner)

    assert state(task) == as_it_was


def test_subtasks_that_went_along_come_back_along(task, owner):
    one = TaskFactory(task_list=task.list, parent=task, by=owner)
    done = tasks.complete(task=TaskFactory(task_list=task.list, parent=task, by=owner), by=owner)
    as_it_was = [state(each) for each in (task, one, done)]

    for press in (tasks.complete, tasks.trash):
        undo(batch=pressed(press, task=task, by=owner), by=owner)
        assert [state(each) for each in (task, one, done)] == as_it_was


def test_a_move_to_another_list_is_taken_back(task, owner, editor):
    parent = TaskFactory(task_list=task.list, by=owner)
    child = TaskFactory(task_list=task.list, parent=parent, by=owner, labels=["home"])
    child = tasks.edit(task=child, by=owner, assignee=editor)
    as_it_was = state(child)

    elsewhere = TaskListFactory(by=owner)
    batch = pressed(moving.move, task=child, to_list=elsewhere, by=owner)
    assert state(child)["list"] == elsewhere.pk
    undo(batch=batch, by=owner)

    assert state(child) == as_it_was


def test_reordering_is_taken_back_also_where_somebody_else_stands_now(shared_list, owner):
    _a, b, c = (TaskFactory(title=title, task_list=shared_list, by=owner) for title in "ABC")
    batch = pressed(moving.move_up, task=c, by=owner)
    Task.objects.filter(pk=b.pk).update(position=c.position)

    undo(batch=batch, by=owner)

    order = Task.objects.filter(list=shared_list).order_by("position").values_list("title")
    assert [title for (title,) in order] == ["A", "C", "B"]
    assert Task.objects.values("position").distinct().count() == 3


def test_what_was_added_goes_to_the_trash_and_comes_back_with_the_undo_of_the_undo(
    shared_list, owner
):
    with one_batch() as batch:
        task = tasks.create(title="New", task_list=shared_list, by=owner)
    with one_batch() as second:
        undo(batch=batch, by=owner)
    assert state(task)["deleted_at"]

    undo(batch=second, by=owner)
    assert not state(task)["deleted_at"]


def test_the_inbox_stays_when_its_first_task_is_taken_back(owner):
    undo(batch=pressed(tasks.create, title="First", by=owner), by=owner)

    assert TaskList.objects.get(inbox_of=owner).deleted_at is None
    assert Task.objects.get().deleted_at


@pytest.mark.parametrize("press", [lists.archive, lists.trash])
def test_a_list_is_taken_back(shared_list, owner, press):
    as_it_was = state(shared_list)

    undo(batch=pressed(press, task_list=shared_list, by=owner), by=owner)

    assert state(shared_list) == as_it_was


def test_what_somebody_changed_since_stays(task, owner, editor):
    batch = pressed(tasks.edit, task=task, by=owner, title="Mine", description="Mine too")
    tasks.edit(task=task, by=editor, title="Theirs")

    with refused():
        undo(batch=batch, by=owner)

    assert (state(task)["title"], state(task)["description"]) == ("Theirs", "Mine too")


def test_what_somebody_changed_beside_it_does_not_matter(task, owner, editor):
    batch = pressed(tasks.complete, task=task, by=owner)
    tasks.edit(task=task, by=editor, title="Theirs")

    undo(batch=batch, by=owner)

    assert (state(task)["title"], state(task)["status"]) == ("Theirs", "pending")


def test_a_place_that_is_gone_is_said(task, owner):
    child = TaskFactory(task_list=task.list, parent=task, by=owner)
    batch = pressed(moving.move, task=child, by=owner)
    tasks.delete(task=task, by=owner)

    with refused():
        undo(batch=batch, by=owner)


def test_nobody_takes_back_what_somebody_else_did(task, owner, editor):
    batch = pressed(tasks.complete, task=task, by=owner)

    with nothing_written(), pytest.raises(Http404):
        undo(batch=batch, by=editor)


def test_nobody_takes_back_what_they_may_not_change_any_more(task, editor, viewer, stranger):
    batches = {user: uuid.uuid4() for user in (viewer, stranger)}
    changed = tasks.complete(task=task, by=editor)
    sample = Change.objects.about(changed).get(kind="task.completed")
    for user, batch in batches.items():
        sample.pk, sample.by, sample.batch = None, user, batch
        sample.save()

    with nothing_written(), pytest.raises(PermissionDenied):
        undo(batch=batches[viewer], by=viewer)
    with nothing_written(), pytest.raises(Http404):
        undo(batch=batches[stranger], by=stranger)


def test_deleting_for_good_is_for_good(task, owner):
    with pytest.raises(Http404):
        undo(batch=pressed(tasks.delete, task=task, by=owner), by=owner)


def test_an_editor_cannot_take_a_task_out_of_the_owners_reach(shared_list, owner, editor):
    own = TaskListFactory(by=editor)
    owners = TaskListFactory(by=owner)
    memberships.add(task_list=owners, user=editor, role=Role.EDITOR, by=owner)
    memberships.add(task_list=own, user=owner, role=Role.EDITOR, by=editor)

    assert list(TaskList.objects.where_user_may_move(editor, shared_list)) == [owners]
    assert set(TaskList.objects.where_user_may_move(owner, shared_list)) == {owners, own}


def test_what_is_in_a_list_in_the_trash_waits_for_the_list(task, shared_list, owner):
    batch = pressed(tasks.complete, task=task, by=owner)
    lists.trash(task_list=shared_list, by=owner)

    with nothing_written(), pytest.raises(Http404):
        undo(batch=batch, by=owner)


def test_a_task_that_is_taken_back_keeps_its_labels_in_the_trash(shared_list, owner):
    with one_batch() as batch:
        task = tasks.create(title="New", task_list=shared_list, by=owner, labels=["home"])

    undo(batch=batch, by=owner)

    assert state(task)["deleted_at"]
    assert state(task)["labels"] == ["home"]


@pytest.mark.parametrize("press", [lists.archive, lists.unarchive, lists.trash])
def test_an_undo_of_a_list_can_itself_be_taken_back(shared_list, owner, press):
    if press is lists.unarchive:
        lists.archive(task_list=shared_list, by=owner)
    batch = pressed(press, task_list=shared_list, by=owner)
    after = state(shared_list)

    second = pressed(undo, batch=batch, by=owner)
    undo(batch=second, by=owner)

    fields = ("archived", "title")
    assert [state(shared_list)[name] for name in fields] == [after[name] for name in fields]
    assert bool(state(shared_list)["deleted_at"]) == bool(after["deleted_at"])
