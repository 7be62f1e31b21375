"""What happens at the same moment ends as if it had happened one after the other."""

import os
import random
import uuid
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.http import Http404

from ledger.merging import Conflict
from ledger.models import Change
from tasks.actions import lists, memberships, moving, tasks
from tasks.models import Label, Membership, Role, Task, TaskList
from tasks.tests.factories import TaskFactory, TaskListFactory
from tasks.tests.races import race
from tasks.tests.records import kinds, titles

pytestmark = [
    pytest.mark.mariadb,
    pytest.mark.django_db(transaction=True),
]
ROUNDS = int(os.environ.get("RACE_ROUNDS", "20"))  # `make soak` asks for hundreds
PEOPLE = 8


def check_record(rows):
    """Each row's versions are counted without a gap, one Change each."""
    for row in rows:
        written = Change.objects.about(row).exclude(kind="task.left")  # told to the old list, too
        versions = written.order_by("version").values_list("version", flat=True)
        assert list(versions) == list(range(1, type(row).objects.get(pk=row.pk).version + 1))


def check_positions():
    stands = list(Task.objects.values_list("list", "parent", "position"))
    assert len(set(stands)) == len(stands)


def test_of_many_who_complete_a_task_one_does(shared_list, owner, editor):
    for _ in range(ROUNDS):
        task = TaskFactory(task_list=shared_list, by=owner)
        people = [owner, editor] * (PEOPLE // 2)
        done = race(partial(tasks.complete, task=task, by=by) for by in people)

        assert {each.completed_at for each in done} == {Task.objects.get(pk=task.pk).completed_at}
        assert kinds(task) == ["task.created", "task.completed"]
        check_record([task])


def test_edits_of_different_fields_are_all_there_in_the_end(shared_list, owner, editor):
    changes = [
        *({"title": "New"}, {"description": "Words"}, {"priority": 3}, {"status": "in_progress"}),
        *({"estimate_minutes": 5}, {"labels": ["home"]}, {"assignee": editor}),
    ]
    for _ in range(ROUNDS):
        task = TaskFactory(task_list=shared_list, by=owner)
        race(partial(tasks.edit, task=task, by=owner, version=1, **each) for each in changes)

        task.refresh_from_db()
        assert (task.title, task.description, task.priority) == ("New", "Words", 3)
        assert (task.status, task.estimate_minutes, task.assignee) == ("in_progress", 5, editor)
        assert [label.name for label in task.labels.all()] == ["home"]
        assert task.version == 1 + len(changes)
        check_record([task])


def test_of_edits_of_one_field_one_wins_and_the_others_are_told(shared_list, owner):
    for _ in range(ROUNDS):
        task = TaskFactory(task_list=shared_list, by=owner)
        edits = [
            partial(tasks.edit, task=task, by=owner, version=1, title=f"Title {number}")
            for number in range(PEOPLE)
        ]
        outcomes = race(edits, losing=Conflict)

        [winner] = [each for each in outcomes if isinstance(each, Task)]
        task.refresh_from_db()
        assert (task.title, task.version) == (winner.title, 2)
        losers = [each for each in outcomes if isinstance(each, Conflict)]
        assert [each.fields for each in losers] == [{"title": winner.title}] * (PEOPLE - 1)
        check_record([task])


def test_last_writers_without_a_version_are_all_recorded(shared_list, owner):
    task = TaskFactory(task_list=shared_list, by=owner)
    race(
        partial(tasks.edit, task=task, by=owner, title=f"Title {number}")
        for number in range(PEOPLE)
    )
    edits = Change.objects.filter(kind="task.edited").order_by("version")
    told = [change.changes["title"] for change in edits]
    assert [before for before, _ in told] == [task.title, *(after for _, after in told[:-1])]
    assert Task.objects.get().version == 1 + PEOPLE


def test_one_form_sent_many_times_at_once_makes_one_task(shared_list, owner):
    for task_list in [shared_list, None] * 3:
        number = uuid.uuid4()
        send = partial(tasks.create, title="One", by=owner, submission=number, task_list=task_list)
        made = race([send] * PEOPLE)
        assert len({task.pk for task in made}) == 1
        assert Change.objects.filter(submission=number).count() == 1
    assert (Task.objects.count(), TaskList.objects.filter(inbox_of=owner).count()) == (6, 1)


def test_one_form_sent_at_once_into_two_lists_makes_one_task(shared_list, owner):
    other = TaskListFactory(by=owner)
    for number in range(1, ROUNDS + 1):
        send = partial(tasks.create, title="One", by=owner, submission=uuid.uuid4())
        race(
            [partial(send, task_list=each) for each in (shared_list, other)] * 3,
            losing=ValidationError,
        )
        assert Task.objects.count() == number


def test_one_form_sent_many_times_at_once_makes_one_list(owner):
    for number in range(1, ROUNDS + 1):
        send = partial(lists.create, title="One", by=owner, submission=uuid.uuid4())
        race([send] * PEOPLE)
        assert (TaskList.objects.count(), Membership.objects.count()) == (number, number)


def test_an_inbox_first_used_by_many_at_once_is_one(owner, editor, viewer, stranger):
    for user in (owner, editor, viewer, stranger):
        found = race([partial(lists.inbox_of, user=user, by=user)] * PEOPLE)
        assert len({each.pk for each in found}) == 1
        assert Membership.objects.filter(user=user).count() == 1


def test_tasks_made_at_once_in_an_inbox_old_or_new_are_all_there(owner, editor, viewer):
    for user in (owner, editor, viewer):
        into_it = partial(tasks.create, title="One", by=user)
        race([into_it] * PEOPLE)
        inbox = TaskList.objects.get(inbox_of=user)
        race([into_it, partial(into_it, task_list=inbox)] * (PEOPLE // 2))
        assert inbox.tasks.count() == 2 * PEOPLE
    check_positions()


def test_tasks_made_at_once_stand_one_after_the_other(shared_list, owner, editor):
    for number in range(1, ROUNDS + 1):
        people = [owner, editor] * (PEOPLE // 2)
        race(partial(tasks.create, title="x", task_list=shared_list, by=by) for by in people)
        assert Task.objects.count() == number * PEOPLE
    check_positions()
    check_record(Task.objects.all())


def test_nobody_gets_more_lists_by_asking_at_once(owner, stranger, monkeypatch):
    shared = [TaskListFactory(by=owner) for _ in range(PEOPLE // 2)]
    monkeypatch.setattr(lists, "LISTS_PER_PERSON", 2)
    monkeypatch.setattr(memberships, "LISTS_GIVEN", 1)
    join = partial(memberships.add, user=stranger, role=Role.VIEWER, by=owner)
    race(
        [
            *(partial(join, task_list=each) for each in shared),
            *[partial(lists.create, title="Own", by=stranger)] * (PEOPLE // 2),
        ],
        losing=ValidationError,
    )
    assert Membership.objects.filter(user=stranger).count() == 3


def test_somebody_added_by_many_at_once_takes_part_once(shared_list, owner, stranger):
    add = partial(memberships.add, task_list=shared_list, user=stranger, by=owner)
    race([partial(add, role=Role.VIEWER)] * PEOPLE)
    assert Membership.objects.filter(user=stranger).count() == 1


def test_moves_at_once_lose_no_task_and_put_no_two_in_one_place(shared_list, owner):
    chance = random.Random(1)  # noqa: S311
    made = [TaskFactory(title=name, task_list=shared_list, by=owner) for name in "ABCDEFGH"]

    def moves():
        task, other = chance.sample(made, 2)
        return [
            partial(moving.move_up, task=task, by=owner),
            partial(moving.move_down, task=task, by=owner),
            partial(moving.move, task=task, before=other, by=owner),
            partial(moving.move, task=task, by=owner),
        ]

    for _ in range(2 * ROUNDS):
        race(chance.choice(moves()) for _ in range(PEOPLE))
        assert sorted(titles(Task.objects.all())) == list("ABCDEFGH")
        check_positions()
    check_record(made)


def test_moves_crosswise_between_two_lists_end_in_one_of_them(shared_list, owner):
    both = [shared_list, TaskListFactory(by=owner)]
    made = [
        TaskFactory(task_list=both[number % 2], by=owner, labels=["home", f"{number % 3}"])
        for number in range(4)
    ]
    below = [TaskFactory(task_list=each.list, parent=each, by=owner) for each in made]
    for _ in range(ROUNDS):
        race(
            partial(moving.move, task=task, to_list=task_list, by=owner)
            for task in made
            for task_list in both
        )
        for task, subtask in zip(made, below, strict=True):
            task.refresh_from_db()
            subtask.refresh_from_db()
            assert task.list in both
            assert (subtask.list, subtask.parent) == (task.list, task)
            assert {label.list for label in task.labels.all()} == {task.list}
            assert task.labels.count() == 2
        check_positions()
    check_record([*made, *below])


def test_a_task_that_is_moved_below_another_and_back_makes_no_circle(shared_list, owner):
    for _ in range(ROUNDS):
        a, b = (TaskFactory(task_list=shared_list, by=owner) for _ in range(2))
        outcomes = race(
            [
                partial(moving.move, task=a, parent=b, by=owner),
                partial(moving.move, task=b, parent=a, by=owner),
            ],
            losing=ValidationError,
        )
        assert sum(isinstance(each, ValidationError) for each in outcomes) == 1
        assert Task.objects.filter(pk__in=(a.pk, b.pk), parent=None).count() == 1


def test_a_label_invented_by_many_at_once_is_one(shared_list, owner, editor):
    made = [TaskFactory(task_list=shared_list, by=owner) for _ in range(PEOPLE)]
    for number in range(1, ROUNDS + 1):
        race(
            partial(tasks.edit, task=task, by=editor, labels=[spelling])
            for task, spelling in zip(
                made, [f"Home {number}", f"HOME  {number}"] * (PEOPLE // 2), strict=True
            )
        )
        assert Label.objects.count() == number
        assert Label.objects.last().tasks.count() == PEOPLE


def test_whatever_is_done_to_a_tree_at_once_keeps_it_and_its_record_whole(shared_list, owner):
    top = TaskFactory(task_list=shared_list, by=owner)
    below = [TaskFactory(task_list=shared_list, parent=top, by=owner) for _ in range(2)]
    tree = [top, *below]
    deeds = (tasks.trash, tasks.restore, tasks.complete, tasks.reopen, moving.move_down)
    chance = random.Random(2)  # noqa: S311
    for _ in range(2 * ROUNDS):
        race(
            partial(chance.choice(deeds), task=chance.choice(tree), by=owner) for _ in range(PEOPLE)
        )
        for task in Task.objects.select_related("parent"):
            assert (task.completed_at is not None) == (task.status == "done")
            assert task.deleted_at or not task.parent or not task.parent.deleted_at
        check_positions()
    check_record(tree)


def test_a_list_deleted_while_its_tasks_are_worked_on_is_gone_with_all(owner):
    for _ in range(ROUNDS):
        task_list = TaskListFactory(by=owner)
        task = TaskFactory(task_list=task_list, by=owner)
        below = TaskFactory(task_list=task_list, parent=task, by=owner)
        race(
            [
                partial(lists.delete, task_list=task_list, by=owner),
                partial(tasks.complete, task=task, by=owner),
                partial(tasks.complete, task=below, by=owner),
                partial(tasks.edit, task=below, by=owner, labels=["home"]),
                partial(tasks.create, title="x", task_list=task_list, parent=task, by=owner),
                partial(moving.move, task=below, by=owner),
                partial(tasks.trash, task=task, by=owner),
                partial(tasks.delete, task=below, by=owner),
            ],
            losing=(Http404, ValidationError),
        )
        assert (Task.objects.count(), TaskList.objects.count(), Label.objects.count()) == (0, 0, 0)
