from datetime import UTC, date, datetime, timedelta
from itertools import chain

import pytest
import time_machine

from accounts.actions import users
from tasks.actions import lists, memberships, tasks
from tasks.models import Role
from tasks.tests.factories import TaskFactory, TaskListFactory
from tasks.tests.views.pages import facts, heading, page_by_page, read, titles

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday
TODAY = date(2026, 3, 4)


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


def due(day, title, *, by, task_list=None, **more):
    return TaskFactory(title=title, due_date=day, task_list=task_list, by=by, **more)


def groups(response):
    """[(heading, titles)] of the page."""
    main = read(response).one("main")
    heads = [node.line for node in main.all("h2", cls="group-heading")]
    lists = [[node.line for node in ul.all(cls="task-title")] for ul in main.all("ul", cls="tasks")]
    return list(zip(heads, lists, strict=True))


def test_a_visitor_is_welcomed_and_shown_the_ways_in(visitor, db):
    page = read(visitor.get("/"))

    assert page.one("h1").line == "The task list that a team owns"
    ways = {link.attributes["href"] for link in page.all("a", cls="button")}
    assert ways == {"/accounts/login/", "/accounts/signup/"}


def test_home_is_today(signed_in, owner):
    due(TODAY, "Now", by=owner)
    client = signed_in(owner)

    assert heading(client.get("/")) == "Today"
    assert titles(client.get("/")) == titles(client.get("/today/")) == ["Now"]


def test_today_shows_what_is_due_and_overdue_and_nothing_later(signed_in, owner):
    for days, title in ((-400, "Last year"), (-1, "Yesterday"), (0, "Now"), (1, "Tomorrow")):
        due(TODAY + timedelta(days=days), title, by=owner)
    TaskFactory(title="Whenever", task_list=None, by=owner)

    assert groups(signed_in(owner).get("/today/")) == [
        ("Overdue 2", ["Last year", "Yesterday"]),
        ("Today, 4 March 1", ["Now"]),
    ]


def test_today_sorts_by_time_and_what_has_none_comes_last(signed_in, owner):
    for at in ("23:00", None, "00:00", "09:30"):
        due(TODAY, at or "no time", due_time=at, by=owner)

    assert titles(signed_in(owner).get("/today/")) == ["00:00", "09:30", "23:00", "no time"]


def test_today_is_the_persons_own(signed_in, owner, editor):
    users.edit_profile(user=owner, time_zone="Pacific/Kiritimati", by=owner)  # already the 5th
    users.edit_profile(user=editor, time_zone="Pacific/Niue", by=editor)  # still the 4th
    for person in (owner, editor):
        due(date(2026, 3, 5), "On the fifth", by=person)

    with time_machine.travel(datetime(2026, 3, 4, 12, tzinfo=UTC), tick=False):
        assert titles(signed_in(owner).get("/today/")) == ["On the fifth"]
        assert titles(signed_in(editor).get("/today/")) == []
        assert titles(signed_in(editor).get("/upcoming/")) == ["On the fifth"]


def test_upcoming_shows_what_comes_day_by_day(signed_in, owner):
    days = {"Now": 0, "Tomorrow": 1, "Monday": 5, "In a week": 7, "Next year": 400}
    for title, ahead in reversed(days.items()):
        due(TODAY + timedelta(days=ahead), title, by=owner)
    TaskFactory(title="Whenever", task_list=None, by=owner)

    assert groups(signed_in(owner).get("/upcoming/")) == [
        ("Tomorrow, 5 March 1", ["Tomorrow"]),
        ("Monday, 9 March 1", ["Monday"]),
        ("Wednesday, 11 March 1", ["In a week"]),
        ("Thursday, 8 April 2027 1", ["Next year"]),
    ]


@pytest.mark.parametrize(("path", "day"), [("/today/", 0), ("/upcoming/", 1)])
def test_the_agenda_leaves_out_what_is_not_to_be_done_by_me(path, day, signed_in, owner, editor):
    day = TODAY + timedelta(days=day)
    shared, archived, trashed = (TaskListFactory(by=owner) for _ in range(3))
    memberships.add(task_list=shared, user=editor, role=Role.EDITOR, by=owner)
    due(day, "Anybody's", task_list=shared, by=editor)
    due(day, "Mine", task_list=shared, assignee=owner, by=editor)
    due(day, "Theirs", task_list=shared, assignee=editor, by=owner)
    tasks.complete(task=due(day, "Done", task_list=shared, by=owner), by=owner)
    tasks.trash(task=due(day, "Thrown away", task_list=shared, by=owner), by=owner)
    due(day, "Cancelled", task_list=shared, status="cancelled", by=owner)
    due(day, "Going on", task_list=shared, status="in_progress", by=owner)
    due(day, "Archived", task_list=archived, by=owner)
    due(day, "In the trash", task_list=trashed, by=owner)
    due(day, "Somebody's inbox", by=editor)
    lists.archive(task_list=archived, by=owner)
    lists.trash(task_list=trashed, by=owner)

    assert titles(signed_in(owner).get(path)) == ["Anybody's", "Mine", "Going on"]


@pytest.mark.parametrize(("path", "day"), [("/today/", 0), ("/upcoming/", 1)])
def test_show_more_reaches_every_task_once(path, day, signed_in, owner):
    names = [f"Task {number:03}" for number in range(120)]
    for number, name in enumerate(names):
        at = f"{number // 40:02}:00" if number < 100 else None  # many share a time
        due(TODAY + timedelta(days=day), name, due_time=at, by=owner)

    seen = page_by_page(signed_in(owner), path)

    assert [len(page) for page in seen] == [50, 50, 20]
    assert [*chain(*seen)] == names


def test_an_empty_agenda_says_what_would_stand_there(signed_in, owner):
    client = signed_in(owner)

    assert "Nothing is due today." in read(client.get("/today/")).one(cls="empty").line
    assert "Nothing is planned." in read(client.get("/upcoming/")).one(cls="empty").line


def test_a_row_says_what_is_set_and_where_it_is_from(signed_in, owner, shared_list):
    due(TODAY, "All", task_list=shared_list, by=owner, due_time="09:00", priority=3, assignee=owner)
    due(TODAY, "Little", by=owner)
    client = signed_in(owner)

    assert facts(client.get("/today/"), "All") == "Today 09:00, overdue High @owner Shared"
    assert facts(client.get("/today/"), "Little") == "Today Inbox"


def test_a_task_added_on_the_agenda_is_there_at_once(signed_in, owner):
    client = signed_in(owner)
    for path, day in (("/today/", "2026-03-04"), ("/upcoming/", "2026-03-05")):
        form = read(client.get(path)).one("form", cls="add-task")
        assert form.one(name="due_date").attributes["value"] == day
        sent = client.post(
            form.attributes["action"], {"title": path, "due_date": day, "next": path}, follow=True
        )
        assert sent.redirect_chain == [(path, 302)]
        assert titles(sent) == [path]
