"""Moving a task by the API: to another list, below another task, before another one."""

import pytest

from tasks.actions import lists, memberships, tasks
from tasks.models import Label, Role, Task
from tasks.tests.api.programs import last_batch
from tasks.tests.factories import TaskFactory, TaskListFactory
from tasks.tests.records import nothing_written, titles


@pytest.fixture
def abc(shared_list, owner):
    """Three tasks of the list, one after the other."""
    return [TaskFactory(title=title, task_list=shared_list, by=owner) for title in "ABC"]


@pytest.fixture
def below_a(abc, owner):
    """Two tasks below the first."""
    a = abc[0]
    return [TaskFactory(title=each, task_list=a.list, parent=a, by=owner) for each in "xy"]


def order(task_list, parent=None):
    return "".join(titles(Task.objects.filter(list=task_list, parent=parent)))


def test_a_task_is_moved_before_another_one_and_to_the_end(api, editor, abc):
    a, b, c = abc
    program = api(editor)

    moved = program.post(f"tasks/{c.pk}/move", {"before": a.pk})
    assert (moved.status, order(c.list)) == (200, "CAB")
    assert moved.body == program.get(f"tasks/{c.pk}").body
    assert last_batch() == [("task.moved", c.pk, editor, "api")]
    program.post(f"tasks/{c.pk}/move", {"before": b.pk})
    assert order(c.list) == "ACB"
    program.post(f"tasks/{a.pk}/move", {"before": None})
    assert order(c.list) == "CBA"


def test_a_task_is_moved_below_another_one_and_back_to_the_top(api, editor, abc, below_a):
    a, _b, c = abc
    x, y = below_a
    program = api(editor)

    moved = program.post(f"tasks/{c.pk}/move", {"parent": a.pk})
    assert (moved.json["parent"], order(a.list, a)) == (a.pk, "xyC")
    program.post(f"tasks/{c.pk}/move", {"parent": a.pk, "before": y.pk})
    assert order(a.list, a) == "xCy"
    program.post(f"tasks/{x.pk}/move", {"before": None})  # the end of where it is
    assert order(a.list, a) == "Cyx"
    moved = program.post(f"tasks/{c.pk}/move", {"parent": None})
    assert (moved.json["parent"], order(a.list)) == (None, "ABC")
    moved = program.post(f"tasks/{y.pk}/move", {"parent": None, "before": a.pk})
    assert (moved.json["parent"], order(a.list)) == (None, "yABC")


def test_to_stand_before_a_task_is_to_be_part_of_what_that_is_part_of(api, editor, abc, below_a):
    program = api(editor)

    moved = program.post(f"tasks/{abc[2].pk}/move", {"before": below_a[1].pk})
    assert (moved.json["parent"], order(abc[0].list, abc[0])) == (abc[0].pk, "xCy")
    moved = program.post(f"tasks/{below_a[0].pk}/move", {"before": abc[1].pk})
    assert (moved.json["parent"], order(abc[0].list)) == (None, "AxB")


def test_a_move_that_leaves_the_place_as_it_is_writes_nothing(api, editor, abc, below_a):
    a, b, c = abc
    program = api(editor)
    cases = [
        *((a, {}), (a, {"list": a.list_id}), (a, {"parent": None})),
        *((a, {"before": b.pk}), (c, {"before": None}), (a, {"before": a.pk})),
        *((below_a[0], {"parent": a.pk}), (below_a[0], {"list": a.list_id})),
        (below_a[0], {"list": a.list_id, "parent": a.pk, "before": below_a[1].pk}),
    ]

    for task, place in cases:
        before = program.get(f"tasks/{task.pk}")
        with nothing_written():
            answer = program.post(f"tasks/{task.pk}/move", place)
        assert (place, answer.status, answer.body) == (place, 200, before.body)


def test_another_list_takes_the_subtasks_along_and_finds_the_labels_by_name(
    api, owner, editor, abc, below_a
):
    a = tasks.edit(task=abc[0], by=owner, labels=["Home", "garden"], assignee=editor)
    other = TaskListFactory(by=owner)
    there = TaskFactory(title="There", task_list=other, labels=["HOME"], by=owner)
    program = api(owner)

    moved = program.post(f"tasks/{a.pk}/move", {"list": other.pk, "before": there.pk})

    assert (moved.status, moved.json["list"], moved.json["parent"]) == (200, other.pk, None)
    assert moved.json["labels"] == ["garden", "HOME"]
    assert moved.json["assignee"] is None  # who takes no part there
    assert (order(other), order(other, a), order(abc[1].list)) == ("AThere", "xy", "BC")
    assert sorted(Label.objects.filter(list=other).values_list("name", flat=True)) == [
        *("HOME", "garden")
    ]
    moved = program.post(f"tasks/{below_a[0].pk}/move", {"list": abc[1].list_id})
    assert (moved.json["list"], moved.json["parent"]) == (abc[1].list_id, None)
    moved = program.post(
        f"tasks/{below_a[0].pk}/move", {"list": other.pk, "parent": there.pk, "before": None}
    )
    assert (moved.json["list"], moved.json["parent"]) == (other.pk, there.pk)


def test_a_task_goes_nowhere_that_makes_no_sense(api, owner, stranger, abc, below_a):
    a, b, _c = abc
    x, _y = below_a
    chain = [b]
    for _ in range(4):
        chain.append(TaskFactory(task_list=a.list, parent=chain[-1], by=owner))
    foreign = TaskFactory(by=stranger)
    elsewhere = TaskFactory(by=owner)
    gone_list = lists.trash(task_list=TaskListFactory(by=owner), by=owner)
    gone = tasks.trash(task=TaskFactory(task_list=a.list, by=owner), by=owner)
    cases = [
        ({"parent": a.pk}, {"parent": "cycle"}),
        ({"parent": x.pk}, {"parent": "cycle"}),
        ({"parent": chain[3].pk}, {"parent": "limit"}),
        ({"parent": elsewhere.pk}, {"parent": "other_list"}),
        ({"before": elsewhere.pk}, {"before": "no_sibling"}),
        ({"before": x.pk, "parent": None}, {"before": "no_sibling"}),
        ({"before": chain[1].pk, "parent": chain[1].pk}, {"before": "no_sibling"}),
        ({"list": elsewhere.list_id, "before": b.pk}, {"before": "no_sibling"}),
        *(({"parent": pk}, {"parent": "unknown"}) for pk in (foreign.pk, gone.pk, 10**12)),
        *(({"before": pk}, {"before": "unknown"}) for pk in (foreign.pk, gone.pk, 10**12)),
        *(({"list": pk}, {"list": "unknown"}) for pk in (foreign.list_id, gone_list.pk, 10**12)),
        ({"list": None}, {"list": "null"}),
        ({"list": "1"}, {"list": "invalid"}),
        ({"parent": 0}, {"parent": "min_value"}),
        ({"before": 2**63}, {"before": "max_value"}),
        ({"after": b.pk}, {"after": "unknown"}),
    ]

    program = api(owner)
    with nothing_written():
        answers = [program.post(f"tasks/{a.pk}/move", place) for place, _ in cases]

    assert [each.status for each in answers] == [400] * len(cases)
    assert [each.problem for each in answers] == [problem for _, problem in cases]


def test_a_task_goes_only_where_its_mover_may_take_it(api, owner, editor, viewer, abc):
    a = abc[0]
    mine = TaskListFactory(by=editor)
    looked_at, archived = TaskListFactory(by=owner), TaskListFactory(by=owner)
    memberships.add(task_list=looked_at, user=editor, role=Role.VIEWER, by=owner)
    memberships.add(task_list=archived, user=editor, role=Role.EDITOR, by=owner)
    lists.archive(task_list=archived, by=owner)

    with nothing_written():
        answers = [
            *(
                api(editor).post(f"tasks/{a.pk}/move", {"list": each.pk})
                for each in (mine, looked_at, archived)
            ),
            api(viewer).post(f"tasks/{a.pk}/move", {"before": None}),
        ]

    assert [(each.status, each.problem) for each in answers] == [(403, {})] * 4
