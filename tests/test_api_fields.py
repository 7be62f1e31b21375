"""What answers hold, for everybody the same few fields; and that no body writes any other."""

import pytest

from accounts.models import Attempts, User
from accounts.tests.factories import PASSWORD
from products.models import Product
from tasks.models import Membership, Task, TaskList
from tasks.tests.views.pages import everything
from tests.api import Api, tokens_for
from tests.operations import PRODUCTS, READS_NOTHING, body, completed, operations_with_a_body, path
from tests.site import furnished

TASK = [
    *("id", "list", "parent", "title", "description", "status", "completed", "priority"),
    *("start_date", "due_date", "due_time", "time_zone", "estimate_minutes", "assignee"),
    *("labels", "position", "subtasks", "version", "created_by", "created_at", "updated_at"),
    *("completed_at", "deleted_at"),
]
LIST = [
    *("id", "title", "description", "colour", "archived", "is_inbox", "role", "version"),
    *("created_at", "updated_at"),
]
PERSON = [
    *("id", "username", "name", "email", "is_active", "is_staff"),
    *("time_zone", "week_start", "theme", "version", "created_at", "updated_at"),
]
TOKEN = ["id", "name", "prefix", "scopes", "created_at", "expires_at", "last_used_at"]
MEMBER = ["user", "username", "role", "version"]
PRODUCT = [
    *("product_id", "name", "category", "description", "price", "stock", "attributes"),
    *("reorder_level", "restock_list", "version", "created_at", "updated_at", "deleted_at"),
]
PAGE = ["results", "next", "previous"]
WRITABLE = {
    "api:close POST": ({"password"}, []),
    "api:me PATCH": ({"name", "time_zone", "week_start", "theme"}, PERSON),
    "api:user PATCH": ({"is_active"}, PERSON),
    "api:lists POST": ({"title", "description", "colour", "archived"}, LIST),
    "api:list PUT": ({"title", "description", "colour", "archived"}, LIST),
    "api:list PATCH": ({"title", "description", "colour", "archived"}, LIST),
    "api:members POST": ({"user", "role"}, []),
    "api:member PATCH": ({"role"}, MEMBER),
    "api:tasks POST": (
        {*TASK[1:15]},
        TASK,
    ),
    "api:task PUT": ({*TASK[1:15]}, TASK),
    "api:task PATCH": ({*TASK[1:15]}, TASK),
    "api:task-move POST": ({"list", "parent", "before"}, []),
    "api:register POST": ({"username", "password", "email", "invitation"}, []),
    "api:users POST": ({"username", "password", "email"}, []),
    "api:login POST": ({"username", "password", "code"}, []),
    "api:refresh POST": ({"refresh"}, []),
    "api:tokens POST": ({"name", "scopes", "expires_at"}, TOKEN),
    "api:task-complete POST": (set(), []),
    "api:task-reopen POST": (set(), []),
    "api:task-restore POST": (set(), []),
    "api:list-restore POST": (set(), []),
    "api:products POST": ({*PRODUCT[:9]}, PRODUCT),
    "api:product PUT": ({*PRODUCT[:9]}, PRODUCT),
    "api:product PATCH": ({*PRODUCT[:9]}, PRODUCT),
    "api:product-restore POST": (set(), []),
    "api:product-stock POST": ({"delta"}, []),
}
BY_STAFF = ("api:users", "api:user", *PRODUCTS)
MODELS = (User, TaskList, Task, Membership, Product)
COLUMNS = {field.name for model in MODELS for field in model._meta.get_fields()}
EVERY_NAME = COLUMNS | {"owner", "list_id", "user_id", "pk", "created_by_id", "inbox_of_id", "code"}


@pytest.fixture
def scene(shared_list, owner, viewer, stranger):
    return completed(furnished(shared_list, owner), owner, viewer, stranger)


def test_every_operation_that_takes_a_body_is_here():
    assert WRITABLE.keys() | READS_NOTHING == operations_with_a_body()


def fields_of(answer):
    """The names in an answer, and of the things in a page."""
    names = list(answer.json)
    return names if names != PAGE else sorted({tuple(each) for each in answer.json["results"]})


@pytest.mark.parametrize("who", ["owner", "editor", "viewer"])
def test_everybody_sees_the_same_fields_and_no_more(who, request, api, scene):
    program = api(request.getfixturevalue(who))
    shown = {
        f"lists/{scene.list.pk}": LIST,
        "lists": [tuple(LIST)],
        f"lists/{scene.list.pk}/tasks": [tuple(TASK)],
        f"lists/{scene.list.pk}/members": [tuple(MEMBER)],
        f"lists/{scene.list.pk}/members/{scene.member}": MEMBER,
        f"tasks/{scene.task.pk}": TASK,
        "tasks": [tuple(TASK)],
        "tasks?deleted=true": [tuple(TASK)],
        "products": [tuple(PRODUCT)],
        f"products/{scene.product.product_id}": PRODUCT,
        "users/me": PERSON,
        "auth/verify": ["user_id", "username"],
        "tokens": [tuple(TOKEN)] if who == "owner" else [],
    }

    assert {where: fields_of(program.get(where)) for where in shown} == shown


def test_staff_see_no_more_of_people_than_they_do_themselves(api, staff, scene):
    program = api(staff)

    assert fields_of(program.get("users")) == [tuple(PERSON)]
    assert fields_of(program.get(f"users/{scene.owner.pk}")) == PERSON
    assert fields_of(program.get(f"users/{scene.owner.pk}/tasks")) == [tuple(TASK)]


@pytest.mark.parametrize("who", ["owner", "staff"])
def test_no_password_hash_or_key_stands_in_any_answer(who, request, api, scene):
    person = request.getfixturevalue(who)
    program = api(person)
    secrets = {PASSWORD, person.password, scene.owner.password, person.get_session_auth_hash()}
    secrets |= {program.token, tokens_for(person)["refresh"]}

    for where in ("users/me", f"users/{person.pk}", "users", "auth/verify", "lists", "tasks"):
        text = program.get(where).body.decode()
        assert [secret for secret in secrets if secret in text] == []
        assert "password" not in text


@pytest.mark.parametrize("operation", WRITABLE)
def test_no_other_name_is_written(operation, api, staff, scene):
    """A name that is only shown is ignored, any other is refused; the row keeps its values."""
    name, method = operation.split()
    writable, shown = WRITABLE[operation]
    who = staff if name in BY_STAFF else scene.owner
    program = Api(api().send, tokens_for(who)["access"])
    good, where = body(name, method, scene) or {}, path(name, scene)
    before = everything()

    refused = {each for each in EVERY_NAME - writable if each not in shown}
    for each in sorted(refused):
        Attempts.objects.all().delete()
        answer = program.ask(method, where, good | {each: 1})
        assert (answer.status, answer.problem) == (400, {each: "unknown"})

    assert everything() == before


@pytest.mark.parametrize("operation", [each for each in WRITABLE if WRITABLE[each][1]])
def test_what_is_only_shown_is_not_written(operation, api, staff, scene):
    name, method = operation.split()
    writable, shown = WRITABLE[operation]
    program = api(staff if name in BY_STAFF else scene.owner)
    forged = {each: FORGED.get(each, 999_999) for each in shown if each not in writable}
    assert forged

    answer = program.ask(method, path(name, scene), body(name, method, scene) | forged)

    assert answer.status in (200, 201)
    assert [each for each, value in forged.items() if answer.json[each] == value] == []


FORGED = {
    "role": "viewer",
    "is_inbox": True,
    "is_staff": True,
    "is_active": False,
    "username": "root",
    "email": "root@example.org",
    "prefix": "tl_forged",
    "last_used_at": "2001-01-01T00:00:00Z",
    "created_at": "2001-01-01T00:00:00Z",
    "updated_at": "2001-01-01T00:00:00Z",
    "completed_at": "2001-01-01T00:00:00Z",
    "deleted_at": "2001-01-01T00:00:00Z",
    "subtasks": {"total": 7, "done": 7},
    "theme": "light",
    "time_zone": "Asia/Tokyo",
    "week_start": "saturday",
}
