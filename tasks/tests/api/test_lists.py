"""Lists by the API."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from accounts.actions import users
from tasks.actions import lists, memberships, tasks
from tasks.models import Role, Task, TaskList
from tasks.tests.api.programs import found, last_batch
from tasks.tests.factories import TaskFactory, TaskListFactory
from tasks.tests.records import nothing_written

EMPTY = {"description": "", "colour": "grey", "archived": False}
WRITTEN = {"title": "Garden", "description": "*All* of it.", "colour": "green", "archived": False}
NOON = datetime(2026, 11, 20, 12, 0, 0, 654321, UTC)


def written(body):
    return {name: body[name] for name in WRITTEN}


def test_a_list_in_json_as_each_member_sees_it(api, owner, editor, viewer, shared_list):
    lists.edit(task_list=shared_list, by=owner, **WRITTEN)
    TaskList.objects.update(created_at=NOON, updated_at=NOON)
    seen = {
        "id": shared_list.pk,
        **WRITTEN,
        "is_inbox": False,
        "version": 2,
        "created_at": "2026-11-20T12:00:00.654321Z",
        "updated_at": "2026-11-20T12:00:00.654321Z",
    }

    for user, role in ((owner, "owner"), (editor, "editor"), (viewer, "viewer")):
        users.edit_profile(user=user, by=user, time_zone="Asia/Tokyo")
        answer = api(user).get(f"lists/{shared_list.pk}")
        assert (answer.status, answer.json) == (200, seen | {"role": role})
        assert api(user).get("lists").json["results"] == [answer.json]


def test_a_new_list_needs_only_a_title_and_is_its_makers(api, owner):
    program = api(owner)

    short = program.post("lists", {"title": "Garden"})
    full = program.post("lists", WRITTEN | {"archived": True})

    assert [(each.status, each.json["role"]) for each in (short, full)] == [(201, "owner")] * 2
    assert written(short.json) == EMPTY | {"title": "Garden"}
    assert written(full.json) == WRITTEN | {"archived": True}
    for answer in (short, full):
        there = program.get(urlsplit(answer.headers["Location"]).path)
        assert (there.body, there.headers["ETag"]) == (answer.body, answer.headers["ETag"])
    made = TaskList.objects.latest("id")
    assert last_batch() == [
        ("list.created", made.pk, owner, "api"),
        ("membership.created", made.memberships.get().pk, owner, "api"),
    ]


def test_put_writes_a_list_anew_and_patch_what_it_names(api, editor, shared_list):
    program, path = api(editor), f"lists/{shared_list.pk}"

    put = program.put(path, WRITTEN)
    assert (put.status, written(put.json), put.json["version"]) == (200, WRITTEN, 2)
    assert last_batch() == [("list.edited", shared_list.pk, editor, "api")]
    patched = program.patch(path, {"colour": "red"})
    assert (written(patched.json), patched.json["version"]) == (WRITTEN | {"colour": "red"}, 3)
    reset = program.put(path, {"title": "Only this"})
    assert written(reset.json) == EMPTY | {"title": "Only this"}
    with nothing_written():
        for answer in (program.put(path, reset.json), program.patch(path, {})):
            assert (answer.status, answer.body) == (200, reset.body)


def test_a_list_takes_no_bad_and_no_unknown_value(api, owner, shared_list):
    cases = [
        ({"title": ""}, {"title": "blank"}),
        ({"title": None}, {"title": "null"}),
        ({"title": "x" * 201}, {"title": "max_length"}),
        ({"title": "\u200b"}, {"title": "invisible"}),
        ({"description": None}, {"description": "null"}),
        ({"colour": "beige"}, {"colour": "invalid_choice"}),
        ({"archived": None}, {"archived": "null"}),
        ({"archived": "true"}, {"archived": "invalid"}),
        ({"name": "x"}, {"name": "unknown"}),
    ]
    program, path = api(owner), f"lists/{shared_list.pk}"

    for body, problem in cases:
        with nothing_written():
            answers = [
                program.post("lists", {"title": "x"} | body),
                program.put(path, {"title": "x"} | body),
                program.patch(path, body),
            ]
        assert [(each.status, each.problem) for each in answers] == [(400, problem)] * 3
    assert program.put(path, {}).problem == {"title": "required"}


def test_the_owner_archives_and_brings_back_a_list_and_twice_is_once(
    api, owner, editor, shared_list
):
    program, path = api(owner), f"lists/{shared_list.pk}"
    for body in ({"archived": True}, WRITTEN | {"archived": True}):
        with nothing_written():
            refused = [api(editor).patch(path, body), api(editor).put(path, {"title": "x"} | body)]
        assert [each.status for each in refused] == [403, 403]

    archived = program.patch(path, {"archived": True})
    assert (archived.status, archived.json["archived"]) == (200, True)
    assert last_batch() == [("list.archived", shared_list.pk, owner, "api")]
    with nothing_written():
        again = [program.patch(path, {"archived": True}), program.put(path, archived.json)]
        refused = [
            *(program.patch(path, {"title": "x"}), program.put(path, WRITTEN | {"archived": True})),
            *(api(editor).patch(path, {"archived": each}) for each in (True, False)),
        ]
    assert [(each.status, each.body) for each in again] == [(200, archived.body)] * 2
    assert [each.status for each in refused] == [403] * 4

    back = program.patch(path, {"archived": False, "title": "Anew"})
    assert (back.status, back.json["archived"], back.json["title"]) == (200, False, "Anew")
    assert last_batch() == [("list.unarchived", shared_list.pk, owner, "api")]


def test_tasks_of_an_archived_list_are_read_and_not_changed(api, owner, task):
    lists.archive(task_list=task.list, by=owner)
    program, path = api(owner), f"tasks/{task.pk}"

    with nothing_written():
        answers = [
            program.put(path, {"title": "x"}),
            program.patch(path, {"title": "x"}),
            program.delete(path),
            *(program.post(f"{path}/{verb}") for verb in ("complete", "reopen", "move", "restore")),
        ]

    assert [each.status for each in answers] == [403] * 7
    assert program.get(path).status == 200
    assert found(program.get(f"lists/{task.list_id}/tasks")) == [task.title]


def test_the_inbox_always_stays_as_it_is(api, owner):
    inbox = lists.inbox_of(user=owner, by=owner)
    program, path = api(owner), f"lists/{inbox.pk}"
    there = program.get(path)
    assert (there.json["is_inbox"], there.json["title"], there.json["role"]) == (
        *(True, "Inbox", "owner"),
    )

    with nothing_written():
        answers = [
            program.patch(path, {"title": "Mine"}),
            program.patch(path, {"archived": True}),
            program.put(path, {"title": "Mine"}),
            program.delete(path),
            program.delete(f"{path}?permanent=true"),
        ]

    assert [(each.status, each.problem) for each in answers] == [(400, {None: "inbox"})] * 5


def test_lists_are_told_apart_by_archive_and_trash(api, owner, viewer, shared_list):
    archived = lists.archive(task_list=TaskListFactory(title="Archived", by=owner), by=owner)
    gone = TaskListFactory(title="Gone", by=owner)
    memberships.add(task_list=gone, user=viewer, role=Role.VIEWER, by=owner)
    lists.trash(task_list=gone, by=owner)
    old = lists.archive(task_list=TaskListFactory(title="Both", by=owner), by=owner)
    lists.trash(task_list=old, by=owner)
    program = api(owner)

    seen = {
        query: found(program.get(f"lists{query}"))
        for query in (
            *("", "?archived=true", "?archived=false", "?deleted=false"),
            *("?deleted=true", "?deleted=true&archived=true", "?limit=1"),
        )
    }

    assert seen == {
        "": ["Shared", "Archived"],
        "?archived=true": ["Archived"],
        "?archived=false": ["Shared"],
        "?deleted=false": ["Shared", "Archived"],
        "?deleted=true": ["Gone", "Both"],
        "?deleted=true&archived=true": ["Both"],
        "?limit=1": ["Shared"],
    }
    assert program.get(f"lists/{archived.pk}").status == 200
    bad = ["?archived=1", "?deleted=yes", "?limit=0", "?cursor=x", "?title=x"]
    problems = [program.get(f"lists{query}").problem for query in bad]
    assert problems == [
        *({"archived": "invalid"}, {"deleted": "invalid"}, {"limit": "min_value"}),
        *({"cursor": "invalid"}, {"title": "unknown"}),
    ]


def test_a_deleted_list_lies_in_the_trash_with_all_its_tasks(api, owner, editor, task):
    program, path = api(owner), f"lists/{task.list_id}"
    with nothing_written():
        assert api(editor).delete(path).status == 403

    answer = program.delete(path)

    assert (answer.status, answer.body) == (204, b"")
    assert last_batch() == [("list.trashed", task.list_id, owner, "api")]
    with nothing_written():
        gone = [
            program.get(path),
            program.put(path, {"title": "x"}),
            program.patch(path, {"title": "x"}),
            program.delete(path),
            program.get(f"{path}/tasks"),
            program.get(f"{path}/members"),
            program.get(f"{path}/members/{owner.pk}"),
            program.post(f"{path}/members", {"user": editor.pk, "role": "viewer"}),
            program.get(f"tasks/{task.pk}"),
        ]
    assert [(each.status, each.problem) for each in gone] == [(404, {})] * 9


def test_the_owner_restores_a_list_and_twice_is_once(api, owner, editor, task):
    program, path = api(owner), f"lists/{task.list_id}"
    before = program.get(path).json
    program.delete(path)
    with nothing_written():
        assert api(editor).post(f"{path}/restore").status == 403

    answer = program.post(f"{path}/restore")

    assert (answer.status, answer.body) == (200, program.get(path).body)
    assert {name for name in before if before[name] != answer.json[name]} == {
        *("version", "updated_at")
    }
    assert last_batch() == [("list.restored", task.list_id, owner, "api")]
    assert program.get(f"tasks/{task.pk}").status == 200
    with nothing_written():
        again = program.post(f"{path}/restore", {})
    assert (again.status, again.body) == (200, answer.body)


@pytest.mark.parametrize("thrown_away", [True, False])
def test_the_owner_deletes_a_list_for_good_with_its_tasks(thrown_away, api, owner, editor, task):
    if thrown_away:
        tasks.trash(task=task, by=owner)
        lists.trash(task_list=task.list, by=owner)
    program, path = api(owner), f"lists/{task.list_id}?permanent=true"
    with nothing_written():
        assert api(editor).delete(path).status == 403

    answer = program.delete(path)

    assert (answer.status, answer.body) == (204, b"")
    assert (TaskList.objects.count(), Task.objects.count()) == (0, 0)
    assert last_batch() == [("list.deleted", task.list_id, owner, "api")]
    assert program.delete(path).status == 404
    assert program.post(f"lists/{task.list_id}/restore").status == 404


def test_the_tasks_of_a_list_are_its_own_filtered_and_paged(api, viewer, stranger, owner, task):
    TaskFactory(title="Below", task_list=task.list, parent=task, by=owner)
    done = TaskFactory(title="Done", task_list=task.list, by=owner)
    tasks.complete(task=done, by=owner)
    gone = TaskFactory(title="Gone", task_list=task.list, by=owner)
    tasks.trash(task=gone, by=owner)
    TaskFactory(title="Elsewhere", by=viewer)
    program, path = api(viewer), f"lists/{task.list_id}/tasks"

    seen = {
        query: found(program.get(path + query))
        for query in (
            *("", "?parent=none", "?status=done&status=pending", "?status=cancelled"),
            *("?ordering=-created_at&limit=2", "?deleted=true", "?list=999999999"),
        )
    }

    assert seen == {
        "": ["Water the plants", "Below", "Done"],
        "?parent=none": ["Water the plants", "Done"],
        "?status=done&status=pending": ["Water the plants", "Below", "Done"],
        "?status=cancelled": [],
        "?ordering=-created_at&limit=2": ["Done", "Below"],
        "?deleted=true": ["Gone"],
        "?list=999999999": [],
    }
    assert program.get(path).json["results"] == program.get(
        f"tasks?list={task.list_id}"
    ).json["results"]  # fmt: skip
    assert [api(stranger).get(each).status for each in (path, "lists/999999999/tasks")] == [404] * 2


def test_every_address_of_lists_answers_with_and_without_a_slash(api, owner, editor):
    program = api(owner)

    for slash in ("", "/"):
        made = program.post(f"lists{slash}", {"title": "x"})
        path = f"lists/{made.json['id']}"
        members = f"{path}/members"
        answers = [
            made,
            program.get(f"lists{slash}"),
            program.get(f"{path}{slash}"),
            program.put(f"{path}{slash}", {"title": "y"}),
            program.patch(f"{path}{slash}", {"title": "z"}),
            program.get(f"{members}{slash}"),
            program.post(f"{members}{slash}", {"user": editor.pk, "role": "viewer"}),
            program.get(f"{members}/{editor.pk}{slash}"),
            program.patch(f"{members}/{editor.pk}{slash}", {"role": "editor"}),
            program.delete(f"{members}/{editor.pk}{slash}"),
            program.post(f"{path}/restore{slash}"),
            program.delete(f"{path}{slash}"),
            program.delete(f"{path}{slash}?permanent=true"),
        ]
        assert [each.status for each in answers] == [
            *(201, 200, 200, 200, 200, 200, 201, 200, 200, 204, 200, 204, 204)
        ]
