import uuid
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.http import Http404

from ledger.doorway import Via, through
from ledger.models import Change
from tasks.actions import lists, tasks
from tasks.models import Label, Membership, Task, TaskList
from tasks.tests.factories import TaskFactory, TaskListFactory
from tasks.tests.records import kinds, latest, nothing_written, refused

NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 12, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def inbox(owner):
    return lists.inbox_of(user=owner, by=owner)


def test_a_new_list_belongs_to_who_made_it(owner):
    with through(Via.PAGE):
        made = lists.create(title="Garden", colour="green", description="Outside", by=owner)

    assert (made.title, made.colour, made.description) == ("Garden", "green", "Outside")
    assert (made.archived, made.is_inbox, made.version) == (False, False, 1)
    membership = made.memberships.get()
    assert (membership.user, membership.role) == (owner, "owner")

    created, joined = Change.objects.filter(scope_id=made.pk).order_by("id")
    assert (created.kind, created.by, created.via) == ("list.created", owner, "page")
    assert (joined.kind, joined.by, joined.batch) == ("membership.created", owner, created.batch)
    assert joined.changes == {
        "list": [None, made.pk],
        "user": [None, owner.pk],
        "role": [None, "owner"],
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", ""), ("title", "x" * 201), ("colour", "octarine"), ("description", "x" * 50_001)],
)
def test_an_illegal_value_is_refused_at_its_field(shared_list, owner, field, value):
    with refused(field):
        lists.create(by=owner, **{"title": "Garden", field: value})
    with refused(field):
        lists.edit(task_list=shared_list, by=owner, **{"title": "Garden", field: value})


def test_what_is_not_to_be_set_is_a_mistake_of_the_caller(shared_list, owner, viewer):
    for name, value in (("id", 7), ("deleted_at", NOON), ("inbox_of", viewer)):
        with nothing_written(), pytest.raises(TypeError):
            lists.create(title="Garden", by=owner, **{name: value})
        with nothing_written(), pytest.raises(TypeError):
            lists.edit(task_list=shared_list, by=owner, **{name: value})


def test_the_same_form_sent_twice_makes_one_list(owner):
    number = uuid.uuid4()
    made = lists.create(title="Garden", by=owner, submission=number)
    with nothing_written():
        assert lists.create(title="Garden", by=owner, submission=number) == made


def test_somebody_elses_form_number_does_not_show_what_it_made(owner, stranger):
    number = uuid.uuid4()
    theirs = lists.create(title="Garden", by=owner, submission=number)
    mine = lists.create(title="Garden", by=stranger, submission=number)
    assert mine.pk != theirs.pk


def test_a_person_has_so_many_lists_and_no_more(owner, editor, monkeypatch):
    assert lists.LISTS_PER_PERSON == 200
    monkeypatch.setattr(lists, "LISTS_PER_PERSON", 2)
    number = uuid.uuid4()
    TaskListFactory(by=owner)
    last = TaskListFactory(by=owner, title="Last", submission=number)
    with refused():
        TaskListFactory(by=owner)
    assert TaskListFactory(by=owner, title="Last", submission=number) == last
    assert TaskListFactory(by=editor).memberships.get().user == editor


def test_the_inbox_is_made_once_whoever_asks(owner, staff):
    inbox = lists.inbox_of(user=owner, by=staff)
    assert (inbox.inbox_of, inbox.is_inbox) == (owner, True)
    assert (inbox.memberships.get().user, inbox.memberships.get().role) == (owner, "owner")
    assert latest(inbox).by == staff
    with nothing_written():
        assert lists.inbox_of(user=owner, by=owner) == inbox


def test_everybody_has_an_inbox_also_with_as_many_lists_as_allowed(owner, monkeypatch):
    monkeypatch.setattr(lists, "LISTS_PER_PERSON", 1)
    TaskListFactory(by=owner)
    assert tasks.create(title="One", by=owner).list.inbox_of == owner


def test_the_inbox_always_stays(inbox, owner):
    for action in (lists.archive, lists.trash, lists.delete):
        with refused():
            action(task_list=inbox, by=owner)


def test_the_inbox_stays_also_for_somebody_who_holds_it_for_another_list(inbox, owner):
    disguised = TaskList(pk=inbox.pk, title="No inbox at all")
    with refused():
        lists.delete(task_list=disguised, by=owner)


@pytest.mark.parametrize("wrong", [{"archived": True}, {"deleted_at": NOON}])
def test_the_database_itself_keeps_the_inbox(inbox, wrong):
    with (
        pytest.raises(IntegrityError, match="inbox_is_never_archived_or_deleted"),
        transaction.atomic(),
    ):
        TaskList.objects.filter(pk=inbox.pk).update(**wrong)


def test_the_database_takes_one_inbox_a_person_and_many_lists_that_are_none(inbox, owner):
    garden = TaskListFactory(by=owner)
    TaskListFactory(by=owner)
    with pytest.raises(IntegrityError), transaction.atomic():
        TaskList.objects.filter(pk=garden.pk).update(inbox_of=owner)


def test_editing_changes_the_named_fields_and_records_them(shared_list, editor):
    edited = lists.edit(task_list=shared_list, by=editor, title="Ours", colour="grey")
    assert (edited.title, edited.version) == ("Ours", 2)
    change = latest(shared_list)
    assert (change.kind, change.by, change.scope_id) == ("list.edited", editor, shared_list.pk)
    assert change.changes == {"title": ["Shared", "Ours"]}


def test_editing_to_what_is_there_writes_nothing(shared_list, owner):
    with nothing_written():
        lists.edit(task_list=shared_list, by=owner, title="Shared", colour="grey", description="")


def test_archiving_and_back_is_recorded_once_each(shared_list, owner):
    assert lists.archive(task_list=shared_list, by=owner).archived is True
    with nothing_written():
        lists.archive(task_list=shared_list, by=owner)
    assert lists.unarchive(task_list=shared_list, by=owner).archived is False
    with nothing_written():
        lists.unarchive(task_list=shared_list, by=owner)
    assert kinds(shared_list) == ["list.created", "list.archived", "list.unarchived"]
    assert latest(shared_list).changes == {"archived": [True, False]}


def test_thrown_away_twice_a_list_keeps_its_first_date(shared_list, owner):
    with time_machine.travel(NOON, tick=False):
        lists.trash(task_list=shared_list, by=owner)
    with time_machine.travel(LATER, tick=False), nothing_written():
        assert lists.trash(task_list=shared_list, by=owner).deleted_at == NOON
    assert lists.restore(task_list=shared_list, by=owner).deleted_at is None
    with nothing_written():
        lists.restore(task_list=shared_list, by=owner)
    assert kinds(shared_list) == ["list.created", "list.trashed", "list.restored"]


def test_a_list_in_the_trash_takes_its_tasks_along_without_touching_them(task, owner):
    thrown = TaskFactory(task_list=task.list, by=owner)
    tasks.trash(task=thrown, by=owner)
    lists.trash(task_list=task.list, by=owner)

    assert list(Task.objects.present()) == list(Task.objects.in_trash()) == []
    lists.restore(task_list=task.list, by=owner)
    assert (list(Task.objects.present()), list(Task.objects.in_trash())) == ([task], [thrown])


def test_lists_in_the_trash_are_no_present_ones(shared_list, owner):
    other = TaskListFactory(by=owner)
    lists.trash(task_list=shared_list, by=owner)
    lists.archive(task_list=other, by=owner)
    found = TaskList.objects
    assert list(found.present()) == [other]
    assert list(found.in_trash()) == [shared_list]
    assert list(found.active()) == []


def test_deleting_a_list_takes_everything_in_it_and_no_more(task, owner):
    subtask = TaskFactory(task_list=task.list, parent=task, by=owner, labels=["home"])
    TaskFactory(task_list=task.list, parent=subtask, by=owner)
    other = TaskFactory(task_list=TaskListFactory(by=owner), by=owner, labels=["home"])
    gone = TaskList(pk=task.list_id)
    lists.delete(task_list=task.list, by=owner)

    assert list(Task.objects.all()) == [other]
    assert list(TaskList.objects.all()) == [other.list]
    assert {label.list for label in Label.objects.all()} == {other.list}
    assert {membership.list for membership in Membership.objects.all()} == {other.list}
    assert (latest(gone).kind, latest(gone).changes) == (
        "list.deleted",
        {"title": ["Shared", None]},
    )


def test_what_was_deleted_meanwhile_is_not_found(shared_list, owner):
    lists.delete(task_list=TaskList.objects.get(pk=shared_list.pk), by=owner)
    for action in (
        *(lists.edit, lists.archive, lists.unarchive),
        *(lists.trash, lists.restore, lists.delete),
    ):
        with nothing_written(), pytest.raises(Http404):
            action(task_list=shared_list, by=owner)
    with nothing_written(), pytest.raises(Http404):
        tasks.create(title="One", task_list=shared_list, by=owner)


def test_the_count_of_open_tasks_leaves_out_what_is_done_thrown_away_or_below(task, owner):
    TaskFactory(task_list=task.list, parent=task, by=owner)
    tasks.complete(task=TaskFactory(task_list=task.list, by=owner), by=owner)
    tasks.trash(task=TaskFactory(task_list=task.list, by=owner), by=owner)
    empty = TaskListFactory(by=owner)
    counted = TaskList.objects.with_open_counts().values_list("pk", "open_count")
    assert dict(counted) == {task.list_id: 1, empty.pk: 0}


def test_each_list_says_the_role_of_whoever_looks(shared_list, editor, stranger):
    assert TaskList.objects.with_role_of(editor).get().role == "editor"
    assert TaskList.objects.with_role_of(stranger).get().role is None
