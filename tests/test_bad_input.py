"""Whatever is typed, sent or forged: an answer in words, at its field, and nothing changed."""

import base64
import uuid
from itertools import product

import pytest

from ledger.models import Change
from tasks.models import Label, Task, TaskList
from tasks.tests.factories import TaskFactory
from tasks.tests.views.pages import errors, everything, filled, heading, read, summary
from tests.site import address

HUGE = str(10**30)
FAR_TOO_MANY_DIGITS = "1" * 5000
MILLION = "x" * 10**6
NUL = "Null characters are not allowed."
NO_NUMBER = "Enter a whole number."
NO_DATE = "Enter a valid date."
NO_TIME = "Enter a valid time."
NO_SENSE = "That request makes no sense to us"
NO_CHOICE = "Select a valid choice. That choice is not one of the available choices."
REQUIRED = "This field is required."
TOO_EARLY = "Ensure this value is greater than or equal to 1970-01-01."
TOO_LATE = "Ensure this value is less than or equal to 2200-12-31."


def too_long(limit, length):
    return f"Ensure this value has at most {limit} characters (it has {length})."


def unknown(choice):
    return f"Select a valid choice. {choice} is not one of the available choices."


# (field, what is sent, what stands beside the field)
BAD_FOR_TASKS = [
    ("title", "", REQUIRED),
    ("title", " \t\u00a0\r\n ", REQUIRED),
    ("title", "a\0b", NUL),
    ("title", "x" * 501, too_long(500, 501)),
    ("title", MILLION, too_long(500, 10**6)),
    ("description", "a\0b", NUL),
    ("description", "x" * 50_001, too_long(50_000, 50_001)),
    ("description", MILLION, too_long(50_000, 10**6)),
    ("status", "", "This field cannot be blank."),
    ("status", "finished", unknown("finished")),
    ("status", "DONE", unknown("DONE")),
    ("status", "done\0", unknown("done\0")),
    ("status", "🎉", unknown("🎉")),
    ("priority", "5", unknown("5")),
    ("priority", "-1", unknown("-1")),
    ("priority", "high", unknown("high")),
    ("priority", HUGE, unknown(HUGE)),
    ("priority", "1\0", unknown("1\0")),
    ("due_date", "soon", NO_DATE),
    ("due_date", "2026-02-30", NO_DATE),
    ("due_date", "2026-13-01", NO_DATE),
    ("due_date", "227-01-01", NO_DATE),
    ("due_date", "0227-01-01", TOO_EARLY),
    ("due_date", "1969-12-31", TOO_EARLY),
    ("due_date", "2201-01-01", TOO_LATE),
    ("due_date", "9999-12-31", TOO_LATE),
    ("due_date", "10000-01-01", NO_DATE),
    ("due_date", "2026-01-01\0", NO_DATE),
    ("due_date", "x" * 10_000, NO_DATE),
    ("start_date", "2026-02-30", NO_DATE),
    ("start_date", "0227-01-01", TOO_EARLY),
    ("start_date", "9999-12-31", TOO_LATE),
    ("start_date", "２０２６-１３-０１", NO_DATE),
    ("due_time", "25:61", NO_TIME),
    ("due_time", "24:00", NO_TIME),
    ("due_time", "noon", NO_TIME),
    ("due_time", "09:00\0", NO_TIME),
    ("estimate_minutes", "-1", "Ensure this value is greater than or equal to 0."),
    ("estimate_minutes", "60001", "Ensure this value is less than or equal to 60000."),
    ("estimate_minutes", HUGE, "Ensure this value is less than or equal to 60000."),
    ("estimate_minutes", FAR_TOO_MANY_DIGITS, NO_NUMBER),
    ("estimate_minutes", "1.5", NO_NUMBER),
    ("estimate_minutes", "1e3", NO_NUMBER),
    ("estimate_minutes", "NaN", NO_NUMBER),
    ("estimate_minutes", "an hour", NO_NUMBER),
    ("estimate_minutes", "5\0", NO_NUMBER),
    ("labels", "a\0b", NUL),
    ("labels", "x" * 51, too_long(50, 51)),
    ("labels", f"fine, {'x' * 51}", too_long(50, 51)),
    ("labels", MILLION, "That is too long for labels."),
    ("labels", ",".join(f"a{n}" for n in range(21)), "A task can have at most 20 labels."),
    ("labels", ",".join(f"a{n}" for n in range(201)), "A list can have at most 200 labels."),
    ("assignee", "owner", NO_CHOICE),
    ("assignee", "0", NO_CHOICE),
    ("assignee", "-1", NO_CHOICE),
    ("assignee", HUGE, NO_CHOICE),
    ("assignee", f"-{HUGE}", NO_CHOICE),
    ("assignee", FAR_TOO_MANY_DIGITS, NO_CHOICE),
    ("assignee", "1\0", NUL),
    ("assignee", "[1]", NO_CHOICE),
    ("version", "first", NO_NUMBER),
    ("version", "1.5", NO_NUMBER),
    ("version", FAR_TOO_MANY_DIGITS, NO_NUMBER),
    ("submission", "once", "Enter a valid UUID."),
]
BAD_FOR_LISTS = [
    ("title", "", REQUIRED),
    ("title", "   ", REQUIRED),
    ("title", "a\0b", NUL),
    ("title", "x" * 201, too_long(200, 201)),
    ("title", MILLION, too_long(200, 10**6)),
    ("description", "a\0b", NUL),
    ("description", "x" * 50_001, too_long(50_000, 50_001)),
    ("colour", "", REQUIRED),
    ("colour", "beige", unknown("beige")),
    ("colour", "red;background:url(//evil.example)", unknown("red;background:url(//evil.example)")),
    ("colour", "red\0", unknown("red\0")),
    ("version", "first", NO_NUMBER),
    ("submission", "once", "Enter a valid UUID."),
]
PLACES = [
    "Inbox",
    "0",
    "-1",
    HUGE,
    f"-{HUGE}",
    FAR_TOO_MANY_DIGITS,
    "1\0",
    "[1]",
    "1,2",
    "٣٣",
    "²",
    "1e3",
]
CHOSEN = ("status", "priority", "colour", "assignee", "list")  # what cannot be shown as typed
TASK = {
    "version": "1",
    "title": "Renamed",
    "description": "Long text",
    "status": "in_progress",
    "priority": "2",
    "due_date": "2026-12-01",
    "due_time": "09:30",
    "start_date": "2026-11-01",
    "estimate_minutes": "30",
    "labels": "one, two",
}
LIST = {"version": "1", "title": "Renamed", "description": "Long text", "colour": "red"}


def assert_refused(response, form, field, words):
    """422, the words at the field and in the summary, all that was typed still there."""
    assert response.status_code == 422
    lead, points = summary(response)
    assert lead == "Not saved yet. Please look at:"
    assert [point.partition(": ")[2] for point in points] == [words]
    if field not in ("version", "submission"):  # which nobody sees
        assert errors(response) == {field: words}
        assert_described(response, field)
    there = filled(response)
    kept = {name: value for name, value in form.items() if name not in CHOSEN or name != field}
    assert {name: there[name].strip() for name in kept} == {
        name: value.replace("\r\n", "\n").strip() for name, value in kept.items()
    }


def assert_described(response, field):
    """Who cannot see where the words stand is told which field they are about."""
    inputs = read(response).one("form", cls="form").all(name=field)
    about = [each for each in inputs if f"id_{field}_error" in described(each)]
    assert about == inputs or f"id_{field}_error" in described(inputs[0].up("fieldset"))


def described(node):
    return (node.attributes.get("aria-describedby") or "").split()


def save(client, task, form):
    """Save the task as its form does that was opened just now; answers where that leads."""
    version = Task.objects.get(pk=task.pk).version
    response = client.post(address("tasks:edit", task.pk), {"version": version, **form})
    assert response.status_code == 302
    return response["Location"]


@pytest.fixture
def client(signed_in, owner):
    return signed_in(owner)


def test_a_bad_value_changes_and_makes_no_task(client, task, subtests):
    before = everything()
    for field, value, words in BAD_FOR_TASKS:
        with subtests.test(f"{field}: {ascii(value)[:20]}"):
            form = TASK | {field: value}

            assert_refused(client.post(address("tasks:edit", task.pk), form), form, field, words)
            if field != "status":  # which the form of a new task does not ask for
                form = {**form, "list": str(task.list_id)}
                del form["status"]
                assert_refused(client.post("/tasks/new/", form), form, field, words)

            assert everything() == before


def test_a_bad_value_changes_and_makes_no_list(client, shared_list, subtests):
    before = everything()
    for field, value, words in BAD_FOR_LISTS:
        with subtests.test(f"{field}: {ascii(value)[:20]}"):
            form = LIST | {field: value}

            for path in (address("lists:edit", shared_list.pk), "/lists/new/"):
                assert_refused(client.post(path, form), form, field, words)

            assert everything() == before


def test_a_place_that_is_none_makes_no_task(client, shared_list, subtests):
    before = everything()
    for field, number in product(("list", "parent"), PLACES):
        with subtests.test(f"{field}: {ascii(number)[:20]}"):
            response = client.post("/tasks/new/", {"title": "Long text", field: number})

            assert response.status_code == 422
            words = [point.partition(": ")[2] for point in summary(response)[1]]
            assert words == [NUL if "\0" in number else NO_CHOICE]
            assert filled(response)["title"] == "Long text"
            assert everything() == before


def test_a_link_to_a_new_task_in_no_list_leads_to_the_inbox(client, shared_list, subtests):
    for number in PLACES:
        with subtests.test(ascii(number)[:20]):
            response = client.get("/tasks/new/", {"list": number})

            assert (response.status_code, heading(response)) == (200, "New task")
            assert filled(response)["list"] == ""


def test_a_task_is_moved_to_no_list_that_is_none(client, task, subtests):
    before = everything()
    for number in PLACES:
        with subtests.test(ascii(number)[:20]):
            response = client.post(address("tasks:move", task.pk), {"list": number}, follow=True)

            told = read(response).one(cls="message").one("p").line
            assert told == "Choose a list that you may change."
            assert everything() == before


def test_a_field_sent_twice_counts_once(client, task, shared_list, owner):
    save(client, task, {"title": ["First", "Last"], "assignee": [HUGE, str(owner.pk)]})

    task.refresh_from_db()
    assert (task.title, task.assignee) == ("Last", owner)


def test_fields_that_the_form_has_not_are_ignored(client, task, stranger):
    before = Task.objects.values().get(pk=task.pk)
    forged = {"id": "7", "created_by": stranger.pk, "position": "-9", "completed_at": "2020-01-01"}

    save(client, task, forged | {"title": "Renamed", "list": "1", "pk": 1})

    after = Task.objects.values().get(pk=task.pk)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"title", "version", "updated_at"}


def test_a_new_task_takes_nothing_that_its_form_has_not(client, owner, stranger):
    forged = {"created_by": stranger.pk, "position": "-9", "deleted_at": "2020-01-01", "id": "77"}

    client.post("/tasks/new/", forged | {"title": "Mine"})

    made = Task.objects.get()
    assert (made.created_by, made.deleted_at, made.position) == (owner, None, 1024)
    assert made.pk != 77


@pytest.mark.parametrize(
    ("dates", "field", "words"),
    [
        ({"start_date": "2026-12-02"}, "start_date", "It cannot start after it is due."),
        ({"start_date": "", "due_date": ""}, "due_date", "A due time needs a due date."),
    ],
)
def test_values_that_do_not_go_together_are_refused_at_a_field(dates, field, words, client, task):
    form, before = TASK | dates, everything()

    response = client.post(address("tasks:edit", task.pk), form)

    assert_refused(response, form, field, words)
    assert everything() == before


def test_several_bad_values_are_all_named(client, task):
    form = TASK | {"title": "", "due_date": "soon", "estimate_minutes": "-1"}

    response = client.post(address("tasks:edit", task.pk), form)

    assert set(errors(response)) == {"title", "due_date", "estimate_minutes"}
    links = read(response).one(cls="form-errors").all("a")
    assert [each.attributes["href"] for each in links] == [
        "#id_title",
        "#id_due_date",
        "#id_estimate_minutes",
    ]


@pytest.mark.parametrize("form", [{}, {"csrfmiddlewaretoken": "x"}, {"nothing": "known"}])
@pytest.mark.parametrize("name", ["tasks:create", "tasks:edit", "lists:create", "lists:edit"])
def test_a_form_without_fields_changes_nothing(name, form, client, task):
    before = everything()

    response = client.post(address(name, task.pk if "tasks" in name else task.list_id), form)

    assert response.status_code == (422 if form else 200)
    assert everything() == before


# What is unusual and yet fine.

STRANGE = [
    "🌱🧑🏽‍🚒 Grün",
    "שלום \u200f!\u200f",
    "\u202eabc\u202c",
    "\u2066isolated\u2069",
    "e\u0301 and é",
    "\ufffd\ufeffinside",
    "\\ud83d\\ude00 %ED%A0%BD &#55357;",
    "<b>& \"quoted\" 'text'",
    "{{ 7 }}{% now %}",
    "%s %(x)s {0}",
    "𐏿 \U0010ffff",
    "' OR 1=1; -- ",
]


@pytest.mark.parametrize("text", [each.strip() for each in STRANGE], ids=ascii)
def test_any_text_comes_back_as_it_was_typed(text, client, task):
    path = address("tasks:edit", task.pk)
    form = {"title": text, "description": f"{text}\n\n{text}", "labels": text.replace(",", "")}

    shown = save(client, task, form)

    task.refresh_from_db()
    assert (task.title, task.description) == (text, f"{text}\n\n{text}")
    there = filled(client.get(path))
    assert {name: there[name] for name in form} == form
    assert read(client.get(shown)).one("h1").words == text
    recorded = Change.objects.about(task).latest("version").changes
    assert recorded["title"] == ["Water the plants", text]


@pytest.mark.parametrize("text", [each.strip() for each in STRANGE], ids=ascii)
def test_any_text_names_a_list(text, client):
    sent = client.post("/lists/new/", LIST | {"title": text})

    made = TaskList.objects.get(inbox_of=None)
    assert (sent.status_code, made.title) == (302, text)
    assert read(client.get(sent["Location"])).one("h1").words.strip() == text


def test_half_a_character_becomes_a_whole_one(client, task):
    path, kind = address("tasks:edit", task.pk), "application/x-www-form-urlencoded"

    client.generic("POST", path, "version=1&title=a%ED%A0%BDb%FFc", content_type=kind)

    task.refresh_from_db()
    assert task.title == "a\ufffd\ufffd\ufffdb\ufffdc"


def test_line_breaks_of_browsers_become_ours(client, task):
    path = address("tasks:edit", task.pk)

    save(client, task, {"title": "Text", "description": "one\r\ntwo\r\n\r\n    three\nfour"})

    task.refresh_from_db()
    assert task.description == "one\ntwo\n\n    three\nfour"
    assert filled(client.get(path))["description"] == "one\ntwo\n\n    three\nfour"


def test_a_line_break_counts_once(client, task):
    lines = "\r\n".join(["x" * 9] * 5000)  # 49,999 characters as we keep them, 54,998 as sent

    save(client, task, TASK | {"description": lines})

    task.refresh_from_db()
    assert len(task.description) == 49_999


def test_the_longest_values_fit(client, task):
    form = {
        "title": "🌱" * 500,
        "description": "🌱" * 50_000,
        "labels": ", ".join(f"{n:02}{'🌱' * 48}" for n in range(20)),
        "due_date": "2200-12-31",
        "due_time": "23:59",
        "estimate_minutes": "60000",
    }
    path = address("tasks:edit", task.pk)

    save(client, task, form)

    there = filled(client.get(path))
    assert {name: there[name] for name in form} == form


def test_labels_are_split_at_commas_and_tidied(client, task):
    save(client, task, {"title": "x", "labels": " b,,A ,\ta,  c   d , ,"})

    assert sorted(Label.objects.values_list("name", flat=True)) in (
        ["A", "b", "c d"],
        ["a", "b", "c d"],
    )
    assert task.labels.count() == 3


def test_a_title_is_no_markup_anywhere(client, owner, shared_list):
    evil = "<script>alert(1)</script>"
    task = TaskFactory(title=evil, task_list=shared_list, by=owner, due_date="2026-01-01")
    client.post(
        address("tasks:edit", task.pk), {"title": evil, "labels": evil, "due_date": "2026-01-01"}
    )
    pages = ["/today/", address("lists:show", shared_list.pk), address("tasks:show", task.pk)]

    for path in [*pages, address("tasks:edit", task.pk)]:
        text = client.get(path).content.decode()
        assert evil not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "<img src=x onerror=alert(1)>",
        "![x](https://evil.example/x.png)",
        "<a href='data:text/html,x'>x</a>",
        "<p style='color:red' onclick='x()'>x</p>",
    ],
)
def test_a_description_makes_no_harmful_markup(text, client, task):
    save(client, task, {"title": "x", "description": text})

    prose = read(client.get(address("tasks:show", task.pk))).one(cls="prose")

    assert {node.tag for node in prose.all()} <= {"p", "a"}
    assert {name for node in prose.all() for name in node.attributes} <= {"href", "rel"}
    assert all(node.attributes.get("href", "https:").startswith("https:") for node in prose.all())


def test_a_deeply_nested_description_is_shown_all_the_same(client, task):
    for text in (
        "> " * 20_000 + "x",
        "- " * 20_000 + "x",
        "*a_" * 10_000,
        "\n".join("| a |" for _ in range(8000)),
    ):
        save(client, task, {"title": "x", "description": text})
        assert client.get(address("tasks:show", task.pk)).status_code == 200


# Addresses.

CURSORS = {
    "no code": "!!!!",
    "half a character": "%ED%A0%BD",
    "no text": "aaaaaaaa",
    "padding": "====",
    "NUL": "%00",
    "very long": "a" * 50_000,
    **{
        text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        for text in (
            *("", "1", "null", "true", '"ab"', "[]", "{}", "[[]]", "[1]", "[1,2,3,4]"),
            *("[null,1]", "[1e999,1]", "[NaN,1]", "[[1],1]", '["x","y"]', '["x","y","z"]'),
            *('["2026-01-01","25:00",1]', '["2026-01-01",5,1]', '["2026-02-30","09:00",1]'),
            *('["2026-01-01T00:00:00","09:00",1]', '[{"a":1},"09:00",1]', "[1,1,1]"),
            *('["0001-01-01T00:00:00+14:00",1]', '["9999-12-31T23:59:59-14:00",1]'),
            *('["2026-01-01T00:00:00",1]', "[" * 3000),
        )
    },
}
CURSORS.pop("")


@pytest.mark.parametrize("what", CURSORS, ids=lambda text: text[:30])
def test_a_broken_link_to_a_page_is_a_bad_request(what, client, task):
    pages = [address("lists:show", task.list_id), address("tasks:show", task.pk)]

    for path in [*pages, "/today/", "/upcoming/", "/inbox/", "/trash/"]:
        response = client.get(f"{path}?after={CURSORS[what]}")
        assert (response.status_code, heading(response)) == (400, NO_SENSE)


@pytest.mark.parametrize(
    "cursor", ["[1000000000000000000000000000000,1]", "[-1000000000000000000000000,-1]", "[1e30,1]"]
)
def test_a_link_beyond_all_numbers_leads_beyond_all_tasks(cursor, client, task):
    cursor = base64.urlsafe_b64encode(cursor.encode()).decode().rstrip("=")

    response = client.get(f"{address('lists:show', task.list_id)}?after={cursor}")

    assert response.status_code == 200


@pytest.mark.parametrize("shown", ["", "none", "DONE", "open\0", "x" * 10_000, "é", "[]"])
def test_an_unknown_selection_shows_what_is_open(shown, client, task):
    response = client.get(address("lists:show", task.list_id), {"show": shown})

    (tab,) = [
        each
        for each in read(response).one(cls="tabs").all("a")
        if "aria-current" in each.attributes
    ]
    assert (response.status_code, tab.line) == (200, "Open")


@pytest.mark.parametrize("number", ["0", HUGE, FAR_TOO_MANY_DIGITS, "-1", "1.0", "x", "%00", "٣"])
def test_a_number_that_nothing_has_is_not_there(number, client):
    for path in ("/tasks/{}/", "/tasks/{}/edit/", "/lists/{}/", "/lists/{}/edit/"):
        assert client.get(path.format(number)).status_code == 404


def test_the_address_fills_in_the_date_of_a_new_task_whatever_it_says(client):
    for date in ("2026-12-01", "soon", "<b>", "\0", "9" * 5000):
        response = client.get("/tasks/new/", {"due_date": date})
        assert (response.status_code, filled(response)["due_date"]) == (200, date)


# Forms sent twice.


def test_a_form_sent_twice_makes_one_task_and_one_list(client):
    number = str(uuid.uuid4())
    task = {"title": "Once", "submission": number}
    first, again = client.post("/tasks/new/", task), client.post("/tasks/new/", task)
    assert (first["Location"], Task.objects.count()) == (again["Location"], 1)

    form = LIST | {"submission": str(uuid.uuid4())}
    first, again = client.post("/lists/new/", form), client.post("/lists/new/", form)
    assert (first["Location"], TaskList.objects.filter(inbox_of=None).count()) == (
        again["Location"],
        1,
    )


def test_a_form_filled_in_again_after_going_back_makes_another_task(client):
    form = {"title": "First", "submission": str(uuid.uuid4())}

    client.post("/tasks/new/", form)
    client.post("/tasks/new/", form | {"title": "Second"})

    assert list(Task.objects.order_by("pk").values_list("title", flat=True)) == ["First", "Second"]


def test_a_form_sent_again_after_its_task_was_deleted_makes_it_anew(client):
    form = {"title": "Once", "submission": str(uuid.uuid4())}
    made = client.post("/tasks/new/", form)["Location"]
    client.post(f"{made}trash/")
    client.post(f"{made}delete/")

    again = client.post("/tasks/new/", form)

    assert (again.status_code, heading(client.get(again["Location"]))) == (302, "Once")


def test_a_form_number_that_somebody_else_used_hides_nothing(client, signed_in, stranger):
    form = {"title": "Same", "submission": str(uuid.uuid4())}
    client.post("/lists/new/", LIST | form)
    others = signed_in(stranger)

    mine, theirs = (each.post("/tasks/new/", form)["Location"] for each in (client, others))

    assert (client.get(mine).status_code, client.get(theirs).status_code) == (200, 404)
    assert (others.get(mine).status_code, others.get(theirs).status_code) == (404, 200)
