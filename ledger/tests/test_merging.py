from datetime import date, time

import pytest

from ledger.merging import Conflict
from ledger.models import Change
from products.actions import products
from products.tests.factories import ProductFactory
from tasks.actions import lists, tasks
from tasks.tests.factories import TaskFactory
from tasks.tests.records import kinds, latest, nothing_written


def test_what_the_writer_left_alone_keeps_what_others_wrote(task, owner, editor):
    tasks.edit(task=task, by=editor, title="Water all plants")
    merged = tasks.edit(
        task=task, by=owner, version=1, title="Water the plants", description="With care"
    )

    assert (merged.title, merged.description) == ("Water all plants", "With care")
    assert (merged.version, latest(task).changes) == (3, {"description": ["", "With care"]})


def test_a_collision_is_shown_with_both_texts_and_writes_nothing(task, owner, editor):
    tasks.edit(task=task, by=editor, title="Theirs", priority=2)
    with nothing_written(), pytest.raises(Conflict) as caught:
        tasks.edit(task=task, by=owner, version=1, title="Mine", priority=0, description="More")

    conflict = caught.value
    assert conflict.fields == {"title": "Theirs"}
    assert conflict.merged == {"title": "Mine", "priority": 2, "description": "More"}
    assert conflict.version == 2


def test_a_conflict_sent_again_against_its_version_goes_through(task, owner, editor):
    tasks.edit(task=task, by=editor, title="Theirs", priority=2)
    with pytest.raises(Conflict) as caught:
        tasks.edit(task=task, by=owner, version=1, title="Mine", priority=0)
    again = tasks.edit(task=task, by=owner, version=caught.value.version, **caught.value.merged)

    assert (again.title, again.priority, again.version) == ("Mine", 2, 3)


def test_a_conflict_sent_again_collides_with_what_was_written_since(task, owner, editor):
    tasks.edit(task=task, by=editor, title="Theirs")
    with pytest.raises(Conflict) as caught:
        tasks.edit(task=task, by=owner, version=1, title="Mine")
    tasks.edit(task=task, by=editor, title="Theirs again")
    with pytest.raises(Conflict) as second:
        tasks.edit(task=task, by=owner, version=caught.value.version, **caught.value.merged)
    assert second.value.fields == {"title": "Theirs again"}


def test_the_same_value_written_by_both_is_no_conflict(task, owner, editor):
    tasks.edit(task=task, by=editor, title="Same", due_date=date(2026, 12, 1))
    with nothing_written():
        tasks.edit(task=task, by=owner, version=1, title="Same", due_date=date(2026, 12, 1))


def test_what_was_changed_and_changed_back_is_no_conflict(task, owner, editor):
    tasks.edit(task=task, by=editor, title="Theirs")
    tasks.edit(task=task, by=editor, title="Water the plants")
    merged = tasks.edit(task=task, by=owner, version=1, title="Mine")
    assert (merged.title, merged.version) == ("Mine", 4)


def test_a_writer_many_versions_behind_is_measured_against_what_they_read(task, owner, editor):
    for number in range(5):
        tasks.edit(task=task, by=editor, title=f"Title {number}", priority=number % 4)
    merged = tasks.edit(
        task=task, by=owner, version=3, title="Title 1", priority=1, description="Mine"
    )
    assert (merged.title, merged.priority, merged.description) == ("Title 4", 0, "Mine")

    with pytest.raises(Conflict) as caught:
        tasks.edit(task=task, by=owner, version=3, title="Title 0")
    assert caught.value.fields == {"title": "Title 4"}


def test_a_writer_who_has_read_the_present_version_may_write_anything(task, owner):
    assert tasks.edit(task=task, by=owner, version=1, title="Mine").title == "Mine"


def test_without_a_version_the_last_writer_wins(task, owner, editor):
    tasks.edit(task=task, by=editor, title="Theirs")
    assert tasks.edit(task=task, by=owner, title="Mine").title == "Mine"


@pytest.mark.parametrize("forged", [0, -1, 999, 10**30])
def test_a_version_that_never_was_overwrites_nothing(task, owner, editor, forged):
    tasks.edit(task=task, by=editor, title="Theirs")
    with nothing_written(), pytest.raises(Conflict) as caught:
        tasks.edit(task=task, by=owner, version=forged, title="Mine", description="")
    assert caught.value.fields == {"title": "Theirs"}


@pytest.mark.parametrize("forged", [0, -1, 999])
def test_a_version_that_never_was_may_repeat_what_is_there(task, owner, forged):
    with nothing_written():
        tasks.edit(task=task, by=owner, version=forged, title="Water the plants")


def test_labels_that_the_writer_left_alone_keep_what_others_chose(shared_list, owner, editor):
    task = TaskFactory(task_list=shared_list, by=owner, labels=["home"])
    read = task.version
    tasks.edit(task=task, by=editor, labels=["garden", "home"])
    tasks.edit(task=task, by=owner, version=read, labels=["home"], title="Mine")
    assert sorted(task.labels.values_list("name", flat=True)) == ["garden", "home"]


def test_labels_that_both_chose_differently_collide(shared_list, owner, editor):
    task = TaskFactory(task_list=shared_list, by=owner, labels=["home"])
    read = task.version
    tasks.edit(task=task, by=editor, labels=["garden"])
    with nothing_written(), pytest.raises(Conflict) as caught:
        tasks.edit(task=task, by=owner, version=read, labels=["office"])
    assert caught.value.fields == {"labels": ["garden"]}
    assert caught.value.merged == {"labels": ["office"]}


def test_labels_are_compared_as_labels_not_as_text(shared_list, owner, editor):
    task = TaskFactory(task_list=shared_list, by=owner, labels=["b", "a"])
    read = task.version
    tasks.edit(task=task, by=editor, labels=["a", "b", "Café"])
    with nothing_written():
        tasks.edit(task=task, by=owner, version=read, labels=("B", "a", "a"))
        tasks.edit(task=task, by=owner, version=read, labels=["cafe", "B ", "a"])


def test_an_assignee_left_alone_keeps_what_others_chose(task, owner, editor, viewer):
    tasks.edit(task=task, by=editor, assignee=viewer)
    tasks.edit(task=task, by=owner, version=1, assignee=None, title="Mine")
    task.refresh_from_db()
    assert (task.assignee, task.title) == (viewer, "Mine")


def test_assignees_chosen_by_both_collide(task, owner, editor, viewer):
    tasks.edit(task=task, by=editor, assignee=viewer)
    with nothing_written(), pytest.raises(Conflict) as caught:
        tasks.edit(task=task, by=owner, version=1, assignee=editor)
    assert caught.value.fields == {"assignee": viewer.pk}
    assert caught.value.merged == {"assignee": editor.pk}


def test_dates_and_times_are_compared_as_such(task, owner, editor):
    due = {"due_date": date(2026, 12, 1), "due_time": time(9, 0)}
    read = tasks.edit(task=task, by=editor, **due).version
    tasks.edit(task=task, by=editor, due_date=date(2026, 12, 2))
    merged = tasks.edit(task=task, by=owner, version=read, title="Mine", **due)
    assert (merged.due_date, merged.due_time) == (date(2026, 12, 2), time(9, 0))

    with pytest.raises(Conflict) as caught:
        tasks.edit(task=task, by=owner, version=read, due_date=date(2026, 12, 3))
    assert caught.value.fields == {"due_date": date(2026, 12, 2)}


def test_completing_meanwhile_does_not_come_undone_by_an_old_form(task, owner, editor):
    done = tasks.complete(task=task, by=editor)
    merged = tasks.edit(task=task, by=owner, version=1, status="pending", title="Mine")

    assert (merged.status, merged.completed_at) == ("done", done.completed_at)
    assert kinds(task) == ["task.created", "task.completed", "task.edited"]


def test_lists_are_merged_as_tasks_are(shared_list, owner):
    lists.edit(task_list=shared_list, by=owner, title="Theirs")
    merged = lists.edit(task_list=shared_list, by=owner, version=1, title="Shared", colour="red")
    assert (merged.title, merged.colour, merged.version) == ("Theirs", "red", 3)

    with nothing_written(), pytest.raises(Conflict) as caught:
        lists.edit(task_list=shared_list, by=owner, version=1, title="Mine", colour="grey")
    assert caught.value.fields == {"title": "Theirs"}
    assert caught.value.merged == {"title": "Mine", "colour": "red"}


def test_every_version_has_its_change(task, owner):
    for number in range(4):
        tasks.edit(task=task, by=owner, title=f"Title {number}")
    versions = Change.objects.about(task).order_by("id").values_list("version", flat=True)
    assert list(versions) == [1, 2, 3, 4, 5]


def test_true_in_place_of_one_is_a_change_to_keep_and_to_collide_with(staff):
    product = ProductFactory(attributes={"a": 1})
    products.edit(product=product, by=staff, attributes={"a": True})

    kept = products.edit(product=product, by=staff, version=1, attributes={"a": 1}, name="Bolt")
    assert (kept.name, kept.attributes["a"] is True) == ("Bolt", True)
    with pytest.raises(Conflict):
        products.edit(product=product, by=staff, version=1, attributes={"a": 1.0})
