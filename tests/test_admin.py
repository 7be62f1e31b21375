"""The admin: who gets in, that all it does is done by actions, and that nothing breaks it."""

import itertools
import re
import uuid
from pathlib import Path
from types import SimpleNamespace

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.templatetags.admin_urls import admin_urlname
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions import invitations, sign_ins, tokens, users
from accounts.admin.standing import STANDING
from accounts.models import ApiToken, SignUpInvitation, User
from accounts.tests.factories import PASSWORD, UserFactory
from ledger.actions import deliveries
from ledger.models import Change, Delivery, Job
from products.models import Product
from products.tests.factories import ProductFactory
from tasks.actions import lists, tasks
from tasks.models import Colour, Label, Membership, Priority, Role, Task, TaskList
from tasks.tests.factories import TaskFactory, TaskListFactory
from tasks.tests.records import latest
from tasks.tests.views.pages import everything, filled, read
from tests import site
from tests.site import patterns, session_of

LISTS = {
    "person": "/admin/accounts/user/",
    "list": "/admin/tasks/tasklist/",
    "membership": "/admin/tasks/membership/",
    "task": "/admin/tasks/task/",
    "label": "/admin/tasks/label/",
    "apitoken": "/admin/accounts/apitoken/",
    "signupinvitation": "/admin/accounts/signupinvitation/",
    "product": "/admin/products/product/",
    "change": "/admin/ledger/change/",
    "delivery": "/admin/ledger/delivery/",
    "job": "/admin/ledger/job/",
}
NEW_PASSWORD = "quite another battery staple"
HUGE = str(10**30)
BAD = ["\0", HUGE, "-1", "x", "🎉", "%'[]" * 1000]


@pytest.fixture
def scene(shared_list, owner):
    """One of each."""
    task = TaskFactory(title="Task", task_list=shared_list, labels=["red"], by=owner)
    return SimpleNamespace(
        person=UserFactory(username="somebody"),
        list=shared_list,
        membership=shared_list.memberships.get(role=Role.EDITOR),
        task=task,
        label=shared_list.labels.get(),
        change=Change.objects.about(task).first(),
        delivery=deliveries.plan(
            recipient="ann@example.org", subject="Hello", text="Hi", kind="test", by=None
        ),
        job=Job.objects.create(kind="test", user=owner),
        apitoken=tokens.make(user=owner, name="Backup", scopes=["read"], by=owner)[0],
        product=ProductFactory(product_id="PROD001", name="Product"),
        signupinvitation=invitations.make(note="Somebody new", by=None),
    )


@pytest.fixture
def helper(db):
    """`helper("change_task")`: somebody of the staff who may do just this."""

    def make(*may, username="helper"):
        user = UserFactory(username=username, is_staff=True)
        granted = Permission.objects.filter(codename__in=may)
        assert len(granted) == len(may)
        return users.set_rights(
            user=user, is_superuser=False, groups=[], permissions=granted, by=None
        )

    return make


@pytest.fixture
def at_work(signed_in, staff):
    return site.confirmed(signed_in(staff))


def page(kind, row, what="change"):
    return f"{LISTS[kind]}{row.pk}/{what}/"


def form(client, path):
    """The page's form, as a browser would send it."""
    return sent_back(client.get(path), f"{path.split('/')[3]}_form")


def sent_back(response, name):
    fields = filled(response, id=name)
    return {field: value for field, value in fields.items() if not field.startswith("_")}


def save(client, path, **typed):
    return client.post(path, form(client, path) | typed)


def press(client, kind, button, *rows):
    """Choose rows of a list, and a button above it."""
    chosen = {"_selected_action": [row.pk for row in rows], "action": button}
    answer = client.post(LISTS[kind], chosen, follow=True)
    if read(answer).all("form", id="confirm_form"):
        answer = client.post(LISTS[kind], filled(answer, id="confirm_form"), follow=True)
    return answer


def errors(response):
    """{field: what stands beside it} of a form that came back; None for the form as a whole."""
    assert response.status_code == 200
    root = read(response)
    found = {}
    for node in root.all("ul", cls="nonfield"):
        found[None] = node.line
    for row in root.all("div", cls="errors"):
        (name,) = re.findall(r"field-(\w+)", row.attributes["class"])
        found[name] = row.one("ul", cls="errorlist").line
    return found


def said(response):
    return [node.line for node in read(response).one("ul", cls="messagelist").all("li")]


def did(row, staff, kind):
    """That the latest change of the row was this one, by that person, through the admin."""
    change = latest(row)
    assert (change.kind, change.by, change.via) == (kind, staff, "admin")
    assert change.version == type(row).objects.get(pk=row.pk).version
    return change.changes


# Who gets in


def addresses(scene):
    """Every address of the admin, each about something that is there."""
    kinds = {"user": "person", "tasklist": "list", "on": "task"}
    for name, pattern in patterns().items():
        if not name.startswith("admin:"):
            continue
        kind = name.split("_")[1] if name.count("_") == 2 else "task"
        row = getattr(scene, kinds.get(kind, kind))
        a_job = ContentType.objects.get_for_model(Job).pk
        known = {"object_id": row.pk, "pk": scene.person.pk, "content_type_id": a_job}
        wanted = pattern.pattern.regex.groupindex
        args = {each: {**known, "app_label": "tasks"}[each] for each in wanted}
        if name != "admin:":  # a redirect of old addresses, which has no name
            yield name, reverse(name, kwargs=args)


@pytest.mark.parametrize("person", ["owner", "editor", "viewer", "stranger"])
def test_nobody_but_staff_gets_in(person, request, scene, signed_in):
    client = signed_in(request.getfixturevalue(person))
    before = everything()

    for name, path in addresses(scene):
        assert (name, client.get(path).status_code) == (name, 403)
        assert (name, client.post(path).status_code) == (name, 403)
    assert "You may look, but not change this" in client.get("/admin/").content.decode()
    assert everything() == before


def test_visitors_are_sent_to_sign_in_everywhere(scene, visitor):
    before = everything()

    for name, path in addresses(scene):
        assert (name, visitor.get(path).status_code) == (name, 302)
        assert name == "admin:login" or visitor.post(path).status_code == 403
        assert "/accounts/login/" in visitor.get(path, follow=True).redirect_chain[-1][0]
    assert everything() == before


def test_staff_sign_in_at_the_products_page_and_are_back(visitor, staff):
    answer = visitor.get("/admin/tasks/task/?status=done", follow=True)
    where = filled(answer)["next"]

    answer = visitor.post(
        "/accounts/login/", {"login": "staff", "password": PASSWORD, "next": where}, follow=True
    )

    assert answer.redirect_chain[-1][0] == "/admin/tasks/task/?status=done"
    assert answer.status_code == 200


def test_djangos_own_ways_to_sign_in_and_out_lead_to_the_products(at_work):
    assert at_work.get("/admin/login/")["Location"] == "/admin/"
    assert at_work.post("/admin/logout/")["Location"] == "/accounts/logout/"
    assert at_work.post("/admin/password_change/")["Location"] == "/accounts/password/change/"


def test_staff_who_were_given_nothing_have_the_products(helper, scene, signed_in):
    """Those are for all who work here (ProductQuerySet.where_user_may)."""
    client = signed_in(helper())

    apps = [node.line for node in read(client.get("/admin/")).all("a", cls="section")]
    assert apps == ["Products"]
    for kind, path in (LISTS.items()) - {("product", LISTS["product"])}:
        for each in (path, f"{path}add/", page(kind, getattr(scene, kind))):
            assert client.get(each).status_code == 403
            assert client.post(each).status_code == 403


def test_staff_may_what_they_were_given(helper, scene, signed_in):
    client = signed_in(helper("view_task"))
    assert client.get(LISTS["task"]).status_code == 200
    assert client.get(page("task", scene.task)).status_code == 200
    assert client.post(page("task", scene.task), {"title": "New"}).status_code == 403
    assert client.get(f"{LISTS['task']}add/").status_code == 403
    assert client.get(LISTS["list"]).status_code == 403

    client = signed_in(helper("view_task", "change_task", username="another"))
    assert save(client, page("task", scene.task), title="New").status_code == 302


def test_superusers_reach_everything(scene, at_work):
    never = {"admin:view_on_site": 404, "admin:autocomplete": 403}
    never["admin:products_product_process_import"] = 405
    forbidden = r"_((change|delivery|job|label|tasklist|task)_(add|delete)"
    forbidden += r"|(apitoken|signupinvitation)_add|product_delete)$"

    for name, path in addresses(scene):
        status = at_work.get(path, follow=True).status_code
        refused = re.search(forbidden, name) and name != "admin:tasks_task_add"
        assert (name, status) == (name, 403 if refused else never.get(name, 200))


def test_only_what_the_ledger_knows_has_pages():
    ours = {User, ApiToken, SignUpInvitation, TaskList, Membership, Task, Label, Change, Delivery}
    ours |= {Job, Product}
    assert set(admin.site._registry) == ours
    lists = {admin_urlname(model._meta, "changelist") for model in admin.site._registry}
    assert {reverse(name) for name in lists} == set(LISTS.values())
    assert not admin.site.is_registered(Group)
    assert "delete_selected" not in dict(admin.site.actions)


@pytest.mark.once
@pytest.mark.parametrize("kind", LISTS)
def test_pages_answer_without_their_closing_slash_too(kind, scene, at_work):
    for path in (LISTS[kind], page(kind, getattr(scene, kind))):
        assert at_work.get(path.rstrip("/")).status_code == 200


def test_only_staff_are_shown_the_way(signed_in, owner, staff):
    assert b'href="/admin/"' in signed_in(staff).get("/today/").content
    assert b'href="/admin/"' not in signed_in(owner).get("/today/").content


# Tasks


def test_a_task_is_added_by_the_action(at_work, staff, shared_list, editor):
    path = f"{LISTS['task']}add/"
    typed = {"list": shared_list.pk, "assignee": editor.pk, "labels": "one, two"}
    sent = form(at_work, path) | typed | {"title": "New", "due_date": "2030-01-01"}

    assert at_work.post(path, sent).status_code == 302
    assert at_work.post(path, sent).status_code == 302  # a double click

    task = Task.objects.get(title="New")
    assert (task.list, task.created_by, task.assignee) == (shared_list, staff, editor)
    assert sorted(label.name for label in task.labels.all()) == ["one", "two"]
    assert Change.objects.about(task).first().via == "admin"


def test_a_task_is_changed_by_the_action(at_work, staff, scene, editor):
    path = page("task", scene.task)

    answer = save(
        at_work,
        path,
        title="Other",
        status="done",
        labels="red, blue",
        assignee=editor.pk,
        due_date="2030-01-01",
        due_time="09:00",
    )

    assert answer["Location"] == LISTS["task"]
    changed = did(scene.task, staff, "task.completed")
    assert changed["title"] == ["Task", "Other"]
    assert changed["labels"] == [["red"], ["blue", "red"]]
    assert changed["time_zone"] == ["", "UTC"]
    assert Task.objects.get(pk=scene.task.pk).completed_at


def test_a_form_that_changes_nothing_writes_nothing(at_work, scene):
    for kind in ("task", "list", "membership", "label", "person", "product"):
        at_work.get("/admin/")
        before = everything()
        assert save(at_work, page(kind, getattr(scene, kind))).status_code == 302
        assert everything() == before


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"start_date": "2030-01-02", "due_date": "2030-01-01"}, "start_date"),
        ({"due_time": "09:00"}, "due_date"),
        ({"title": "\u200b"}, "title"),
        ({"title": "a\0b"}, "title"),
        ({"labels": ",".join(str(n) for n in range(30))}, "labels"),
        ({"labels": "x" * 51}, "labels"),
        ({"due_date": "1900-01-01"}, "due_date"),
        ({"time_zone": "Nowhere", "due_time": "09:00", "due_date": "2030-01-01"}, "time_zone"),
        ({"assignee": HUGE}, "assignee"),
        ({"estimate_minutes": HUGE}, "estimate_minutes"),
        ({"status": "finished"}, "status"),
    ],
)
def test_a_broken_rule_stands_at_its_field_and_nothing_is_written(at_work, scene, typed, field):
    path = page("task", scene.task)
    sent, before = form(at_work, path), everything()

    answer = at_work.post(path, sent | {"description": "Typed"} | typed)

    assert list(errors(answer)) == [field]
    assert sent_back(answer, "task_form")["description"] == "Typed"
    assert everything() == before


def test_a_new_task_that_breaks_a_rule_comes_back(at_work, shared_list, stranger):
    path = f"{LISTS['task']}add/"
    sent = form(at_work, path) | {"list": shared_list.pk, "title": "New"}
    before = everything()

    answer = at_work.post(path, sent | {"assignee": stranger.pk})

    assert errors(answer) == {"assignee": "stranger does not take part in this list."}
    assert sent_back(answer, "task_form") == sent | {"assignee": str(stranger.pk)} | {
        "list": str(shared_list.pk)
    }
    assert everything() == before


def test_two_who_edit_a_task_do_not_overwrite_each_other(at_work, scene, owner, editor):
    path = page("task", scene.task)
    stale = form(at_work, path)
    tasks.edit(task=scene.task, title="Theirs", priority=Priority.HIGH, assignee=editor, by=owner)
    before = everything()

    answer = at_work.post(path, stale | {"title": "Mine", "assignee": owner.pk})

    assert errors(answer) == {
        "title": "Changed meanwhile. It is now: Theirs",
        "assignee": "Changed meanwhile. It is now: editor",
    }
    assert everything() == before
    shown = sent_back(answer, "task_form")
    assert (shown["title"], shown["priority"], shown["version"]) == ("Mine", "3", "3")
    assert at_work.post(path, shown).status_code == 302
    task = Task.objects.get(pk=scene.task.pk)
    assert (task.title, task.assignee, task.priority) == ("Mine", owner, Priority.HIGH)


def test_what_two_write_into_different_fields_is_merged(at_work, scene, owner):
    path = page("task", scene.task)
    stale = form(at_work, path)
    tasks.edit(task=scene.task, title="Theirs", by=owner)

    assert at_work.post(path, stale | {"description": "Mine"}).status_code == 302

    task = Task.objects.get(pk=scene.task.pk)
    assert (task.title, task.description) == ("Theirs", "Mine")


@pytest.mark.parametrize("version", ["", "99", HUGE, "-1"])
def test_a_forged_version_overwrites_nothing(at_work, scene, version):
    before = everything()

    answer = save(at_work, page("task", scene.task), title="Mine", version=version)

    assert list(errors(answer)) == ["title"]
    assert everything() == before


def test_tasks_are_completed_thrown_away_and_brought_back_by_buttons(at_work, staff, scene):
    other = TaskFactory(title="Other", task_list=scene.list)

    for button, kind in {
        "complete": "task.completed",
        "reopen": "task.reopened",
        "trash": "task.trashed",
        "restore": "task.restored",
    }.items():
        assert said(press(at_work, "task", button, scene.task, other)) == ["Done for 2."]
        did(scene.task, staff, kind)
        did(other, staff, kind)


def test_what_is_in_an_archived_list_stays_as_it_is(at_work, scene, owner):
    lists.archive(task_list=scene.list, by=owner)
    before = everything()

    assert at_work.get(page("task", scene.task)).status_code == 200
    assert at_work.post(page("task", scene.task), {"title": "New"}).status_code == 403
    for button in ("complete", "reopen", "trash", "restore"):
        assert said(press(at_work, "task", button, scene.task)) == ["1 is left as it was."]
    assert everything() == before


def test_the_inbox_of_somebody_can_be_looked_at_and_says_whose_it_is(at_work, owner):
    task = TaskFactory(title="Private", task_list=None, by=owner)

    assert "Inbox of owner" in at_work.get(LISTS["task"]).content.decode()
    assert at_work.get(page("task", task)).status_code == 200
    assert at_work.get(page("list", task.list)).status_code == 200
    assert at_work.post(page("list", task.list), {"title": "New"}).status_code == 403


def test_nothing_of_tasks_lists_and_labels_is_deleted_for_good(at_work, scene):
    before = everything()

    for kind in ("task", "list", "label", "change"):
        path = page(kind, getattr(scene, kind), "delete")
        assert at_work.post(path, {"post": "yes"}).status_code == 403
        press(at_work, kind, "delete_selected", getattr(scene, kind))
    assert everything() == before


# Lists, memberships, labels


def test_a_list_is_changed_by_the_action(at_work, staff, scene):
    answer = save(at_work, page("list", scene.list), title="Other", colour="red", archived="on")

    assert answer.status_code == 302
    changed = did(scene.list, staff, "list.archived")
    assert changed["title"] == ["Shared", "Other"]

    answer = save(at_work, page("list", scene.list), title="Again")
    assert errors(answer) == {None: "An archived list is not changed. Bring it back first."}

    sent = form(at_work, page("list", scene.list))
    del sent["archived"]
    assert at_work.post(page("list", scene.list), sent).status_code == 302
    did(scene.list, staff, "list.unarchived")


def test_two_who_edit_a_list_do_not_overwrite_each_other(at_work, scene, owner):
    path = page("list", scene.list)
    stale = form(at_work, path)
    lists.edit(task_list=scene.list, title="Theirs", colour=Colour.RED, by=owner)

    answer = at_work.post(path, stale | {"title": "Mine", "colour": "blue"})

    assert errors(answer) == {
        "title": "Changed meanwhile. It is now: Theirs",
        "colour": "Changed meanwhile. It is now: Red",
    }


def test_lists_go_to_the_trash_and_come_back_but_the_inbox_stays(at_work, staff, scene, owner):
    inbox = lists.inbox_of(user=owner, by=owner)

    answer = press(at_work, "list", "trash", scene.list, inbox)

    assert said(answer) == [
        "“Inbox”: The inbox cannot be changed, archived or deleted.",
        "Done for 1.",
    ]
    did(scene.list, staff, "list.trashed")
    assert at_work.post(page("list", scene.list), {"title": "New"}).status_code == 403
    assert said(press(at_work, "list", "restore", scene.list)) == ["Done for 1."]
    did(scene.list, staff, "list.restored")


def test_somebody_is_let_into_a_list_given_another_role_and_put_out(
    at_work, staff, scene, stranger
):
    add = f"{LISTS['membership']}add/"
    sent = {"list": scene.list.pk, "user": stranger.pk, "role": "viewer"}

    assert at_work.post(add, sent).status_code == 302
    membership = Membership.objects.get(user=stranger)
    did(membership, staff, "membership.created")
    assert errors(at_work.post(add, sent | {"role": "editor"})) == {
        "user": "stranger takes part in this list already."
    }

    assert save(at_work, page("membership", membership), role="editor").status_code == 302
    did(membership, staff, "membership.edited")

    gone = page("membership", membership, "delete")
    assert at_work.get(gone).status_code == 200
    assert at_work.post(gone, {"post": "yes"}).status_code == 302
    change = latest(membership)
    assert (change.kind, change.by, change.via) == ("membership.removed", staff, "admin")
    assert not Membership.objects.filter(user=stranger).exists()


def test_the_only_owner_of_a_list_stays_one(at_work, scene, owner):
    membership = Membership.objects.get(list=scene.list, user=owner)
    before = everything()
    words = "A list needs an owner. Make somebody else one first."

    assert errors(save(at_work, page("membership", membership), role="viewer")) == {None: words}
    gone = page("membership", membership, "delete")
    assert said(at_work.post(gone, {"post": "yes"}, follow=True)) == [words]
    assert everything() == before


def test_an_inbox_is_not_offered_where_a_list_is_chosen(at_work, scene, owner, stranger):
    inbox = lists.inbox_of(user=owner, by=owner)
    about = {"app_label": "tasks", "model_name": "membership", "field_name": "list"}

    offered = at_work.get("/admin/autocomplete/", about).json()["results"]

    assert [each["text"] for each in offered] == ["Shared"]
    sent = {"list": inbox.pk, "user": stranger.pk, "role": "viewer"}
    answer = at_work.post(f"{LISTS['membership']}add/", sent)
    assert errors(answer) == {None: "An inbox cannot be shared."}
    answer = at_work.post(f"{LISTS['task']}add/", {"list": inbox.pk, "title": "New"})
    assert "list" in errors(answer)


def test_a_label_is_changed_by_the_action(at_work, staff, scene, owner):
    TaskFactory(task_list=scene.list, labels=["blue"], by=owner)
    path = page("label", scene.label)

    assert save(at_work, path, name="green", colour="green").status_code == 302
    assert did(scene.label, staff, "label.edited")["name"] == ["red", "green"]
    assert errors(save(at_work, path, name="BLUE")) == {
        "name": "The list has a label of this name already."
    }


# People


def test_a_person_is_added_by_the_action(at_work, staff):
    path = f"{LISTS['person']}add/"
    sent = form(at_work, path) | {"username": "ann", "email": "ann@example.org"}

    assert at_work.post(path, sent).status_code == 302
    sent |= {"username": "ben", "password": NEW_PASSWORD}
    assert at_work.post(path, sent).status_code == 302

    ann, ben = (User.objects.get(username=name) for name in ("ann", "ben"))
    did(ann, staff, "user.created")
    assert not ann.has_usable_password()
    assert ben.check_password(NEW_PASSWORD)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"username": "Staff"}, "username"),
        ({"username": "a b"}, "username"),
        ({"username": "12"}, "username"),
        ({"username": "a\0"}, "username"),
        ({"email": "nowhere"}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "ann.the.very.first"}, "password"),
    ],
)
def test_a_person_who_cannot_be_is_not_added(at_work, typed, field):
    path = f"{LISTS['person']}add/"
    sent = form(at_work, path) | {"username": "ann.the.very.first"} | typed
    before = everything()

    answer = at_work.post(path, sent)

    assert list(errors(answer)) == [field]
    assert everything() == before


def test_a_persons_profile_and_place_are_changed_by_the_actions(at_work, staff, scene):
    path = page("person", scene.person)

    save(at_work, path, time_zone="Asia/Tokyo", week_start="6", theme="dark")
    changed = did(scene.person, staff, "user.edited")
    assert changed["time_zone"] == ["UTC", "Asia/Tokyo"]

    save(at_work, path, is_staff="on")
    assert did(scene.person, staff, "user.edited") == {"is_staff": [False, True]}

    sent = form(at_work, path)
    del sent["is_active"]
    at_work.post(path, sent)
    disabled = {"is_active": [True, False], "session_epoch": [0, 1]}
    assert did(scene.person, staff, "user.disabled") == disabled


def test_superusers_say_who_may_what(at_work, staff, scene):
    group = Group.objects.create(name="Support")
    may = Permission.objects.get(codename="view_task")
    path = page("person", scene.person)

    save(at_work, path, is_superuser="on", groups=[group.pk], user_permissions=[may.pk])

    assert did(scene.person, staff, "user.edited") == {
        "is_superuser": [False, True],
        "groups": [[], ["Support"]],
        "permissions": [[], ["tasks.view_task"]],
    }


def test_nobody_takes_their_own_place_away(at_work, staff):
    path = page("person", staff)
    for right in ("is_active", "is_staff", "is_superuser"):
        sent = form(at_work, path)
        del sent[right]
        assert errors(at_work.post(path, sent)) == {None: "Nobody can do this to themselves."}
    answer = press(at_work, "person", "disable", staff)
    assert said(answer) == ["“staff”: Nobody can do this to themselves."]
    answer = at_work.post(page("person", staff, "delete"), {"post": "yes"}, follow=True)
    assert said(answer) == ["Nobody can do this to themselves."]


def test_people_are_disabled_enabled_and_signed_out_by_buttons(at_work, staff, scene, signed_in):
    theirs = signed_in(scene.person)

    assert said(press(at_work, "person", "end_sessions", scene.person)) == ["Done for 1."]
    did(scene.person, staff, "user.sessions_ended")
    assert theirs.get("/today/").status_code == 302

    press(at_work, "person", "disable", scene.person)
    did(scene.person, staff, "user.disabled")
    press(at_work, "person", "enable", scene.person)
    did(scene.person, staff, "user.enabled")


def test_staff_set_somebodys_password(at_work, staff, scene, signed_in):
    path, theirs = page("person", scene.person, "password"), signed_in(scene.person)
    assert at_work.get(path).status_code == 200

    wrong = at_work.post(path, {"new_password1": "short", "new_password2": "short"})
    assert list(errors(wrong)) == ["new_password2"]
    sent = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    assert at_work.post(path, sent)["Location"] == page("person", scene.person)

    did(scene.person, staff, "user.password_set")
    assert User.objects.get(pk=scene.person.pk).check_password(NEW_PASSWORD)
    assert theirs.get("/today/").status_code == 302

    assert at_work.post(page("person", staff, "password"), sent).status_code == 302
    assert at_work.get("/admin/").status_code == 200  # still signed in


def test_the_page_of_a_person_says_how_their_account_stands(helper, signed_in, owner):
    session_of(owner)
    sign_ins.begin(user=owner, by=owner)
    tokens.make(user=owner, name="Backup", scopes=["read"], by=owner)
    for email in ("one@example.org", "two@example.org"):
        EmailAddress.objects.create(user=owner, email=email, verified="one" in email)
    TOTP.activate(owner, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    for name in ("Phone", "Laptop"):
        Authenticator.objects.create(user=owner, type="webauthn", data={"name": name})
    SocialAccount.objects.create(user=owner, provider="oidc", uid="7", extra_data={"called": "Oz"})
    client = signed_in(helper("view_user"))

    def stands():
        root = read(client.get(page("person", owner)))
        rows = [root.one("div", cls=f"field-{name}") for name in STANDING]
        return [row.one("div", cls="readonly").line for row in rows]

    assert stands() == [
        *("Active", "one@example.org (verified), two@example.org (not verified)"),
        *("authenticator app, 2 passkeys", "1", "1", "1", "Oz"),
    ]
    day = timezone.now().replace(year=2031, month=5, day=2, hour=12)
    User.objects.filter(pk=owner.pk).update(closes_at=day)
    assert stands()[0] == "Closes on 2 May 2031"
    assert "Closes on 2 May 2031" in client.get(LISTS["person"]).content.decode()


def test_a_person_is_deleted_by_the_action_or_not_at_all(at_work, staff, scene, owner):
    path = page("person", scene.person, "delete")
    assert at_work.get(path).status_code == 200
    assert at_work.post(path, {"post": "yes"}, follow=True).status_code == 200
    change = latest(scene.person)
    assert (change.kind, change.by, change.via) == ("user.deleted", staff, "admin")
    assert not User.objects.filter(pk=scene.person.pk).exists()

    at_work.get("/admin/")
    before = everything()
    answer = at_work.post(page("person", owner, "delete"), {"post": "yes"}, follow=True)
    assert said(answer) == [
        "Others take part in “Shared”. Give it another owner, or delete it, first."
    ]
    assert everything() == before


TAKING_OVER = {
    "somebody's password": ("{}password/", {"new_password1": NEW_PASSWORD}),
    "a link for a new one": ("{}reset-link/", {}),
    "a second factor": ("", {"action": "remove_factors"}),
    "the place of staff": ("{}change/", {"is_staff": "on"}),
    "the place of a superuser": ("{}change/", {"is_superuser": "on"}),
}


@pytest.mark.parametrize("name", TAKING_OVER)
def test_who_takes_over_an_account_shows_first_that_it_is_them(name, scene, signed_in, staff):
    client, (path, typed) = signed_in(staff), TAKING_OVER[name]
    path = LISTS["person"] + path.format(f"{scene.person.pk}/")
    if path.endswith("change/"):
        typed = form(client, path) | typed
    before = everything()

    answer = client.post(path, typed | {"_selected_action": [scene.person.pk]})
    if answer["Location"] == path:  # a password that was typed too early is kept nowhere
        assert NEW_PASSWORD not in str(dict(client.session))
        answer = client.get(path)
    assert answer["Location"].startswith("/accounts/reauthenticate/?next=%2Fadmin%2Faccounts")
    assert everything() | {"django_session": 0} == before | {"django_session": 0}

    back = client.post(answer["Location"], {"password": PASSWORD, "next": path})
    if path.endswith("change/"):
        did(scene.person, staff, "user.edited")
    elif back.status_code == 302:
        assert back["Location"] == path
        assert client.get(path).status_code == 200
    else:
        assert "Leave as it is" in back.content.decode()


def test_before_a_button_takes_something_away_it_names_the_people(at_work, scene):
    TOTP.activate(scene.person, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    for button, done in {
        "remove_factors": "Second factors of 1 person removed.",
        "disable": "1 person disabled.",
    }.items():
        before = everything()
        chosen = {"action": button, "_selected_action": [scene.person.pk]}
        asked = at_work.post(LISTS["person"], chosen)
        assert read(asked).one("form", id="confirm_form")
        assert "<li>somebody</li>" in asked.content.decode()
        assert everything() == before
        assert said(press(at_work, "person", button, scene.person)) == [done]


def test_only_superusers_touch_superusers(helper, confirmed, staff, scene):
    client = confirmed(helper("view_user", "add_user", "change_user", "delete_user"))
    before = everything()
    sent = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}

    assert client.get(page("person", staff)).status_code == 200
    assert client.post(page("person", staff), {"is_active": ""}).status_code == 403
    assert client.post(page("person", staff, "delete"), {"post": "yes"}).status_code == 403
    assert client.post(page("person", staff, "password"), sent).status_code == 403
    for button in ("disable", "enable", "end_sessions"):
        assert said(press(client, "person", button, staff)) == ["1 is left as it was."]
    assert everything() == before


def test_only_superusers_say_who_may_what(helper, signed_in, scene):
    client = signed_in(helper("view_user", "add_user", "change_user"))
    may = Permission.objects.get(codename="view_task")
    path = page("person", scene.person)

    assert not {"is_superuser", "groups", "user_permissions"} & set(form(client, path))
    save(client, path, is_superuser="on", user_permissions=[may.pk], theme="dark")
    save(client, f"{LISTS['person']}add/", username="ann", is_superuser="on")

    assert User.objects.get(pk=scene.person.pk).theme == "dark"
    assert not User.objects.filter(is_superuser=True).exists()
    assert not scene.person.user_permissions.exists()


@pytest.mark.parametrize(
    ("kind", "lookup"),
    [
        ("person", "password"),
        ("person", "password__startswith"),
        ("membership", "user__password"),
        ("task", "assignee__password__startswith"),
    ],
)
def test_no_filter_tells_what_people_sign_in_with(kind, lookup, at_work, scene):
    hashed = User.objects.get(pk=scene.person.pk).password

    assert at_work.get(LISTS[kind], {lookup: hashed}).status_code == 400


def test_no_page_shows_what_people_sign_in_with(at_work, scene):
    kept = User.objects.get(pk=scene.person.pk).password
    token = scene.person.get_session_auth_hash()

    for path in (
        LISTS["person"],
        *(page("person", scene.person, w) for w in ("change", "password")),
    ):
        text = at_work.get(path).content.decode()
        assert kept not in text
        assert token not in text


def test_a_personal_token_is_seen_without_its_digest_and_revoked(at_work, scene, owner, staff):
    token = scene.apitoken

    for path in (LISTS["apitoken"], page("apitoken", token)):
        text = at_work.get(path).content.decode()
        assert token.prefix in text
        assert token.digest not in text
        assert token.auth_hash not in text
    assert said(press(at_work, "apitoken", "revoke", token)) == ["Done for 1."]

    assert not owner.api_tokens.exists()
    change = Change.objects.about(owner).latest("id")
    assert (change.kind, change.by, change.via) == ("user.token_revoked", staff, "admin")


def test_staff_revoke_no_tokens_of_staff_and_none_unless_they_may(helper, signed_in, scene, staff):
    theirs, _secret = tokens.make(user=staff, name="Mine", scopes=["read"], by=staff)
    client = signed_in(helper("view_apitoken", "delete_apitoken", "change_user"))
    looker = signed_in(helper("view_apitoken", "change_user", username="looker"))

    assert said(press(client, "apitoken", "revoke", theirs)) == ["1 is left as it was."]
    assert client.post(page("apitoken", theirs, "delete"), {"post": "yes"}).status_code == 403
    press(looker, "apitoken", "revoke", scene.apitoken)
    assert ApiToken.objects.filter(pk__in=[theirs.pk, scene.apitoken.pk]).count() == 2

    client.post(page("apitoken", scene.apitoken, "delete"), {"post": "yes"})
    assert ApiToken.objects.get() == theirs


# The record


def test_changes_can_be_read_and_never_altered(at_work, scene):
    before = everything()

    assert at_work.get(page("change", scene.change)).status_code == 200
    assert at_work.post(page("change", scene.change), {"kind": "x"}).status_code == 403
    assert at_work.post(f"{LISTS['change']}add/", {"kind": "x"}).status_code == 403
    assert everything() == before


@pytest.mark.parametrize("kind", ["delivery", "job"])
def test_what_workers_have_to_do_can_be_read_and_never_altered(kind, at_work, scene):
    before = everything()

    shown_page = at_work.get(page(kind, getattr(scene, kind)))
    assert shown_page.status_code == 200
    assert scene.delivery.sealed not in shown_page.content.decode()
    for path in (page(kind, getattr(scene, kind)), f"{LISTS[kind]}add/"):
        assert at_work.post(path, {"kind": "x", "state": "sent"}).status_code == 403
    assert everything() == before


def test_staff_have_a_mail_sent_again_that_may_not_have_arrived(at_work, scene, mailbox):
    ended = {"state": "unknown", "ended_at": timezone.now()}
    Delivery.objects.filter(pk=scene.delivery.pk).update(**ended)
    assert mailbox() == []

    assert said(press(at_work, "delivery", "send_again", scene.delivery)) == ["1 is sent again."]

    assert len(mailbox()) == 1
    [refusal] = said(press(at_work, "delivery", "send_again", scene.delivery))
    assert "It is under way, or what it said is not kept any more." in refusal
    assert len(mailbox()) == 1


def test_who_may_only_read_deliveries_sends_none_again(helper, scene, signed_in):
    client = signed_in(helper("view_delivery"))
    Delivery.objects.update(state="unknown", ended_at=timezone.now())
    before = everything()

    press(client, "delivery", "send_again", scene.delivery)

    assert everything() == before


def test_history_is_what_the_ledger_has(at_work, scene, owner):
    tasks.edit(task=scene.task, title="Other", by=owner)

    answer = at_work.get(page("task", scene.task, "history"), follow=True)

    assert shown(answer) == Change.objects.about(scene.task).count() == 3


def shown(response):
    return len(read(response).one("table", id="result_list").one("tbody").all("tr"))


def test_changes_are_found_by_subject_batch_doorway_and_kind(at_work, scene):
    task, path = scene.task, LISTS["change"]
    with_number = Change.objects.filter(subject_id=task.pk)

    assert shown(at_work.get(path, {"q": task.pk})) == with_number.count()
    batch = Change.objects.filter(batch=scene.change.batch)
    assert shown(at_work.get(path, {"q": str(scene.change.batch)})) == batch.count()
    made = Change.objects.filter(kind="membership.created")
    assert shown(at_work.get(path, {"kind": "membership.created"})) == made.count()
    assert "0 changes" in at_work.get(path, {"via__exact": "api"}).content.decode()
    assert "0 changes" in at_work.get(path, {"q": str(uuid.uuid4())}).content.decode()


def test_django_keeps_no_record_of_its_own(at_work, scene):
    save(at_work, page("task", scene.task), title="Other")

    assert not everything()["django_admin_log"]


# Many rows, and nonsense


@pytest.mark.parametrize("n", [1, 100])
def test_a_list_page_asks_at_most_12_statements_however_many_rows_it_has(
    n, scene, signed_in, staff, helper
):
    many(n)
    may = [f"view_{path.split('/')[3]}" for path in LISTS.values()]
    may.append("add_user")  # which is what shows invitations

    for user, more in ((staff, 0), (helper(*may), 2)):  # two for what they may do
        client = signed_in(user)
        asked = {kind: statements(client, path, n) for kind, path in LISTS.items()}
        assert asked == {kind: count + more for kind, count in STATEMENTS.items()}
        assert max(asked.values()) <= 12


# Session and person are two, counting one, the rows one, and what they show of each other
# table one more: people, lists, whose inboxes those are. The kinds of changes are one, too.
STATEMENTS = {"person": 4, "list": 5, "membership": 7, "task": 7, "label": 6, "change": 5}
STATEMENTS |= {"delivery": 4, "job": 4}
STATEMENTS |= {"apitoken": 5, "signupinvitation": 4}
STATEMENTS["product"] = 5  # the categories are one


def statements(client, path, n):
    with CaptureQueriesContext(connection) as asked:
        response = client.get(path)
    assert shown(response) >= min(n, 50)
    return len(asked)


def many(n):
    people = [UserFactory(username=f"u{number}") for number in range(n)]
    for number, each in enumerate(people):
        lists.inbox_of(user=each, by=each)
        TaskFactory(title=f"In {number}", task_list=None, labels=["l"], assignee=each, by=each)
        TaskListFactory(title=f"L {number}", by=each)
        Job.objects.create(kind="test", user=each)
        deliveries.plan(recipient="a@example.org", subject="", text="", kind="test", by=None)
        tokens.make(user=each, name=f"Script {number}", scopes=["read"], by=each)
        invitations.make(note=f"Somebody {number}", by=None)
        ProductFactory(category=f"Category {number}")


def test_rows_are_counted_only_so_far(at_work, scene, monkeypatch):
    for number in range(4):
        TaskFactory(title=f"T {number}", task_list=scene.list)
    assert "5 tasks" in at_work.get(LISTS["task"]).content.decode()

    monkeypatch.setattr("tasklist.admin_site.COUNTED", 3)

    assert "The first 3. Search, or filter, for others." in (
        at_work.get(LISTS["task"]).content.decode()
    )


@pytest.mark.parametrize("kind", LISTS)
def test_search_finds_by_title_and_number_and_not_in_descriptions(kind, scene, at_work):
    words = {"person": "some", "list": "Shar", "membership": "edit", "task": "Tas", "label": "re"}
    words |= {"apitoken": "Back", "signupinvitation": "new", "product": "prod0"}
    if kind in words:
        assert shown(at_work.get(LISTS[kind], {"q": words[kind]})) == 1
    with CaptureQueriesContext(connection) as asked:
        at_work.get(LISTS[kind], {"q": "12"})
    assert not re.search(r"description\W+LIKE", " ".join(each["sql"] for each in asked))


@pytest.mark.parametrize("kind", LISTS)
def test_nonsense_in_an_address_breaks_no_page(kind, scene, at_work):
    names = ["q", "p", "o", "all", "_facets", "_changelist_filters", "_to_field", "nothing"]
    names += ["id", "pk__in", "trash", "kind", "via__exact", "status__exact", "is_active__exact"]
    names += ["subject_id", "batch", "list__id__exact", "at__year", "changes", "priority__exact"]
    names += ["category"]

    led_to = set()
    for name, bad in itertools.product(names, BAD):
        answer = at_work.get(LISTS[kind], {name: bad})
        assert (name, bad, answer.status_code) in [(name, bad, each) for each in (200, 302, 400)]
        led_to.add(answer.get("Location"))
    for what, bad in itertools.product(("change", "delete", "history", "password"), BAD):
        path = f"{LISTS[kind]}{bad.replace('%', '%25')}/{what}/"
        for answer in (at_work.get(path), at_work.post(path, {"post": "yes"})):
            assert answer.status_code in (200, 302, 400, 403, 404, 405), path
            led_to.add(answer.get("Location"))
    for where in led_to - {None}:  # each once, since many lead to the same
        assert (where, at_work.get(where, follow=True).status_code) == (where, 200)


def test_a_button_is_never_for_rows_that_are_not_on_the_page(at_work, scene):
    sent = {"action": "trash", "_selected_action": scene.task.pk, "select_across": "1"}
    before = everything()

    assert at_work.post(LISTS["task"], sent).status_code == 400
    assert everything() == before


@pytest.mark.parametrize("bad", BAD, ids=range(len(BAD)))
def test_nonsense_sent_to_the_admin_breaks_nothing(bad, scene, at_work):
    before = everything()
    for name in ("action", "_selected_action", "select_across", "index"):
        sent = {"action": "trash", "_selected_action": scene.task.pk + 100, name: bad}
        assert at_work.post(LISTS["task"], sent).status_code in (200, 302, 400)
    about = {"app_label": "tasks", "model_name": "task", "field_name": "assignee", "term": ""}
    for name in [*about, "page"]:
        status = at_work.get("/admin/autocomplete/", about | {name: bad}).status_code
        assert status in (200, 400, 403, 404)
    assert at_work.get(f"/admin/r/{bad.replace('%', '%25')}/1/").status_code in (400, 404)
    assert everything() == before


@pytest.mark.parametrize("kind", ["person", "list", "membership", "task", "label", "product"])
def test_nonsense_in_any_field_is_refused_or_taken_but_breaks_nothing(kind, scene, at_work):
    paths = [page(kind, getattr(scene, kind))]
    if kind in ("person", "membership", "task", "product"):
        paths.append(f"{LISTS[kind]}add/")
    for path, bad in itertools.product(paths, BAD):
        with site.undone():
            sent = form(at_work, path)
            for name in sent:
                status = at_work.post(path, sent | {name: bad}).status_code
                assert status in (200, 302, 400), (name, bad)


def test_the_filters_of_a_list_lead_somewhere(scene, at_work):
    for path in LISTS.values():
        links = [node.attributes.get("href", "") for node in read(at_work.get(path)).all("a")]
        for each in (link for link in links if link.startswith("?")):
            assert at_work.get(path + each).status_code == 200


def test_the_tokens_of_the_admin_are_those_of_the_site():
    styles = Path(settings.BASE_DIR, "static", "css")
    ours, site = (
        set((styles / name).read_text().splitlines()) for name in ("admin.css", "app.css")
    )

    assert [line for line in ours if line.startswith("  --") and "light-dark(" in line]
    assert {line for line in ours if "light-dark(" in line} <= site


def test_staff_who_are_no_superusers_touch_no_staff_and_make_none(signed_in, scene):
    clerk = UserFactory(username="clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__endswith="_user"))
    colleague = UserFactory(username="colleague", is_staff=True)
    desk, path = signed_in(clerk), page("person", colleague)

    assert desk.get(path).status_code == 200  # to look at
    assert desk.post(path, {"is_active": "on"}).status_code == 403
    new = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    assert desk.post(f"/admin/accounts/user/{colleague.pk}/password/", new).status_code == 403
    assert "is_staff" not in form(desk, page("person", scene.person))


@pytest.mark.parametrize("lookup", ["lists", "memberships", "created_tasks", "sign_ins", "groups"])
def test_no_filter_reaches_beyond_the_table(lookup, at_work):
    assert at_work.get("/admin/accounts/user/", {lookup: "1"}).status_code == 400


def test_a_search_of_a_thousand_words_breaks_nothing(at_work, scene):
    words = " ".join(f"a{number}" for number in range(1500))

    assert at_work.get("/admin/tasks/task/", {"q": words}).status_code == 200


def test_the_address_sorts_by_nothing_that_the_page_does_not_offer(at_work, scene, contexts):
    offered = at_work.get("/admin/tasks/task/")
    asked = at_work.get("/admin/tasks/task/?o=1")

    orders = [set(each.context["cl"].queryset.query.order_by) for each in (offered, asked)]
    assert orders == [{"-pk"}, {"-pk"}]
