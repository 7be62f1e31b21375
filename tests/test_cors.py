"""Pages of other sites: those that are listed ask the API with a token, and nobody else's do."""

import json

import pytest
from django.conf import settings as configured

from tests.api import tokens_for

pytestmark = pytest.mark.once

FRIEND = "https://app.example.org"
STRANGERS = [
    "https://evil.example",
    "http://app.example.org",
    "https://app.example.org:8443",
    "https://app.example.org.evil.example",
    "https://evil.example/https://app.example.org",
    "null",
    "https://[",
]


@pytest.fixture
def friend(settings):
    settings.CORS_ALLOWED_ORIGINS = [FRIEND]


def allowed(answer):
    return {
        name.lower(): value
        for name, value in answer.items()
        if name.lower().startswith("access-control-")
    }


def preflight(visitor, path="/api/v1/tasks", origin=FRIEND):
    headers = {
        "origin": origin,
        "access-control-request-method": "PATCH",
        "access-control-request-headers": "authorization,if-match",
    }
    return visitor.options(path, headers=headers)


def test_a_listed_site_may_ask_with_a_token_and_never_with_cookies(friend, visitor):
    answer = preflight(visitor)

    assert (answer.status_code, answer.content) == (200, b"")
    told = allowed(answer)
    assert told["access-control-allow-origin"] == FRIEND
    assert {"authorization", "if-match"} <= set(told["access-control-allow-headers"].split(", "))
    assert "PATCH" in told["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in told
    assert "origin" in answer["Vary"].lower()


def test_its_answers_and_errors_are_its_to_read(friend, visitor, owner):
    token = {"authorization": f"Bearer {tokens_for(owner)['access']}", "origin": FRIEND}
    made = visitor.post(
        "/api/v1/tasks",
        json.dumps({"title": "Sow beans"}),
        content_type="application/json",
        headers=token,
    )

    assert made.status_code == 201
    for answer in (
        made,
        visitor.get("/api/v1/tasks", headers={"origin": FRIEND}),
        visitor.get("/api/v1/tasks/999999", headers=token),
        visitor.get("/api/v1/nowhere", headers=token),
    ):
        assert allowed(answer) == {
            "access-control-allow-origin": FRIEND,
            "access-control-expose-headers": "ETag, Location, Retry-After",
        }


@pytest.mark.parametrize("origin", STRANGERS)
def test_any_other_site_reads_nothing(origin, friend, visitor, db):
    assert allowed(preflight(visitor, origin=origin)) == {}
    assert allowed(visitor.get("/api/v1/tasks", headers={"origin": origin})) == {}


@pytest.mark.parametrize("path", ["/accounts/login/", "/today/", "/admin/", "/static/x", "/apix"])
def test_pages_are_nobody_elses_to_read(path, friend, visitor, db):
    for answer in (preflight(visitor, path), visitor.get(path, headers={"origin": FRIEND})):
        assert allowed(answer) == {}


def test_no_site_is_listed_unless_somebody_does(visitor, db):
    assert configured.CORS_ALLOWED_ORIGINS == []
    assert allowed(preflight(visitor)) == {}
