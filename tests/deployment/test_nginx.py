"""nginx, with our files where the platform includes them, keeps these promises."""

import http.client
import json
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from deploy.rehearse import nginx as platform
from tests.mariadb import find, free_port

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(find("nginx") is None, reason="needs nginx"),
]
ROOT = Path(__file__).resolve().parent.parent.parent

SECRET = re.compile(r"<(?:\w+:)?(?:key|token|secret|code|signature)>")
KEY_PATH = "/accounts/password/reset/key/1-secretkey/"


@dataclass
class Nginx:
    """nginx on an instance whose / is `folder`."""

    folder: Path
    port: int

    @property
    def logs(self) -> str:
        return "".join(path.read_text() for path in (self.folder / "var/log/nginx").iterdir())


@contextmanager
def platform_nginx(folder: Path, application_port: int) -> Iterator[Nginx]:
    """With the repository in the place of a bundle: it has a folder `static`, a bundle has not."""
    port = free_port()
    platform.configure(folder, ROOT, port=port, application_port=application_port)
    with platform.running(folder / "etc/nginx/nginx.conf"):
        yield Nginx(folder, port)


@dataclass
class Application:
    """Stands where gunicorn would; answers a path that ends in a number with that status."""

    port: int
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@pytest.fixture(scope="module")
def application() -> Iterator[Application]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            known.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
            last = self.path.split("?")[0].split("/")[-1]
            self.send_response(int(last) if last.isdigit() else 200)
            self.send_header("Content-Length", "12")
            self.send_header("Referrer-Policy", "same-origin")
            self.end_headers()
            self.wfile.write(b"application\n")

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known = Application(server.server_port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield known
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def nginx(application: Application, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    with platform_nginx(tmp_path_factory.mktemp("nginx"), application.port) as nginx:
        yield nginx


@pytest.fixture(scope="module")
def lonely_nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """One whose application is not there."""
    with platform_nginx(tmp_path_factory.mktemp("lonely"), free_port()) as nginx:
        yield nginx


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: str


def ask(
    nginx: Nginx,
    path: str,
    method: str = "GET",
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", nginx.port, timeout=10)
    connection.request(method, path, body=body, headers=headers or {})
    response = connection.getresponse()
    found = {name.lower(): value for name, value in response.getheaders()}
    answer = Answer(response.status, found, response.read().decode())
    connection.close()
    return answer


def test_the_api_is_told_in_a_problem_that_the_application_is_away(lonely_nginx: Nginx) -> None:
    answer = ask(lonely_nginx, "/api/v1/tasks")
    assert answer.status == 502
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "30"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    problem = json.loads(answer.body)
    assert set(problem) == {"type", "title", "status", "detail"}
    assert (problem["type"], problem["title"], problem["status"]) == (
        "about:blank",
        "Bad Gateway",
        502,
    )


def test_people_are_told_on_a_page_that_the_application_is_away(lonely_nginx: Nginx) -> None:
    answer = ask(lonely_nginx, "/apiaries/")
    assert answer.status == 502
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["retry-after"] == "30"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "Back in a moment" in answer.body


@pytest.mark.parametrize(
    ("status", "request_of"),
    [
        (405, {"path": "/api/v1/tasks", "method": "TRACE"}),
        (413, {"path": "/api/v1/tasks", "method": "POST", "body": b" " * (2 * 1024**2 + 1)}),
        (431, {"path": "/api/v1/tasks", "headers": {"X-Long": "x" * 9000}}),
    ],
)
def test_what_nginx_refuses_of_the_api_is_a_problem(
    nginx: Nginx, status: int, request_of: dict[str, object]
) -> None:
    answer = ask(nginx, **request_of)
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(answer.body)["status"] == status
    assert "retry-after" not in answer.headers


def test_an_address_too_long_to_be_read_is_answered_with_a_page(nginx: Nginx) -> None:
    answer = ask(nginx, "/api/" + "x" * 9000)
    assert answer.status == 414
    assert "The address is too long." in answer.body


def test_an_upload_of_2_mb_passes(nginx: Nginx) -> None:
    assert ask(nginx, "/api/v1/x", "POST", b" " * (2 * 1024**2)).status == 200


def test_an_address_as_long_as_gunicorn_takes_passes(nginx: Nginx) -> None:
    path = "/?" + "x" * (8190 - len("GET /? HTTP/1.1"))
    assert ask(nginx, path).status == 200


@pytest.mark.parametrize("status", [400, 404, 413, 500, 502, 503, 504])
def test_what_the_application_answers_itself_passes_as_it_is(nginx: Nginx, status: int) -> None:
    answer = ask(nginx, f"/api/v1/{status}")
    assert (answer.status, answer.body) == (status, "application\n")


@pytest.mark.parametrize(
    "path", ["/static/css/app.css", "/static/", "/static", "/staticfiles.json"]
)
def test_sources_of_static_files_are_not_public(nginx: Nginx, path: str) -> None:
    assert ask(nginx, path).status == 404


def test_what_only_begins_like_static_reaches_the_application(nginx: Nginx) -> None:
    assert ask(nginx, "/statistics/").body == "application\n"


def test_nginx_does_not_tell_its_version(nginx: Nginx, lonely_nginx: Nginx) -> None:
    assert ask(nginx, "/").headers["server"] == "nginx"
    assert ask(lonely_nginx, "/").headers["server"] == "nginx"


@pytest.mark.parametrize(
    "path",
    [
        KEY_PATH,
        "/accounts/confirm-email/secretkey/",
        "/accounts/invitation/secretkey/",
        "/accounts/oidc/cognito/login/callback/?code=secretkey",
    ],
)
def test_links_of_mails_reach_the_application_and_no_log(
    nginx: Nginx, application: Application, path: str
) -> None:
    answer = ask(nginx, path, headers={"X-Forwarded-For": "203.0.113.7", "Host": "tasks.test"})
    assert answer.body == "application\n"
    assert answer.headers["referrer-policy"] == "strict-origin"
    asked, headers = application.requests[-1]
    assert asked == path
    assert headers["host"] == "tasks.test"
    assert headers["x-forwarded-for"] == "203.0.113.7, 127.0.0.1"
    ask(nginx, "/after")
    assert "/after" in nginx.logs
    assert "secretkey" not in nginx.logs


def test_links_of_mails_are_in_no_log_while_the_application_is_away(lonely_nginx: Nginx) -> None:
    answer = ask(lonely_nginx, KEY_PATH)
    assert answer.status == 502
    assert "Back in a moment" in answer.body
    assert "secretkey" not in lonely_nginx.logs


@pytest.mark.parametrize(
    ("status", "request_of"),
    [
        (431, {"headers": {"Cookie": "x" * 9000}}),
        (405, {"method": "TRACE"}),
        (400, {"headers": {"Content-Length": "many"}}),
        (501, {"headers": {"Transfer-Encoding": "pigeon"}}),
    ],
)
@pytest.mark.parametrize("path", [KEY_PATH, "//Accounts//password/reset/key/1-secretkey/"])
def test_links_of_mails_are_in_no_log_where_nginx_refuses_the_request(
    nginx: Nginx, path: str, status: int, request_of: dict[str, object]
) -> None:
    """Too many cookies is an ordinary way to get there."""
    assert ask(nginx, path, **request_of).status == status
    assert "secretkey" not in nginx.logs


def test_the_platforms_own_log_goes_on(nginx: Nginx) -> None:
    ask(nginx, "/accounts/password/reset/")
    assert (
        '"GET /accounts/password/reset/ HTTP/1.1"'
        in (nginx.folder / "var/log/nginx/access.log").read_text()
    )


def test_our_files_stand_where_the_platform_includes_them() -> None:
    ours = ROOT / ".platform/nginx"
    assert not (ours / "nginx.conf").exists()
    assert all("location" not in path.read_text() for path in (ours / "conf.d").glob("*.conf"))


def routes(patterns: Iterable[URLPattern | URLResolver], before: str = "/") -> Iterator[str]:
    """Every route of the site map, parameters in their notation."""
    for pattern in patterns:
        route = before + str(pattern.pattern).removeprefix("^")
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route


def test_every_route_that_carries_a_secret_is_kept_out_of_the_log() -> None:
    secret = [route for route in routes(get_resolver().url_patterns) if SECRET.search(route)]
    assert len(secret) >= 2
    security = (ROOT / ".platform/nginx/conf.d/elasticbeanstalk/10_security.conf").read_text()
    unlogged = re.search(r"location ~ (\S+) \{\n    access_log off;", security)
    assert unlogged
    assert [route for route in secret if not re.match(unlogged[1], route)] == []
