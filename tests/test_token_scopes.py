"""Every operation of the API x every kind of personal token: what a token may is a table.

A new operation below `auth/`, `tokens` or `users/` that changes something has to be listed
here: either a token may do it, or the view says that none may.
"""

import pytest
from django.utils import timezone

from accounts.actions import tokens, users
from accounts.api.permissions import WithinScope
from accounts.models import ApiToken
from accounts.tests.factories import UserFactory
from tasks.tests.views.pages import everything
from tests.api import Api, InProcess, tokens_for
from tests.operations import PRODUCTS, completed
from tests.site import furnished, patterns
from tests.test_api_access import EVERY_OPERATION, PUBLIC, ask, undone

pytestmark = pytest.mark.once

SCOPES = ["read", "write"]
BY_STAFF = {"api:users", "api:user", "api:end-sessions", "api:users-tasks", *PRODUCTS}
OPERATIONS = [
    (name, operation)
    for name, row in EVERY_OPERATION.items()
    for operation in row
    if name not in PUBLIC
]
# What manages accounts and what lets people in.
NEVER = {
    ("api:logout", "POST"),
    ("api:tokens", "GET"),
    ("api:tokens", "POST"),
    ("api:token", "DELETE"),
    ("api:close", "POST"),
    ("api:users", "POST"),
    ("api:user", "PATCH"),
    ("api:user", "DELETE"),
    ("api:end-sessions", "POST"),
}
# ... and what is below the same addresses, and is about something else.
OF_ONESELF = {("api:me", "PATCH")}  # one's time zone, week and theme


@pytest.fixture
def scene(shared_list, owner, viewer, stranger):
    return completed(furnished(shared_list, owner), owner, viewer, stranger)


def program_of(user, scope):
    """A program with a personal token that has been used, so that its use is noted already."""
    _token, secret = tokens.make(user=user, name="Script", scopes=[scope], by=user)
    program = Api(InProcess(), secret)
    assert program.get("auth/verify").status == 200
    return program


@pytest.fixture
def programs(owner, staff):
    """`programs(name, scope)`: a program of the one of the two who may do what is called so."""
    made = {(who, each): program_of(who, each) for who in (owner, staff) for each in SCOPES}
    return lambda name, scope: made[staff if name in BY_STAFF else owner, scope]


def test_every_view_of_the_api_looks_at_scopes():
    views = {name: patterns()[name].callback.cls for name, _operation in OPERATIONS}

    assert {name for name, view in views.items() if WithinScope not in view.permission_classes} == (
        set()
    )


def test_every_operation_that_manages_accounts_is_classified():
    managing = {
        (name, operation)
        for name, operation in OPERATIONS
        if str(patterns()[name].pattern).startswith(("auth/", "tokens/", "users/"))
        and operation != "GET"
    }

    assert managing == {each for each in NEVER if each[1] != "GET"} | OF_ONESELF
    assert set(OPERATIONS) >= NEVER


def test_a_token_never_manages_accounts_or_tokens(programs, scene):
    before = everything()

    for scope in SCOPES:
        answers = [ask(programs(name, scope), name, each, scene) for name, each in NEVER]
        assert {each.json["type"] for each in answers} == {"not_by_personal_token"}
        assert {each.status for each in answers} == {403}

    assert everything() == before


def test_a_token_that_reads_does_nothing_else(programs, scene):
    writing = {each for each in OPERATIONS if each[1] != "GET"} - NEVER
    before = everything()

    answers = [ask(programs(name, "read"), name, each, scene) for name, each in writing]

    assert {(each.status, each.json["scope"]) for each in answers} == {(403, "write")}
    assert everything() == before


def test_a_token_does_what_its_person_may_as_far_as_its_scope_goes(programs, scene, owner, staff):
    of = {user: Api(InProcess(), tokens_for(user)["access"]) for user in (owner, staff)}
    got, wanted = {}, {}

    for name, operation in set(OPERATIONS) - NEVER:
        for scope in SCOPES if operation == "GET" else ["write"]:
            with undone():
                answer = ask(programs(name, scope), name, operation, scene)
                got[name, operation, scope] = answer.status
            with undone():
                usual = ask(of[staff if name in BY_STAFF else owner], name, operation, scene)
                wanted[name, operation, scope] = usual.status

    assert got == wanted
    assert {status for status in got.values() if status >= 300} == set()


def test_a_token_that_is_over_does_nothing_at_all(scene):
    people = [UserFactory(is_superuser=True) for _ in range(5)]
    ended, off, anew, late, without = people
    programs = [program_of(user, "write") for user in people]
    users.end_sessions(user=ended, by=None)
    users.set_active(user=off, active=False, by=None)
    users.set_password(user=anew, password="x" * 15, by=None)
    ApiToken.objects.filter(user=late).update(expires_at=timezone.now())
    tokens.revoke(token=without.api_tokens.get(), by=without)
    before = everything()

    answers = [
        ask(program, name, operation, scene)
        for program in programs
        for name, operation in OPERATIONS
    ]

    assert {answer.status for answer in answers} == {401}
    assert everything() == before
