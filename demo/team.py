"""A small team and what it is busy with: for a first look, for pictures, for trying things.

Everything goes through the actions, as if the people had done it, so history and rules
are those of real data. Dates are days from today.
"""

from datetime import time, timedelta
from typing import Any

from accounts.actions import users
from accounts.models import User
from ledger.actions.action import action
from tasks.actions import lists, memberships, tasks
from tasks.models import Priority, Role, Status, Task, TaskList

PEOPLE = ("maya", "tom", "lena.fischer")

LISTS: dict[str, dict[str, Any]] = {
    "Website relaunch": {"colour": "indigo", "owner": "demo", "editor": ("maya", "tom")},
    "Office move": {"colour": "amber", "owner": "maya", "editor": ("demo", "lena.fischer")},
    "Customer care": {"colour": "teal", "owner": "demo", "editor": ("lena.fischer",)},
    "Hiring": {"colour": "pink", "owner": "lena.fischer", "viewer": ("demo",)},
    "Home": {"colour": "green", "owner": "demo"},
}

LAUNCH_NOTES = """\
The new site goes live **on a Tuesday morning**, never before a weekend.

- freeze the texts a week before
- lower the DNS time to live to 300 s the day before
- keep the old site reachable for 30 days

Rollback: point the load balancer back, see `deploy/rollback.md`.
"""

# title, days until due (None: no date), and what else is set. "under" are subtasks.
TASKS: dict[str, list[tuple[str, int | None, dict[str, Any]]]] = {
    "Website relaunch": [
        (
            "Plan the launch day",
            0,
            {
                "priority": Priority.URGENT,
                "due_time": time(15, 0),
                "labels": ["launch"],
                "description": LAUNCH_NOTES,
                "status": Status.IN_PROGRESS,
                "under": [
                    "Agree on the hour with hosting",
                    "Write the rollback plan",
                    "Tell support",
                ],
            },
        ),
        (
            "Review the new pricing page",
            -1,
            {"priority": Priority.HIGH, "labels": ["copy", "design"]},
        ),
        ("Fix the contact form on Safari", 0, {"labels": ["bug"], "assignee": "demo"}),
        ("Redirects for the old blog addresses", 3, {"labels": ["launch"], "assignee": "tom"}),
        ("Photos of the team for “About us”", 6, {"labels": ["design"], "assignee": "maya"}),
        ("Check contrast and keyboard on every page", 9, {"labels": ["design", "launch"]}),
        ("Newsletter about the relaunch", 15, {"labels": ["copy"], "priority": Priority.LOW}),
        ("Choose an icon set", -8, {"labels": ["design"], "status": Status.DONE}),
        ("Set up the staging server", -12, {"status": Status.DONE}),
    ],
    "Office move": [
        (
            "Sign the lease for Hafenstraße 12",
            -3,
            {"priority": Priority.HIGH, "labels": ["paperwork"]},
        ),
        ("Compare three removal firms", 0, {"assignee": "demo", "estimate_minutes": 45}),
        ("Order the sign for the door", 4, {"labels": ["order"]}),
        ("Tell the post office the new address", 11, {"labels": ["paperwork"]}),
        ("Farewell breakfast in the old kitchen ☕", 24, {"assignee": "lena.fischer"}),
        ("Measure the meeting room", -6, {"status": Status.DONE}),
    ],
    "Customer care": [
        (
            "Call back Mr Okafor about the invoice",
            0,
            {"due_time": time(10, 30), "labels": ["call"]},
        ),
        ("Answer the review on the map", 1, {"labels": ["reply"]}),
        ("Write the page on returns", 5, {"priority": Priority.MEDIUM, "labels": ["reply"]}),
        ("Collect the ten questions asked most", None, {}),
    ],
    "Hiring": [
        ("Post the ad for a second developer", 2, {"assignee": "lena.fischer"}),
        ("Invite three candidates to a trial day", 8, {}),
    ],
    "Home": [
        ("Water the plants", 0, {}),
        ("Book the dentist", 1, {"labels": ["call"]}),
        ("Return the library books", 2, {}),
        ("Birthday present for Noor", 7, {"priority": Priority.MEDIUM}),
    ],
    "Inbox": [
        ("Idea: a shared packing list", None, {}),
        ("Read the article on calm notifications", None, {}),
        ("Renew the domain", 18, {"priority": Priority.MEDIUM}),
    ],
}


@action
def fill(*, password: str, by: None) -> None:
    """The people, their lists and tasks, in an empty database."""
    zone: dict[str, Any] = {"time_zone": "Europe/Berlin"}
    people = {"demo": users.create(username="demo", password=password, by=by, **zone)}
    admin = users.create(username="admin", password=password, is_superuser=True, by=by, **zone)
    for user in (people["demo"], admin):
        users.edit_profile(user=user, by=user, **zone)  # so that nobody asks whether it is right
    for name in PEOPLE:
        people[name] = users.create(username=name, password=None, by=by, **zone)
    for title, facts in LISTS.items():
        task_list = make_list(title, facts, people)
        for order in TASKS[title]:
            add(order, task_list, people[facts["owner"]], people)
    for order in TASKS["Inbox"]:
        add(order, None, people["demo"], people)


def make_list(title: str, facts: dict[str, Any], people: dict[str, User]) -> TaskList:
    owner = people[facts["owner"]]
    task_list = lists.create(title=title, colour=facts["colour"], by=owner)
    for role in (Role.EDITOR, Role.VIEWER):
        for name in facts.get(role, ()):
            memberships.add(task_list=task_list, user=people[name], role=role, by=owner)
    return task_list


def add(
    order: tuple[str, int | None, dict[str, Any]],
    task_list: TaskList | None,
    owner: User,
    people: dict[str, User],
) -> None:
    title, days, facts = order
    facts = dict(facts)
    below, status = facts.pop("under", ()), facts.pop("status", Status.PENDING)
    if "assignee" in facts:
        facts["assignee"] = people[facts["assignee"]]
    if days is not None:
        facts["due_date"] = owner.today() + timedelta(days=days)
    task = tasks.create(title=title, task_list=task_list, by=owner, **facts)
    tasks.edit(task=task, by=owner, status=status)
    add_below(task, below, owner)


def add_below(task: Task, titles: tuple[str, ...], owner: User) -> None:
    for number, title in enumerate(titles):
        subtask = tasks.create(title=title, task_list=task.list, parent=task, by=owner)
        if number == 0:
            tasks.complete(task=subtask, by=owner)
