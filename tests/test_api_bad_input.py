"""Whatever is sent to the API: the right refusal as a problem, and nothing changed."""

import json
from itertools import count

import pytest
from rest_framework import serializers

from accounts.api.serializers import (
    Credentials,
    OwnPassword,
    Person,
    PersonalToken,
    PersonForStaff,
    RefreshToken,
    Registration,
)
from accounts.models import Attempts
from products.api import Delta, Product, Replacement
from tasklist.rest.fields import Amount, Clock, Day, Flag, FreeJSON, Moment, Text, Whole
from tasklist.rest.serializers import Nothing
from tasks.api.serializers import IdOrUsername, Member, Move, NewMember, Task, TaskList
from tasks.tests.views.pages import everything
from tests.api import Api, tokens_for
from tests.operations import PRODUCTS, READS_NOTHING, body, completed, operations_with_a_body, path
from tests.site import furnished

# What each operation reads.
READS = {
    "api:register POST": Registration,
    "api:login POST": Credentials,
    "api:refresh POST": RefreshToken,
    "api:users POST": Registration,
    "api:tokens POST": PersonalToken,
    "api:me PATCH": Person,
    "api:close POST": OwnPassword,
    "api:user PATCH": PersonForStaff,
    "api:lists POST": TaskList,
    "api:list PUT": TaskList,
    "api:list PATCH": TaskList,
    "api:list-restore POST": Nothing,
    "api:members POST": NewMember,
    "api:member PATCH": Member,
    "api:tasks POST": Task,
    "api:task PUT": Task,
    "api:task PATCH": Task,
    "api:task-complete POST": Nothing,
    "api:task-reopen POST": Nothing,
    "api:task-restore POST": Nothing,
    "api:task-move POST": Move,
    "api:products POST": Product,
    "api:product PUT": Replacement,
    "api:product PATCH": Replacement,
    "api:product-restore POST": Nothing,
    "api:product-stock POST": Delta,
}
BY_STAFF = ("api:users", "api:user", *PRODUCTS)
addresses = count()


@pytest.fixture
def scene(shared_list, owner, viewer, stranger, staff):
    scene = completed(furnished(shared_list, owner), owner, viewer, stranger)
    scene.tokens = {who: tokens_for(who)["access"] for who in (owner, staff)}
    scene.staff = staff
    return scene


@pytest.fixture
def send(api, scene):
    """`send(operation, body)`: by somebody who may, from an address that was not used before.

    One scene is enough for all operations whose test says that nothing has changed: to make one
    takes longer than to ask.
    """

    def ask(operation, sent, **headers):
        Attempts.objects.all().delete()
        name, method = operation.split()
        n = next(addresses)
        token = scene.tokens[scene.staff if name in BY_STAFF else scene.owner]
        headers |= {"X_Forwarded_For": f"10.3.{n // 250}.{n % 250}"}
        return Api(api().send, token).ask(method, path(name, scene), sent, **headers)

    return ask


def taken(operation, scene):
    return body(*operation.split(), scene) or {}


def said(answer):
    """The status and the codes; whatever is wrong is said in words."""
    if answer.status < 400:
        return answer.status, answer.json
    assert len(answer.json["detail"]) > 15
    return answer.status, answer.problem


def test_every_operation_that_takes_a_body_is_tried():
    assert READS.keys() | READS_NOTHING == operations_with_a_body()


# Bodies that are no JSON, or more than JSON.

NESTED_OBJECTS = b'{"title":' * 51 + b"1" + b"}" * 51
UNREADABLE = {
    "cut off": b'{"title": "x"',
    "cut off inside a text": b'{"title": "x',
    "two objects": b"{}{}",
    "a comma too many": b'{"title": "x",}',
    "other quotation marks": b"{'title': 'x'}",
    "no quotation marks": b"{title: 1}",
    "a comment": b"{} // fine?",
    "a line break in a text": b'{"title": "a\nb"}',
    "a number with a zero before": b'{"title": 01}',
    "white space": b" \n",
    "a word": b"undefined",
    "a null byte": b"\x00",
    "a null byte behind": b"{}\x00",
    "a form": b"title=x",
    "NaN": b'{"title": NaN}',
    "Infinity": b'{"title": Infinity}',
    "-Infinity": b'{"title": [-Infinity]}',
    "a number of 5,000 digits": b'{"title": ' + b"1" * 5_000 + b"}",
    "a name said twice": b'{"title": "x", "title": "x"}',
    "a name said twice further in": b'{"title": [{"a": 1, "a": 2}]}',
    "half a character": b'{"title": "\\ud83d"}',
    "the other half": b'{"title": ["\\ude00"]}',
    "half a character in a name": b'{"\\ud83d": 1}',
    "51 lists": b"[" * 51 + b"]" * 51,
    "51 objects": NESTED_OBJECTS,
    "5,000 lists": b"[" * 5_000 + b"]" * 5_000,
    "100,000 lists that do not end": b"[" * 100_000,
    "5,000 objects": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "no UTF-8": b'{"title": "\xff"}',
    "half a character in UTF-8": b'{"title": "\xed\xa0\xbd"}',
    "a character written too long": b'{"title": "\xc0\xaf"}',
    "latin-1": '{"title": "é"}'.encode("latin-1"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"title": "x"}'.encode("utf-16"),
    "UTF-16 without a mark": '{"title": "x"}'.encode("utf-16-le"),
    "UTF-32": '{"title": "x"}'.encode("utf-32-be"),
}
NO_OBJECTS = {
    "a list": b"[]",
    "a list of objects": b'[{"title": "x"}]',
    "a text": b'"title"',
    "a number": b"1",
    "a huge number": b"1e400",
    "true": b"true",
    "50 lists": b"[" * 50 + b"]" * 50,
}


def test_a_body_that_is_no_json_changes_nothing(send, subtests):
    for operation in READS:
        with subtests.test(operation):
            before = everything()

            answers = {what: send(operation, sent) for what, sent in UNREADABLE.items()}

            assert {what: said(each) for what, each in answers.items()} == {
                what: (400, {}) for what in UNREADABLE
            }
            assert everything() == before


def test_a_body_that_is_no_object_changes_nothing(send, subtests):
    for operation in READS:
        with subtests.test(operation):
            before = everything()

            answers = {what: send(operation, sent) for what, sent in NO_OBJECTS.items()}

            assert {what: said(each) for what, each in answers.items()} == {
                what: (400, {None: "invalid"}) for what in NO_OBJECTS
            }
            assert said(send(operation, b"null")) == (400, {None: "null"})
            assert everything() == before


def test_50_levels_are_read(send):
    deep = json.loads("[" * 49 + "]" * 49)

    assert said(send("api:tasks POST", {"title": deep})) == (400, {"title": "invalid"})


def test_a_body_of_a_million_bytes_is_read_and_one_more_is_too_large(send, subtests):
    for operation in READS:
        with subtests.test(operation):
            around, before = len(b'{"unheard of": ""}'), everything()

            most, more = (
                send(operation, b'{"unheard of": "%s"}' % (b"x" * n)) for n in sizes(around)
            )

            assert said(most) == (400, {"unheard of": "unknown"})
            assert said(more) == (413, {})
            assert everything() == before


def sizes(around):
    return 1_000_000 - around, 1_000_001 - around


NEEDED = {
    "api:register POST": {"username": "required", "password": "required"},
    "api:login POST": {"username": "required", "password": "required"},
    "api:refresh POST": {"refresh": "required"},
    "api:users POST": {"username": "required", "password": "required"},
    "api:tokens POST": {"name": "required", "scopes": "required"},
    "api:lists POST": {"title": "required"},
    "api:list PUT": {"title": "required"},
    "api:members POST": {"user": "required", "role": "required"},
    "api:tasks POST": {"title": "required"},
    "api:task PUT": {"title": "required"},
    "api:close POST": {"password": "required"},
    "api:products POST": dict.fromkeys(("product_id", "name", "category", "price"), "required"),
    "api:product PUT": dict.fromkeys(("name", "category", "price"), "required"),
    "api:product-stock POST": {"delta": "required"},
}


def test_nothing_is_not_enough(send, subtests):
    for operation, codes in NEEDED.items():
        with subtests.test(operation):
            before = everything()

            answers = [send(operation, b""), send(operation, {})]

            assert [said(each) for each in answers] == [(400, codes)] * 2
            assert everything() == before


UNKNOWN = ("Title", "titel", "", " title", "password", "is_superuser", "__proto__", "\0")


def test_a_name_that_is_not_known_changes_nothing(send, scene, subtests):
    for operation in sorted(set(READS) - set(NEEDED)):
        with subtests.test(operation):
            before = everything()

            for name in UNKNOWN:
                answer = send(operation, taken(operation, scene) | {name: "x"})
                assert said(answer) == (400, {name: "unknown"})

            assert everything() == before


# Bodies of another kind.

FORM = "application/x-www-form-urlencoded"
KINDS = {
    "": 415,
    "text/plain": 415,
    "text/json": 415,
    "json": 415,
    "application/xml": 415,
    "application/merge-patch+json": 415,
    "application/octet-stream": 415,
    FORM: 415,
    "multipart/form-data; boundary=x": 415,
    "multipart/form-data": 415,
    "application/json; charset=latin-1": 400,
    "application/json; charset=utf-16": 400,
    "application/json; charset=unicode_escape": 400,
}


def test_a_body_of_another_kind_changes_nothing(send, scene, subtests):
    for operation in READS:
        with subtests.test(operation):
            before = everything()

            answers = {
                kind: send(operation, taken(operation, scene), Content_Type=kind) for kind in KINDS
            }

            assert {kind: said(each) for kind, each in answers.items()} == {
                kind: (status, {}) for kind, status in KINDS.items()
            }
            assert everything() == before


@pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=x"])
def test_no_form_signs_anybody_in_or_makes_a_task(kind, send):
    fields = {"username": "owner", "password": "x", "title": "x"}
    sent = "&".join(f"{name}={value}" for name, value in fields.items())
    if kind != FORM:
        lines = (f'--x\r\nContent-Disposition: form-data; name="{n}"\r\n\r\nx\r\n' for n in fields)
        sent = "".join(lines) + "--x--\r\n"
    before = everything()

    for operation in ("api:login POST", "api:register POST", "api:tasks POST", "api:task PATCH"):
        answer = send(operation, sent.encode(), Content_Type=kind)
        assert said(answer) == (415, {})
        assert kind.partition(";")[0] in answer.json["detail"]

    assert everything() == before


@pytest.mark.parametrize(
    "kind", ["application/json", "APPLICATION/JSON", "application/json;charset=UTF-8"]
)
def test_json_is_taken_however_it_is_called(kind, send):
    assert send("api:tasks POST", {"title": "x"}, Content_Type=kind).status == 201


# Values of another type, for every field that can be written.

TYPES = {
    "true": bool,
    "1": int,
    "1.0": float,
    "1e400": float,
    '"x"': str,
    "[]": list,
    "{}": dict,
    "null": None,
}
TAKES = {
    Text: {str},
    serializers.EmailField: {str},
    serializers.ChoiceField: {str},
    Day: {str},
    Clock: {str},
    Moment: {str},
    Whole: {int},
    Amount: {int, float},
    Flag: {bool},
    FreeJSON: {dict},
    serializers.ListField: {list},
    IdOrUsername: {int, str},
}


def types_of(field):
    """The types in JSON that a field takes."""
    [types] = {frozenset(each) for kind, each in TAKES.items() if isinstance(field, kind)}
    return types | ({None} if field.allow_null else set())


def raw(values):
    return ("{" + ", ".join(f"{json.dumps(name)}: {each}" for name, each in values) + "}").encode()


def test_a_value_of_another_type_changes_nothing(send, scene, subtests):
    for operation in [each for each in READS if READS[each] is not Nothing]:
        with subtests.test(operation):
            before = everything()
            fields = {
                name: each for name, each in READS[operation]().fields.items() if not each.read_only
            }
            assert fields

            for name, field in fields.items():
                for value, kind in TYPES.items():
                    if kind not in types_of(field):
                        good = {each: json.dumps(v) for each, v in taken(operation, scene).items()}
                        answer = send(operation, raw((good | {name: value}).items()))
                        assert (answer.status, set(answer.problem)) == (400, {name}), (name, value)

            assert everything() == before


# Values that are none.

BAD_FOR_TASKS = [
    ("title", "", "blank"),
    ("title", " \t\u00a0 ", "invisible"),
    ("title", "\u200b\u200d\ufeff\u2060", "invisible"),
    ("title", "a\0b", "null_characters_not_allowed"),
    ("title", "x" * 501, "max_length"),
    ("title", "🌱" * 501, "max_length"),
    ("description", "a\0b", "null_characters_not_allowed"),
    ("description", "x" * 50_001, "max_length"),
    ("status", "", "invalid_choice"),
    ("status", "finished", "invalid_choice"),
    ("status", "DONE", "invalid_choice"),
    ("status", "done\0", "invalid_choice"),
    ("priority", "", "invalid_choice"),
    ("priority", "URGENT", "invalid_choice"),
    ("priority", "4", "invalid_choice"),
    ("start_date", "2026-02-30", "invalid"),
    ("start_date", "0227-01-01", "min_value"),
    ("start_date", "9999-12-31", "max_value"),
    ("due_date", "", "invalid"),
    ("due_date", "soon", "invalid"),
    ("due_date", "2026-02-30", "invalid"),
    ("due_date", "2026-1-5", "invalid"),
    ("due_date", "20260105", "invalid"),
    ("due_date", "2026-W01-1", "invalid"),
    ("due_date", "2026-01-05T00:00:00Z", "invalid"),
    ("due_date", "２０２６-０１-０５", "invalid"),
    ("due_date", " 2026-01-05", "invalid"),
    ("due_date", "2026-01-05\n", "invalid"),
    ("due_date", "0000-01-01", "invalid"),
    ("due_date", "227-01-01", "invalid"),
    ("due_date", "0227-01-01", "min_value"),
    ("due_date", "1969-12-31", "min_value"),
    ("due_date", "2201-01-01", "max_value"),
    ("due_date", "9999-12-31", "max_value"),
    ("due_date", "10000-01-01", "invalid"),
    ("due_time", "", "invalid"),
    ("due_time", "24:00", "invalid"),
    ("due_time", "25:61", "invalid"),
    ("due_time", "9:00", "invalid"),
    ("due_time", "09:00Z", "invalid"),
    ("due_time", "09:00:00.5", "invalid"),
    ("due_time", "noon", "invalid"),
    ("time_zone", "Mars/Base", "time_zone"),
    ("time_zone", "europe/berlin", "time_zone"),
    ("time_zone", "x" * 65, "max_length"),
    ("time_zone", "UTC\0", "null_characters_not_allowed"),
    ("estimate_minutes", -1, "min_value"),
    ("estimate_minutes", 60_001, "max_value"),
    ("estimate_minutes", 2**63, "max_value"),
    ("estimate_minutes", -(2**70), "min_value"),
    ("estimate_minutes", int("9" * 4_300), "max_value"),
    ("assignee", 0, "min_value"),
    ("assignee", -1, "min_value"),
    ("assignee", 999_999, "no_member"),
    ("assignee", 2**63 - 1, "no_member"),
    ("assignee", 2**63, "max_value"),
    ("assignee", int("9" * 4_300), "max_value"),
    ("labels", ["a,b"], "invalid"),
    ("labels", ["\u200b"], "invalid"),
    ("labels", [str(n) for n in range(21)], "max_length"),
    ("completed", True, "disagrees"),
]
BAD_LABELS = {
    "": "blank",
    "a\0b": "null_characters_not_allowed",
    "x" * 51: "max_length",
    None: "null",
    7: "invalid",
    True: "invalid",
}
GOOD_TASK = {
    "title": "Renamed",
    "status": "pending",
    "due_date": "2026-12-01",
    "due_time": "09:00",
    "time_zone": "UTC",
}


def test_a_bad_value_changes_and_makes_no_task(send, subtests):
    for operation in ["api:tasks POST", "api:task PUT", "api:task PATCH"]:
        with subtests.test(operation):
            before = everything()

            for field, value, code in BAD_FOR_TASKS:
                answer = send(operation, GOOD_TASK | {field: value})
                assert said(answer) == (400, {field: code}), (field, value)

            assert everything() == before


def test_a_label_that_is_none_is_named_by_its_place(send):
    before = everything()

    for operation in ("api:tasks POST", "api:task PATCH"):
        answer = send(operation, {"title": "x", "labels": ["fine", *BAD_LABELS, "good"]})
        wanted = {f"labels.{n}": code for n, code in enumerate(BAD_LABELS.values(), start=1)}
        assert said(answer) == (400, wanted)

    assert everything() == before


NO_PLACES = {0: "min_value", -1: "min_value", 999_999: "unknown", 2**63 - 1: "unknown"} | {
    2**63: "max_value",
    2**64: "max_value",
    int("9" * 4_300): "max_value",
}


@pytest.mark.parametrize(
    ("operation", "field"),
    [
        ("api:tasks POST", "list"),
        ("api:tasks POST", "parent"),
        ("api:task-move POST", "list"),
        ("api:task-move POST", "parent"),
        ("api:task-move POST", "before"),
    ],
)
def test_a_place_that_is_none_takes_no_task(operation, field, send):
    before = everything()

    for number, code in NO_PLACES.items():
        sent = {field: number} | ({"title": "x"} if operation == "api:tasks POST" else {})
        assert said(send(operation, sent)) == (400, {field: code})

    assert everything() == before


BAD_FOR_LISTS = [
    ("title", "", "blank"),
    ("title", "   ", "invisible"),
    ("title", "\u200b", "invisible"),
    ("title", "a\0b", "null_characters_not_allowed"),
    ("title", "x" * 201, "max_length"),
    ("description", "x" * 50_001, "max_length"),
    ("description", "a\0b", "null_characters_not_allowed"),
    ("colour", "", "invalid_choice"),
    ("colour", "beige", "invalid_choice"),
    ("colour", "Red", "invalid_choice"),
    ("colour", "red;background:url(//evil.example)", "invalid_choice"),
]


def test_a_bad_value_changes_and_makes_no_list(send, subtests):
    for operation in ["api:lists POST", "api:list PUT", "api:list PATCH"]:
        with subtests.test(operation):
            before = everything()

            for field, value, code in BAD_FOR_LISTS:
                answer = send(operation, {"title": "New"} | {field: value})
                assert said(answer) == (400, {field: code}), (field, value)

            assert everything() == before


BAD_FOR_MEMBERS = [
    ({"user": "nobody"}, {"user": "unknown"}),
    ({"user": ""}, {"user": "invalid"}),
    ({"user": "\0"}, {"user": "unknown"}),
    ({"user": "stranger "}, {"user": "unknown"}),
    ({"user": "str\u00e4nger"}, {"user": "unknown"}),
    ({"user": "x" * 100_000}, {"user": "unknown"}),
    ({"user": 0}, {"user": "unknown"}),
    ({"user": -1}, {"user": "unknown"}),
    ({"user": 2**63}, {"user": "unknown"}),
    ({"user": 2**64}, {"user": "unknown"}),
    ({"user": int("9" * 4_300)}, {"user": "unknown"}),
    ({"role": "boss"}, {"role": "invalid_choice"}),
    ({"role": "OWNER"}, {"role": "invalid_choice"}),
    ({"role": ""}, {"role": "invalid_choice"}),
]


def test_nobody_becomes_no_member(send):
    before = everything()

    for wrong, problem in BAD_FOR_MEMBERS:
        answer = send("api:members POST", {"user": "stranger", "role": "viewer"} | wrong)
        assert said(answer) == (400, problem)

    assert everything() == before


def test_a_rule_between_fields_is_told_at_a_field(send):
    before = everything()

    for wrong, problem in (
        ({"due_time": "09:00"}, {"due_date": "invalid"}),
        ({"start_date": "2026-12-02", "due_date": "2026-12-01"}, {"start_date": "invalid"}),
        ({"completed": False, "status": "done"}, {"completed": "disagrees"}),
    ):
        for operation in ("api:tasks POST", "api:task PUT", "api:task PATCH"):
            assert said(send(operation, {"title": "x"} | wrong)) == (400, problem)

    assert everything() == before


def test_everything_that_is_wrong_is_told_at_once_in_words(send):
    answer = send("api:tasks POST", {"title": "", "due_date": "soon", "labels": [7], "list": 0})

    assert answer.json == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "Some of the input cannot be taken.",
        "errors": [
            {
                "field": "list",
                "message": "Ensure this value is greater than or equal to 1.",
                "code": "min_value",
            },
            {"field": "title", "message": "This field may not be blank.", "code": "blank"},
            {
                "field": "due_date",
                "message": "Date has wrong format. Use one of these formats instead: YYYY-MM-DD.",
                "code": "invalid",
            },
            {"field": "labels.0", "message": "Not a valid string.", "code": "invalid"},
        ],
    }


# What is unusual and yet fine.

STRANGE = [
    "🌱🧑🏽‍🚒 Grün",
    "שלום \u200f!\u200f",
    "\u202eabc\u202c \u2066isolated\u2069",
    "e\u0301 and é",
    "\ufeffinside \ufffd",
    "\\ud83d\\ude00 %ED%A0%BD &#55357;",
    "<b>& \"quoted\" 'text'</b><script>alert(1)</script>",
    "{{ 7 }}{% now %} %s %(x)s {0} ${x}",
    "𐏿 \U0010ffff",
    "' OR 1=1; -- \\",
    "  in front and behind  ",
    "a\r\nb\tc\x01\x7f\x85\u2028",
    "NaN null true 1e400",
]


@pytest.mark.parametrize("text", STRANGE, ids=ascii)
def test_any_text_comes_back_byte_for_byte(text, send, api, owner):
    facts = {"title": text, "description": f"  {text}\n\n{text}\n"}

    for operation in ("api:tasks POST", "api:task PATCH", "api:lists POST", "api:list PATCH"):
        answer = send(operation, facts)
        assert answer.status in (200, 201)
        there = "tasks" if "task" in operation else "lists"
        again = api(owner).get(f"{there}/{answer.json['id']}").json
        for each in (answer.json, again):
            assert {name: each[name] for name in facts} == facts


@pytest.mark.parametrize("text", [each.strip() for each in STRANGE if "\t" not in each], ids=ascii)
def test_any_text_is_a_label(text, send):
    made = send("api:task PATCH", {"labels": [text.replace(",", "")]})

    assert made.json["labels"] == [" ".join(text.replace(",", "").split())]


def test_the_longest_values_fit(send):
    facts = {
        "title": "🌱" * 500,
        "description": "🌱" * 50_000,
        "labels": [f"{n:02}{'🌱' * 48}" for n in range(20)],
        "start_date": "1970-01-01",
        "due_date": "2200-12-31",
        "due_time": "23:59:59",
        "time_zone": "America/Argentina/ComodRivadavia",
        "estimate_minutes": 60_000,
    }

    for operation in ("api:tasks POST", "api:task PUT"):
        answer = send(operation, facts)
        assert {name: answer.json[name] for name in facts} == facts


def test_escapes_are_the_characters_that_they_stand_for(send):
    answer = send("api:tasks POST", b'{"title": "\\ud83c\\udf31 \\u00e9\\/\\u003cb\\u003e"}')

    assert answer.json["title"] == "🌱 é/<b>"


@pytest.mark.parametrize("operation", sorted(READS_NOTHING))
def test_what_ends_something_is_not_stopped_by_its_body(operation, send, scene):
    scene.tokens[scene.owner] = scene.tokens[scene.staff]

    assert send(operation, b"[[[").status == 204


def test_an_answer_names_some_of_what_is_wrong_however_much_there_is(api, owner):
    """A body of a megabyte must not become an answer of forty."""
    names = {f"{number:x}": 0 for number in range(50_000)}
    cases = [
        api().post("auth/login", names),
        api(owner).post("tasks", {"title": "x", "labels": [1] * 100_000}),
        api(owner).post("tasks", {"title": "x", "labels": [1] * 20}),
    ]

    assert [answer.status for answer in cases] == [400, 400, 400]
    assert [len(answer.json["errors"]) for answer in cases] == [10, 1, 20]
    assert cases[1].problem == {"labels": "max_length"}
