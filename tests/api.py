"""Programs that talk to the API: in this process, or to gunicorn over HTTP.

The same tests run both ways: on SQLite in process, on MariaDB against a server in production
settings, so that what they promise holds for what is deployed.
"""

import http.client
import json
from dataclasses import dataclass, field
from types import SimpleNamespace

from django.test import Client

from accounts.actions import sign_ins
from accounts.api.auth import tokens_of

BASE = "/api/v1/"


class InProcess:
    """Django's test client: no server, no network."""

    def __call__(self, method, path, body, headers):
        kind = headers.pop("Content-Type", "")
        client = Client(raise_request_exception=False)
        return client.generic(method, path, body, content_type=kind, headers=headers)


@dataclass
class OverHTTP:
    """A connection a request to a server on this machine, behind the proxy that ends TLS."""

    port: int
    host: str

    def __call__(self, method, path, body, headers):
        headers = {"Host": self.host, "X-Forwarded-Proto": "https"} | headers
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            link.request(method, path, body, headers)
            answer = link.getresponse()
            return SimpleNamespace(
                status_code=answer.status, headers=answer.headers, content=answer.read()
            )
        finally:
            link.close()


@dataclass
class Answer:
    """What came back: `status`, `headers`, `body` as it is and, of JSON, `json`."""

    status: int
    headers: object
    body: bytes
    json: object = None

    @property
    def problem(self):
        """{field: code} of bad input; checks that it is a problem after RFC 9457."""
        assert self.headers["Content-Type"] == "application/problem+json"
        assert {"type", "title", "status", "detail"} <= set(self.json)
        assert self.json["status"] == self.status
        return {each["field"]: each["code"] for each in self.json.get("errors", ())}


@dataclass
class Api:
    """Somebody's program. Paths are below /api/v1/; bodies are JSON unless they are bytes."""

    send: object
    token: str = ""
    headers: dict = field(default_factory=dict)

    def ask(self, method, path, body=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers = self.headers | headers
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = self.send(
            method, path if path.startswith("/") else BASE + path, body or b"", headers
        )
        kind = sent.headers.get("Content-Type", "")
        found = json.loads(sent.content) if "json" in kind and sent.content else None
        return Answer(sent.status_code, sent.headers, sent.content, found)

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def post(self, path, body=None, **headers):
        return self.ask("POST", path, body, **headers)

    def put(self, path, body=None, **headers):
        return self.ask("PUT", path, body, **headers)

    def patch(self, path, body=None, **headers):
        return self.ask("PATCH", path, body, **headers)

    def delete(self, path, **headers):
        return self.ask("DELETE", path, **headers)


def tokens_for(user):
    """Tokens as signing in gives them, without the price of a password's hash."""
    return tokens_of(sign_ins.begin(user=user, by=user))
