"""Completing, reopening, throwing away and bringing back a task by the API."""

import pytest

from tasks.actions import lists, tasks
from tasks.models import Task
from tasks.tests.api.programs import last_batch
from tasks.tests.factories import TaskFactory
from tasks.tests.records import nothing_written

# Completing, reopening.


@pytest.fixture
def tree(task, owner):
    """`task`, one below it, and one below that."""
    middle = TaskFactory(title="Middle", task_list=task.list, parent=task, by=owner)
    low = TaskFactory(title="Low", task_list=task.list, parent=middle, by=owner)
    return task, middle, low


def statuses(tree):
    return [Task.objects.get(pk=each.pk).status for each in tree]


def test_completing_completes_what_is_below_and_once(api, editor, tree):
    top, program = tree[0], api(editor)

    answer = program.post(f"tasks/{top.pk}/complete")

    assert (answer.status, answer.json["status"], answer.json["completed"]) == (200, "done", True)
    assert answer.json["subtasks"] == {"total": 1, "done": 1}
    assert answer.body == program.get(f"tasks/{top.pk}").body
    assert statuses(tree) == ["done"] * 3
    assert last_batch() == [("task.completed", each.pk, editor, "api") for each in tree]
    with nothing_written():
        again = program.post(f"tasks/{top.pk}/complete", {})
    assert (again.status, again.body) == (200, answer.body)


def test_reopening_reopens_what_is_above_and_once(api, editor, tree):
    top, middle, _low = tree
    tasks.complete(task=top, by=editor)
    program = api(editor)

    answer = program.post(f"tasks/{middle.pk}/reopen")

    assert (answer.status, answer.json["status"]) == (200, "pending")
    assert (answer.json["completed"], answer.json["completed_at"]) == (False, None)
    assert answer.json["subtasks"] == {"total": 1, "done": 1}
    assert statuses(tree) == ["pending", "pending", "done"]
    assert last_batch() == [("task.reopened", each.pk, editor, "api") for each in (middle, top)]
    with nothing_written():
        again = program.post(f"tasks/{middle.pk}/reopen")
    assert (again.status, again.body) == (200, answer.body)


# The trash.


def test_a_deleted_task_lies_in_the_trash_with_what_is_below(api, editor, tree):
    program = api(editor)

    answer = program.delete(f"tasks/{tree[1].pk}")

    assert (answer.status, answer.body) == (204, b"")
    assert last_batch() == [("task.trashed", each.pk, editor, "api") for each in tree[1:]]
    assert [each["title"] for each in program.get("tasks").json["results"]] == [tree[0].title]
    there = program.get("tasks?deleted=true").json["results"]
    assert [each["title"] for each in there] == ["Middle", "Low"]
    assert [each["deleted_at"] is None for each in there] == [False, False]


def test_a_task_in_the_trash_is_nowhere_else(api, owner, tree):
    top, middle, _low = tree
    program, path = api(owner), f"tasks/{middle.pk}"
    program.delete(path)

    with nothing_written():
        refused = [
            program.get(path),
            program.put(path, {"title": "x"}),
            program.patch(path, {"title": "x"}),
            program.delete(path),
            *(program.post(f"{path}/{verb}") for verb in ("complete", "reopen", "move")),
        ]
        below = program.post("tasks", {"title": "x", "parent": middle.pk})
        moved = [
            program.post(f"tasks/{top.pk}/move", {name: middle.pk}) for name in ("parent", "before")
        ]
    assert [each.status for each in refused] == [404] * 7
    assert [each.problem for each in refused] == [{}] * 7
    assert (below.status, below.problem) == (400, {"parent": "unknown"})
    assert [each.problem for each in moved] == [{"parent": "unknown"}, {"before": "unknown"}]
    assert program.get(f"tasks/{top.pk}").json["subtasks"] == {"total": 0, "done": 0}


def test_restore_brings_back_what_was_thrown_away_together_and_once(api, editor, tree):
    program, path = api(editor), f"tasks/{tree[1].pk}"
    before = program.get(path).json
    program.delete(path)

    answer = program.post(f"{path}/restore")

    assert answer.status == 200
    assert answer.json == program.get(path).json
    changed = {name for name in before if answer.json[name] != before[name]}
    assert changed == {"version", "updated_at"}
    assert last_batch() == [("task.restored", each.pk, editor, "api") for each in tree[1:]]
    with nothing_written():
        again = program.post(f"{path}/restore")
    assert (again.status, again.body) == (200, answer.body)


def test_only_the_owner_deletes_for_good_what_is_in_the_trash_or_not(api, owner, editor, tree):
    top, middle, low = tree
    gone_with_it = tasks.trash(task=low, by=owner)

    with nothing_written():
        refused = [
            api(editor).delete(f"tasks/{each.pk}?permanent=true") for each in (top, gone_with_it)
        ]
    assert [(each.status, each.problem) for each in refused] == [(403, {})] * 2

    program = api(owner)
    answers = [program.delete(f"tasks/{each.pk}?permanent=true") for each in (low, top)]
    assert [(each.status, each.body) for each in answers] == [(204, b"")] * 2
    assert Task.objects.count() == 0
    assert last_batch() == [("task.deleted", each.pk, owner, "api") for each in (middle, top)]
    again = [program.delete(f"tasks/{top.pk}{query}") for query in ("", "?permanent=true")]
    assert [each.status for each in again] == [404, 404]
    assert program.post(f"tasks/{top.pk}/restore").status == 404


def test_deletion_takes_no_word_that_it_does_not_know(api, owner, task):
    queries = [
        ("permanent=yes", {"permanent": "invalid"}),
        ("permanent=", {"permanent": "invalid"}),
        ("permanently=true", {"permanently": "unknown"}),
    ]

    with nothing_written():
        answers = [api(owner).delete(f"tasks/{task.pk}?{query}") for query, _ in queries]

    assert [each.status for each in answers] == [400] * 3
    assert [each.problem for each in answers] == [problem for _, problem in queries]
    assert api(owner).delete(f"tasks/{task.pk}?permanent=false").status == 204
    assert Task.objects.get().deleted_at is not None


def test_tasks_of_a_list_in_the_trash_are_nowhere_at_all(api, owner, tree):
    thrown_away = tasks.trash(task=tree[2], by=owner)
    lists.trash(task_list=tree[0].list, by=owner)
    program = api(owner)

    with nothing_written():
        answers = [
            program.get(f"tasks/{tree[0].pk}"),
            program.patch(f"tasks/{tree[0].pk}", {"title": "x"}),
            program.post(f"tasks/{thrown_away.pk}/restore"),
            program.delete(f"tasks/{thrown_away.pk}?permanent=true"),
        ]
        seen = [program.get(path).json["results"] for path in ("tasks", "tasks?deleted=true")]

    assert [each.status for each in answers] == [404] * 4
    assert seen == [[], []]


# Addresses.


def test_every_address_answers_with_and_without_a_slash(api, owner, shared_list):
    program = api(owner)

    for slash in ("", "/"):
        task = program.post(f"tasks{slash}", {"title": "x", "list": shared_list.pk})
        path = f"tasks/{task.json['id']}"
        answers = [
            task,
            program.get(f"tasks{slash}"),
            program.get(f"{path}{slash}"),
            program.put(f"{path}{slash}", {"title": "y"}),
            program.patch(f"{path}{slash}", {"title": "z"}),
            *(
                program.post(f"{path}/{verb}{slash}")
                for verb in ("complete", "reopen", "move", "restore")
            ),
            program.delete(f"{path}{slash}"),
            program.delete(f"{path}{slash}?permanent=true"),
            program.get(f"lists/{shared_list.pk}/tasks{slash}"),
            program.get(f"users/{owner.pk}/tasks{slash}"),
            program.get(f"labels{slash}"),
        ]
        assert [each.status for each in answers] == [201, *[200] * 8, 204, 204, 200, 200, 200]
    assert Task.objects.count() == 0
