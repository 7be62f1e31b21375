from itertools import chain

import pytest

from ledger.models import Change
from tasks.actions import lists, memberships, tasks
from tasks.models import Role, TaskList
from tasks.tests.factories import TaskFactory, TaskListFactory
from tasks.tests.views.pages import (
    errors,
    everything,
    facts,
    filled,
    heading,
    messages,
    more,
    page_by_page,
    press_undo,
    read,
    reports,
    summary,
    titles,
)


def page(task_list, rest=""):
    return f"/lists/{task_list.pk}/{rest}"


def cards(response):
    """The lists on the page, with their open tasks."""
    return [card.line for card in read(response).one("main").all("a", cls="list-card")]


def members(response):
    return [node.attributes["title"] for node in read(response).all("li", cls="avatar")]


def buttons(response):
    """What can be pressed in the menu of the list."""
    menus = read(response).one("header", cls="page-heading").all("details", cls="menu")
    return [each.line for menu in menus for each in menu.all() if each.tag in ("a", "button")]


# Looking


def test_the_lists_page_shows_all_that_somebody_takes_part_in(
    signed_in, owner, editor, shared_list
):
    mine = TaskListFactory(title="Alone", by=editor)
    old = TaskListFactory(title="Old", by=editor)
    lists.archive(task_list=old, by=editor)
    lists.trash(task_list=TaskListFactory(title="Gone", by=editor), by=editor)
    TaskListFactory(title="Not shared", by=owner)
    TaskFactory(task_list=mine, by=editor)
    done = TaskFactory(task_list=mine, by=editor)
    tasks.complete(task=done, by=editor)
    TaskFactory(task_list=None, by=editor)

    response = signed_in(editor).get("/lists/")

    assert cards(response) == ["Inbox 1", "Alone 1", "Shared shared 0", "Old 0"]


def test_the_sidebar_counts_what_is_open_and_leaves_the_archive_out(signed_in, owner, shared_list):
    parent = TaskFactory(task_list=shared_list, by=owner)
    TaskFactory(task_list=shared_list, parent=parent, by=owner)
    tasks.complete(task=TaskFactory(task_list=shared_list, by=owner), by=owner)
    lists.archive(task_list=TaskListFactory(title="Old", by=owner), by=owner)
    TaskFactory(task_list=None, by=owner)

    sidebar = read(signed_in(owner).get("/settings/")).one("nav", cls="sidebar")

    main, own, _ = (ul.all("a") for ul in sidebar.all("ul"))
    assert [link.line for link in main] == ["Today", "Upcoming", "Inbox 1"]
    assert [link.line for link in own] == ["Shared 1"]


def test_a_list_shows_its_open_tasks_in_their_order(signed_in, viewer, owner, shared_list):
    for title in ("b", "a", "c"):
        TaskFactory(title=title, task_list=shared_list, by=owner)
    going = TaskFactory(title="Going on", task_list=shared_list, status="in_progress", by=owner)
    TaskFactory(title="Part", task_list=shared_list, parent=going, by=owner)
    tasks.complete(task=TaskFactory(title="Done", task_list=shared_list, by=owner), by=owner)
    TaskFactory(title="Cancelled", task_list=shared_list, status="cancelled", by=owner)
    tasks.trash(task=TaskFactory(title="Gone", task_list=shared_list, by=owner), by=owner)
    client = signed_in(viewer)

    assert titles(client.get(page(shared_list))) == ["b", "a", "c", "Going on"]
    assert titles(client.get(page(shared_list, "?show=done"))) == ["Done", "Cancelled"]
    everybody = ["b", "a", "c", "Going on", "Done", "Cancelled"]
    assert titles(client.get(page(shared_list, "?show=all"))) == everybody
    assert facts(client.get(page(shared_list)), "Going on") == "In progress 0/1"


def test_a_list_names_its_people_and_what_they_may_do(signed_in, owner, viewer, shared_list):
    response = signed_in(viewer).get(page(shared_list))

    assert members(response) == ["owner, Owner", "editor, Editor", "viewer, Viewer"]


ROW = ["", "Move up", "Move down", "Move to trash"]  # the first is the circle that completes


OFFERED = {
    "owner": (["Edit list", "Archive", "Move to trash"], ["New task"], ROW),
    "editor": (["Edit list", "Leave the list"], ["New task"], ROW),
    "viewer": (["Leave the list"], [], []),
}


@pytest.mark.parametrize("role", OFFERED)
def test_buttons_are_shown_to_those_who_may_press_them(role, request, signed_in, task):
    response = signed_in(request.getfixturevalue(role)).get(page(task.list))

    new = [
        each.one("label", **{"for": "add-title"})
        for each in read(response).all("form", cls="add-task")
    ]
    row = read(response).one("li", cls="task").all("button")
    assert OFFERED[role] == (
        buttons(response),
        [label.line for label in new],
        [button.line for button in row],
    )


@pytest.mark.parametrize("shown", ["open", "done", "all"])
def test_show_more_reaches_every_task_once(shown, signed_in, owner, shared_list):
    names = [f"Task {number:03}" for number in range(120)]
    for name in names:
        status = "done" if shown == "done" else "pending"
        TaskFactory(title=name, task_list=shared_list, status=status, by=owner)
    client = signed_in(owner)
    assert more(client.get(page(shared_list, f"?show={shown}"))).startswith(f"?show={shown}&after=")

    seen = page_by_page(client, page(shared_list), f"?show={shown}")

    assert [len(each) for each in seen] == [50, 50, 20]
    assert [*chain(*seen)] == names


def test_a_task_added_or_finished_meanwhile_neither_hides_nor_repeats_another(
    signed_in, owner, shared_list
):
    made = [TaskFactory(title=f"{n:03}", task_list=shared_list, by=owner) for n in range(60)]
    client = signed_in(owner)
    first = client.get(page(shared_list))

    tasks.complete(task=made[3], by=owner)
    tasks.complete(task=made[49], by=owner)  # the very one that the link was made from
    TaskFactory(title="New", task_list=shared_list, by=owner)
    second = client.get(page(shared_list, more(first)))

    assert titles(second) == [f"{n:03}" for n in range(50, 60)] + ["New"]


def test_the_inbox_is_there_before_it_exists(signed_in, owner):
    client = signed_in(owner)

    empty = client.get("/inbox/")
    assert (heading(empty), titles(empty)) == ("Inbox", [])
    assert not TaskList.objects.exists()

    client.post("/tasks/new/", {"title": "First", "next": "/inbox/"})
    assert titles(client.get("/inbox/")) == ["First"]
    inbox = TaskList.objects.get(inbox_of=owner)
    assert titles(client.get(page(inbox))) == ["First"]
    assert buttons(client.get(page(inbox))) == []


# Changing


def test_a_list_is_made(signed_in, owner):
    form = {"title": " Garden ", "colour": "green", "description": "one\r\ntwo"}

    response = signed_in(owner).post("/lists/new/", form, follow=True)

    made = TaskList.objects.get()
    assert (made.title, made.colour, made.description) == ("Garden", "green", "one\ntwo")
    assert response.redirect_chain == [(page(made), 302)]
    assert (heading(response), members(response)) == ("Garden", ["owner, Owner"])
    change = Change.objects.about(made).get()
    assert (change.by, change.via, change.kind) == (owner, "page", "list.created")


def test_nobody_makes_more_lists_than_anybody_may(signed_in, owner, monkeypatch):
    monkeypatch.setattr("tasks.actions.lists.LISTS_PER_PERSON", 1)
    client = signed_in(owner)
    client.post("/lists/new/", {"title": "First", "colour": "red"})
    before = everything()

    response = client.post("/lists/new/", {"title": "One more", "colour": "red"})

    words = ("Not saved yet. Please look at:", ["Nobody can have more than 1 lists of their own."])
    assert (response.status_code, summary(response)) == (422, words)
    assert filled(response)["title"] == "One more"
    assert everything() == before


def test_the_sidebar_says_which_list_is_shown_or_edited(signed_in, editor, shared_list):
    client = signed_in(editor)

    for rest in ("", "edit/"):
        sidebar = read(client.get(page(shared_list, rest))).one("nav", cls="sidebar")
        current = [each for each in sidebar.all("a") if "aria-current" in each.attributes]
        assert [each.attributes["href"] for each in current] == [page(shared_list)], rest


def test_a_list_is_edited_by_an_editor_too(signed_in, editor, shared_list):
    client = signed_in(editor)
    form = filled(client.get(page(shared_list, "edit/")))
    assert (form["title"], form["colour"], form["version"]) == ("Shared", "grey", "1")

    response = client.post(
        page(shared_list, "edit/"), form | {"title": "Ours", "colour": "teal"}, follow=True
    )

    assert (heading(response), reports(response)) == ("Ours", ["The list is saved."])
    change = Change.objects.about(shared_list).latest("version")
    assert (change.by, change.via, change.kind) == (editor, "page", "list.edited")
    assert change.changes == {"title": ["Shared", "Ours"], "colour": ["grey", "teal"]}


def test_archiving_says_so_and_can_be_undone(signed_in, owner, shared_list):
    client = signed_in(owner)

    response = client.post(page(shared_list, "archive/"), follow=True)

    assert response.redirect_chain == [("/lists/", 302)]
    assert reports(response) == ["“Shared” is archived."]
    assert TaskList.objects.get(pk=shared_list.pk).archived
    assert (
        read(client.get(page(shared_list))).one("p", cls="notice").line.startswith("This list is")
    )

    back = press_undo(client, response)
    assert (heading(back), reports(back)) == ("Lists", ["Undone."])
    assert not TaskList.objects.get(pk=shared_list.pk).archived
    press_undo(client, back)  # an Undo is a step like any other
    assert TaskList.objects.get(pk=shared_list.pk).archived
    assert reports(client.post(page(shared_list, "unarchive/"), follow=True)) == [
        "“Shared” is active again."
    ]


def test_an_archived_list_offers_no_way_to_change_it(signed_in, owner, editor, shared_list, task):
    lists.archive(task_list=shared_list, by=owner)

    response = signed_in(editor).get(page(shared_list))

    assert titles(response) == ["Water the plants"]
    assert (read(response).all(cls="add-task"), buttons(response)) == ([], ["Leave the list"])
    assert read(response).one("li", cls="task").all("button") == []
    assert buttons(signed_in(owner).get(page(shared_list))) == ["Unarchive", "Move to trash"]


def test_throwing_a_list_away_can_be_undone(signed_in, owner, shared_list, task):
    client = signed_in(owner)

    response = client.post(page(shared_list, "trash/"), follow=True)

    assert reports(response) == ["“Shared” is in the trash."]
    assert client.get(page(shared_list)).status_code == 404
    assert cards(response) == ["Inbox 0"]

    assert reports(press_undo(client, response)) == ["Undone."]
    assert titles(client.get(page(shared_list))) == ["Water the plants"]

    client.post(page(shared_list, "trash/"))
    back = client.post(page(shared_list, "restore/"), {"next": "/lists/"}, follow=True)
    assert (heading(back), reports(back)[-1]) == ("Lists", "“Shared” is back.")
    assert titles(client.get(page(shared_list))) == ["Water the plants"]


def test_a_list_goes_for_good_only_out_of_the_trash(signed_in, owner, shared_list, task):
    client = signed_in(owner)
    assert client.post(page(shared_list, "delete/")).status_code == 404
    lists.trash(task_list=shared_list, by=owner)

    response = client.post(page(shared_list, "delete/"), follow=True)

    assert response.redirect_chain == [("/trash/", 302)]
    assert messages(response) == [("“Shared” is deleted for good.", None)]
    assert not TaskList.objects.filter(pk=shared_list.pk).exists()
    change = Change.objects.get(kind="list.deleted")
    assert (change.by, change.via, change.changes) == (owner, "page", {"title": ["Shared", None]})


# Two people


def test_changes_of_two_people_to_a_list_are_both_kept(signed_in, owner, editor, shared_list):
    one, two = signed_in(owner), signed_in(editor)
    mine, theirs = (filled(each.get(page(shared_list, "edit/"))) for each in (one, two))

    two.post(page(shared_list, "edit/"), theirs | {"colour": "blue"})
    response = one.post(page(shared_list, "edit/"), mine | {"title": "Ours"})

    now = TaskList.objects.get(pk=shared_list.pk)
    assert (response.status_code, now.title, now.colour) == (302, "Ours", "blue")


def test_two_titles_for_a_list_are_both_shown(signed_in, owner, editor, shared_list):
    one, two = signed_in(owner), signed_in(editor)
    mine, theirs = (filled(each.get(page(shared_list, "edit/"))) for each in (one, two))
    two.post(page(shared_list, "edit/"), theirs | {"title": "Theirs", "colour": "blue"})

    response = one.post(page(shared_list, "edit/"), mine | {"title": "Mine", "colour": "red"})

    lead, points = summary(response)
    assert response.status_code == 409
    assert lead.startswith("Somebody else changed this while you were typing.")
    assert points == ["Title", "Colour"]
    assert errors(response) == {
        "title": "Changed meanwhile. It is now: Theirs",
        "colour": "Changed meanwhile. It is now: Blue",
    }
    again = filled(response)
    assert (again["title"], again["colour"], again["version"]) == ("Mine", "red", "2")

    assert one.post(page(shared_list, "edit/"), again).status_code == 302
    now = TaskList.objects.get(pk=shared_list.pk)
    assert (now.title, now.colour, now.version) == ("Mine", "red", 3)


def test_somebody_removed_from_a_list_does_not_see_it_any_more(signed_in, viewer, shared_list):
    client = signed_in(viewer)
    assert client.get(page(shared_list)).status_code == 200

    shared_list.memberships.filter(user=viewer).delete()

    assert client.get(page(shared_list)).status_code == 404
    assert cards(client.get("/lists/")) == ["Inbox 0"]


def test_a_new_member_sees_the_list_at_once(signed_in, stranger, owner, shared_list, task):
    client = signed_in(stranger)
    assert client.get(page(shared_list)).status_code == 404

    memberships.add(task_list=shared_list, user=stranger, role=Role.VIEWER, by=owner)

    assert titles(client.get(page(shared_list))) == ["Water the plants"]
    assert cards(client.get("/lists/")) == ["Inbox 0", "Shared shared, to read 1"]
