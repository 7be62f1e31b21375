"""The long half of what `accounts/tests/test_throttles.py` promises, for `make soak`.

Ten thousand guesses by every way in from a hundred addresses, and how long answers take for
those who have an account and those who have not: on gunicorn and MariaDB in production
settings, with the hashes of production. Run it alone, on a machine that does nothing else.

    python tests/mariadb.py -- python -m pytest -s tests/guessing.py
"""

import http.client
import json
import statistics
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import global_settings
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client, override_settings
from django.utils.http import int_to_base36

from accounts.models import User
from accounts.tests.factories import PASSWORD, UserFactory
from tests.api import tokens_for
from tests.server import HOST, collect_static_files, gunicorn

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]

GUESSES = 10_000
ADDRESSES = 100
REACHED = 100  # hashes and comparisons, at the most
TIMES = 200  # that each answer is timed, for known and for unknown
APART = 10  # milliseconds, at the most
SECRET = "c" * 32
WRONG = "not the password at all"
KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def real_hash():
    with override_settings(PASSWORD_HASHERS=global_settings.PASSWORD_HASHERS):
        return make_password(PASSWORD)


@dataclass
class Guesser:
    """Somebody at an address, who keeps the cookies that they are given."""

    port: int
    address: str
    session: str = ""

    def ask(self, method, path, body="", kind="application/x-www-form-urlencoded", **headers):
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {
            "Host": HOST,
            "Origin": f"https://{HOST}",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": f"6.6.6.6, {self.address}",
            "Content-Type": kind,
            "Cookie": f"__Host-csrftoken={SECRET}; __Host-sessionid={self.session}",
        }
        link.request(method, path, body, sent | headers)
        answer = link.getresponse()
        answer.read()
        for line in answer.headers.get_all("Set-Cookie", []):
            if line.startswith("__Host-sessionid="):
                self.session = line.partition("=")[2].partition(";")[0]
        link.close()
        return answer.status

    def page(self, path, **form):
        return self.ask("POST", path, urlencode(form | {"csrfmiddlewaretoken": SECRET}))

    def api(self, path, **form):
        return self.ask("POST", f"/api/v1/{path}", json.dumps(form), "application/json")

    def bearing(self, token):
        return self.ask("GET", "/api/v1/auth/verify", Authorization=f"Bearer {token}")


@dataclass
class Scene:
    """owner: at whose password they guess; app: whose password they know; thief's: stolen."""

    owner: User
    session: str
    access: str


@pytest.fixture
def scene(real_hash):
    owner, app = UserFactory(username="owner"), UserFactory(username="app")
    User.objects.update(password=real_hash)
    for user in (owner, app):
        email = f"{user.username}@example.org"
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    TOTP.activate(app, KEY)
    thief = Client()
    thief.force_login(owner)
    return Scene(owner, thief.cookies["sessionid"].value, tokens_for(owner)["access"])


def with_code(guesser, n):
    """Past the password, which they know, a code of the app."""
    guesser.session = guesser.session or ""
    if not guesser.session:
        guesser.page("/accounts/login/", login="app", password=PASSWORD)
    return guesser.page("/accounts/2fa/authenticate/", code=f"{n:06}")


def with_mailed_code(guesser, n):
    if not guesser.session:
        guesser.page("/accounts/login/code/", email="owner@example.org")
    return guesser.page("/accounts/login/code/confirm/", code=f"{n:06}")


def ways(scene):
    """{what is guessed at: how}, each from a browser of the guesser's or with what they stole."""
    uid = int_to_base36(scene.owner.pk)

    def stolen(guesser, path, **form):
        return Guesser(guesser.port, guesser.address, scene.session).page(path, **form)

    return {
        "page, by name": lambda g, n: g.page("/accounts/login/", login="owner", password=f"{n}"),
        "page, by e-mail": lambda g, n: g.page(
            "/accounts/login/", login="Owner@example.org", password=f"{n}"
        ),
        "admin": lambda g, n: g.page(
            "/accounts/login/?next=/admin/", login="OWNER", password=f"{n}"
        ),
        "api, by name": lambda g, n: g.api("auth/login", username="owner", password=f"{n}"),
        "api, by e-mail": lambda g, n: g.api(
            "auth/login", username="owner@EXAMPLE.org", password=f"{n}"
        ),
        "api, a code": lambda g, n: g.api(
            "auth/login", username="app", password=PASSWORD, code=f"{n:06}"
        ),
        "page, a code": with_code,
        "page, a mailed code": with_mailed_code,
        "reset, asked for": lambda g, n: g.page(
            "/accounts/password/reset/", email="owner@example.org"
        ),
        "reset, a key": lambda g, n: g.ask("GET", f"/accounts/password/reset/key/{uid}-{n}-x/"),
        "verification, a key": lambda g, n: g.page(f"/accounts/confirm-email/{n}/"),
        "invitation, a key": lambda g, n: g.ask("GET", f"/accounts/invitation/{n}/"),
        "sign-up, a name": lambda g, n: g.page(
            "/accounts/signup/", username="owner", password1=WRONG
        ),
        "api, sign-up, a name": lambda g, n: g.api(
            "auth/register", username="owner", password=WRONG
        ),
        "refresh token": lambda g, n: g.api("auth/refresh", refresh=f"{scene.access}{n}"),
        "access token": lambda g, n: g.bearing(f"{scene.access}{n}"),
        "personal token": lambda g, n: g.bearing(f"tl_{n:040}"),
        "passkey": lambda g, n: g.page("/accounts/2fa/webauthn/login/", credential="{}"),
        "password change": lambda g, n: stolen(
            g, "/accounts/password/change/", oldpassword=f"{n}", password1=WRONG, password2=WRONG
        ),
        "reauthentication": lambda g, n: stolen(g, "/accounts/reauthenticate/", password=f"{n}"),
        "closing": lambda g, n: stolen(g, "/settings/close/", password=f"{n}"),
    }


def test_of_ten_thousand_guesses_at_most_a_hundred_reach_a_hash(scene, tmp_path):
    collect_static_files()
    counted = tmp_path / "counted"
    counted.touch()
    more = {"BASE_URL": f"https://{HOST}", "WEB_CONCURRENCY": "2", "COUNTED": str(counted)}
    answers = Counter()

    with gunicorn("tests.counted", **more) as server:
        guessers = {
            (way, n): Guesser(server.port, f"198.51.{n}.7")
            for way in ways(scene)
            for n in range(ADDRESSES)
        }

        def guess(number):
            names = list(ways(scene))
            name, nth = names[number % len(names)], number // len(names)
            status = ways(scene)[name](guessers[name, nth % ADDRESSES], nth)
            answers[name, status] += 1

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(guess, range(GUESSES)))
        reached = Counter(counted.read_text())

    for (name, status), times in sorted(answers.items()):
        print(f"{name:25} {status} {times:6}")
    print(f"of {GUESSES} guesses {reached.total()} reached a hash or a comparison: {reached}")
    assert {status for _name, status in answers} <= {200, 302, 400, 401, 404, 422, 429}
    assert reached["p"] > 0
    assert reached.total() <= REACHED


# How long answers take.

PEOPLE = TIMES // 4  # each is asked about four times: fewer than anybody may guess
DOORS = {
    "sign-in by name": ("page", "/accounts/login/", {"login": "{name}", "password": WRONG}),
    "sign-in by e-mail": (
        "page",
        "/accounts/login/",
        {"login": "{name}@example.org", "password": WRONG},
    ),
    "sign-in by api": ("api", "auth/login", {"username": "{name}", "password": WRONG}),
    "reset": ("page", "/accounts/password/reset/", {"email": "{name}@example.org"}),
    "mailed code": ("page", "/accounts/login/code/", {"email": "{name}@example.org"}),
    "sign-up": (
        "page",
        "/accounts/signup/",
        {"username": "new{n}", "email": "{name}@example.org", "password1": "an entirely new one"},
    ),
}


def timed(port, door, name, n):
    """Milliseconds that the answer takes, asked from an address that nobody has used."""
    how, path, form = DOORS[door]
    filled = {field: value.format(name=name, n=f"{door[:4]}{n}") for field, value in form.items()}
    guesser = Guesser(port, f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}")
    started = time.perf_counter()
    status = getattr(guesser, how)(path, **filled)
    took = (time.perf_counter() - started) * 1000
    assert status in (200, 302, 401), (door, status)
    return took


@pytest.mark.parametrize("door", DOORS)
def test_answers_take_as_long_for_those_who_have_an_account_as_for_others(door, real_hash):
    collect_static_files()
    for n in range(PEOPLE):
        user = UserFactory(username=f"person{n}")
        email = f"person{n}@example.org"
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    User.objects.update(password=real_hash)
    took = {"person": [], "nobody": []}

    with gunicorn(BASE_URL=f"https://{HOST}") as server:
        for n in range(2 * 4 + 2 * TIMES):
            who = ("person", "nobody")[n % 2]
            milliseconds = timed(server.port, door, f"{who}{n // 2 % PEOPLE}", n)
            if n >= 2 * 4:  # the first ones warm it up
                took[who].append(milliseconds)

    known, unknown = (statistics.median(times) for times in took.values())
    print(f"{door:18} known {known:6.1f} ms, unknown {unknown:6.1f} ms, n={TIMES} each")
    assert abs(known - unknown) <= APART
    assert connection.vendor == "mysql"
