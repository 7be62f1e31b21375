"""Every page x everybody x GET and POST: who gets in is a table, and nothing else happens."""

import re
from datetime import timedelta

import pytest
from django.urls import resolve
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import PASSWORD
from tasks.tests.factories import TaskFactory
from tasks.tests.views.pages import everything
from tests.browser import world
from tests.site import (
    about,
    address,
    archived_like,
    confirmed,
    furnished,
    our_names,
    shared_like,
    takes_a_number,
    thrown_away_like,
    undone,
)

PEOPLE = ("owner", "editor", "viewer", "stranger", "staff", "visitor")

# Who sends a visitor to sign in, and tells one whose session ended that nothing was changed.
FOR_MEMBERS = {
    "GET": (200, 200, 200, 200, 200, 302),
    "POST": (405, 405, 405, 405, 405, 403),
}
FORM_FOR_MEMBERS = {
    "GET": (200, 200, 200, 200, 200, 302),
    "POST": (302, 302, 302, 302, 302, 403),
}
BUTTON_FOR_MEMBERS = {
    "GET": (405, 405, 405, 405, 405, 302),
    "POST": (302, 302, 302, 302, 302, 403),
}
# What is the owner's own: nobody else can even tell whether there is anything.
OWN_BUTTON = {
    "GET": (405, 405, 405, 405, 405, 302),
    "POST": (302, 404, 404, 404, 404, 403),
}
LOOK = {
    "GET": (200, 200, 200, 404, 404, 302),
    "POST": (405, 405, 405, 405, 405, 403),
}
EDIT_FORM = {
    "GET": (200, 200, 403, 404, 404, 302),
    "POST": (302, 302, 403, 404, 404, 403),
}
EDIT = {
    "GET": (405, 405, 405, 405, 405, 302),
    "POST": (302, 302, 403, 404, 404, 403),
}
MANAGE = {
    "GET": (405, 405, 405, 405, 405, 302),
    "POST": (302, 403, 403, 404, 404, 403),
}
# Everybody who is signed in looks at products, staff write them.
STAFF_FORM = {
    "GET": (403, 403, 403, 403, 200, 302),
    "POST": (403, 403, 403, 403, 302, 403),
}
STAFF_BUTTON = {
    "GET": (405, 405, 405, 405, 405, 302),
    "POST": (403, 403, 403, 403, 302, 403),
}
# Whose trash nobody else looks into.
STAFF_TRASH_BUTTON = {
    "GET": (405, 405, 405, 405, 405, 302),
    "POST": (404, 404, 404, 404, 302, 403),
}
# Not the only owner.
LEAVE = {
    "GET": (200, 200, 200, 404, 404, 302),
    "POST": (422, 302, 302, 404, 404, 403),
}
NO_ONE_FORM = {
    "GET": (403, 403, 403, 404, 404, 302),
    "POST": (403, 403, 403, 404, 404, 403),
}
NO_ONE = {
    "GET": (405, 405, 405, 405, 405, 302),
    "POST": (403, 403, 403, 404, 404, 403),
}
NOT_THERE_FORM = {
    "GET": (404, 404, 404, 404, 404, 302),
    "POST": (404, 404, 404, 404, 404, 403),
}
NOT_THERE_PAGE = {
    "GET": (404, 404, 404, 404, 404, 302),
    "POST": (405, 405, 405, 405, 405, 403),
}
NOT_THERE = {
    "GET": (405, 405, 405, 405, 405, 302),
    "POST": (404, 404, 404, 404, 404, 403),
}

# Each address with a thing that it is about and that it can change.
EVERY_PAGE = {
    "home": {"GET": (200,) * 6, "POST": (405,) * 6},
    "today": FOR_MEMBERS,
    "upcoming": FOR_MEMBERS,
    "undo": OWN_BUTTON,
    "inbox": FOR_MEMBERS,
    "trash": FOR_MEMBERS,
    "accounts:settings": FORM_FOR_MEMBERS,
    "accounts:tokens": {  # a new one is shown in the answer itself
        "GET": (200, 200, 200, 200, 200, 302),
        "POST": (201, 201, 201, 201, 201, 403),
    },
    "accounts:revoke-token": OWN_BUTTON,
    "accounts:security": FOR_MEMBERS,
    "accounts:events": FOR_MEMBERS,
    "accounts:sessions": FOR_MEMBERS,
    "accounts:end-others": BUTTON_FOR_MEMBERS,
    "accounts:end-everything": BUTTON_FOR_MEMBERS,
    "accounts:end-session": OWN_BUTTON,
    "accounts:end-sign-in": OWN_BUTTON,
    "accounts:time-zone": BUTTON_FOR_MEMBERS,
    "accounts:data": FORM_FOR_MEMBERS,
    "accounts:archive": NOT_THERE_PAGE,  # until one is made
    "accounts:keep": FORM_FOR_MEMBERS,  # for those who close their account: below
    "close-account": {  # but not for the last superuser
        "GET": (200, 200, 200, 200, 200, 302),
        "POST": (302, 302, 302, 302, 422, 403),
    },
    "invited": {"GET": (302,) * 6, "POST": (405,) * 6},  # accounts/tests/test_invitations.py
    # Only where a provider is set up: accounts/tests/openid/.
    "accounts:linked": NOT_THERE_PAGE,
    "accounts:link": NOT_THERE,
    "accounts:unlink": NOT_THERE,
    "lists:index": FOR_MEMBERS,
    "lists:create": FORM_FOR_MEMBERS,
    "lists:show": LOOK,
    "lists:edit": EDIT_FORM,
    "lists:archive": MANAGE,
    "lists:unarchive": MANAGE,
    "lists:leave": LEAVE,
    "lists:trash": MANAGE,
    "lists:restore": MANAGE,
    "lists:delete": MANAGE,
    "tasks:create": FORM_FOR_MEMBERS,
    "tasks:show": LOOK,
    "tasks:edit": EDIT_FORM,
    "tasks:complete": EDIT,
    "tasks:reopen": EDIT,
    "tasks:move": EDIT,
    "tasks:up": EDIT,
    "tasks:down": EDIT,
    "tasks:trash": EDIT,
    "tasks:restore": EDIT,
    "tasks:delete": MANAGE,
    "products:index": FOR_MEMBERS,
    "products:create": STAFF_FORM,
    "products:show": FOR_MEMBERS,
    "products:edit": STAFF_FORM,
    "products:stock": STAFF_BUTTON,
    "products:trash": STAFF_BUTTON,
    "products:restore": STAFF_TRASH_BUTTON,
    "products:delete": STAFF_TRASH_BUTTON,
}
# What is left of them where the list is archived, …
ARCHIVED = {
    "lists:show": LOOK,
    "lists:edit": NO_ONE_FORM,
    "lists:unarchive": MANAGE,
    "lists:leave": LEAVE,
    "lists:trash": MANAGE,
    "lists:delete": NOT_THERE,
    "tasks:show": LOOK,
    "tasks:edit": NO_ONE_FORM,
    "tasks:complete": NO_ONE,
    "tasks:reopen": NO_ONE,
    "tasks:move": NO_ONE,
    "tasks:up": NO_ONE,
    "tasks:down": NO_ONE,
    "tasks:trash": NO_ONE,
    "tasks:restore": NO_ONE,
    "tasks:delete": MANAGE,
}
# … where the list is in the trash, …
LIST_IN_TRASH = {
    "lists:show": NOT_THERE_PAGE,
    "lists:edit": NOT_THERE_FORM,
    "lists:archive": NOT_THERE,
    "lists:unarchive": NOT_THERE,
    "lists:leave": LEAVE,
    "lists:trash": NOT_THERE,
    "lists:restore": MANAGE,
    "lists:delete": MANAGE,
    "tasks:show": NOT_THERE_PAGE,
    "tasks:edit": NOT_THERE_FORM,
    "tasks:complete": NOT_THERE,
    "tasks:reopen": NOT_THERE,
    "tasks:move": NOT_THERE,
    "tasks:up": NOT_THERE,
    "tasks:down": NOT_THERE,
    "tasks:trash": NOT_THERE,
    "tasks:restore": NOT_THERE,
    "tasks:delete": NOT_THERE,
}
# … where the task is, …
TASK_IN_TRASH = {
    "tasks:show": NOT_THERE_PAGE,
    "tasks:edit": NOT_THERE_FORM,
    "tasks:complete": NOT_THERE,
    "tasks:reopen": NOT_THERE,
    "tasks:move": NOT_THERE,
    "tasks:up": NOT_THERE,
    "tasks:down": NOT_THERE,
    "tasks:trash": NOT_THERE,
}
# … and in the owner's inbox, which nobody else ever sees and which always stays.
INBOX = {
    "lists:show": {
        "GET": (200, 404, 404, 404, 404, 302),
        "POST": (405, 405, 405, 405, 405, 403),
    },
    "lists:edit": NOT_THERE_FORM,
    "lists:archive": NOT_THERE,
    "lists:unarchive": NOT_THERE,
    "lists:leave": NOT_THERE_FORM,
    "lists:trash": NOT_THERE,
    "lists:restore": NOT_THERE,
    "lists:delete": NOT_THERE,
}

# Forms that would be taken: a refusal is then about the person and not about the form.
FORMS = {
    "accounts:time-zone": {"time_zone": "Europe/Berlin"},
    "accounts:settings": {"time_zone": "Europe/Berlin", "week_start": "6", "theme": "dark"},
    "close-account": {"password": PASSWORD},
    "accounts:tokens": {"name": "Backup", "scope": "read", "expires": "90"},
    "lists:create": {"title": "New", "colour": "red"},
    "lists:edit": {"title": "Renamed", "colour": "red", "version": "1"},
    "tasks:create": {"title": "New"},
    "tasks:edit": {"title": "Renamed", "version": "1"},
    "products:create": {
        "product_id": "NEW",
        "name": "New",
        "category": "C",
        "price": "1",
        "stock": "1",
    },
    "products:edit": {"name": "Renamed", "category": "C", "price": "1", "version": "1"},
    "products:stock": {"delta": "-1"},
}


@pytest.fixture
def clients(request, signed_in, visitor):
    users = {who: request.getfixturevalue(who) for who in PEOPLE if who != "visitor"}
    browsers = {who: confirmed(signed_in(user)) for who, user in users.items()}
    return browsers | {"visitor": visitor}


@pytest.fixture
def scene(shared_list, owner):
    return furnished(shared_list, owner)


def answers(clients, name, pk, **form):
    """{method: {person: status and whether anything changed}} of one address."""
    path, before = address(name, pk), everything()
    looked = {who: client.get(path).status_code for who, client in clients.items()}
    changed = everything() != before
    return {
        "GET": {who: (status, changed) for who, status in looked.items()},
        "POST": {
            who: sent(client, path, FORMS.get(name, {}) | form, before)
            for who, client in clients.items()
        },
    }


def sent(client, path, form, before):
    with undone():
        return client.post(path, form).status_code, everything() != before


def expected(row):
    """A GET never changes anything, a POST that is taken always does."""
    return {
        method: {
            who: (status, method == "POST" and status in (201, 302))
            for who, status in zip(PEOPLE, statuses, strict=True)
        }
        for method, statuses in row.items()
    }


def test_every_page_stands_in_the_table():
    assert sorted(EVERY_PAGE) == sorted(our_names())


def test_every_page_that_shows_something_is_drawn_and_judged():
    """In tests/browser/test_accessibility.py, and read for words that nobody can translate."""
    shown = {name for name, answers in EVERY_PAGE.items() if 200 in answers["GET"]}

    assert shown - {resolve(address).view_name for address in world.addresses()} == set()


def test_every_page_about_a_list_or_task_is_classified_for_every_state():
    about_one = {name for name in EVERY_PAGE if takes_a_number(name) and is_of_lists(name)}
    of_tasks = {name for name in about_one if name.startswith("tasks:")}

    # Archiving and restoring what is archived or present already changes nothing: below.
    assert about_one - set(ARCHIVED) == {"lists:archive", "lists:restore"}
    assert about_one - set(LIST_IN_TRASH) == set()
    assert of_tasks - set(TASK_IN_TRASH) == {"tasks:restore", "tasks:delete"}
    assert about_one - set(INBOX) == of_tasks


def is_of_lists(name):
    return not name.startswith(("accounts:", "products:"))


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_only_those_of_the_table_get_in(name, clients, scene, owner):
    if name in ("lists:restore", "lists:delete"):
        scene = thrown_away_like(scene.list, owner)
    if name == "lists:unarchive":
        scene = archived_like(scene.list, owner)
    if name == "accounts:keep":
        User.objects.update(closes_at=timezone.now() + timedelta(days=1))

    got = answers(clients, name, about(name, scene), list=target(name, scene, owner))

    assert got == expected(EVERY_PAGE[name])


def target(name, scene, owner):
    return shared_like(scene.list, owner).pk if name == "tasks:move" else ""


def test_an_archived_list_can_be_read_and_managed_not_changed(clients, scene, owner):
    archived, other = archived_like(scene.list, owner), shared_like(scene.list, owner)

    got = {name: answers(clients, name, about(name, archived), list=other.pk) for name in ARCHIVED}

    assert got == {name: expected(row) for name, row in ARCHIVED.items()}


def test_nothing_of_a_list_in_the_trash_is_there(clients, scene, owner):
    gone, other = thrown_away_like(scene.list, owner), shared_like(scene.list, owner)

    got = {name: answers(clients, name, about(name, gone), list=other.pk) for name in LIST_IN_TRASH}

    assert got == {name: expected(row) for name, row in LIST_IN_TRASH.items()}


def test_a_task_in_the_trash_is_not_there(clients, scene, owner):
    other = shared_like(scene.list, owner)

    got = {name: answers(clients, name, scene.trashed.pk, list=other.pk) for name in TASK_IN_TRASH}

    assert got == {name: expected(row) for name, row in TASK_IN_TRASH.items()}


def test_an_inbox_is_nobody_elses_and_always_stays(clients, shared_list, owner):
    inbox = TaskFactory(title="Private", task_list=None, by=owner).list

    got = {name: answers(clients, name, inbox.pk) for name in INBOX}

    assert got == {name: expected(row) for name, row in INBOX.items()}


@pytest.mark.parametrize("name", ["lists:archive", "lists:restore", "tasks:restore"])
def test_asking_for_what_is_so_already_changes_nothing(name, clients, scene, owner):
    scene = archived_like(scene.list, owner) if name == "lists:archive" else scene
    pk = scene.task.pk if name.startswith("tasks:") else scene.list.pk

    got = answers(clients, name, pk)["POST"]

    statuses = EVERY_PAGE[name]["POST"]
    assert got == {who: (status, False) for who, status in zip(PEOPLE, statuses, strict=True)}


def test_what_is_not_shared_with_somebody_looks_like_what_never_was(scene, signed_in, stranger):
    client = signed_in(stranger)

    for name in filter(takes_a_number, EVERY_PAGE):
        if name.startswith("products:"):
            continue  # which are for everybody to see
        there, form = about(name, scene), FORMS.get(name, {})
        one, none = address(name, there), address(name, there + 10_000)
        assert body(client.get(one)) == body(client.get(none))
        assert body(client.post(one, form)) == body(client.post(none, form))


def body(response):
    """The answer, without the number that every request has."""
    headers = {key: value for key, value in response.items() if key != "X-Request-ID"}
    return response.status_code, headers, response.content


@pytest.mark.parametrize("field", ["list", "parent"])
def test_a_form_does_not_tell_a_foreign_place_from_one_that_never_was(
    field, scene, signed_in, stranger
):
    client = signed_in(stranger)
    there = {"list": scene.list.pk, "parent": scene.task.pk}[field]
    before = everything()

    answers = [
        client.post("/tasks/new/", {"title": "Mine", field: number, "submission": SUBMISSION})
        for number in (there, there + 10_000)
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert masked(answers[0]) == masked(answers[1])
    assert everything() == before


def test_a_form_does_not_tell_a_person_who_is_not_in_the_list_from_nobody(
    scene, signed_in, owner, stranger
):
    client, path = signed_in(owner), address("tasks:edit", scene.task.pk)
    before = everything()

    answers = [
        client.post(path, {"title": "Task", "assignee": number, "submission": SUBMISSION})
        for number in (stranger.pk, stranger.pk + 10_000)
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert masked(answers[0]) == masked(answers[1])
    assert everything() == before


def test_moving_does_not_tell_a_foreign_list_from_one_that_never_was(
    scene, signed_in, owner, stranger
):
    foreign = TaskFactory(task_list=None, by=stranger).list
    client, path = signed_in(owner), address("tasks:move", scene.task.pk)
    before = everything()

    answers = [
        client.post(path, {"list": number}, follow=True)
        for number in (foreign.pk, foreign.pk + 10_000)
    ]

    assert masked(answers[0]) == masked(answers[1])
    assert "Choose a list that you may change." in answers[0].content.decode()
    assert everything() == before


SUBMISSION = "5f0c9fa0-9d5e-4a24-9a3e-0f3e0c1f9a11"


def masked(response):
    """The page without its CSRF tokens and the number that was sent, which it gives back."""
    hidden = r'name="(csrfmiddlewaretoken|submission|parent)" value="[^"]*"'
    return re.sub(hidden, r'name="\1"', response.content.decode())


@pytest.mark.parametrize("person", PEOPLE)
def test_looking_at_everything_changes_nothing(person, clients, scene, owner):
    client = clients[person]
    archived, trashed = archived_like(scene.list, owner), thrown_away_like(scene.list, owner)
    TaskFactory(title="Private", task_list=None, by=owner)
    before = everything()

    for name in our_names():
        for each in (scene, archived, trashed):
            client.get(address(name, about(name, each)))

    assert everything() == before
