"""The site as production runs it: gunicorn, MariaDB, production settings, behind a proxy."""

import contextlib
import http.client
import json
import re
import signal
import socket
import threading
import time
from http.cookies import SimpleCookie

import pytest
from django.conf import global_settings
from django.db import connection
from django.test import override_settings

from accounts.tests.factories import PASSWORD, UserFactory
from tests.server import HOST, collect_static_files, environment, gunicorn

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def collected():
    collect_static_files()


class Site:
    """A browser behind the proxy that ends TLS."""

    def __init__(self, server):
        self.port = server.port
        self.process = server.process
        self.log = server.log
        self.cookies = {}

    def ask(self, method, path, form="", **headers):
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        usual = {"Host": HOST, "X-Forwarded-Proto": "https", "Cookie": cookies}
        if form:
            usual |= {"Content-Type": "application/x-www-form-urlencoded"}
            usual |= {"Origin": f"https://{HOST}"}
        headers = usual | headers
        link.request(method, path, form, headers)
        answer = link.getresponse()
        answer.text = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        link.close()
        return answer


@pytest.fixture(scope="module")
def running(collected, django_db_setup, django_db_blocker):
    """A server for all that only ask it something."""
    with django_db_blocker.unblock(), gunicorn(BASE_URL=f"https://{HOST}") as server:
        yield server


@pytest.fixture
def site(running, transactional_db):
    return Site(running)


@pytest.fixture
def ending(collected, transactional_db):
    """A site whose server a test may end."""
    with gunicorn(BASE_URL=f"https://{HOST}") as server:
        yield Site(server)


def ann_with_a_real_hash():
    with override_settings(PASSWORD_HASHERS=global_settings.PASSWORD_HASHERS):
        return UserFactory(username="ann")


def test_health_needs_no_name_and_no_tls(site):
    assert site.ask("GET", "/healthz", Host="10.0.3.17").status == 200
    assert site.ask("GET", "/readyz", **{"X-Forwarded-Proto": "http"}).status == 200
    assert site.ask("GET", "/", Host="10.0.3.17").status == 400


def test_plain_http_is_sent_to_https(site):
    answer = site.ask("GET", "/today/", **{"X-Forwarded-Proto": "http"})

    assert (answer.status, answer.headers["Location"]) == (301, f"https://{HOST}/today/")


def test_signing_in_through_the_proxy_shows_today_and_protects_its_cookies(site):
    ann_with_a_real_hash()
    page = site.ask("GET", "/accounts/login/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]

    form = f"csrfmiddlewaretoken={token}&login=ann&password={PASSWORD.replace(' ', '+')}"
    answer = site.ask("POST", "/accounts/login/", form)

    assert (answer.status, answer.headers["Location"]) == (302, "/")
    cookies = answer.headers.get_all("Set-Cookie")
    [session] = [cookie for cookie in cookies if cookie.startswith("__Host-sessionid=")]
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(session.split("; "))
    today = site.ask("GET", "/")
    assert "<h1>Today</h1>" in today.text
    assert today.headers["Cache-Control"] == "private, no-cache"


def test_every_answer_has_the_headers_that_protect_it(site):
    for path in ("/", "/accounts/login/", "/nowhere", "/healthz/../x"):
        headers = site.ask("GET", path).headers
        policy = {part.strip() for part in headers["Content-Security-Policy"].split(";")}
        assert {"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"} <= policy
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Referrer-Policy"] == "same-origin"


def test_static_files_are_named_by_their_content_and_kept_for_a_year(site):
    page = site.ask("GET", "/").text
    [sheet] = re.findall(r'href="(/static/css/app\.[0-9a-f]{12}\.css)"', page)

    answer = site.ask("GET", sheet)

    assert answer.status == 200
    assert "max-age=315360000" in answer.headers["Cache-Control"]
    assert "immutable" in answer.headers["Cache-Control"]


def test_the_scripts_of_passkeys_are_served_from_the_library_under_hashed_names(site):
    page = site.ask("GET", "/accounts/login/").text
    scripts = re.findall(r'src="(/static/(?:mfa|account)/js/[\w-]+\.[0-9a-f]{12}\.js)"', page)

    assert len(scripts) == 3
    assert [site.ask("GET", script).status for script in scripts] == [200] * 3


def test_behind_cloudfront_only_its_own_header_says_https(collected, transactional_db):
    """The load balancer, reached by HTTP, says http to everybody."""
    more = {"TRUSTED_PROXIES": "3", "FORWARDED_PROTO_HEADER": "CloudFront-Forwarded-Proto"}
    with gunicorn(BASE_URL=f"https://{HOST}", **more) as server:
        site = Site(server)
        safe = {"X-Forwarded-Proto": "http", "CloudFront-Forwarded-Proto": "https"}
        plain = {"X-Forwarded-Proto": "https", "CloudFront-Forwarded-Proto": "http"}

        assert site.ask("GET", "/accounts/login/", **safe).status == 200
        assert site.ask("GET", "/accounts/login/", **plain).status == 301


def guess(site, name):
    body = json.dumps({"username": name, "password": "wrong"})
    return site.ask("POST", "/api/v1/auth/login", body, **{"Content-Type": "application/json"})


def test_two_servers_count_guesses_together(collected, transactional_db):
    """Each instance with a count of its own would multiply what somebody may try."""
    with gunicorn() as one, gunicorn() as other:
        sites = [Site(one), Site(other)]
        answers = [guess(sites[n % 2], f"guess{n}").status for n in range(11)]

    assert answers == [401] * 10 + [429]


class Hanging:
    """A way to the database on which nothing moves any more once it is frozen."""

    def __init__(self):
        place = connection.settings_dict
        self.target = (place["HOST"], int(place["PORT"]))
        self.frozen = False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):  # the listener was closed: the test is over
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(self.target)
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=self.carry, args=pair, daemon=True).start()

    def carry(self, source, target):
        with contextlib.suppress(OSError), source, target:
            while data := source.recv(65536):
                while self.frozen:
                    time.sleep(0.05)
                target.sendall(data)


def test_a_database_that_hangs_is_an_answer_within_five_seconds(collected, transactional_db):
    way = Hanging()
    url = environment(database=connection.settings_dict["NAME"])["DATABASE_URL"]
    place = connection.settings_dict
    url = url.replace(f"@{place['HOST']}:{place['PORT']}/", f"@127.0.0.1:{way.port}/")
    with gunicorn(BASE_URL=f"https://{HOST}", DATABASE_URL=url) as server:
        behind = Site(server)
        assert behind.ask("GET", "/readyz").status == 200
        way.frozen = True
        started = time.monotonic()
        frozen = guess(behind, "ann")
        seconds = time.monotonic() - started
        healthy = behind.ask("GET", "/healthz").status
        way.frozen = False
        thawed = behind.ask("GET", "/readyz").status
    way.listener.close()

    assert (frozen.status, healthy, thawed) == (503, 200, 200)
    assert frozen.headers["Retry-After"] == "30"
    assert seconds < 5


def test_logs_are_json_and_hold_no_password(ending):
    ending.ask("POST", "/accounts/login/", "login=ann&password=canary-canary")
    ending.process.send_signal(signal.SIGTERM)
    ending.process.wait(timeout=30)
    written = ending.log.read_text()

    assert '"route": "accounts/login/"' in written
    assert "canary" not in written


def test_a_terminated_server_finishes_what_it_has_begun(ending):
    """A sign-in costs a password hash, long enough to be cut off by a careless stop."""
    ann_with_a_real_hash()
    page = ending.ask("GET", "/accounts/login/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    form = f"csrfmiddlewaretoken={token}&login=ann&password=wrong"
    answers = []
    asking = [
        threading.Thread(
            target=lambda: answers.append(ending.ask("POST", "/accounts/login/", form))
        )
        for _ in range(3)
    ]
    for thread in asking:
        thread.start()
    time.sleep(0.15)  # they are in by now, and not done
    ending.process.send_signal(signal.SIGTERM)
    for thread in asking:
        thread.join()

    assert [answer.status for answer in answers] == [200, 200, 200]
    assert ending.process.wait(timeout=30) == 0
