"""The OpenAPI document: complete, valid, and what the API really does."""

import os
import re
from itertools import count

import pytest
import requests
import schemathesis
from django.core.management import call_command
from django.urls import URLPattern, get_resolver
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig

from products.actions import products
from products.tests.factories import ProductFactory
from tasklist.rest.schema import document
from tests.api import Api, tokens_for
from tests.server import HOST
from tests.site import archived_like, furnished, shared_like

# At random, for each operation, beside the hundred that its limits give; `make soak` asks for 200.
EXAMPLES = int(os.environ.get("API_EXAMPLES", "10"))
ENDS_SIGN_INS = ("/api/v1/auth", "/api/v1/tokens", "/api/v1/users")  # below these, some do
CHECKS = {
    # What JSON Schema cannot say: cursors, whose id an id is, dates in order, names that are
    # taken. So not all that it allows is taken; all that it forbids has to be refused.
    "positive_data_acceptance": {"enabled": False},
    "negative_data_rejection": {"expected-statuses": [*range(400, 407), *range(412, 416), 429]},
}
API = schemathesis.openapi.from_dict(
    document(), config=SchemathesisConfig.from_dict({"checks": CHECKS})
)


def routes():
    """(method, path as the document writes it) of every operation of the API."""
    for pattern, path in below(get_resolver()):
        if path.startswith("api/"):
            written = re.sub(r"<\w+:(\w+)>", r"{\1}", path).replace("{pk}", "{id}")
            methods = set(getattr(pattern.callback, "actions", ()))
            for method in methods - {"head"}:  # the REST framework adds it at the first request
                yield method, "/" + written.rstrip("/")


def below(resolver, before=""):
    """(pattern, path from the top) of every address."""
    for each in resolver.url_patterns:
        if isinstance(each, URLPattern):
            yield each, before + str(each.pattern)
        else:
            yield from below(each, before + str(each.pattern))


def documented():
    return {(method, path) for path, each in document()["paths"].items() for method in each}


def test_every_operation_is_documented_and_none_that_is_not_there():
    assert set(routes()) == documented()


def test_the_document_is_valid_and_nothing_in_it_was_guessed(tmp_path):
    file = tmp_path / "schema.json"

    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(file))

    assert document()["openapi"] == "3.1.0"


def test_every_operation_says_what_can_go_wrong_and_who_may_ask():
    for method, path in documented():
        operation = document()["paths"][path][method]
        problems = {status for status in operation["responses"] if status >= "400"}
        assert {"400", "401", "405", "406", "500", "503"} <= problems, (method, path)
        for status in problems - {"414"}:
            assert set(operation["responses"][status]["content"]) == {"application/problem+json"}
        assert operation["security"]
        assert operation["description"]


def test_anybody_can_read_it_and_it_is_made_once(client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/api/v1/schema")

    assert answer.status_code == 200
    assert answer.json() == document()
    assert document() is document()


@pytest.fixture
def scene(shared_list, owner, staff):
    """What staff own, in every state, for the addresses to be about."""
    made = furnished(shared_like(shared_list, owner), owner)
    return {
        "tasks": [made.task.pk, made.done.pk, made.trashed.pk],
        "lists": [made.list.pk, archived_like(shared_list, owner).list.pk],
        "users": [owner.username],
        "members": [shared_list.memberships.last().user_id],
        "tokens": [made.token.pk],
        "products": [
            ProductFactory().product_id,
            products.trash(product=ProductFactory(), by=None).product_id,
        ],
    }


@pytest.fixture
def token_for(owner, staff, network):
    """`token_for(operation)`: a new one only where a case before may have ended its sign-in."""
    kept = []

    def token(operation):
        by_staff = operation.path.startswith(("/api/v1/users", "/api/v1/products"))
        who = staff if by_staff else owner
        if operation.method != "get" and operation.path.startswith(ENDS_SIGN_INS):
            return tokens_for(who)["access"]
        if not kept:
            kept.append(tokens_for(who)["access"])
        return kept[0]

    yield token
    for each in kept:  # which was good to the end: a refusal is documented, and would not be seen
        assert Api(network, each).get("auth/verify").status == 200


@pytest.fixture(scope="module")
def line():
    """A connection for all cases: a new one for each takes as long as many an answer."""
    with requests.Session() as session:
        yield session


@pytest.mark.mariadb
@API.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_the_api_answers_as_the_document_says(case, network, line, token_for, scene):
    lead_somewhere(case, scene)

    case.call_and_validate(
        base_url=f"http://127.0.0.1:{network.port}",
        session=line,
        headers={
            "Host": HOST,
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": next(addresses),
            "Authorization": f"Bearer {token_for(case.operation)}",
        },
    )


# Guesses are counted by address: each case comes from another.
addresses = (f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}" for n in count(1))


def lead_somewhere(case, scene):
    """An id at random is nobody's: every other one becomes one that there is."""
    names = {"who": "users", "user": "members", "number": "tokens", "product_id": "products"}
    names["id"] = case.operation.path.split("/")[3]
    for name, value in (case.path_parameters or {}).items():
        there = scene[names[name]]
        if isinstance(value, int) and value % 2:
            case.path_parameters[name] = there[value % len(there)]
        elif name in ("who", "product_id") and len(str(value)) % 2:
            case.path_parameters[name] = there[len(str(value)) // 2 % len(there)]
