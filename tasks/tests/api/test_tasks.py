"""A task by the API: what it looks like and how one is made, as the contract says."""

from datetime import UTC, date, datetime, time
from urllib.parse import urlsplit

import pytest

from accounts.actions import users
from tasks.actions import lists, memberships, tasks
from tasks.models import Label, Role, Task, TaskList
from tasks.tests.api.programs import EMPTY, WRITTEN, last_batch, one_like_written, written
from tasks.tests.factories import TaskFactory, TaskListFactory
from tasks.tests.records import nothing_written, titles

NOON = datetime(2026, 11, 20, 12, 0, 0, 654321, UTC)


def test_a_task_in_json(api, owner, editor, task):
    facts = WRITTEN | {"parent": task.pk, "assignee": editor.pk}
    made = Task.objects.get(pk=one_like_written(api, owner, task.list, **facts).json["id"])
    for title, status in (("Buy soil", "done"), ("Dig", "cancelled"), ("Water", "pending")):
        TaskFactory(title=title, task_list=task.list, parent=made, status=status, by=owner)
    Task.objects.filter(pk=made.pk).update(created_at=NOON, updated_at=NOON.replace(microsecond=0))

    seen = {}
    for zone in ("UTC", "Asia/Tokyo", "America/New_York"):
        users.edit_profile(user=owner, by=owner, time_zone=zone)
        seen[zone] = api(owner).get(f"tasks/{made.pk}")

    assert {answer.body for answer in seen.values()} == {seen["UTC"].body}
    answer = seen["UTC"]
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.json == {
        **facts,
        "id": made.pk,
        "list": task.list_id,
        "parent": task.pk,
        "assignee": editor.pk,
        "position": 1024,
        "subtasks": {"total": 3, "done": 2},
        "version": made.version,
        "created_by": owner.pk,
        "created_at": "2026-11-20T12:00:00.654321Z",
        "updated_at": "2026-11-20T12:00:00Z",
        "completed_at": None,
        "deleted_at": None,
    }


def test_times_of_a_task_in_json_are_utc_and_null_before_they_come(api, owner, task):
    users.edit_profile(user=owner, by=owner, time_zone="Asia/Tokyo")
    program = api(owner)
    program.post(f"tasks/{task.pk}/complete")
    program.delete(f"tasks/{task.pk}")
    Task.objects.update(completed_at=NOON, deleted_at=NOON)

    [thrown_away] = program.get("tasks?deleted=true").json["results"]

    assert (thrown_away["status"], thrown_away["completed"]) == ("done", True)
    assert thrown_away["completed_at"] == "2026-11-20T12:00:00.654321Z"
    assert thrown_away["deleted_at"] == "2026-11-20T12:00:00.654321Z"


def test_subtasks_count_what_is_right_below_and_not_in_the_trash(api, owner, task):
    below = TaskFactory(task_list=task.list, parent=task, by=owner)
    TaskFactory(task_list=task.list, parent=below, status="done", by=owner)
    gone = TaskFactory(task_list=task.list, parent=task, status="done", by=owner)
    tasks.trash(task=gone, by=owner)

    program = api(owner)

    assert program.get(f"tasks/{task.pk}").json["subtasks"] == {"total": 1, "done": 0}
    assert program.get(f"tasks/{below.pk}").json["subtasks"] == {"total": 1, "done": 1}
    assert program.get(f"tasks/{gone.pk}").status == 404


# Making one.


def test_a_new_task_needs_only_a_title_and_goes_to_the_inbox(api, owner):
    program = api(owner)

    answer = program.post("tasks", {"title": "Call the plumber"})

    made, inbox = Task.objects.get(), TaskList.objects.get(inbox_of=owner)
    assert answer.status == 201
    assert written(answer.json) == EMPTY | {"title": "Call the plumber"}
    assert (answer.json["id"], answer.json["list"]) == (made.pk, inbox.pk)
    assert (answer.json["parent"], answer.json["version"]) == (None, 1)
    assert answer.json["created_by"] == owner.pk
    there = program.get(urlsplit(answer.headers["Location"]).path)
    assert (there.body, there.headers["ETag"]) == (answer.body, answer.headers["ETag"])
    assert urlsplit(answer.headers["Location"]).netloc != ""
    assert last_batch() == [
        ("list.created", inbox.pk, owner, "api"),
        ("membership.created", inbox.memberships.get().pk, owner, "api"),
        ("task.created", made.pk, owner, "api"),
    ]


def test_every_field_of_a_new_task_is_taken_and_unknown_labels_are_made(api, editor, shared_list):
    answer = one_like_written(api, editor, shared_list, assignee=editor.pk)

    assert (answer.status, written(answer.json)) == (201, WRITTEN | {"assignee": editor.pk})
    made, labels = Task.objects.get(), Label.objects.order_by("id")
    assert (made.due_date, made.due_time, made.priority) == (date(2026, 12, 1), time(9, 30), 3)
    assert [label.name for label in labels] == ["garden", "home"]
    assert {label.list_id for label in labels} == {shared_list.pk}
    assert last_batch() == [
        ("task.created", made.pk, editor, "api"),
        *(("label.created", label.pk, editor, "api") for label in labels),
        ("task.edited", made.pk, editor, "api"),
    ]


def test_labels_are_those_of_the_list_in_its_spelling_each_once(api, owner, shared_list):
    TaskFactory(task_list=shared_list, labels=["Home"], by=owner)
    names = ["  garden   work", "HOME", "home", " ", "Garden Work"]

    answer = api(owner).post("tasks", {"title": "x", "list": shared_list.pk, "labels": names})

    assert answer.json["labels"] == ["Garden Work", "Home"]
    assert Label.objects.count() == 2


def test_a_new_task_stands_at_the_end_of_its_list_or_below_its_parent(api, owner, task):
    program = api(owner)

    second = program.post("tasks", {"title": "Second", "list": task.list_id}).json
    below = program.post("tasks", {"title": "Below", "parent": task.pk}).json
    said_twice = {"title": "Too", "parent": task.pk, "list": task.list_id}
    below_too = program.post("tasks", said_twice).json

    assert (below["list"], below["parent"]) == (task.list_id, task.pk)
    assert (below_too["list"], below_too["parent"]) == (task.list_id, task.pk)
    assert (second["parent"], second["list"]) == (None, task.list_id)
    assert titles(Task.objects.filter(parent=None)) == ["Water the plants", "Second"]
    assert titles(Task.objects.filter(parent=task)) == ["Below", "Too"]


def test_a_due_time_without_a_zone_is_meant_where_the_person_is(api, owner):
    users.edit_profile(user=owner, by=owner, time_zone="Asia/Tokyo")
    due = {"title": "x", "due_date": "2026-12-01", "due_time": "09:30"}

    answer = api(owner).post("tasks", due)

    assert (answer.json["due_time"], answer.json["time_zone"]) == ("09:30:00", "Asia/Tokyo")


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"completed": True}, "done"),
        ({"completed": False}, "pending"),
        ({"completed": True, "status": "done"}, "done"),
        ({"completed": False, "status": "pending"}, "pending"),
        ({"completed": False, "status": "cancelled"}, "cancelled"),
        ({"status": "done"}, "done"),
    ],
    ids=str,
)
def test_completed_is_another_word_for_done(said, status, api, owner, shared_list):
    program, body = api(owner), {"title": "x", "list": shared_list.pk, **said}

    made = program.post("tasks", body)
    put = program.put(f"tasks/{TaskFactory(task_list=shared_list, by=owner).pk}", body)
    patched = program.patch(f"tasks/{TaskFactory(task_list=shared_list, by=owner).pk}", said)

    for answer in (made, put, patched):
        assert (answer.json["status"], answer.json["completed"]) == (status, status == "done")
        assert (answer.json["completed_at"] is not None) == (status == "done")


@pytest.mark.parametrize("completed", [True, False])
def test_completed_that_disagrees_with_status_is_refused(completed, api, owner, task):
    program, path = api(owner), f"tasks/{task.pk}"
    status = "cancelled" if completed else "done"
    body = {"title": "x", "completed": completed, "status": status}

    with nothing_written():
        answers = [program.post("tasks", body), program.put(path, body), program.patch(path, body)]

    assert [each.status for each in answers] == [400, 400, 400]
    assert [each.problem for each in answers] == [{"completed": "disagrees"}] * 3


def test_not_completed_reopens_what_is_done_and_leaves_every_other_status(api, owner, task):
    program, path = api(owner), f"tasks/{task.pk}"

    for before, after in (
        *(("done", "pending"), ("in_progress", "in_progress"), ("cancelled", "cancelled")),
    ):
        program.patch(path, {"status": before})
        assert program.patch(path, {"completed": False}).json["status"] == after


# What is refused.


@pytest.fixture
def places(owner, stranger, viewer, shared_list):
    """Where a task of the editor cannot go: {what: (the body that says so, its problem)}."""
    foreign = TaskFactory(by=stranger)
    gone_list = TaskListFactory(by=owner)
    inside = TaskFactory(task_list=gone_list, by=owner)
    memberships.add(task_list=gone_list, user=viewer, role=Role.EDITOR, by=owner)
    lists.trash(task_list=gone_list, by=owner)
    gone = tasks.trash(task=TaskFactory(task_list=shared_list, by=owner), by=owner)
    nothing = 10**12
    return {
        "no list": ({"list": nothing}, {"list": "unknown"}),
        "a foreign list": ({"list": foreign.list_id}, {"list": "unknown"}),
        "a list in the trash": ({"list": gone_list.pk}, {"list": "unknown"}),
        "no task": ({"parent": nothing}, {"parent": "unknown"}),
        "a foreign task": ({"parent": foreign.pk}, {"parent": "unknown"}),
        "a task in the trash": ({"parent": gone.pk}, {"parent": "unknown"}),
        "a task in a list in the trash": ({"parent": inside.pk}, {"parent": "unknown"}),
    }


def test_a_new_task_goes_nowhere_that_its_maker_cannot_see(api, places, editor, task, stranger):
    program = api(editor)
    other = TaskFactory(task_list=TaskListFactory(by=editor), by=editor)
    elsewhere = {"list": task.list_id, "parent": other.pk}
    cases = {
        **places,
        "list and parent disagree": (elsewhere, {"parent": "other_list"}),
        "nobody": ({"assignee": 10**12}, {"assignee": "no_member"}),
        "no member": (
            {"list": task.list_id, "assignee": stranger.pk},
            {"assignee": "no_member"},
        ),
    }

    with nothing_written():
        answers = {
            name: program.post("tasks", {"title": "x", **body}) for name, (body, _) in cases.items()
        }

    assert {name: answer.status for name, answer in answers.items()} == dict.fromkeys(cases, 400)
    assert {name: answer.problem for name, answer in answers.items()} == {
        name: problem for name, (_, problem) in cases.items()
    }


def test_who_takes_no_part_is_nobody_to_assign_and_is_not_named(api, editor, stranger, task):
    program, path = api(editor), f"tasks/{task.pk}"

    with nothing_written():
        answers = [
            program.patch(path, {"assignee": stranger.pk}),
            program.patch(path, {"assignee": 10**12}),
            program.post("tasks", {"title": "x", "list": task.list_id, "assignee": stranger.pk}),
            program.post("tasks", {"title": "x", "assignee": stranger.pk}),
        ]

    assert [each.problem for each in answers] == [{"assignee": "no_member"}] * 4
    assert {each.body for each in answers} == {answers[1].body}


def test_a_new_task_goes_nowhere_that_its_maker_may_only_look_at(api, owner, viewer, task):
    archived = TaskFactory(by=viewer)
    lists.archive(task_list=archived.list, by=viewer)
    program = api(viewer)

    with nothing_written():
        answers = [
            program.post("tasks", {"title": "x", **place})
            for place in (
                {"list": task.list_id},
                {"parent": task.pk},
                {"list": archived.list_id},
                {"parent": archived.pk},
            )
        ]

    assert [(each.status, each.problem) for each in answers] == [(403, {})] * 4


def test_a_time_zone_that_is_none_is_refused_also_where_there_is_no_time(api, owner):
    answer = api(owner).post("tasks", {"title": "Call", "time_zone": "Nowhere"})

    assert (answer.status, answer.problem) == (400, {"time_zone": "time_zone"})
