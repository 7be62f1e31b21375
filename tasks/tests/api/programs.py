"""What the tests of the API ask and check over and over."""

from urllib.parse import urlsplit

from ledger.models import Change

WRITTEN = {
    "title": "Repot the ferns",
    "description": "The *big* ones.",
    "status": "in_progress",
    "completed": False,
    "priority": "high",
    "start_date": "2026-11-30",
    "due_date": "2026-12-01",
    "due_time": "09:30:00",
    "time_zone": "Asia/Tokyo",
    "estimate_minutes": 45,
    "labels": ["garden", "home"],
}
EMPTY = {
    "description": "",
    "status": "pending",
    "completed": False,
    "priority": "none",
    "start_date": None,
    "due_date": None,
    "due_time": None,
    "time_zone": None,
    "estimate_minutes": None,
    "assignee": None,
    "labels": [],
}


def found(answer):
    """What a page of tasks or lists shows, by title."""
    assert answer.status == 200, answer.body
    return [each["title"] for each in answer.json["results"]]


def follow(program, link):
    """Go where a link of an answer leads."""
    parts = urlsplit(link)
    return program.get(f"{parts.path}?{parts.query}" if parts.query else parts.path)


def walk(program, link, way="next"):
    """The pages from this one on, to the last."""
    gone = set()
    while link:
        assert link not in gone, "going round in circles"
        gone.add(link)
        answer = follow(program, link)
        assert answer.status == 200, answer.body
        yield answer
        link = answer.json[way]


def last_batch():
    """(kind, id of the subject, who, doorway) of all that the last request changed, in order."""
    changes = Change.objects.filter(batch=Change.objects.latest("id").batch).order_by("id")
    return [(each.kind, each.subject_id, each.by, each.via) for each in changes]


def written(body):
    """The part of a task in JSON that people write, without its place."""
    return {name: body[name] for name in (*EMPTY, "title")}


def one_like_written(api, who, task_list, **more):
    return api(who).post("tasks", WRITTEN | {"list": task_list.pk} | more)
