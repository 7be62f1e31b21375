"""Who takes part in a list, by the API."""

from urllib.parse import urlsplit

import pytest

from accounts.actions import users
from accounts.tests.factories import UserFactory
from tasks.models import Membership, Role, TaskList
from tasks.tests.api.programs import last_batch
from tasks.tests.factories import TaskFactory
from tasks.tests.records import nothing_written


def roles(task_list):
    """{username: role} of everybody who takes part."""
    return dict(task_list.memberships.values_list("user__username", "role"))


def member(user, role, version=1):
    return {"user": user.pk, "username": user.username, "role": role, "version": version}


def test_everybody_who_takes_part_sees_who_does(api, owner, editor, viewer, shared_list):
    cast = [member(owner, "owner"), member(editor, "editor"), member(viewer, "viewer")]

    for user in (owner, editor, viewer):
        answer = api(user).get(f"lists/{shared_list.pk}/members")
        assert (answer.status, answer.json["results"]) == (200, cast)
        assert (answer.json["next"], answer.json["previous"]) == (None, None)
        one = api(user).get(f"lists/{shared_list.pk}/members/{editor.pk}")
        assert (one.status, one.json) == (200, cast[1])


def test_members_come_page_by_page(api, owner, editor, viewer, shared_list):
    program = api(owner)
    first = program.get(f"lists/{shared_list.pk}/members?limit=2")
    link = urlsplit(first.json["next"])
    second = program.get(f"{link.path}?{link.query}")

    assert [each["user"] for each in first.json["results"]] == [owner.pk, editor.pk]
    assert [each["user"] for each in second.json["results"]] == [viewer.pk]
    assert second.json["next"] is None


def test_the_owner_adds_somebody_by_id_or_by_username(api, owner, shared_list):
    anna, ben, cleo = (UserFactory(username=name) for name in ("Anna", "ben", "cleo"))
    program, path = api(owner), f"lists/{shared_list.pk}/members"

    answers = [
        program.post(path, {"user": anna.pk, "role": "viewer"}),
        program.post(path, {"user": "BEN", "role": "editor"}),
        program.post(path, {"user": str(cleo.pk), "role": "owner"}),
    ]

    assert [(each.status, each.json) for each in answers] == [
        (201, member(anna, "viewer")),
        (201, member(ben, "editor")),
        (201, member(cleo, "owner")),
    ]
    made = Membership.objects.latest("id")
    assert last_batch() == [("membership.created", made.pk, owner, "api")]
    assert urlsplit(answers[2].headers["Location"]).path == f"/api/v1/{path}/{cleo.pk}"
    assert api(anna).get(f"lists/{shared_list.pk}").json["role"] == "viewer"


def test_who_takes_part_already_keeps_their_role(api, owner, editor, shared_list):
    program, path = api(owner), f"lists/{shared_list.pk}/members"

    with nothing_written():
        again = program.post(path, {"user": editor.pk, "role": "editor"})
        other = program.post(path, {"user": editor.pk, "role": "viewer"})

    assert (again.status, again.json["role"]) == (201, "editor")
    assert (other.status, other.problem) == (400, {"user": "member"})


def test_nobody_is_nobody_to_add(api, owner, shared_list):
    disabled = users.set_active(user=UserFactory(), active=False, by=None)
    cases = [
        ({"user": "nobody", "role": "viewer"}, {"user": "unknown"}),
        ({"user": 10**12, "role": "viewer"}, {"user": "unknown"}),
        ({"user": 10**30, "role": "viewer"}, {"user": "unknown"}),
        ({"user": "1" * 5000, "role": "viewer"}, {"user": "unknown"}),
        ({"user": -1, "role": "viewer"}, {"user": "unknown"}),
        ({"user": "a\0b", "role": "viewer"}, {"user": "unknown"}),
        ({"user": disabled.pk, "role": "viewer"}, {"user": "unknown"}),
        ({"user": "", "role": "viewer"}, {"user": "invalid"}),
        ({"user": True, "role": "viewer"}, {"user": "invalid"}),
        ({"user": None, "role": "viewer"}, {"user": "null"}),
        ({"role": "viewer"}, {"user": "required"}),
        ({"user": "viewer"}, {"role": "required"}),
        ({"user": "viewer", "role": "boss"}, {"role": "invalid_choice"}),
        ({"user": "viewer", "role": "viewer", "mail": "x"}, {"mail": "unknown"}),
    ]

    program = api(owner)
    with nothing_written():
        answers = [program.post(f"lists/{shared_list.pk}/members", body) for body, _ in cases]

    assert [each.status for each in answers] == [400] * len(cases)
    assert [each.problem for each in answers] == [problem for _, problem in cases]


def test_an_inbox_is_not_shared(api, owner, editor):
    api(owner).post("tasks", {"title": "x"})
    inbox = TaskList.objects.get(inbox_of=owner)

    with nothing_written():
        answers = [
            api(owner).post(f"lists/{inbox.pk}/members", {"user": editor.pk, "role": "viewer"}),
            api(owner).delete(f"lists/{inbox.pk}/members/{owner.pk}"),
        ]

    assert [each.status for each in answers] == [400, 400]
    assert [each.problem for each in answers] == [{None: "inbox"}, {None: "only_owner"}]


def test_the_owner_gives_another_role(api, owner, editor, shared_list):
    program, path = api(owner), f"lists/{shared_list.pk}/members/{editor.pk}"

    answer = program.patch(path, {"role": "viewer"})

    assert (answer.status, answer.json) == (200, member(editor, "viewer", version=2))
    assert answer.body == program.get(path).body
    changed = Membership.objects.get(user=editor)
    assert last_batch() == [("membership.edited", changed.pk, owner, "api")]
    with nothing_written():
        for body in ({"role": "viewer"}, {}, program.get(path).json):
            assert program.patch(path, body).body == answer.body
    assert program.patch(path, {"role": "boss"}).problem == {"role": "invalid_choice"}


def test_a_list_always_keeps_an_owner(api, owner, editor, shared_list):
    program, path = api(owner), f"lists/{shared_list.pk}/members"

    with nothing_written():
        answers = [
            program.patch(f"{path}/{owner.pk}", {"role": "editor"}),
            program.delete(f"{path}/{owner.pk}"),
        ]
    assert [each.status for each in answers] == [400, 400]
    assert [each.problem for each in answers] == [{None: "only_owner"}] * 2

    program.patch(f"{path}/{editor.pk}", {"role": "owner"})
    assert program.patch(f"{path}/{owner.pk}", {"role": "editor"}).status == 200
    assert roles(shared_list) == {"owner": "editor", "editor": "owner", "viewer": "viewer"}


def test_what_somebody_was_to_do_is_nobodys_once_they_are_out(api, owner, editor, shared_list):
    task = TaskFactory(task_list=shared_list, assignee=editor, by=owner)
    membership = Membership.objects.get(user=editor)
    program, path = api(owner), f"lists/{shared_list.pk}/members/{editor.pk}"

    answer = program.delete(path)

    assert (answer.status, answer.body) == (204, b"")
    assert last_batch() == [
        ("task.edited", task.pk, owner, "api"),
        ("membership.removed", membership.pk, owner, "api"),
    ]
    assert program.get(f"tasks/{task.pk}").json["assignee"] is None
    assert [each.status for each in (program.delete(path), program.get(path))] == [404, 404]
    assert api(editor).get(f"lists/{shared_list.pk}").status == 404


@pytest.mark.parametrize("who", ["viewer", "editor"])
def test_everybody_may_leave(who, request, api, shared_list):
    leaver = request.getfixturevalue(who)

    answer = api(leaver).delete(f"lists/{shared_list.pk}/members/{leaver.pk}")

    assert answer.status == 204
    assert who not in roles(shared_list)


def test_only_the_owner_says_who_takes_part(api, editor, viewer, stranger, shared_list):
    path = f"lists/{shared_list.pk}/members"
    expected = {editor: 403, viewer: 403, stranger: 404}

    with nothing_written():
        statuses = {
            user: [
                api(user).post(path, {"user": stranger.pk, "role": "viewer"}).status,
                api(user).patch(f"{path}/{editor.pk}", {"role": "owner"}).status,
                api(user).patch(f"{path}/{viewer.pk}", {"role": "owner"}).status,
                api(user).delete(f"{path}/{(viewer if user == editor else editor).pk}").status,
            ]
            for user in expected
        }

    assert statuses == {user: [status] * 4 for user, status in expected.items()}


def test_a_membership_is_changed_only_as_it_was_read(api, owner, editor, shared_list):
    program, path = api(owner), f"lists/{shared_list.pk}/members/{editor.pk}"
    tag = program.get(path).headers["ETag"]
    changed = program.patch(path, {"role": "viewer"}, If_Match=tag)
    assert (changed.status, program.get(path).headers["ETag"]) == (200, changed.headers["ETag"])
    assert program.get(path, If_None_Match=changed.headers["ETag"]).status == 304

    with nothing_written():
        stale = [
            program.patch(path, {"role": Role.OWNER}, If_Match=tag),
            program.delete(path, If_Match=tag),
        ]

    assert [(each.status, each.json["current"]) for each in stale] == [(412, changed.json)] * 2
    assert program.delete(path, If_Match=changed.headers["ETag"]).status == 204
