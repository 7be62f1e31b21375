import pytest
from django.http import Http404

from ledger.models import Change
from tasks.actions import labels, lists, memberships, moving, placing, tasks
from tasks.models import Label, Role, Task
from tasks.tests.factories import TaskFactory, TaskListFactory
from tasks.tests.records import kinds, latest, nothing_written, refused, titles


@pytest.fixture
def a(shared_list, owner):
    return TaskFactory(title="A", task_list=shared_list, by=owner)


@pytest.fixture
def b(a, owner):
    return TaskFactory(title="B", task_list=a.list, by=owner)


@pytest.fixture
def c(b, owner):
    return TaskFactory(title="C", task_list=b.list, by=owner)


@pytest.fixture
def elsewhere(owner):
    """Another list of owner, of which editor is no member."""
    return TaskListFactory(title="Elsewhere", by=owner)


def order(task_list, parent=None):
    return "".join(titles(Task.objects.filter(list=task_list, parent=parent)))


def subtask(parent, title, by, **facts):
    return TaskFactory(title=title, task_list=parent.list, parent=parent, by=by, **facts)


def test_moving_before_a_task_writes_one_row_and_one_change(a, b, c, editor):
    moved = moving.move(task=c, before=b, by=editor)

    assert (order(a.list), moved.version) == ("ACB", 2)
    change = latest(c)
    assert (change.kind, change.by, change.version) == ("task.moved", editor, 2)
    assert change.changes == {"position": [c.position, moved.position]}
    assert set(Task.objects.exclude(pk=c.pk).values_list("version", flat=True)) == {1}


def test_moving_to_the_front_and_to_the_end(a, b, c, owner):
    moving.move(task=c, before=a, by=owner)
    assert order(a.list) == "CAB"
    moving.move(task=c, by=owner)
    assert order(a.list) == "ABC"


def test_moving_to_where_it_stands_changes_nothing(a, b, c, owner):
    with nothing_written():
        moving.move(task=c, by=owner)
        moving.move(task=a, before=b, by=owner)
        moving.move(task=b, before=b, by=owner)
        moving.move(task=c, to_list=c.list, by=owner)


def test_moving_twice_ends_as_moving_once(a, b, c, elsewhere, owner):
    moving.move(task=c, before=a, by=owner)
    with nothing_written():
        moving.move(task=c, before=a, by=owner)
    moving.move(task=c, to_list=elsewhere, by=owner)
    with nothing_written():
        moving.move(task=c, to_list=elsewhere, by=owner)


def test_moving_does_not_trust_the_tasks_it_is_handed(a, b, c, owner):
    stale = Task.objects.get(pk=b.pk)
    moving.move(task=b, before=a, by=owner)
    moving.move(task=c, before=stale, by=owner)
    assert order(a.list) == "CBA"


def test_up_and_down_change_places_with_the_neighbour(a, b, c, owner):
    moving.move_up(task=c, by=owner)
    assert order(a.list) == "ACB"
    moving.move_down(task=a, by=owner)
    assert order(a.list) == "CAB"
    moving.move_down(task=a, by=owner)
    assert order(a.list) == "CBA"
    assert kinds(a) == ["task.created", "task.moved", "task.moved"]


def test_the_first_stays_on_the_way_up_and_the_last_on_the_way_down(a, b, c, owner):
    with nothing_written():
        moving.move_up(task=a, by=owner)
        moving.move_down(task=c, by=owner)


def test_up_and_down_pass_what_is_done_or_thrown_away(a, b, c, owner):
    d = TaskFactory(title="D", task_list=a.list, by=owner)
    tasks.complete(task=b, by=owner)
    tasks.trash(task=c, by=owner)
    moving.move_up(task=d, by=owner)
    assert titles(Task.objects.present().open()) == ["D", "A"]
    moving.move_down(task=d, by=owner)
    assert titles(Task.objects.present().open()) == ["A", "D"]


def test_up_and_down_stay_among_siblings(a, b, c, owner):
    one, two = subtask(b, "1", owner), subtask(b, "2", owner)
    moving.move_up(task=two, by=owner)
    assert (order(a.list), order(a.list, b)) == ("ABC", "21")
    with nothing_written():
        moving.move_up(task=two, by=owner)
        moving.move_down(task=one, by=owner)


def test_a_sibling_in_the_trash_keeps_its_place(a, b, c, owner):
    tasks.trash(task=b, by=owner)
    moving.move(task=c, before=a, by=owner)
    tasks.restore(task=b, by=owner)
    assert order(a.list) == "CAB"


def test_before_what_stands_elsewhere_is_refused(a, b, elsewhere, owner):
    below = subtask(b, "1", owner)
    there = TaskFactory(task_list=elsewhere, by=owner)
    for before in (below, there):
        with refused("before"):
            moving.move(task=a, before=before, by=owner)
    with refused("before"):
        moving.move(task=a, parent=b, before=b, by=owner)
    with refused("before"):
        moving.move(task=a, to_list=elsewhere, before=b, by=owner)


def test_before_itself_somewhere_else_is_refused(a, b, elsewhere, owner):
    with refused("before"):
        moving.move(task=a, to_list=elsewhere, before=a, by=owner)
    with refused("before"):
        moving.move(task=a, parent=b, before=a, by=owner)


def test_before_what_is_gone_is_refused(a, b, owner):
    tasks.delete(task=Task.objects.get(pk=b.pk), by=owner)
    with refused("before"):
        moving.move(task=a, before=b, by=owner)


def test_below_another_task_and_back_to_the_top(a, b, c, owner):
    one = subtask(a, "1", owner)
    moved = moving.move(task=b, parent=a, before=one, by=owner)
    assert (moved.parent, order(a.list), order(a.list, a)) == (a, "AC", "B1")
    assert latest(b).changes["parent"] == [None, a.pk]
    assert moving.move(task=b, by=owner).parent is None
    assert (order(a.list), order(a.list, a)) == ("ACB", "1")


def test_nothing_goes_below_itself(a, owner):
    one = subtask(a, "1", owner)
    two = subtask(one, "2", owner)
    for parent in (a, one, two):
        with refused("parent"):
            moving.move(task=a, parent=parent, by=owner)


def test_a_parent_must_be_where_the_task_goes(a, elsewhere, owner):
    there = TaskFactory(task_list=elsewhere, by=owner)
    with refused("parent"):
        moving.move(task=a, parent=there, by=owner)
    sibling = TaskFactory(task_list=a.list, by=owner)
    with refused("parent"):
        moving.move(task=a, to_list=elsewhere, parent=sibling, by=owner)


def test_nothing_goes_below_what_is_in_the_trash(a, b, owner):
    tasks.trash(task=b, by=owner)
    with refused("parent"):
        moving.move(task=a, parent=b, by=owner)


def test_levels_are_counted_with_all_below(a, b, owner):
    parent = a
    for level in (2, 3):
        parent = subtask(parent, str(level), owner)
    below_b = subtask(b, "below B", owner)
    deeper = subtask(below_b, "deeper", owner)
    with refused("parent"):
        moving.move(task=b, parent=parent, by=owner)
    moving.move(task=below_b, parent=parent, by=owner)
    assert 1 + len(placing.above(Task.objects.get(pk=deeper.pk))) == placing.LEVELS


def test_to_another_list_goes_all_that_is_below_also_from_the_trash(a, elsewhere, owner):
    one = subtask(a, "1", owner)
    two = subtask(one, "2", owner)
    tasks.trash(task=two, by=owner)
    there = TaskFactory(title="There", task_list=elsewhere, by=owner)
    moved = moving.move(task=a, to_list=elsewhere, by=owner)

    assert (moved.list, order(a.list), order(elsewhere)) == (elsewhere, "", "ThereA")
    assert moved.position > there.position
    assert [Task.objects.get(pk=each.pk).list for each in (one, two)] == [elsewhere] * 2
    assert [Task.objects.get(pk=each.pk).parent for each in (one, two)] == [a, one]
    moves = Change.objects.filter(kind="task.moved")
    assert {change.subject_id for change in moves} == {a.pk, one.pk, two.pk}
    assert len({change.batch for change in moves}) == 1
    assert moves.filter(subject_id=one.pk).get().changes == {"list": [a.list_id, elsewhere.pk]}


def test_a_subtask_goes_to_another_list_without_its_parent(a, elsewhere, owner):
    moved = moving.move(task=subtask(a, "1", owner), to_list=elsewhere, by=owner)
    moved.refresh_from_db()
    assert (moved.list, moved.parent, order(elsewhere)) == (elsewhere, None, "1")


def test_to_another_list_before_and_below_a_task_there(a, elsewhere, owner):
    there = TaskFactory(title="There", task_list=elsewhere, by=owner)
    one = subtask(there, "1", owner)
    moving.move(task=a, to_list=elsewhere, parent=there, before=one, by=owner)
    assert (order(elsewhere), order(elsewhere, there)) == ("There", "A1")


def test_positions_of_two_lists_do_not_get_into_each_others_way(a, elsewhere, owner):
    there = TaskFactory(title="There", task_list=elsewhere, by=owner)
    assert there.position == a.position
    moving.move(task=a, to_list=elsewhere, before=there, by=owner)
    assert order(elsewhere) == "AThere"
    assert Task.objects.values("position").distinct().count() == 2


def test_labels_are_found_or_made_anew_by_name(shared_list, elsewhere, owner):
    TaskFactory(task_list=elsewhere, by=owner, labels=["HOME"])
    task = TaskFactory(task_list=shared_list, by=owner, labels=["home", "🍎"])
    below = subtask(task, "1", owner, labels=["below"])
    moving.move(task=task, to_list=elsewhere, by=owner)

    assert labels.names_of(task) == ["HOME", "🍎"]
    assert labels.names_of(below) == ["below"]
    for each in (task, below):
        assert {label.list for label in each.labels.all()} == {elsewhere}
    assert Label.objects.filter(list=shared_list).count() == 3


def test_labels_that_do_not_fit_there_stop_the_move(shared_list, elsewhere, owner, monkeypatch):
    task = TaskFactory(task_list=shared_list, by=owner, labels=["home"])
    TaskFactory(task_list=elsewhere, by=owner, labels=["office"])
    monkeypatch.setattr(labels, "LABELS_PER_LIST", 1)
    with refused("labels"):
        moving.move(task=task, to_list=elsewhere, by=owner)


def test_an_assignee_goes_along_only_where_they_take_part(a, elsewhere, owner, editor):
    one = subtask(a, "1", owner, assignee=editor)
    tasks.edit(task=a, by=owner, assignee=owner)
    moving.move(task=a, to_list=elsewhere, by=owner)
    assert Task.objects.get(pk=a.pk).assignee == owner
    assert Task.objects.get(pk=one.pk).assignee is None
    assert latest(one).changes["assignee"] == [editor.pk, None]


def test_an_assignee_who_takes_part_there_too_stays(a, elsewhere, owner, editor):
    memberships.add(task_list=elsewhere, user=editor, role=Role.VIEWER, by=owner)
    tasks.edit(task=a, by=owner, assignee=editor)
    assert moving.move(task=a, to_list=elsewhere, by=owner).assignee == editor


def test_a_full_list_takes_nobody_in(a, elsewhere, owner, monkeypatch):
    subtask(a, "1", owner)
    TaskFactory(task_list=elsewhere, by=owner)
    monkeypatch.setattr(placing, "TASKS_PER_LIST", 2)
    with refused("list"):
        moving.move(task=a, to_list=elsewhere, by=owner)
    monkeypatch.setattr(placing, "TASKS_PER_LIST", 3)
    assert moving.move(task=a, to_list=elsewhere, by=owner).list == elsewhere


def test_a_full_list_can_still_be_put_in_order(a, b, owner, monkeypatch):
    monkeypatch.setattr(placing, "TASKS_PER_LIST", 2)
    moving.move(task=b, before=a, by=owner)
    assert order(a.list) == "BA"


def test_into_a_list_that_is_gone_is_not_found(a, elsewhere, owner):
    gone = TaskListFactory(by=owner)
    lists.delete(task_list=type(gone).objects.get(pk=gone.pk), by=owner)
    with nothing_written(), pytest.raises(Http404):
        moving.move(task=a, to_list=gone, by=owner)


def test_what_is_gone_cannot_be_moved(a, b, elsewhere, owner):
    tasks.delete(task=Task.objects.get(pk=a.pk), by=owner)
    with nothing_written():
        for target in (None, a.list, elsewhere):
            with pytest.raises(Http404):
                moving.move(task=a, to_list=target, by=owner)
        for action in (moving.move_up, moving.move_down):
            with pytest.raises(Http404):
                action(task=a, by=owner)
