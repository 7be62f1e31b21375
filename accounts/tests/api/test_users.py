"""People by the API: oneself, and for staff everybody."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Permission

from accounts.actions import users
from accounts.models import User
from accounts.tests.factories import PASSWORD, UserFactory
from ledger.models import Change
from tasks.actions import memberships
from tasks.models import Role, TaskList
from tasks.tests.factories import TaskFactory
from tasks.tests.records import nothing_written
from tests.api import Api, InProcess, tokens_for

FIELDS = [
    *("id", "username", "name", "email", "is_active", "is_staff"),
    *("time_zone", "week_start", "theme", "version", "created_at", "updated_at"),
]


@pytest.fixture
def dotted(db):
    return UserFactory(username="Ann.Lee-2_x", email="ann@example.org")


@pytest.fixture
def helper(db):
    """Staff who are no superusers."""
    helper = UserFactory(username="helper", is_staff=True)
    helper.user_permissions.set(Permission.objects.filter(codename__endswith="_user"))
    return helper


def names(answer):
    return [each["username"] for each in answer.json["results"]]


def stamp(moment):
    return moment.isoformat().replace("+00:00", "Z")


def test_a_person_in_json(api, staff, dotted):
    answer = api(staff).get(f"users/{dotted.pk}")

    assert answer.status == 200
    assert list(answer.json) == FIELDS
    assert answer.json == {
        "id": dotted.pk,
        "username": "Ann.Lee-2_x",
        "name": "",
        "email": "ann@example.org",
        "is_active": True,
        "is_staff": False,
        "time_zone": "UTC",
        "week_start": "monday",
        "theme": "system",
        "version": 1,
        "created_at": stamp(dotted.created_at),
        "updated_at": stamp(dotted.updated_at),
    }


def test_everybody_sees_the_same_of_oneself(api, dotted):
    me = api(dotted).get("users/me")

    for who in (dotted.pk, "Ann.Lee-2_x", "ann.lee-2_X", f"00{dotted.pk}"):
        assert api(dotted).get(f"users/{who}").json == me.json
    assert list(me.json) == FIELDS


@pytest.mark.parametrize(
    "who",
    [
        *(
            "ann",
            "Ann.Lee-2_",
            "Ann.Lee-2_x.",
            "Ann_Lee-2_x",
            "%C3%81nn.Lee-2_x",
            "ME.",
            "@",
            "%25",
        ),
        *("Ann.Lee-2_x%CC%81", "Ann.Lee-2_x%E2%80%8B", "0", "-1", "1.0", "9" * 19, "9" * 30),
    ],
)
def test_what_is_nearly_a_name_is_nobodys(who, api, staff, dotted):
    answer = api(staff).get(f"users/{who}")

    assert (answer.status, answer.problem) == (404, {})
    assert api(staff).get(f"users?username={who}").json["results"] == []


@pytest.mark.parametrize(
    "who", ["Ann.Lee-2_x%20", "%20Ann.Lee-2_x", "Ann.Lee-2_x%0A", "%00", "%FF"]
)
def test_what_is_no_name_is_nobodys(who, api, staff, dotted):
    answer = api(staff).get(f"users/{who}")

    assert (answer.status, answer.problem) == (404, {})


def test_staff_see_everybody_page_by_page(api, staff, owner, editor):
    first = api(staff).get("users?limit=2")
    second = api(staff).get("/api/v1" + first.json["next"].partition("/api/v1")[2])

    assert (names(first), names(second)) == (["staff", "owner"], ["editor"])
    assert [list(each) for each in first.json["results"]] == [FIELDS, FIELDS]
    assert second.json["next"] is None


@pytest.mark.parametrize("name", ["Ann.Lee-2_x", "ANN.LEE-2_X", "ann.lee-2_x"])
def test_staff_find_somebody_by_name(name, api, staff, dotted):
    assert names(api(staff).get(f"users?username={name}")) == ["Ann.Lee-2_x"]


def test_the_number_of_somebody_is_no_name(api, staff, dotted):
    assert names(api(staff).get(f"users?username={dotted.pk}")) == []


# Oneself.


def test_everybody_chooses_their_own_zone_week_and_theme(api, owner):
    wanted = {"time_zone": "Europe/Berlin", "week_start": "sunday", "theme": "dark"}

    answer = api(owner).patch("users/me", wanted)

    assert answer.status == 200
    assert {name: answer.json[name] for name in wanted} == wanted
    owner.refresh_from_db()
    assert (owner.time_zone, owner.week_start, owner.theme) == ("Europe/Berlin", 6, "dark")
    change = Change.objects.about(owner).latest("id")
    assert (change.kind, change.via, change.by) == ("user.edited", "api", owner)


def test_what_is_not_named_stays(api, owner):
    before = api(owner).get("users/me")

    api(owner).patch("users/me", {"theme": "dark"})
    after = api(owner).patch("users/me", {"theme": "system"})

    changed = {name for name in FIELDS if after.json[name] != before.json[name]}
    assert changed == {"version", "updated_at"}
    assert api(owner).patch("users/me", {}).json == after.json


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"time_zone": "Europe/Atlantis"}, {"time_zone": "time_zone"}),
        ({"time_zone": ""}, {"time_zone": "blank"}),
        ({"time_zone": None}, {"time_zone": "null"}),
        ({"time_zone": "../etc/passwd"}, {"time_zone": "time_zone"}),
        ({"week_start": "tuesday"}, {"week_start": "invalid_choice"}),
        ({"week_start": 0}, {"week_start": "invalid_choice"}),
        ({"theme": "DARK"}, {"theme": "invalid_choice"}),
        ({"theme": None}, {"theme": "null"}),
        ({"password": PASSWORD}, {"password": "unknown"}),
        ({"is_superuser": True}, {"is_superuser": "unknown"}),
    ],
    ids=str,
)
def test_a_wrong_choice_changes_nothing(wrong, problem, api, owner):
    answer = api(owner).patch("users/me", {"theme": "dark"} | wrong)

    assert (answer.status, answer.problem) == (400, problem)
    owner.refresh_from_db()
    assert (owner.theme, owner.version) == ("system", 1)


def test_a_stale_choice_is_told_what_is_there_now(api, owner):
    seen = api(owner).get("users/me")
    api(owner).patch("users/me", {"theme": "dark"})

    answer = api(owner).patch("users/me", {"theme": "light"}, If_Match=seen.headers["ETag"])

    assert (answer.status, answer.problem) == (412, {})
    now = api(owner).get("users/me")
    assert answer.json["current"] == now.json
    assert answer.headers["ETag"] == now.headers["ETag"]
    assert api(owner).get("users/me", If_None_Match=now.headers["ETag"]).status == 304


def test_nobody_does_what_is_for_staff(api, owner, stranger):
    with nothing_written():
        assert api(owner).get("users").status == 403
        assert api(owner).post("users", {"username": "new", "password": PASSWORD}).status == 403
        assert api(owner).patch(f"users/{owner.pk}", {"is_active": False}).status == 403
        assert api(owner).delete("users/OWNER").status == 403
        assert api(owner).post("users/owner/end-sessions").status == 403
        assert api(owner).delete(f"users/{stranger.pk}").status == 404


# What staff do.


@pytest.fixture
def near(staff):
    """Staff's program in this process, where letters can be seen."""
    return Api(InProcess(), tokens_for(staff)["access"])


def test_staff_open_accounts(api, staff):
    answer = api(staff).post("users", {"username": "New.Person", "password": PASSWORD})

    user = User.objects.get(username="New.Person")
    assert answer.status == 201
    assert answer.json == api(staff).get("users/new.person").json
    assert answer.headers["Location"].partition("/api/v1/")[2] == f"users/{user.pk}"
    assert (user.is_staff, user.is_superuser) == (False, False)
    change = Change.objects.about(user).get()
    assert (change.kind, change.by, change.via) == ("user.created", staff, "api")


def test_somebody_whose_account_staff_opened_verifies_the_address(near, mailbox):
    near.post("users", {"username": "bob", "password": PASSWORD, "email": "bob@example.org"})

    assert EmailAddress.objects.get(user__username="bob").verified is False
    assert [letter.to for letter in mailbox()] == [["bob@example.org"]]


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"username": "OWNER"}, {"username": "unique"}),
        ({"password": "short"}, {"password": "password_too_short"}),
        ({"is_staff": True}, {"is_staff": "unknown"}),
        ({"is_superuser": True}, {"is_superuser": "unknown"}),
    ],
    ids=str,
)
def test_an_account_that_cannot_be_is_not_opened(wrong, problem, near, owner):
    with nothing_written():
        answer = near.post("users", {"username": "bob", "password": PASSWORD} | wrong)

    assert (answer.status, answer.problem) == (400, problem)


def test_staff_shut_somebody_out_and_let_them_in_again(api, staff, owner):
    out = api(staff).patch("users/owner", {"is_active": False})
    assert (out.status, out.json["is_active"], out.json["version"]) == (200, False, 2)
    assert api(owner).get("users/me").status == 401

    back = api(staff).patch("users/owner", {"is_active": True})
    assert (back.status, back.json["is_active"], back.json["version"]) == (200, True, 3)
    owner.refresh_from_db()
    assert api(owner).get("users/me").status == 200


@pytest.mark.parametrize("body", [{}, {"theme": "dark", "username": "root", "is_staff": True}])
def test_staff_change_nothing_but_whether_somebody_is_in(body, api, staff, owner):
    before = api(staff).get("users/owner")

    assert api(staff).patch("users/owner", body).json == before.json


def test_ending_sessions_signs_out_every_browser_and_program(api, signed_in, staff, owner):
    browser, tokens = signed_in(owner), tokens_for(owner)
    assert browser.get("/settings/").status_code == 200

    answer = api(staff).post("users/Owner/end-sessions")

    assert (answer.status, answer.body) == (204, b"")
    assert browser.get("/settings/").status_code == 302
    assert Api(api().send, tokens["access"]).get("users/me").status == 401
    assert api(User.objects.get(pk=owner.pk)).get("users/me").status == 200  # they may come back


def test_deleting_somebody_deletes_what_is_theirs_alone(api, signed_in, staff, shared_list):
    user = UserFactory()
    browser, private = signed_in(user), TaskFactory(by=user).list
    memberships.add(task_list=shared_list, user=user, role=Role.EDITOR, by=staff)
    task = TaskFactory(task_list=shared_list, by=user)

    assert api(staff).delete(f"users/{user.pk}").status == 204

    assert not User.objects.filter(pk=user.pk).exists()
    assert not TaskList.objects.filter(pk=private.pk).exists()
    task.refresh_from_db()
    assert (task.list, task.created_by) == (shared_list, None)
    assert browser.get("/settings/").status_code == 302
    assert api(staff).get(f"users/{user.pk}").status == 404
    gone = Change.objects.filter(kind="user.deleted").get()
    assert (gone.by, gone.changes) == (staff, {})


def test_somebody_whose_lists_others_share_is_not_deleted(api, staff, owner, shared_list):
    with nothing_written():
        answer = api(staff).delete("users/owner")

    assert (answer.status, answer.problem) == (400, {None: "only_owner"})
    assert "“Shared”" in answer.json["errors"][0]["message"]
    assert User.objects.filter(pk=owner.pk).exists()


def test_nobody_shuts_out_or_deletes_themselves(api, staff, helper):
    refused = {staff: (400, {None: "oneself"}), helper: (403, {})}  # staff touch no staff at all
    for user, expected in refused.items():
        with nothing_written():
            for answer in (
                api(user).patch(f"users/{user.pk}", {"is_active": False}),
                api(user).delete(f"users/{user.username}"),
            ):
                assert (answer.status, answer.problem) == expected


def test_staff_who_are_no_superusers_do_as_much_to_all_but_those(api, helper, staff, owner):
    with nothing_written():
        assert api(helper).get("users/staff").status == 200
        assert api(helper).patch("users/staff", {"is_active": False}).status == 403
        assert api(helper).post("users/staff/end-sessions").status == 403
        assert api(helper).delete("users/staff").status == 403

    assert api(helper).patch("users/owner", {"is_active": False}).status == 200
    assert api(helper).post("users/owner/end-sessions").status == 204
    assert api(helper).delete("users/owner").status == 204


def test_staff_touch_no_other_staff(api, helper):
    colleague = UserFactory(username="colleague", is_staff=True)
    program = api(helper)

    with nothing_written():
        answers = [
            program.patch("users/colleague", {"is_active": False}),
            program.delete("users/colleague"),
            program.get(f"users/{colleague.pk}/tasks"),
        ]

    assert [each.status for each in answers] == [403, 403, 403]


def test_staff_may_only_what_their_permissions_say(api, helper, owner):
    """As in the admin: another doorway onto the same people is no way around."""
    helper.user_permissions.set(Permission.objects.filter(codename="view_user"))
    program = api(helper)

    with nothing_written():
        answers = [
            program.get("users"),
            program.get("users/owner"),
            program.post("users", {"username": "new", "password": PASSWORD}),
            program.patch("users/owner", {"is_active": False}),
            program.post("users/owner/end-sessions"),
            program.delete("users/owner"),
        ]
        helper.user_permissions.clear()
        without = [program.get("users"), program.get("users/owner"), program.delete("users/owner")]

    assert [each.status for each in answers] == [200, 200, 403, 403, 403, 403]
    assert [each.status for each in without] == [403, 404, 404]


def test_whoever_is_staff_no_more_does_nothing_any_more(api, helper, owner):
    program = api(helper)
    assert program.get("users").status == 200

    users.set_staff(user=helper, is_staff=False, by=None)

    assert program.get("users").status == 403
    assert program.patch("users/owner", {"is_active": False}).status == 404


def test_a_stale_decision_about_somebody_is_not_taken(api, staff, owner):
    seen = api(staff).get("users/owner").headers["ETag"]
    api(owner).patch("users/me", {"theme": "dark"})

    with nothing_written():
        for answer in (
            api(staff).patch("users/owner", {"is_active": False}, If_Match=seen),
            api(staff).delete("users/owner", If_Match=seen),
        ):
            assert (answer.status, answer.json["current"]["theme"]) == (412, "dark")
