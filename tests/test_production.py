"""The site as production runs it: gunicorn, MariaDB, production settings, behind a proxy."""

import http.client
import re
import signal
import threading
import time
from http.cookies import SimpleCookie

import pytest
from django.conf import global_settings
from django.test import override_settings

from accounts.tests.factories import PASSWORD, UserFactory
from tests.server import HOST, collect_static_files, gunicorn

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
        headers = {"Host": HOST, "X-Forwarded-Proto": "https"} | headers
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if form:
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
            headers |= {"Origin": f"https://{HOST}"}
        link.request(method, path, form, headers)
        answer = link.getresponse()
        answer.text = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        link.close()
        return answer


@pytest.fixture
def site(collected, transactional_db):
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


def test_logs_are_json_and_hold_no_password(site):
    site.ask("POST", "/accounts/login/", "login=ann&password=canary-canary")
    site.process.send_signal(signal.SIGTERM)
    site.process.wait(timeout=30)
    written = site.log.read_text()

    assert '"route": "accounts/login/"' in written
    assert "canary" not in written


def test_a_terminated_server_finishes_what_it_has_begun(site):
    """A sign-in costs a password hash, long enough to be cut off by a careless stop."""
    ann_with_a_real_hash()
    page = site.ask("GET", "/accounts/login/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    form = f"csrfmiddlewaretoken={token}&login=ann&password=wrong"
    answers = []
    asking = [
        threading.Thread(target=lambda: answers.append(site.ask("POST", "/accounts/login/", form)))
        for _ in range(3)
    ]
    for thread in asking:
        thread.start()
    time.sleep(0.15)  # they are in by now, and not done
    site.process.send_signal(signal.SIGTERM)
    for thread in asking:
        thread.join()

    assert [answer.status for answer in answers] == [200, 200, 200]
    assert site.process.wait(timeout=30) == 0
