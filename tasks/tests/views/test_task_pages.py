from datetime import date
from itertools import chain

import pytest

from ledger.models import Change
from tasks.actions import lists, memberships, tasks
from tasks.models import Task
from tasks.tests.factories import TaskFactory, TaskListFactory
from tasks.tests.views.pages import (
    everything,
    facts,
    heading,
    messages,
    page_by_page,
    press_undo,
    read,
    reports,
    titles,
)

BUTTONS = ["complete", "reopen", "up", "down", "move", "trash", "restore", "delete"]
# Nobody gets anybody else's site to open by a link of ours.
ELSEWHERE = [
    "https://evil.example/",
    "http://evil.example",
    "//evil.example/",
    "///evil.example/",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example/",
    "/\n/evil.example/",
    " //evil.example",
    "https:evil.example",
    "https:///evil.example",
    "http://testserver@evil.example/",
    "http://testserver.evil.example/",
    "javascript:alert(1)",
    "data:text/html,x",
    "ftp://evil.example/",
    "\x00//evil.example",
    "http://[evil.example/",
    "evil.example",
    "foo",
    "today",
    "tasks:show",
    "?x",
    "../../settings/",
    "/" * 3000,
]


def page(task, rest=""):
    return f"/tasks/{task.pk}/{rest}"


def last_change(task):
    change = Change.objects.about(task).latest("version")
    return change.kind, change.by, change.via


@pytest.fixture
def client(signed_in, editor):
    return signed_in(editor)


# Looking


def test_a_task_page_shows_all_that_is_known(client, owner, editor, shared_list):
    parent = TaskFactory(title="Garden", task_list=shared_list, by=owner)
    task = TaskFactory(
        title="Plant",
        description="with *care*",
        status="in_progress",
        priority=4,
        start_date=date(2026, 3, 1),
        due_date=date(2031, 3, 4),
        due_time="09:30",
        estimate_minutes=90,
        labels=["spring", "bed"],
        assignee=editor,
        task_list=shared_list,
        parent=parent,
        by=owner,
    )
    for title in ("Dig", "Water"):
        TaskFactory(title=title, task_list=shared_list, parent=task, by=owner)
    tasks.complete(task=task.subtasks.get(title="Dig"), by=owner)

    main = read(client.get(page(task))).one("main")

    assert main.one("h1").line == "Plant"
    assert main.all("p", cls="facts")[0].line == (
        "4 Mar 2031 09:30 Urgent In progress 1/2 bed spring @editor"
    )
    assert main.one(cls="crumbs").line == "Shared / Garden"
    assert main.one(cls="prose").one("em").line == "care"
    assert [row.line for row in main.all(cls="task-title")] == ["Dig", "Water"]
    small = main.one(cls="small-print").line
    assert small.startswith("StartsSun 1 Mar 2026 Estimate90 minutes Added")
    assert small.endswith(" · owner")


def test_a_task_with_nothing_set_shows_nothing_of_it(client, task):
    main = read(client.get(page(task))).one("main")

    assert main.one("p", cls="facts").line == ""
    assert main.all(cls="prose") == []
    assert main.one(cls="crumbs").line == "Shared"
    assert [term.line for term in main.one(cls="small-print").all("dt")] == ["Added"]


def test_a_viewer_is_shown_a_task_without_a_button(signed_in, viewer, task):
    main = read(signed_in(viewer).get(page(task))).one("main")

    assert main.one("h1").line == "Water the plants"
    assert (main.all("button"), main.all("input", type="text")) == ([], [])


def test_show_more_reaches_every_subtask_once(client, owner, task):
    names = [f"Part {number:03}" for number in range(201)]
    for name in names:
        TaskFactory(title=name, task_list=task.list, parent=task, by=owner)

    seen = page_by_page(client, page(task))

    assert [len(each) for each in seen] == [200, 1]
    assert [*chain(*seen)] == names


# Changing


@pytest.mark.parametrize("name", BUTTONS)
def test_only_a_button_changes_a_task(name, client, task):
    before = everything()

    for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"):
        response = client.generic(method, page(task, f"{name}/"))
        assert (response.status_code, response["Allow"]) == (405, "POST")
        words = "" if method == "HEAD" else "This address only takes a button press"
        assert words in response.content.decode()

    assert everything() == before


def test_completing_says_so_and_can_be_undone(client, editor, task):
    response = client.post(page(task, "complete/"), {"next": "/today/"}, follow=True)

    assert response.redirect_chain == [("/today/", 302)]
    assert reports(response) == ["“Water the plants” is done."]
    assert Task.objects.get().status == "done"
    assert last_change(task) == ("task.completed", editor, "page")

    back = press_undo(client, response)
    assert (heading(back), reports(back)) == ("Today", ["Undone."])
    assert Task.objects.get().status == "pending"
    press_undo(client, back)  # an Undo is a step like any other
    assert Task.objects.get().status == "done"


def test_undoing_gives_back_the_status_that_was(client, editor, task):
    tasks.edit(task=task, by=editor, status="in_progress")

    press_undo(client, client.post(page(task, "complete/"), follow=True))

    assert Task.objects.get().status == "in_progress"


def test_reopening_makes_it_one_to_do_again(client, editor, task):
    tasks.complete(task=task, by=editor)

    response = client.post(page(task, "reopen/"), {"next": "/today/"}, follow=True)

    assert reports(response) == ["“Water the plants” is open again."]
    assert Task.objects.get().status == "pending"
    assert last_change(task) == ("task.reopened", editor, "page")


def test_what_somebody_changed_since_is_not_undone(client, owner, task):
    response = client.post(page(task, "complete/"), follow=True)
    tasks.edit(task=task, by=owner, status="cancelled")
    before = everything()

    back = press_undo(client, response)

    assert (back.status_code, len(reports(back))) == (200, 1)
    assert reports(back) != ["Undone."]
    assert everything() == before


def test_nobody_undoes_what_somebody_else_did(client, signed_in, owner, task):
    others = signed_in(owner)
    undo = messages(client.post(page(task, "complete/"), follow=True))[0][1]
    before = everything()

    assert others.post(undo).status_code == 404
    assert everything() == before


def test_an_editor_who_became_a_viewer_undoes_nothing(client, editor, task):
    response = client.post(page(task, "complete/"), follow=True)
    task.list.memberships.filter(user=editor).update(role="viewer")
    before = everything()

    assert press_undo(client, response).status_code == 403
    assert everything() == before


def test_completing_twice_is_completing_once(client, task):
    client.post(page(task, "complete/"))
    once = Task.objects.values().get()

    assert client.post(page(task, "complete/")).status_code == 302
    assert Task.objects.values().get() == once


def test_throwing_away_says_so_and_can_be_undone(client, editor, task):
    response = client.post(page(task, "trash/"), {"next": "/today/"}, follow=True)

    assert reports(response) == ["“Water the plants” is in the trash."]
    assert client.get(page(task)).status_code == 404
    assert last_change(task) == ("task.trashed", editor, "page")

    assert reports(press_undo(client, response)) == ["Undone."]
    assert client.get(page(task)).status_code == 200
    client.post(page(task, "trash/"))
    back = client.post(page(task, "restore/"), follow=True)
    assert back.redirect_chain == [(page(task), 302)]
    assert reports(back)[-1] == "“Water the plants” is back."
    assert heading(back) == "Water the plants"
    assert last_change(task) == ("task.restored", editor, "page")


@pytest.mark.parametrize("where", ["", "?after=x", "edit/"])
def test_throwing_away_never_leads_to_the_page_that_is_gone(where, client, task):
    for path in (page(task, where), page(task, where).rstrip("/")):
        response = client.post(page(task, "trash/"), {"next": path}, follow=True)
        assert response.redirect_chain == [(f"/lists/{task.list_id}/", 302)]
        client.post(page(task, "restore/"))


def test_a_neighbours_page_is_not_taken_for_the_one_that_is_gone(client, task):
    response = client.post(page(task, "trash/"), {"next": f"/tasks/{task.pk}7/"})

    assert response["Location"] == f"/tasks/{task.pk}7/"


def test_undoing_a_new_task_leads_to_its_list(client, shared_list):
    added = client.post("/tasks/new/", {"title": "Oops", "list": shared_list.pk}, follow=True)

    response = press_undo(client, added)

    assert (response.status_code, heading(response)) == (200, "Shared")
    assert titles(client.get(f"/lists/{shared_list.pk}/")) == []


def test_a_task_goes_for_good_only_out_of_the_trash_and_by_the_owner(
    client, signed_in, owner, task
):
    owners = signed_in(owner)
    assert owners.post(page(task, "delete/")).status_code == 404
    tasks.trash(task=task, by=owner)
    assert client.post(page(task, "delete/")).status_code == 403

    response = owners.post(page(task, "delete/"), follow=True)

    assert response.redirect_chain == [("/trash/", 302)]
    assert messages(response) == [("“Water the plants” is deleted for good.", None)]
    assert not Task.objects.exists()
    assert Change.objects.get(kind="task.deleted").changes == {"title": ["Water the plants", None]}


def test_moving_up_and_down_changes_the_order_of_the_page(client, editor, owner, shared_list):
    _one, two, _three = (
        TaskFactory(title=title, task_list=shared_list, by=owner) for title in ("1", "2", "3")
    )
    here = {"next": f"/lists/{shared_list.pk}/"}

    assert titles(client.post(page(two, "up/"), here, follow=True)) == ["2", "1", "3"]
    assert titles(client.post(page(two, "up/"), here, follow=True)) == ["2", "1", "3"]
    assert titles(client.post(page(two, "down/"), here, follow=True)) == ["1", "2", "3"]
    assert titles(client.post(page(two, "down/"), here, follow=True)) == ["1", "3", "2"]
    assert titles(client.post(page(two, "down/"), here, follow=True)) == ["1", "3", "2"]
    assert last_change(two) == ("task.moved", editor, "page")


def test_a_task_moves_to_another_list_with_its_subtasks(client, editor, owner, task):
    TaskFactory(title="Part", task_list=task.list, parent=task, by=owner)
    other = TaskListFactory(title="Elsewhere", by=owner)
    memberships.add(task_list=other, user=editor, role="editor", by=owner)

    response = client.post(page(task, "move/"), {"list": other.pk}, follow=True)

    assert reports(response) == ["“Water the plants” is now in Elsewhere."]
    assert read(response).one(cls="crumbs").line == "Elsewhere"
    assert {each.list_id for each in Task.objects.all()} == {other.pk}
    assert last_change(task) == ("task.moved", editor, "page")

    press_undo(client, response)
    assert {each.list_id for each in Task.objects.all()} == {task.list_id}


def test_an_editor_takes_no_task_away_from_its_owner(client, editor, task):
    own = TaskListFactory(by=editor)
    before = everything()

    response = client.post(page(task, "move/"), {"list": own.pk}, follow=True)

    assert messages(response) == [("Choose a list that you may change.", None)]
    assert everything() == before


def test_a_task_is_not_moved_to_a_list_that_one_may_only_read(signed_in, viewer, shared_list):
    task = TaskFactory(title="Mine", task_list=None, by=viewer)
    client, before = signed_in(viewer), everything()

    response = client.post(page(task, "move/"), {"list": shared_list.pk}, follow=True)

    assert messages(response) == [("Choose a list that you may change.", None)]
    assert everything() == before


def test_a_full_list_takes_no_more_tasks(signed_in, owner, task, monkeypatch):
    monkeypatch.setattr("tasks.actions.placing.TASKS_PER_LIST", 1)
    other = TaskListFactory(by=owner)
    TaskFactory(task_list=other, by=owner)
    client, before = signed_in(owner), everything()

    response = client.post(page(task, "move/"), {"list": other.pk}, follow=True)

    assert messages(response) == [("A list holds 1 tasks, no more.", None)]
    assert everything() == before


def test_a_list_that_was_archived_meanwhile_takes_no_tick(client, owner, task):
    lists.archive(task_list=task.list, by=owner)
    before = everything()

    assert client.post(page(task, "complete/")).status_code == 403
    assert everything() == before


# Where a button leads


@pytest.mark.parametrize("name", ["complete", "up", "restore"])
@pytest.mark.parametrize("wanted", ["/", "/today/", "/lists/?show=all&after=x", "/search?q=ü"])
def test_a_button_leads_back_to_the_page_it_stood_on(name, wanted, client, task):
    response = client.post(page(task, f"{name}/"), {"next": wanted})

    assert response["Location"] == wanted.replace("ü", "%C3%BC")


@pytest.mark.parametrize("wanted", ELSEWHERE, ids=lambda text: ascii(text)[:30])
def test_no_form_leads_off_this_site(wanted, client, task, shared_list):
    here = {"next": wanted}

    assert client.post(page(task, "complete/"), here)["Location"] == page(task)
    assert client.post(page(task, "move/"), here)["Location"] == page(task)
    assert client.post(page(task, "trash/"), here)["Location"] == f"/lists/{shared_list.pk}/"
    new = client.post("/tasks/new/", {"title": "New", **here})
    assert new["Location"] == page(Task.objects.latest("pk"))


def test_a_row_says_what_its_task_has(client, owner, editor, shared_list):
    task = TaskFactory(
        title="All", task_list=shared_list, by=owner, description="x", labels=["b", "a"], priority=1
    )
    TaskFactory(title="Part", task_list=shared_list, parent=task, by=owner)

    response = client.get(f"/lists/{shared_list.pk}/")

    assert facts(response, "All") == "Low 0/1 Has a description a b"
