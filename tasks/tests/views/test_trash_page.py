from itertools import chain

from ledger.access import fetch
from tasks.actions import lists, tasks
from tasks.models import Task, TaskList
from tasks.tests.factories import TaskFactory, TaskListFactory
from tasks.tests.views.pages import page_by_page, read, reports, titles


def thrown_away(title, *, task_list, by):
    return tasks.trash(task=TaskFactory(title=title, task_list=task_list, by=by), by=by)


def buttons(response, title):
    rows = read(response).one("main").all("li", cls="task")
    (row,) = [row for row in rows if row.one(cls="task-title").line == title]
    return {button.line: button.attributes["formaction"] for button in row.all("button")}


def test_the_trash_shows_what_can_come_back_newest_first(signed_in, owner, shared_list):
    for title in ("First", "Second"):
        thrown_away(title, task_list=shared_list, by=owner)
    gone = TaskListFactory(title="Whole list", by=owner)
    thrown_away("Not by itself", task_list=gone, by=owner)
    lists.trash(task_list=gone, by=owner)

    assert titles(signed_in(owner).get("/trash/")) == ["Whole list", "Second", "First"]


def test_everybody_sees_what_they_may_bring_back_or_leave(
    request, signed_in, owner, viewer, shared_list
):
    editor = request.getfixturevalue("editor")
    thrown_away("Shared task", task_list=shared_list, by=owner)
    thrown_away("Mine", task_list=None, by=viewer)
    seen = {who: titles(signed_in(who).get("/trash/")) for who in (owner, editor, viewer)}
    assert seen == {owner: ["Shared task"], editor: ["Shared task"], viewer: ["Mine"]}

    lists.trash(task_list=shared_list, by=owner)
    seen = {who: titles(signed_in(who).get("/trash/")) for who in (owner, editor, viewer)}
    assert seen == {owner: ["Shared"], editor: ["Shared"], viewer: ["Shared", "Mine"]}


def test_a_list_in_the_trash_is_left_on_its_page_or_by_the_api(
    signed_in, owner, editor, viewer, shared_list
):
    lists.trash(task_list=shared_list, by=owner)
    browser, path = signed_in(editor), f"/lists/{shared_list.pk}/leave/"
    row = read(browser.get("/trash/")).one("main").one("li", cls="task")
    assert [(each.line, each.attributes["href"]) for each in row.all("a")] == [
        ("Leave the list", path)
    ]
    assert row.all("button") == []

    assert browser.post(path, follow=True).redirect_chain == [("/trash/", 302)]
    members = f"/api/v1/lists/{shared_list.pk}/members"
    assert signed_in(viewer).delete(f"{members}/{owner.pk}/").status_code == 404
    assert signed_in(owner).delete(f"{members}/{viewer.pk}/").status_code == 404
    assert signed_in(viewer).delete(f"{members}/{viewer.pk}/").status_code == 204
    assert [each.user for each in shared_list.memberships.all()] == [owner]
    assert signed_in(owner).post(path).status_code == 422


def test_only_the_owner_is_offered_to_delete_for_good(signed_in, owner, editor, shared_list):
    task = thrown_away("Task", task_list=shared_list, by=editor)

    restore = {"Restore": f"/tasks/{task.pk}/restore/"}
    assert buttons(signed_in(editor).get("/trash/"), "Task") == restore
    delete = {"Delete for good": f"/tasks/{task.pk}/delete/"}
    assert buttons(signed_in(owner).get("/trash/"), "Task") == restore | delete


def test_a_task_is_brought_back_from_the_trash(signed_in, owner, shared_list):
    thrown_away("Task", task_list=shared_list, by=owner)
    client = signed_in(owner)

    restore = buttons(client.get("/trash/"), "Task")["Restore"]
    response = client.post(restore, {"next": "/trash/"}, follow=True)

    assert response.redirect_chain == [("/trash/", 302)]
    assert titles(response) == []
    assert reports(response)[0] == "“Task” is back."
    assert titles(client.get(f"/lists/{shared_list.pk}/")) == ["Task"]


def test_a_task_is_deleted_for_good_from_the_trash(signed_in, owner, shared_list):
    thrown_away("Task", task_list=shared_list, by=owner)
    client = signed_in(owner)

    delete = buttons(client.get("/trash/"), "Task")["Delete for good"]
    response = client.post(delete, {"next": "/trash/"}, follow=True)

    assert (titles(response), Task.objects.count()) == ([], 0)
    assert read(response).one(cls="empty").line.startswith("The trash is empty.")


def test_a_list_is_brought_back_and_deleted_from_the_trash(signed_in, owner, shared_list, task):
    client = signed_in(owner)
    lists.trash(task_list=shared_list, by=owner)

    client.post(buttons(client.get("/trash/"), "Shared")["Restore"])
    assert titles(client.get(f"/lists/{shared_list.pk}/")) == ["Water the plants"]

    lists.trash(task_list=shared_list, by=owner)
    client.post(buttons(client.get("/trash/"), "Shared")["Delete for good"])
    assert (TaskList.objects.count(), Task.objects.count()) == (0, 0)


def test_show_more_reaches_every_task_once_though_all_went_at_once(signed_in, owner, task):
    for number in range(119):
        TaskFactory(title=f"Part {number}", task_list=task.list, parent=task, by=owner)
    tasks.trash(task=task, by=owner)  # 120 tasks, one moment

    seen = page_by_page(signed_in(owner), "/trash/")

    assert [len(page) for page in seen] == [50, 50, 20]
    expected = Task.objects.order_by("-deleted_at", "-id").values_list("title", flat=True)
    assert [*chain(*seen)] == list(expected)
    assert len(set(chain(*seen))) == 120


def test_a_list_that_came_back_meanwhile_is_not_deleted_and_that_is_said(
    signed_in, owner, shared_list, monkeypatch
):
    """Somebody restores it between the look and the lock."""
    lists.trash(task_list=shared_list, by=owner)

    def fetch_and_restore(*args, **lookup):
        found = fetch(*args, **lookup)
        lists.restore(task_list=shared_list, by=owner)
        return found

    monkeypatch.setattr("tasklist.pages.fetch", fetch_and_restore)
    answer = signed_in(owner).post(f"/lists/{shared_list.pk}/delete/", follow=True)

    assert answer.status_code == 200
    assert "Somebody has moved it meanwhile." in answer.content.decode()
    assert TaskList.objects.get(pk=shared_list.pk).deleted_at is None
