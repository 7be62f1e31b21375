"""Writing a task by the API, anew and in part."""

import pytest

from ledger.models import Change
from tasks.models import Task
from tasks.tests.api.programs import EMPTY, last_batch, one_like_written, written
from tasks.tests.factories import TaskFactory
from tasks.tests.records import kinds, latest, nothing_written

# What nobody types: to leave it out of a body, or to send it in vain.
READ_ONLY = {
    "id": 7,
    "position": -9,
    "subtasks": {"total": 5, "done": 5},
    "version": 99,
    "created_by": 7,
    "created_at": "2020-01-01T00:00:00Z",
    "updated_at": "soon",
    "completed_at": "2020-01-01T00:00:00Z",
    "deleted_at": "2020-01-01T00:00:00Z",
}


# What is refused.


def test_unknown_fields_are_refused_by_name(api, owner, task):
    program, path = api(owner), f"tasks/{task.pk}"
    body = {"title": "x", "titel": "y", "due": "2026-12-01"}

    with nothing_written():
        answers = [
            *(program.post("tasks", body), program.put(path, body), program.patch(path, body)),
            program.post(f"{path}/move", body),
            program.post(f"{path}/complete", {"titel": "y", "due": None}),
            program.post(f"{path}/restore", {"titel": "y", "due": None}),
        ]

    assert [each.status for each in answers] == [400] * 6
    unknown = {"titel": "unknown", "due": "unknown"}
    expected = [unknown] * 6
    expected[3] = unknown | {"title": "unknown"}
    assert [each.problem for each in answers] == expected


def test_what_is_only_read_is_ignored(api, owner, task):
    program, path = api(owner), f"tasks/{task.pk}"
    before = program.get(path)

    patched = program.patch(path, READ_ONLY)
    assert patched.body == before.body
    assert kinds(task) == ["task.created"]

    put = program.put(path, READ_ONLY | {"title": "Renamed"}).json
    made = program.post("tasks", READ_ONLY | {"title": "New"}).json
    changed = {name for name in put if put[name] != before.json[name]}
    assert changed == {"title", "version", "updated_at"}
    assert (made["id"] != 7, made["version"], made["created_by"]) == (True, 1, owner.pk)
    assert (made["position"], made["completed_at"], made["deleted_at"]) == (1024, None, None)


def test_rules_between_fields_are_told_at_the_field(api, owner, task):
    program, path = api(owner), f"tasks/{task.pk}"
    cases = [
        ({"due_time": "09:30"}, {"due_date": "invalid"}),
        ({"start_date": "2026-12-02", "due_date": "2026-12-01"}, {"start_date": "invalid"}),
        ({"title": " \u200b "}, {"title": "invisible"}),
        ({"labels": ["one, two"]}, {"labels": "invalid"}),
        ({"due_date": "2201-01-01"}, {"due_date": "max_value"}),
        (
            {"due_date": "2026-12-01", "due_time": "09:30", "time_zone": "Mars/Olympus"},
            {"time_zone": "time_zone"},
        ),
    ]

    for body, problem in cases:
        with nothing_written():
            answers = [
                program.patch(path, body),
                program.put(path, {"title": "x"} | body),
                program.post("tasks", {"title": "x", "list": task.list_id} | body),
            ]
        assert [each.status for each in answers] == [400] * 3
        assert [each.problem for each in answers] == [problem] * 3


# Writing it anew, and in part.


def test_put_resets_what_it_leaves_out_and_keeps_the_place(api, editor, task):
    below = {"parent": task.pk, "assignee": editor.pk}
    before = one_like_written(api, editor, task.list, **below).json

    answer = api(editor).put(f"tasks/{before['id']}", {"title": "Only this"})

    assert answer.status == 200
    assert written(answer.json) == EMPTY | {"title": "Only this"}
    for name in ("list", "parent", "position", "created_by", "created_at"):
        assert answer.json[name] == before[name]
    assert answer.json["version"] == before["version"] + 1
    assert last_batch() == [("task.edited", before["id"], editor, "api")]


def test_put_without_a_title_is_refused(api, owner, task):
    with nothing_written():
        answer = api(owner).put(f"tasks/{task.pk}", {"description": "x"})

    assert (answer.status, answer.problem) == (400, {"title": "required"})


def test_another_place_is_not_written_but_moved_to(api, owner, task):
    elsewhere = TaskFactory(by=owner)
    below = TaskFactory(task_list=task.list, parent=task, by=owner)
    program = api(owner)
    places = [
        (task, {"list": elsewhere.list_id}, "list"),
        (task, {"parent": elsewhere.pk}, "parent"),
        (task, {"parent": 10**12}, "parent"),
        (below, {"parent": None}, "parent"),
        (below, {"list": elsewhere.list_id, "parent": elsewhere.pk}, "list"),
    ]

    for one, place, field in places:
        with nothing_written():
            answers = [
                program.put(f"tasks/{one.pk}", {"title": "x", **place}),
                program.patch(f"tasks/{one.pk}", {"title": "x", **place}),
            ]
        assert [(each.status, each.problem) for each in answers] == [(400, {field: "use_move"})] * 2


def test_what_get_answers_can_be_put_back_and_writes_nothing(api, editor, task):
    made = one_like_written(api, editor, task.list, parent=task.pk, assignee=editor.pk).json
    program = api(editor)
    program.post(f"tasks/{task.pk}/complete")

    for pk in (task.pk, made["id"]):
        there = program.get(f"tasks/{pk}")
        with nothing_written():
            answer = program.put(f"tasks/{pk}", there.json)
        assert (answer.status, answer.body) == (200, there.body)


def test_patch_changes_what_it_names_and_nothing_else(api, editor, task):
    before = one_like_written(api, editor, task.list).json
    program, path = api(editor), f"tasks/{before['id']}"
    changes = [
        {"title": "Renamed"},
        {"description": "Other words"},
        {"status": "pending"},
        {"priority": "urgent"},
        {"start_date": "2026-11-29"},
        {"due_date": "2026-12-05"},
        {"due_time": "10:00:00"},
        {"time_zone": "Europe/Berlin"},
        {"estimate_minutes": 0},
        {"assignee": editor.pk},
        {"labels": ["garden", "urgent"]},
        {"title": "Again", "priority": "low"},
    ]

    for change in changes:
        answer = program.patch(path, change).json
        differs = {name: answer[name] for name in answer if answer[name] != before[name]}
        version, since = differs.pop("version"), differs.pop("updated_at")
        assert (differs, version) == (change, before["version"] + 1)
        assert since > before["updated_at"]
        assert set(latest(Task(pk=before["id"])).changes) == set(change)
        before = answer


@pytest.mark.parametrize(
    ("empty", "also"),
    [
        ({"description": ""}, {}),
        ({"start_date": None}, {}),
        ({"due_date": None}, {"due_time": None, "time_zone": None}),
        ({"due_time": None}, {"time_zone": None}),
        ({"time_zone": None}, {"time_zone": "UTC"}),  # a time is meant somewhere: the person's own
        ({"time_zone": ""}, {"time_zone": "UTC"}),
        ({"estimate_minutes": None}, {}),
        ({"assignee": None}, {}),
        ({"labels": []}, {}),
        ({"priority": "none"}, {}),
    ],
    ids=str,
)
def test_patch_empties_a_field(empty, also, api, editor, shared_list):
    before = one_like_written(api, editor, shared_list, assignee=editor.pk).json

    answer = api(editor).patch(f"tasks/{before['id']}", empty)

    assert answer.status == 200
    assert written(answer.json) == written(before) | empty | also


def test_what_cannot_be_empty_is_refused(api, owner, task):
    program, path = api(owner), f"tasks/{task.pk}"
    cases = [
        *(({name: None}, "null") for name in ("title", "description", "status", "completed")),
        *(({name: None}, "null") for name in ("priority", "labels", "list")),
        ({"title": ""}, "blank"),
        ({"status": ""}, "invalid_choice"),
    ]

    with nothing_written():
        answers = [program.patch(path, body) for body, _ in cases]

    assert [each.status for each in answers] == [400] * len(cases)
    assert [each.problem for each in answers] == [{next(iter(body)): code} for body, code in cases]


def test_a_patch_that_changes_nothing_writes_nothing(api, owner, task):
    program, path = api(owner), f"tasks/{task.pk}"
    before = program.get(path)

    with nothing_written():
        answers = [program.patch(path, {}), program.patch(path, {"title": task.title})]

    assert [(each.status, each.body) for each in answers] == [(200, before.body)] * 2


def test_a_request_is_one_batch_and_another_one_is_another(api, owner, task):
    program = api(owner)
    program.patch(f"tasks/{task.pk}", {"labels": ["a", "b"], "title": "Renamed"})
    program.patch(f"tasks/{task.pk}", {"title": "Again"})

    changes = list(Change.objects.filter(via="api").order_by("id"))

    assert [each.kind for each in changes] == [
        *("label.created", "label.created", "task.edited", "task.edited")
    ]
    assert len({each.batch for each in changes[:3]}) == 1
    assert changes[2].batch != changes[3].batch
    assert changes[2].changes == {
        "title": ["Water the plants", "Renamed"],
        "labels": [[], ["a", "b"]],
    }
