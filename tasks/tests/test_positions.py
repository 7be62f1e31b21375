import random

import pytest

from ledger.models import Change
from tasks.actions import moving, positions, tasks
from tasks.models import Task
from tasks.tests.factories import TaskFactory, TaskListFactory
from tasks.tests.records import titles


def check_distinct():
    stands = list(Task.objects.values_list("list", "parent", "position"))
    assert len(set(stands)) == len(stands)


def test_between_two_tasks_there_is_always_room(shared_list, owner):
    TaskFactory(title="first", task_list=shared_list, by=owner)
    last = TaskFactory(title="last", task_list=shared_list, by=owner)
    names = [str(number) for number in range(40)]
    for name in names:
        task = TaskFactory(title=name, task_list=shared_list, by=owner)
        moving.move(task=task, before=last, by=owner)

    assert titles(Task.objects.all()) == ["first", *names, "last"]
    check_distinct()


def test_before_the_first_there_is_always_room(shared_list, owner):
    names = [str(number) for number in range(30)]
    for name in names:
        task = TaskFactory(title=name, task_list=shared_list, by=owner)
        first = Task.objects.order_by("position").first()
        moving.move(task=task, before=first, by=owner)
    assert titles(Task.objects.all()) == names[::-1]
    check_distinct()


def test_making_room_is_no_change_of_those_who_make_it(shared_list, owner):
    a, b, c = (TaskFactory(title=name, task_list=shared_list, by=owner) for name in "ABC")
    Task.objects.filter(pk=b.pk).update(position=a.position + 1)
    moved = moving.move(task=c, before=b, by=owner)

    assert titles(Task.objects.all()) == ["A", "C", "B"]
    assert Change.objects.filter(kind="task.moved").count() == 1
    assert list(Task.objects.order_by("id").values_list("version", flat=True)) == [1, 1, 2]
    assert moved.position == Task.objects.get(pk=c.pk).position


def test_making_room_may_free_just_the_position_that_the_task_had(shared_list, owner):
    a, b, c = (TaskFactory(title=name, task_list=shared_list, by=owner) for name in "ABC")
    Task.objects.filter(pk=b.pk).update(position=a.position + 1)
    Task.objects.filter(pk=c.pk).update(position=a.position + positions.GAP // 2)
    moving.move(task=c, before=b, by=owner)
    assert titles(Task.objects.all()) == ["A", "C", "B"]


def test_making_room_leaves_other_lists_and_levels_alone(shared_list, owner):
    a, b, c = (TaskFactory(title=name, task_list=shared_list, by=owner) for name in "ABC")
    below = [TaskFactory(task_list=shared_list, parent=b, by=owner) for _ in range(2)]
    there = [TaskFactory(task_list=TaskListFactory(by=owner), by=owner)]
    Task.objects.filter(pk=b.pk).update(position=a.position + 1)
    moving.move(task=c, before=b, by=owner)
    for task in [*below, *there]:
        assert Task.objects.get(pk=task.pk).position == task.position


def test_what_is_at_the_end_comes_after_the_done_and_the_thrown_away(shared_list, owner):
    a, b, c = (TaskFactory(title=name, task_list=shared_list, by=owner) for name in "ABC")
    tasks.complete(task=b, by=owner)
    tasks.trash(task=c, by=owner)
    moving.move(task=a, by=owner)
    assert titles(Task.objects.all()) == ["B", "C", "A"]


class Expected:
    """The same list, kept in order by plain Python."""

    def __init__(self):
        self.order, self.closed = [], set()

    def open_after(self, name):
        return [each for each in self.order[self.order.index(name) + 1 :] if self.is_open(each)]

    def open_before(self, name):
        return [each for each in self.order[: self.order.index(name)] if self.is_open(each)]

    def is_open(self, name):
        return name not in self.closed

    def put(self, name, before):
        if name == before:
            return
        self.order.remove(name)
        self.order.insert(self.order.index(before) if before else len(self.order), name)

    def up(self, name):
        if above := self.open_before(name):
            self.put(name, above[-1])

    def down(self, name):
        if following := self.open_after(name):
            self.put(name, following[1] if len(following) > 1 else None)


@pytest.mark.parametrize("seed", range(3))
def test_any_sequence_of_moves_ends_as_in_a_plain_list(shared_list, owner, seed, monkeypatch):
    monkeypatch.setattr(positions, "GAP", 2)  # room must be made again and again
    chance, expected = random.Random(seed), Expected()  # noqa: S311
    for name in "ABCDEF":
        TaskFactory(title=name, task_list=shared_list, by=owner)
        expected.order.append(name)

    for _ in range(60):
        name, other = chance.choice(expected.order), chance.choice([*expected.order, None])
        task = Task.objects.get(title=name)
        match chance.choice(["move", "move", "up", "down", "close", "reopen"]):
            case "move":
                before = Task.objects.get(title=other) if other else None
                moving.move(task=task, before=before, by=owner)
                expected.put(name, other)
            case "up":
                moving.move_up(task=task, by=owner)
                expected.up(name)
            case "down":
                moving.move_down(task=task, by=owner)
                expected.down(name)
            case "close":
                chance.choice([tasks.complete, tasks.trash])(task=task, by=owner)
                expected.closed.add(name)
            case "reopen":
                tasks.restore(task=task, by=owner)
                tasks.reopen(task=task, by=owner)
                expected.closed.discard(name)
        assert titles(Task.objects.all()) == expected.order
        check_distinct()
