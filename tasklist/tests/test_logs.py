import json
import logging

import pytest
from django.test import Client

from tasklist.logs import JsonFormatter, RequestFilter


@pytest.fixture
def lines():
    """What the log holds, each line read as JSON."""
    written = []

    class Lines(logging.Handler):
        def emit(self, record):
            written.append(json.loads(self.format(record)))

    handler = Lines()
    handler.setFormatter(JsonFormatter())
    handler.addFilter(RequestFilter())
    access = logging.getLogger("tasklist.access")
    root = logging.getLogger()
    level = access.level
    access.setLevel(logging.INFO)
    root.addHandler(handler)
    yield written
    root.removeHandler(handler)
    access.setLevel(level)


def test_a_request_is_one_line_of_json_with_the_number_that_the_client_got(lines, signed_in, owner):
    answer = signed_in(owner).get("/upcoming/")

    [line] = lines
    assert line["request_id"] == answer["X-Request-ID"]
    assert (line["level"], line["logger"]) == ("INFO", "tasklist.access")
    assert (line["method"], line["route"], line["status"]) == ("GET", "upcoming/", 200)
    assert (line["message"], line["user"]) == ("GET 200", owner.pk)
    assert line["timestamp"].endswith("+00:00")
    assert line["milliseconds"] > 0


def test_every_request_has_its_own_number(visitor, db):
    assert visitor.get("/")["X-Request-ID"] != visitor.get("/")["X-Request-ID"]


def test_a_secret_in_the_path_or_the_form_is_not_logged(lines, visitor, db):
    visitor.get("/accounts/password/reset/key/1a-canary-secret/")
    visitor.post("/accounts/login/", {"login": "canary", "password": "canary"})
    visitor.post("/accounts/password/reset/key/1a-canary/x/y")
    visitor.get("/canary")
    Client(enforce_csrf_checks=True).post("/accounts/password/reset/key/1a-canary/")

    messages = [line["message"] for line in lines]
    assert "Not Found: (no route)" in messages
    assert any(message.startswith("Forbidden (CSRF cookie not set.): ") for message in messages)
    assert "canary" not in json.dumps(lines)


def test_a_line_break_in_a_message_cannot_forge_a_line(caplog):
    record = logging.makeLogRecord({"msg": "a\r\n{}", "request_id": "-"})

    assert "\n" not in JsonFormatter().format(record)
