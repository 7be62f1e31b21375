"""Label names in use, by the API."""

import base64
import json

from tasks.actions import lists, tasks
from tasks.models import Label
from tasks.tests.api.programs import walk
from tasks.tests.factories import TaskFactory, TaskListFactory


def names(answer):
    return [each["name"] for each in answer.json["results"]]


def test_labels_in_use_are_those_on_tasks_that_the_person_can_see(
    api, owner, viewer, stranger, shared_list
):
    TaskFactory(task_list=shared_list, labels=["home", "garden"], by=owner)
    other = TaskListFactory(by=owner)
    TaskFactory(task_list=other, labels=["home"], by=owner)
    dropped = TaskFactory(task_list=shared_list, labels=["dropped"], by=owner)
    tasks.edit(task=dropped, labels=[], by=owner)
    tasks.trash(task=TaskFactory(task_list=shared_list, labels=["gone"], by=owner), by=owner)
    gone_list = TaskFactory(labels=["gone too"], by=owner).list
    lists.trash(task_list=gone_list, by=owner)
    colours = dict(Label.objects.filter(list=shared_list).values_list("name", "colour"))
    here = [
        {"name": name, "colour": colours[name], "list": shared_list.pk}
        for name in ("garden", "home")
    ]
    there = {"name": "home", "colour": Label.objects.get(list=other).colour, "list": other.pk}

    answers = [api(user).get("labels") for user in (owner, viewer, stranger)]

    assert [each.status for each in answers] == [200] * 3
    assert [each.json["results"] for each in answers] == [[*here, there], here, []]
    one = api(owner).get(f"labels?list={other.pk}")
    assert one.json == {"results": [there], "next": None, "previous": None}
    assert api(viewer).get(f"labels?list={other.pk}").json["results"] == []


def test_labels_come_page_by_page_in_the_order_of_their_names(api, owner):
    wanted = ["apple", "fig", "kiwi", "lime", "plum"]
    for label in reversed(wanted):
        TaskFactory(labels=[label], by=owner)
        TaskFactory(labels=[label], by=owner)
    program = api(owner)

    pages = list(walk(program, "/api/v1/labels?limit=3"))
    back = list(walk(program, pages[-1].json["previous"], "previous"))

    assert [name for page in pages for name in names(page)] == [
        each for each in wanted for _ in range(2)
    ]
    assert [each.json["results"] for each in back] == [
        each.json["results"] for each in reversed(pages[:-1])
    ]


def test_a_bad_question_for_labels_is_refused(api, owner):
    half_a_character = base64.urlsafe_b64encode(json.dumps(["\ud800", 1]).encode()).decode()
    cases = {
        "list=none": {"list": "invalid"},
        "list=0": {"list": "min_value"},
        f"list={2**63}": {"list": "max_value"},
        "limit=101": {"limit": "max_value"},
        "name=home": {"name": "unknown"},
        "cursor=x": {"cursor": "invalid"},
        f"cursor={half_a_character}": {"cursor": "invalid"},
        f"cursor=~{half_a_character}": {"cursor": "invalid"},
    }

    answers = {query: api(owner).get(f"labels?{query}") for query in cases}

    assert {query: each.status for query, each in answers.items()} == dict.fromkeys(cases, 400)
    assert {query: each.problem for query, each in answers.items()} == cases
