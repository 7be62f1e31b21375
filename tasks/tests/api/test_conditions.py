"""ETag, If-None-Match and If-Match: nobody overwrites what they have not seen."""

import hashlib
import re
from contextlib import contextmanager
from functools import partial

import pytest
from django.db import connection

from ledger.models import Change
from tasks.actions import labels, lists, memberships, moving, tasks
from tasks.models import Colour, Membership, Task
from tasks.tests.factories import TaskFactory, TaskListFactory
from tasks.tests.races import race
from tasks.tests.records import nothing_written
from tests.api import Api, InProcess, tokens_for

OTHER = '"0123456789abcdef0123456789abcdef"'


def tag(program, path):
    """The tag of what GET sends, which is a hash of just that."""
    answer = program.get(path)
    there = answer.headers["ETag"]
    assert there == f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"'
    return there


@pytest.fixture
def below(task, owner):
    return TaskFactory(title="Below", task_list=task.list, parent=task, by=owner)


def things(owner, task):
    """Everything single, by its path."""
    return [
        f"tasks/{task.pk}",
        f"lists/{task.list_id}",
        f"lists/{task.list_id}/members/{owner.pk}",
        "users/me",
        f"users/{owner.pk}",
        "users/owner",
    ]


def test_every_single_thing_has_a_strong_tag_that_stays_while_it_stays(
    api, owner, editor, task, below
):
    program = api(owner)
    paths = things(owner, task)
    tags = [tag(program, path) for path in paths]
    assert all(re.fullmatch('"[0-9a-f]{32}"', each) for each in tags)
    assert len(set(tags)) == 4  # the last three are one person

    program.patch(f"tasks/{task.pk}", {"title": task.title})
    TaskFactory(task_list=task.list, by=owner)
    api(editor).get(f"tasks/{task.pk}")

    assert [tag(program, path) for path in paths] == tags


def test_json_has_one_form_whatever_is_asked_for(api, owner, task):
    program = api(owner)
    plain = program.get(f"tasks/{task.pk}")

    indented = program.get(f"tasks/{task.pk}", Accept="application/json; indent=4")

    assert (indented.headers["ETag"], indented.body) == (plain.headers["ETag"], plain.body)


def test_the_answer_of_a_write_has_the_tag_that_get_will_send(api, owner, shared_list):
    program = api(owner)
    made = program.post("tasks", {"title": "x", "list": shared_list.pk, "labels": ["b", "a"]})
    path = f"tasks/{made.json['id']}"
    listed = program.post("lists", {"title": "x"})
    assert made.headers["ETag"] == tag(program, path)
    assert listed.headers["ETag"] == tag(program, f"lists/{listed.json['id']}")

    for method, where, body, thing in (
        ("PATCH", path, {"due_date": "2026-12-01", "due_time": "09:00"}, path),
        ("PUT", path, {"title": "y"}, path),
        ("POST", f"{path}/complete", None, path),
        ("POST", f"{path}/reopen", None, path),
        ("POST", f"{path}/move", {"list": listed.json["id"]}, path),
        ("POST", f"{path}/restore", None, path),
        ("PATCH", f"lists/{shared_list.pk}", {"title": "y"}, f"lists/{shared_list.pk}"),
        ("PUT", f"lists/{shared_list.pk}", {"title": "z"}, f"lists/{shared_list.pk}"),
        ("PATCH", "users/me", {"time_zone": "Asia/Tokyo"}, "users/me"),
    ):
        answer = program.ask(method, where, body)
        assert (where, answer.status, answer.headers["ETag"]) == (where, 200, tag(program, thing))


def test_the_tag_differs_as_soon_as_anything_in_the_body_does(api, owner, editor, task, below):
    program, path = api(owner), f"tasks/{task.pk}"
    other = TaskListFactory(by=owner)
    TaskFactory(task_list=task.list, by=owner)
    changes = [
        lambda: tasks.edit(task=task, by=owner, labels=["home"]),
        lambda: labels.edit(label=task.labels.get(), by=owner, name="Home", colour=Colour.RED),
        lambda: tasks.edit(task=task, by=owner, assignee=editor),
        lambda: memberships.remove(membership=task.list.memberships.get(user=editor), by=owner),
        lambda: tasks.complete(task=below, by=owner),
        lambda: tasks.reopen(task=below, by=owner),
        lambda: tasks.trash(task=below, by=owner),
        lambda: TaskFactory(task_list=task.list, parent=task, by=owner),
        lambda: moving.move(task=task, by=owner),
        lambda: moving.move(task=task, to_list=other, by=owner),
    ]
    seen = [tag(program, path)]

    for change in changes:
        change()
        seen.append(tag(program, path))

    assert [number for number in range(len(changes)) if seen[number] == seen[number + 1]] == []


def test_a_list_looks_and_is_tagged_as_each_member_sees_it(api, owner, viewer, shared_list):
    path = f"lists/{shared_list.pk}"

    assert tag(api(owner), path) != tag(api(viewer), path)


def test_who_has_it_already_is_sent_nothing(api, owner, task):
    program = api(owner)

    for path in things(owner, task):
        there = tag(program, path)
        for known in (there, f"W/{there}", f"{OTHER}, {there}", f"{OTHER},W/{there}", "*"):
            answer = program.get(path, If_None_Match=known)
            assert (answer.status, answer.body) == (304, b"")
            assert answer.headers["ETag"] == there
        for unknown in (OTHER, f"W/{OTHER}", f'{OTHER}, {OTHER[:-2]}"', ""):
            assert program.get(path, If_None_Match=unknown).status == 200
        assert program.get(path, If_None_Match="abc").status == 400
        head = program.ask("HEAD", path, If_None_Match=there)
        assert (head.status, head.body, head.headers["ETag"]) == (304, b"", there)


def test_nobody_is_told_by_a_tag_what_they_cannot_see(api, owner, stranger, task):
    there = tag(api(owner), f"tasks/{task.pk}")

    with nothing_written():
        answers = [
            api(stranger).get(f"tasks/{task.pk}", If_None_Match=there),
            api(stranger).get(f"tasks/{task.pk}", If_None_Match="*"),
            api(stranger).patch(f"tasks/{task.pk}", {"title": "x"}, If_Match=there),
            api(stranger).patch(f"tasks/{task.pk}", {"title": "x"}, If_Match=OTHER),
            api(stranger).delete(f"tasks/{task.pk}", If_Match="*"),
        ]

    assert [each.status for each in answers] == [404] * 5


# (method, what to do to it, with which body, the status when it is done)
WRITES_OF_A_TASK = [
    ("PATCH", "", {"title": "New"}, 200),
    ("PUT", "", {"title": "Newer"}, 200),
    ("POST", "/complete", None, 200),
    ("POST", "/reopen", None, 200),
    ("POST", "/move", {"before": None}, 200),
    ("DELETE", "", None, 204),
    ("POST", "/restore", None, 200),
    ("DELETE", "?permanent=true", None, 204),
]
WRITES_OF_A_LIST = [
    ("PATCH", "", {"title": "New"}, 200),
    ("PUT", "", {"title": "Newer"}, 200),
    ("DELETE", "", None, 204),
    ("POST", "/restore", None, 200),
    ("DELETE", "?permanent=true", None, 204),
]
WRITES_OF_ONESELF = [("PATCH", "", {"theme": "dark"}, 200)]


def present(program, path):
    """The thing as it is now and its tag, also from the trash, where GET does not lead."""
    there = program.get(path)
    if there.status == 200:
        return there.json, there.headers["ETag"]
    [thing] = program.get(f"{path.partition('/')[0]}?deleted=true").json["results"]
    return thing, program.post(f"{path}/restore", If_Match=OTHER).headers["ETag"]


@pytest.mark.parametrize(
    ("kind", "writes"),
    [("tasks", WRITES_OF_A_TASK), ("lists", WRITES_OF_A_LIST), ("users", WRITES_OF_ONESELF)],
    ids=["task", "list", "oneself"],
)
def test_a_write_under_a_condition_happens_only_to_what_was_read(kind, writes, api, owner, task):
    program, path = api(owner), {
        "tasks": f"tasks/{task.pk}",
        "lists": f"lists/{task.list_id}",
        "users": "users/me",
    }[kind]  # fmt: skip
    TaskFactory(task_list=task.list, by=owner)

    for method, verb, body, done in writes:
        thing, there = present(program, path)
        write = partial(program.ask, method, path + verb, body)

        with nothing_written():
            for stale in (OTHER, f"W/{there}", f'{OTHER}, "x"', f"W/{there}, {OTHER}"):
                answer = write(If_Match=stale)
                assert (answer.status, answer.problem) == (412, {})
                assert answer.json["title"] == "Precondition Failed"
                assert (answer.json["current"], answer.headers["ETag"]) == (thing, there)
            malformed = [write(If_Match=each) for each in ("abc", there.strip('"'), "'x'", "W/")]
        assert [(each.status, each.problem) for each in malformed] == [(400, {})] * 4

        assert write(If_Match=f"{OTHER}, {there}").status == done


def test_every_state_will_do_for_a_star_and_for_no_condition(api, owner, task):
    program, path = api(owner), f"tasks/{task.pk}"

    answers = [
        program.patch(path, {"title": "one"}, If_Match="*"),
        program.patch(path, {"title": "two"}, If_Match=tag(program, path)),
        program.patch(path, {"title": "three"}, If_Match=""),
    ]

    assert [(each.status, each.json["title"]) for each in answers] == [
        *((200, "one"), (200, "two"), (200, "three"))
    ]


def test_bad_input_and_missing_rights_count_before_a_stale_tag(api, owner, viewer, task):
    path = f"tasks/{task.pk}"

    with nothing_written():
        assert api(viewer).patch(path, {"title": "x"}, If_Match=OTHER).status == 403
        assert api(owner).patch(path, {"titel": "x"}, If_Match=OTHER).status == 400


def test_a_tag_is_stale_once_a_subtask_is_done(api, owner, task, below):
    program, path = api(owner), f"tasks/{task.pk}"
    there = tag(program, path)
    tasks.complete(task=below, by=owner)

    with nothing_written():
        answer = program.patch(path, {"title": "New"}, If_Match=there)

    assert answer.status == 412
    assert answer.json["current"]["subtasks"] == {"total": 1, "done": 1}


def test_archiving_under_a_condition(api, owner, shared_list):
    program, path = api(owner), f"lists/{shared_list.pk}"
    there = tag(program, path)
    lists.edit(task_list=shared_list, by=owner, title="Meanwhile")

    stale = program.patch(path, {"archived": True}, If_Match=there)
    assert (stale.status, stale.json["current"]["archived"]) == (412, False)
    fresh = program.patch(path, {"archived": True}, If_Match=stale.headers["ETag"])
    assert (fresh.status, fresh.json["archived"]) == (200, True)


@pytest.mark.mariadb
def test_of_many_who_write_what_they_have_read_at_once_one_wins(api, owner, editor, shared_list):
    programs = [api(owner), api(editor)] * 4
    for _ in range(5):
        task = TaskFactory(task_list=shared_list, by=owner)
        path = f"tasks/{task.pk}"
        there = tag(programs[0], path)

        answers = race(
            partial(program.patch, path, {"title": f"Title {number}"}, If_Match=there)
            for number, program in enumerate(programs)
        )

        assert sorted(each.status for each in answers) == [200, *[412] * 7]
        [winner] = [each for each in answers if each.status == 200]
        losers = [each for each in answers if each.status == 412]
        assert [each.json["current"] for each in losers] == [winner.json] * 7
        assert Task.objects.values_list("title", "version").get(pk=task.pk) == (
            winner.json["title"],
            2,
        )


@contextmanager
def gone_once_written(found):
    """Rows that somebody deletes for good the moment a change is on record."""

    def execute(run, sql, *args):
        result = run(sql, *args)
        if sql.startswith("INSERT") and Change._meta.db_table in sql:
            found.delete()
        return result

    with connection.execute_wrapper(execute):
        yield


def test_what_is_deleted_for_good_between_its_write_and_the_answer_is_404(owner, viewer, task):
    program, task_list = Api(InProcess(), tokens_for(owner)["access"]), task.list
    members = Membership.objects.filter(user=viewer)

    for path, changes, found in (
        (f"lists/{task_list.pk}/members/{viewer.pk}", {"role": "editor"}, members),
        (f"tasks/{task.pk}", {"title": "x"}, Task.objects.filter(pk=task.pk)),
        (f"lists/{task_list.pk}", {"title": "x"}, type(task_list).objects.filter(pk=task_list.pk)),
    ):
        with gone_once_written(found):
            assert program.patch(path, changes).status == 404
