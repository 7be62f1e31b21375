"""Every operation of the API x everybody: who gets in is a table, and nothing else happens.

In process, where what a request did can be taken back; tokens are tried over HTTP, in
`accounts/tests/api/test_tokens.py`.
"""

import pytest

from accounts.actions import users
from accounts.tests.factories import UserFactory
from ledger.models import Change
from tasks.actions import memberships, tasks
from tasks.models import Role
from tasks.tests.factories import TaskFactory
from tasks.tests.views.pages import everything
from tests.api import Api, InProcess, tokens_for
from tests.operations import (
    about_lists_and_tasks,
    api_names,
    body,
    completed,
    is_about_a_list,
    path,
)
from tests.site import archived_like, furnished, patterns, thrown_away_like, undone

PEOPLE = ("owner", "editor", "viewer", "stranger", "staff", "visitor")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

ALL = (200, 200, 200, 200, 200, 200)
MEMBERS = (200, 200, 200, 200, 200, 401)
MADE = (201, 201, 201, 201, 201, 401)
GONE = (204, 204, 204, 204, 204, 401)
LOOK = (200, 200, 200, 404, 404, 401)
EDIT = (200, 200, 403, 404, 404, 401)
EDIT_GONE = (204, 204, 403, 404, 404, 401)
MANAGE = (200, 403, 403, 404, 404, 401)
MANAGE_MADE = (201, 403, 403, 404, 404, 401)
MANAGE_GONE = (204, 403, 403, 404, 404, 401)
MANAGE_OR_LEAVE = (204, 403, 204, 404, 404, 401)  # the membership is the viewer's
LEAVE = (404, 404, 204, 404, 404, 401)  # that one
NO_ONE = (403, 403, 403, 404, 404, 401)
NOT_THERE = (404, 404, 404, 404, 404, 401)
STAFF = (403, 403, 403, 403, 200, 401)
STAFF_MADE = (403, 403, 403, 403, 201, 401)
STAFF_GONE = (403, 403, 403, 403, 204, 401)
STAFF_ALONE = (404, 404, 404, 404, 200, 401)  # for others it is not there
# Somebody, to others, to oneself (the stranger), and to staff.
PERSON = (404, 404, 404, 200, 200, 401)
OF_STAFF = (404, 404, 404, 403, 200, 401)
MINE_GONE = (204, 404, 404, 404, 404, 401)
OF_STAFF_GONE = (404, 404, 404, 403, 204, 401)

# Each operation, on a thing that it can change. Every other method is wrong.
EVERY_OPERATION = {
    "api:schema": {"GET": ALL},
    "api:docs": {"GET": ALL},
    "api:register": {"POST": (201,) * 6},
    "api:login": {"POST": ALL},
    "api:refresh": {"POST": ALL},
    "api:logout": {"POST": GONE},
    "api:verify": {"GET": MEMBERS},
    "api:tokens": {"GET": MEMBERS, "POST": MADE},
    "api:token": {"DELETE": MINE_GONE},
    "api:users": {"GET": STAFF, "POST": STAFF_MADE},
    "api:me": {"GET": MEMBERS, "PATCH": MEMBERS},
    "api:close": {"POST": (202, 202, 202, 202, 400, 401)},  # but not for the last superuser
    "api:user": {"GET": PERSON, "PATCH": OF_STAFF, "DELETE": OF_STAFF_GONE},
    "api:end-sessions": {"POST": OF_STAFF_GONE},
    "api:users-tasks": {"GET": PERSON},
    "api:lists": {"GET": MEMBERS, "POST": MADE},
    "api:list": {
        "GET": LOOK,
        "PUT": EDIT,
        "PATCH": EDIT,
        "DELETE": MANAGE_GONE,
        "DELETE?permanent=true": MANAGE_GONE,
    },
    "api:list-restore": {"POST": MANAGE},
    "api:list-tasks": {"GET": LOOK},
    "api:members": {"GET": LOOK, "POST": MANAGE_MADE},
    "api:member": {"GET": LOOK, "PATCH": MANAGE, "DELETE": MANAGE_OR_LEAVE},
    "api:labels": {"GET": MEMBERS},
    "api:tasks": {"GET": MEMBERS, "POST": MADE},
    "api:task": {
        "GET": LOOK,
        "PUT": EDIT,
        "PATCH": EDIT,
        "DELETE": EDIT_GONE,
        "DELETE?permanent=true": MANAGE_GONE,
    },
    "api:task-complete": {"POST": EDIT},
    "api:task-reopen": {"POST": EDIT},
    "api:task-restore": {"POST": EDIT},
    "api:task-move": {"POST": EDIT},
    "api:products": {"GET": MEMBERS, "POST": STAFF_MADE},
    "api:product": {
        "GET": MEMBERS,
        "PUT": STAFF,
        "PATCH": STAFF,
        "DELETE": STAFF_GONE,
        "DELETE?permanent=true": STAFF_GONE,
    },
    "api:product-restore": {"POST": STAFF_ALONE},
    "api:product-stock": {"POST": STAFF},
}
# What is left of them where the list is archived, …
ARCHIVED = {
    "api:list": {
        "GET": LOOK,
        "PUT": NO_ONE,
        "PATCH": NO_ONE,
        "DELETE": MANAGE_GONE,
        "DELETE?permanent=true": MANAGE_GONE,
    },
    "api:list-tasks": {"GET": LOOK},
    "api:members": {"GET": LOOK, "POST": MANAGE_MADE},
    "api:member": {"GET": LOOK, "PATCH": MANAGE, "DELETE": MANAGE_OR_LEAVE},
    "api:task": {
        "GET": LOOK,
        "PUT": NO_ONE,
        "PATCH": NO_ONE,
        "DELETE": NO_ONE,
        "DELETE?permanent=true": MANAGE_GONE,
    },
    "api:task-complete": {"POST": NO_ONE},
    "api:task-reopen": {"POST": NO_ONE},
    "api:task-restore": {"POST": NO_ONE},
    "api:task-move": {"POST": NO_ONE},
}
# … where the list is in the trash, …
LIST_IN_TRASH = {
    "api:list": {
        "GET": NOT_THERE,
        "PUT": NOT_THERE,
        "PATCH": NOT_THERE,
        "DELETE": NOT_THERE,
        "DELETE?permanent=true": MANAGE_GONE,
    },
    "api:list-restore": {"POST": MANAGE},
    "api:list-tasks": {"GET": NOT_THERE},
    "api:members": {"GET": NOT_THERE, "POST": NOT_THERE},
    "api:member": {"GET": NOT_THERE, "PATCH": NOT_THERE, "DELETE": LEAVE},
    "api:task": {
        "GET": NOT_THERE,
        "PUT": NOT_THERE,
        "PATCH": NOT_THERE,
        "DELETE": NOT_THERE,
        "DELETE?permanent=true": NOT_THERE,
    },
    "api:task-complete": {"POST": NOT_THERE},
    "api:task-reopen": {"POST": NOT_THERE},
    "api:task-restore": {"POST": NOT_THERE},
    "api:task-move": {"POST": NOT_THERE},
}
# … where the task is, …
TASK_IN_TRASH = {
    "api:task": {
        "GET": NOT_THERE,
        "PUT": NOT_THERE,
        "PATCH": NOT_THERE,
        "DELETE": NOT_THERE,
        "DELETE?permanent=true": MANAGE_GONE,
    },
    "api:task-complete": {"POST": NOT_THERE},
    "api:task-reopen": {"POST": NOT_THERE},
    "api:task-restore": {"POST": EDIT},
    "api:task-move": {"POST": NOT_THERE},
}
# … and in the owner's inbox, which nobody else ever sees and which always stays as it is.
MINE = (200, 404, 404, 404, 404, 401)
REFUSED = (400, 404, 404, 404, 404, 401)
INBOX = {
    "api:list": {
        "GET": MINE,
        "PUT": REFUSED,
        "PATCH": REFUSED,
        "DELETE": REFUSED,
        "DELETE?permanent=true": REFUSED,
    },
    "api:list-tasks": {"GET": MINE},
    "api:members": {"GET": MINE, "POST": REFUSED},
    "api:member": {"GET": MINE, "PATCH": REFUSED, "DELETE": REFUSED},
}

PUBLIC = {"api:schema", "api:docs", "api:register", "api:login", "api:refresh"}
# … and a product that is, for staff to bring back or end, and not there for anybody else.
STAFF_END = (404, 404, 404, 404, 204, 401)
PRODUCT_IN_TRASH = {
    "api:product": {
        "GET": NOT_THERE,
        "PUT": NOT_THERE,
        "PATCH": NOT_THERE,
        "DELETE": NOT_THERE,
        "DELETE?permanent=true": STAFF_END,
    },
    "api:product-restore": {"POST": STAFF_ALONE},
    "api:product-stock": {"POST": NOT_THERE},
}

RECORDED = ("api:users-tasks", "staff")  # that staff look at what is somebody else's


@pytest.fixture
def programs(request):
    """{who: a program of theirs}."""
    people = {who: request.getfixturevalue(who) for who in PEOPLE if who != "visitor"}
    tokens = {who: tokens_for(user)["access"] for who, user in people.items()}
    return {who: Api(InProcess(), tokens.get(who, "")) for who in PEOPLE}


@pytest.fixture
def scene(shared_list, owner, viewer, stranger):
    """The shared list with tasks in every state, another one, and people to name in bodies."""
    return completed(furnished(shared_list, owner), owner, viewer, stranger)


@pytest.fixture
def archived(scene, owner, viewer, stranger):
    return completed(archived_like(scene.list, owner), owner, viewer, stranger)


@pytest.fixture
def thrown_away(scene, owner, viewer, stranger):
    return completed(thrown_away_like(scene.list, owner), owner, viewer, stranger)


def ask(program, name, operation, scene, shift=0):
    method, _, query = operation.partition("?")
    where = path(name, scene, shift) + (f"?{query}" if query else "")
    return program.ask(method, where, body(name, method, scene))


def outcomes(programs, name, operation, scene):
    """{person: status, and whether anything changed}."""
    before = everything()
    return {who: outcome(each, name, operation, scene, before) for who, each in programs.items()}


def outcome(program, name, operation, scene, before):
    with undone():
        answer = ask(program, name, operation, scene)
        if answer.status >= 400 and operation != "HEAD":
            assert answer.headers["Content-Type"] == "application/problem+json"
        return answer.status, everything() != before


def table(rows, programs, scene):
    """What the operations of `rows` come to, and what they should come to."""
    asked = [(name, operation) for name, row in rows.items() for operation in row]
    got = {each: outcomes(programs, *each, scene) for each in asked}
    return got, {(name, operation): expected(name, operation, rows) for name, operation in asked}


def expected(name, operation, rows):
    """What is taken changes something, unless it only looks."""
    writes = operation != "GET"
    return {
        who: (status, (writes or (name, who) == RECORDED) and status < 300)
        for who, status in zip(PEOPLE, rows[name][operation], strict=True)
    }


def test_every_operation_stands_in_the_table():
    assert sorted(EVERY_OPERATION) == sorted(api_names())


def test_every_operation_on_a_list_or_task_is_classified_for_every_state():
    lists = {name for name in about_lists_and_tasks() if is_about_a_list(name)}
    tasks = about_lists_and_tasks() - lists

    # Restoring a list that is not in the trash changes nothing, and is tried in tasks/tests/api.
    assert set(ARCHIVED) == (lists | tasks) - {"api:list-restore"}
    assert set(LIST_IN_TRASH) == lists | tasks
    assert set(TASK_IN_TRASH) == tasks
    assert set(INBOX) == lists - {"api:list-restore"}
    for state in (ARCHIVED, LIST_IN_TRASH, TASK_IN_TRASH, INBOX):
        assert {name: list(row) for name, row in state.items()} == {
            name: list(EVERY_OPERATION[name]) for name in state
        }


@pytest.mark.parametrize("name", EVERY_OPERATION)
def test_only_those_of_the_table_get_in(name, programs, scene, request):
    if name == "api:list-restore":
        scene = request.getfixturevalue("thrown_away")

    got, wanted = table({name: EVERY_OPERATION[name]}, programs, scene)

    assert got == wanted


def test_every_other_method_is_wrong_and_told_the_right_ones(programs, scene, subtests):
    for name, row in EVERY_OPERATION.items():
        with subtests.test(name):
            right = {operation.partition("?")[0] for operation in row}
            right |= {"HEAD"} if "GET" in right else set()
            before = everything()

            answers = {
                (method, who): ask(program, name, method, scene)
                for method in METHODS
                if method not in right
                for who, program in programs.items()
            }

            assert {each: answer.status for each, answer in answers.items()} == {
                (method, who): refusal(name, who) for method, who in answers
            }
            assert [set(answer.headers["Allow"].split(", ")) for answer in answers.values()] == [
                right for _ in answers
            ]
            bodies = [answer.problem for (method, _), answer in answers.items() if method != "HEAD"]
            assert bodies == [{} for _ in bodies]
            assert everything() == before


def refusal(name, who):
    """Who may not come in is told so first."""
    if who == "visitor" and name not in PUBLIC:
        return 401
    return 403 if name == "api:users" and who != "staff" else 405


def test_head_answers_as_get_does_without_a_body(programs, scene, subtests):
    for name in [name for name, row in EVERY_OPERATION.items() if "GET" in row]:
        with subtests.test(name):
            for program in programs.values():
                get, head = (ask(program, name, method, scene) for method in ("GET", "HEAD"))
                assert comparable(head)[:2] == comparable(get)[:2]
                assert head.body == b""


def test_an_archived_list_can_be_read_and_managed_not_changed(programs, archived):
    got, wanted = table(ARCHIVED, programs, archived)

    assert got == wanted


def test_nothing_of_a_list_in_the_trash_is_there_but_it_can_be_left(programs, thrown_away):
    got, wanted = table(LIST_IN_TRASH, programs, thrown_away)

    assert got == wanted


def test_a_task_in_the_trash_is_not_there(programs, scene):
    scene.task = scene.done = scene.trashed

    got, wanted = table(TASK_IN_TRASH, programs, scene)

    assert got == wanted


def test_a_product_in_the_trash_is_there_for_staff_to_bring_back(programs, scene):
    scene.product = scene.trashed_product

    got, wanted = table(PRODUCT_IN_TRASH, programs, scene)

    assert got == wanted
    listed = {who: each.get("products?deleted=true") for who, each in programs.items()}
    assert {who: len(each.json.get("results", ())) for who, each in listed.items()} == {
        who: int(who == "staff") for who in PEOPLE
    }


def test_an_inbox_is_nobody_elses_and_always_stays(programs, scene, owner):
    scene.list = TaskFactory(title="Private", task_list=None, by=owner).list
    scene.member = owner.pk

    got, wanted = table(INBOX, programs, scene)

    assert got == wanted


def test_only_the_owner_archives_and_brings_back(programs, scene, archived):
    for each, flag in ((scene, True), (archived, False)):
        before = everything()
        statuses = {}
        for who, program in programs.items():
            with undone():
                answer = program.patch(f"lists/{each.list.pk}", {"archived": flag})
                statuses[who] = answer.status, everything() != before
        assert statuses == {
            who: (status, status == 200) for who, status in zip(PEOPLE, MANAGE, strict=True)
        }


def test_nobody_who_is_shut_out_sees_anything_in_a_list_of_things(programs, scene, archived):
    tasks.edit(task=scene.task, by=scene.owner, labels=["home"], assignee=scene.owner)

    for where in (
        *("lists", "lists?archived=true", "lists?deleted=true", "labels"),
        *("tasks", "tasks?deleted=true", "tasks?label=home"),
        *(f"tasks?list={scene.list.pk}", f"tasks?parent={scene.task.pk}"),
        *(f"tasks?assignee={scene.owner.pk}", f"labels?list={scene.list.pk}"),
    ):
        assert programs["staff"].get(where).json["results"] == []
        mine = programs["stranger"].get(where).json["results"]
        assert {each.get("list", each["id"]) for each in mine} <= {scene.person.lists.get().pk}


# What is not visible is answered like what never was.


def comparable(answer):
    """The answer, without the number that every request has."""
    headers = {name: value for name, value in answer.headers.items() if name != "X-Request-ID"}
    return answer.status, headers, answer.body


OPERATIONS = [(name, operation) for name, row in EVERY_OPERATION.items() for operation in row]


@pytest.mark.parametrize("who", ["stranger", "staff"])
def test_what_is_not_shared_looks_like_what_never_was(who, programs, scene, archived, thrown_away):
    about_one = [each for each in OPERATIONS if each[0] in about_lists_and_tasks()]

    for name, operation in about_one:
        for each in (scene, archived, thrown_away):
            there = ask(programs[who], name, operation, each)
            never = ask(programs[who], name, operation, each, shift=10_000)
            assert there.status == 404
            assert comparable(there) == comparable(never)


def test_a_person_looks_to_others_like_nobody(programs, scene, stranger):
    about_one = [each for each in OPERATIONS if "who" in patterns()[each[0]].pattern.converters]
    assert len(about_one) == 5

    for name, operation in about_one:
        there = ask(programs["owner"], name, operation, scene)
        assert there.status == 404
        assert comparable(there) == comparable(
            ask(programs["owner"], name, operation, scene, shift=10_000)
        )


def test_a_body_does_not_tell_what_is_not_shared_from_what_never_was(
    programs, scene, owner, stranger
):
    foreign = TaskFactory(by=stranger)
    shut_out = UserFactory()
    users.set_active(user=shut_out, active=False, by=None)
    mine, members = f"tasks/{scene.task.pk}", f"lists/{scene.list.pk}/members"
    before = everything()

    for method, where, name, number, more in [
        ("POST", "tasks", "list", foreign.list_id, {"title": "Mine"}),
        ("POST", "tasks", "parent", foreign.pk, {"title": "Mine"}),
        ("POST", "tasks", "assignee", stranger.pk, {"title": "Mine"}),
        ("POST", "tasks", "assignee", stranger.pk, {"title": "Mine", "list": scene.list.pk}),
        ("PATCH", mine, "assignee", stranger.pk, {}),
        ("PUT", mine, "assignee", stranger.pk, {"title": "Mine"}),
        ("PATCH", mine, "list", foreign.list_id, {}),
        ("PATCH", mine, "parent", foreign.pk, {}),
        ("POST", f"{mine}/move", "list", foreign.list_id, {}),
        ("POST", f"{mine}/move", "parent", foreign.pk, {}),
        ("POST", f"{mine}/move", "before", foreign.pk, {}),
        ("POST", members, "user", shut_out.pk, {"role": "viewer"}),
    ]:
        there = programs["owner"].ask(method, where, more | {name: number})
        never = programs["owner"].ask(method, where, more | {name: number + 10_000})
        assert (there.status, list(there.problem)) == (400, [name])
        assert comparable(there) == comparable(never)

    assert everything() == before


def test_a_child_of_another_list_is_not_there(programs, scene, stranger):
    memberships.add(task_list=scene.other, user=stranger, role=Role.VIEWER, by=scene.owner)
    there, before = f"lists/{scene.list.pk}/members/{stranger.pk}", everything()

    for method, wanted in (("GET", None), ("PATCH", {"role": "editor"}), ("DELETE", None)):
        assert programs["owner"].ask(method, there, wanted).status == 404

    assert everything() == before


def test_looking_at_everything_changes_nothing(programs, scene, archived, thrown_away):
    looks = [name for name, row in EVERY_OPERATION.items() if "GET" in row]
    before = everything()

    for who, program in programs.items():
        for name in looks:
            for each in (scene, archived, thrown_away):
                if (name, who) != RECORDED:
                    ask(program, name, "GET", each)

    assert everything() == before


def test_staff_who_look_at_somebody_elses_tasks_are_recorded(programs, scene, staff):
    ask(programs["staff"], "api:users-tasks", "GET", scene)

    look = Change.objects.about(scene.person).latest("id")
    assert (look.kind, look.by, look.via, look.changes) == ("user.tasks_seen", staff, "api", {})
