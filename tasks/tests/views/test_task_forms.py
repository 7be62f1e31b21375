import pytest

from accounts.models import User
from ledger.models import Change
from tasks.actions import tasks
from tasks.models import Label, Task
from tasks.tests.factories import TaskFactory
from tasks.tests.views.pages import (
    errors,
    everything,
    filled,
    heading,
    press_undo,
    read,
    reports,
    summary,
    titles,
)

FACTS = {
    "title": "Plant",
    "description": "with care",
    "priority": "3",
    "due_date": "2031-03-04",
    "due_time": "09:30",
    "start_date": "2031-03-01",
    "estimate_minutes": "90",
    "labels": "bed, spring",
}
MEANWHILE = "Somebody else changed this while you were typing."


def edit_page(task):
    return f"/tasks/{task.pk}/edit/"


def options(response, name):
    field = read(response).one("form", cls="form").one("select", name=name)
    return [option.line for option in field.all("option")]


def stored(task):
    task = Task.objects.get(pk=task.pk)
    labels = sorted(task.labels.values_list("name", flat=True))
    return task.title, task.description, task.priority, labels


@pytest.fixture
def one(signed_in, owner):
    return signed_in(owner)


@pytest.fixture
def two(signed_in, editor):
    return signed_in(editor)


@pytest.fixture
def both(one, two, task):
    """The form of one task, opened by two people."""
    return filled(one.get(edit_page(task))), filled(two.get(edit_page(task)))


# New


def test_a_new_task_gets_all_that_was_typed(one, owner, editor, shared_list):
    form = FACTS | {"list": str(shared_list.pk), "assignee": str(editor.pk)}

    response = one.post("/tasks/new/", form, follow=True)

    task = Task.objects.get()
    assert response.redirect_chain == [(f"/tasks/{task.pk}/", 302)]
    assert reports(response) == ["“Plant” is added."]
    assert (task.list, task.assignee, task.created_by) == (shared_list, editor, owner)
    there = filled(one.get(edit_page(task)))
    assert {name: there[name] for name in FACTS} == FACTS
    change = Change.objects.about(task).earliest("version")
    assert (change.kind, change.by, change.via) == ("task.created", owner, "page")


def test_a_new_task_without_a_list_goes_to_the_inbox(one, owner):
    one.post("/tasks/new/", {"title": "Somewhere", "list": ""})

    task = Task.objects.get()
    assert (task.list.inbox_of, task.list.is_inbox) == (owner, True)


def test_a_new_subtask_goes_where_its_parent_is(one, task):
    one.post("/tasks/new/", {"title": "Part", "parent": task.pk})

    part = Task.objects.get(title="Part")
    assert (part.parent, part.list) == (task, task.list)


def test_the_form_offers_only_lists_that_one_may_change(signed_in, editor, viewer, shared_list):
    assert options(signed_in(editor).get("/tasks/new/"), "list") == ["Inbox", "Shared"]
    assert options(signed_in(viewer).get("/tasks/new/"), "list") == ["Inbox"]


def test_a_link_from_a_list_chooses_that_list(one, shared_list):
    response = one.get(f"/tasks/new/?list={shared_list.pk}&due_date=2031-03-04")

    assert filled(response)["list"] == str(shared_list.pk)
    assert filled(response)["due_date"] == "2031-03-04"
    assert options(response, "assignee") == ["Nobody", "editor", "owner", "viewer"]


def test_a_viewer_adds_nothing_to_the_list(signed_in, viewer, task):
    client, before = signed_in(viewer), everything()

    for place in ({"list": task.list_id}, {"parent": task.pk}):
        response = client.post("/tasks/new/", {"title": "Mine", **place})
        assert (response.status_code, filled(response)["title"]) == (422, "Mine")

    assert everything() == before


def test_the_line_above_a_list_adds_to_it_and_comes_back(one, task):
    path = f"/lists/{task.list_id}/?show=all"
    form = read(one.get(path)).one("form", cls="add-task")
    fields = {each.attributes["name"]: each.attributes.get("value") for each in form.all("input")}
    fields.pop("csrfmiddlewaretoken")

    response = one.post(form.attributes["action"], fields | {"title": "Next"}, follow=True)

    assert response.redirect_chain == [(path, 302)]
    assert titles(response) == ["Water the plants", "Next"]


def test_subtasks_go_so_deep_and_no_deeper(one, task):
    deepest = task
    for level in range(2, 6):
        one.post("/tasks/new/", {"title": str(level), "parent": deepest.pk})
        deepest = Task.objects.get(title=str(level))
    before = everything()

    response = one.post("/tasks/new/", {"title": "6", "parent": deepest.pk})

    assert response.status_code == 422
    assert summary(response)[1] == ["Parent: Subtasks go 5 levels deep, no more."]
    assert everything() == before


def test_a_full_list_says_so_at_the_list(one, task, monkeypatch):
    monkeypatch.setattr("tasks.actions.placing.TASKS_PER_LIST", 1)
    before = everything()

    response = one.post("/tasks/new/", FACTS | {"list": task.list_id})

    assert (response.status_code, errors(response)) == (
        422,
        {"list": "A list holds 1 tasks, no more."},
    )
    assert filled(response)["labels"] == "bed, spring"
    assert everything() == before


# Editing


def test_a_task_is_edited(two, editor, task):
    form = filled(two.get(edit_page(task)))

    response = two.post(edit_page(task), form | FACTS | {"status": "in_progress"}, follow=True)

    assert response.redirect_chain == [(f"/tasks/{task.pk}/", 302)]
    assert (heading(response), reports(response)) == ("Plant", ["The task is saved."])
    assert stored(task) == ("Plant", "with care", 3, ["bed", "spring"])
    change = Change.objects.about(task).latest("version")
    assert (change.kind, change.by, change.via) == ("task.edited", editor, "page")

    assert heading(press_undo(two, response)) == "Water the plants"
    assert stored(task) == ("Water the plants", "", 0, [])


def test_a_form_sent_back_as_it_came_changes_nothing(one, owner, editor, shared_list):
    task = TaskFactory(
        task_list=shared_list,
        by=owner,
        title="Plant",
        description="\n  one\n\n  two",
        status="in_progress",
        priority=2,
        due_date="2031-03-04",
        due_time="09:30",
        labels=["b", "a"],
        assignee=editor,
    )
    form, before = filled(one.get(edit_page(task))), everything()

    assert one.post(edit_page(task), form).status_code == 302
    assert everything() == before


def test_what_is_emptied_is_empty(one, task, editor):
    tasks.edit(task=task, by=editor, assignee=editor, labels=["a"], description="x", priority=3)
    form = filled(one.get(edit_page(task)))
    nothing = dict.fromkeys(("description", "labels", "assignee", "priority", "due_date"), "")

    one.post(edit_page(task), form | nothing)

    now = Task.objects.get(pk=task.pk)
    assert (now.description, now.assignee, now.priority) == ("", None, 0)
    assert now.labels.count() == 0
    assert Label.objects.count() == 1  # for the next task


def test_without_a_due_date_there_is_no_due_time(one, task):
    form = filled(one.get(edit_page(task)))
    one.post(edit_page(task), form | {"due_date": "2031-03-04", "due_time": "09:30"})

    form = filled(one.get(edit_page(task)))
    response = one.post(edit_page(task), form | {"due_date": ""})

    assert errors(response) == {"due_date": "A due time needs a due date."}
    assert one.post(edit_page(task), form | {"due_date": "", "due_time": ""}).status_code == 302


@pytest.mark.parametrize("status", ["done", "cancelled", "in_progress", "pending"])
def test_a_status_is_chosen_in_the_form(status, one, task):
    form = filled(one.get(edit_page(task)))

    one.post(edit_page(task), form | {"status": status})

    now = Task.objects.get(pk=task.pk)
    assert (now.status, now.completed_at is not None) == (status, status == "done")


# Two people, one task


def test_changes_that_do_not_collide_are_both_kept(one, two, both, task):
    mine, theirs = both
    two.post(edit_page(task), theirs | {"description": "Theirs", "labels": "theirs"})

    response = one.post(edit_page(task), mine | {"title": "Mine", "priority": "4"})

    assert response.status_code == 302
    assert stored(task) == ("Mine", "Theirs", 4, ["theirs"])


def test_the_same_change_by_two_people_is_no_collision(one, two, both, task):
    mine, theirs = both
    two.post(edit_page(task), theirs | {"title": "Same"})
    before = everything()

    assert one.post(edit_page(task), mine | {"title": "Same"}).status_code == 302
    assert everything() == before


COLLISIONS = [
    ("title", "Theirs", "Mine", "Theirs"),
    ("title", "🌱 <b>", "Mine", "🌱 <b>"),
    ("description", "Their\ntext", "My\r\ntext", "Their text"),
    ("status", "in_progress", "cancelled", "In progress"),
    ("status", "done", "cancelled", "Done"),
    ("priority", "4", "1", "Urgent"),
    ("due_date", "2031-03-04", "2032-03-04", "2031-03-04"),
    ("start_date", "2031-03-04", "2032-03-04", "2031-03-04"),
    ("estimate_minutes", "5", "10", "5"),
    ("labels", "a, b", "c", "a, b"),
    ("labels", "a", "b", "a"),
]


@pytest.mark.parametrize("collision", COLLISIONS, ids=ascii)
def test_what_collides_is_shown_and_what_was_typed_is_kept(collision, one, two, both, task):
    field, theirs, mine, shown = collision
    two.post(edit_page(task), both[1] | {field: theirs, "estimate_minutes": "5"})
    before = everything()

    response = one.post(edit_page(task), both[0] | {field: mine})

    assert response.status_code == 409
    lead, points = summary(response)
    assert lead.startswith(MEANWHILE)
    assert errors(response) == {field: f"Changed meanwhile. It is now: {shown}"}
    assert len(points) == 1
    assert everything() == before
    again = filled(response)
    kept = {**both[0], field: mine.replace("\r\n", "\n"), "version": "2"}
    if field != "estimate_minutes":  # the form now shows what I have not touched as it is
        kept["estimate_minutes"] = "5"
    assert again == kept | {"submission": again["submission"]}

    assert one.post(edit_page(task), again).status_code == 302
    assert filled(one.get(edit_page(task)))[field] == again[field]
    assert Task.objects.get(pk=task.pk).version == 3


def test_people_are_named_where_they_collide(one, two, both, task):
    owner, editor = (User.objects.get(username=name) for name in ("owner", "editor"))
    two.post(edit_page(task), both[1] | {"assignee": editor.pk})

    response = one.post(edit_page(task), both[0] | {"assignee": owner.pk})

    assert errors(response) == {"assignee": "Changed meanwhile. It is now: editor"}
    assert filled(response)["assignee"] == str(owner.pk)


def test_what_was_emptied_meanwhile_is_said_to_be_empty(one, two, task, editor):
    tasks.edit(task=task, by=editor, description="x", assignee=editor, labels=["a"])
    mine, theirs = (filled(each.get(edit_page(task))) for each in (one, two))
    two.post(edit_page(task), theirs | {"description": "", "labels": ""})

    response = one.post(edit_page(task), mine | {"description": "Mine", "labels": "a, b"})

    assert errors(response) == {
        "description": "Changed meanwhile. It is now: (empty)",
        "labels": "Changed meanwhile. It is now: (empty)",
    }


def test_sending_again_does_not_take_back_what_one_has_not_touched(one, two, both, task):
    mine, theirs = both
    two.post(edit_page(task), theirs | {"title": "Theirs", "description": "Theirs"})
    again = filled(one.post(edit_page(task), mine | {"title": "Mine"}))
    newer = filled(two.get(edit_page(task)))
    two.post(edit_page(task), newer | {"description": "Theirs, again", "labels": "new"})

    response = one.post(edit_page(task), again)

    assert response.status_code == 302
    assert stored(task) == ("Mine", "Theirs, again", 0, ["new"])


def test_a_third_change_meanwhile_collides_again(one, two, both, task):
    mine, theirs = both
    two.post(edit_page(task), theirs | {"title": "Theirs"})
    again = filled(one.post(edit_page(task), mine | {"title": "Mine"}))
    two.post(edit_page(task), filled(two.get(edit_page(task))) | {"title": "Theirs, again"})

    response = one.post(edit_page(task), again)

    assert response.status_code == 409
    assert errors(response) == {"title": "Changed meanwhile. It is now: Theirs, again"}
    assert filled(response)["version"] == "3"


def test_changed_back_meanwhile_is_not_changed(one, two, both, task):
    two.post(edit_page(task), both[1] | {"title": "Theirs"})
    two.post(edit_page(task), filled(two.get(edit_page(task))) | {"title": "Water the plants"})

    assert one.post(edit_page(task), both[0] | {"title": "Mine"}).status_code == 302
    assert stored(task)[0] == "Mine"


def test_a_bad_value_beside_a_collision_is_named_first(one, two, both, task):
    two.post(edit_page(task), both[1] | {"title": "Theirs"})

    response = one.post(edit_page(task), both[0] | {"title": "Mine", "due_date": "soon"})

    assert (response.status_code, set(errors(response))) == (422, {"due_date"})
    assert filled(response)["version"] == "1"
    again = one.post(edit_page(task), filled(response) | {"due_date": ""})
    assert (again.status_code, set(errors(again))) == (409, {"title"})


@pytest.mark.parametrize("version", ["", "0", "-5", "99", str(10**30)])
def test_a_version_that_never_was_overwrites_nothing_unseen(version, one, both, task):
    before = everything()

    response = one.post(edit_page(task), both[0] | {"title": "Mine", "version": version})

    assert response.status_code == 409
    assert errors(response) == {"title": "Changed meanwhile. It is now: Water the plants"}
    assert filled(response)["version"] == "1"
    assert everything() == before


def test_a_task_thrown_away_meanwhile_gives_the_text_back(one, both, task, editor):
    tasks.trash(task=task, by=editor)
    before = everything()

    response = one.post(edit_page(task), both[0] | {"title": "Long text"})

    assert response.status_code == 404
    assert "Long text" in response.content.decode()
    assert everything() == before
