"""Tokens: only ours, of the right kind, and dead at once when the sign-in is over."""

import base64
import hmac
import json
import secrets
from functools import partial

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.actions import sign_ins, users
from accounts.models import SignIn
from accounts.tests.factories import UserFactory
from accounts.tokens import ACCESS, REFRESH, key
from tasks.models import TaskList
from tasks.tests.races import race
from tasks.tests.records import nothing_written
from tests.api import Api, tokens_for

WEEK = 7 * 24 * 60 * 60
OCTETS = {"kty": "oct", "k": base64.urlsafe_b64encode(b"x" * 32).decode()}
CLAIMS = ("iss", "sub", "sid", "jti", "iat", "exp")


def part(value):
    octets = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def parts_of(token):
    """The header and the claims of a token."""
    return [json.loads(base64.urlsafe_b64decode(each + "==")) for each in token.split(".")[:2]]


def forged(claims, *, kind=ACCESS, secret=None, digest="sha256", **header):
    """A token of these claims, signed as ours are unless told otherwise."""
    head = {"alg": "HS256", "typ": kind.typ} | header
    message = f"{part({name: each for name, each in head.items() if each})}.{part(claims)}"
    return f"{message}.{part(hmac.digest(secret or key(kind), message.encode(), digest))}"


def without(claims, name):
    return {each: value for each, value in claims.items() if each != name}


def altered(token):
    """The same token, good for a week, under its old signature."""
    head, _claims, signature = token.split(".")
    claims = parts_of(token)[1]
    return f"{head}.{part(claims | {'exp': claims['exp'] + WEEK})}.{signature}"


def bad_ones(claims, now):
    """{what is wrong: a token}. `claims` are those of a good one."""
    later = {"iat": now + WEEK, "exp": now + 2 * WEEK}
    other = tokens_for(UserFactory())["access"]
    ended = SignIn.objects.get(pk=parts_of(other)[1]["sid"])
    foreign = claims | {"sid": parts_of(tokens_for(UserFactory())["access"])[1]["sid"]}
    sign_ins.end(sign_in=ended, by=None)
    head = part({"alg": "HS256", "typ": ACCESS.typ})
    return {
        "altered": altered(forged(claims)),
        "without its signature": forged(claims).rpartition(".")[0] + ".",
        "in two parts": forged(claims).rpartition(".")[0],
        "signed by nobody": f"{part({'alg': 'none', 'typ': ACCESS.typ})}.{part(claims)}.",
        "of another algorithm": forged(claims, digest="sha512", alg="HS512"),
        "of an algorithm with a public key": forged(claims, alg="RS256"),
        "of no algorithm": forged(claims, alg=None),
        "with a key of its own": forged(claims, secret=b"x" * 32, jwk=OCTETS, kid="/dev/null"),
        "with a part that has to be understood": forged(claims, crit=["exp"]),
        "of no type": forged(claims, typ=None),
        "of the usual type": forged(claims, typ="JWT"),
        "of the type of the others": forged(claims, typ=REFRESH.typ),
        "with the key of the others": forged(claims, secret=key(REFRESH)),
        "with the secret key itself": forged(claims, secret=settings.SECRET_KEY.encode()),
        "with another key": forged(claims, secret=b"x" * 32),
        "of another issuer": forged(claims | {"iss": "https://evil.example"}),
        "over": forged(claims | {"iat": now - WEEK, "exp": now - 31}),
        "not yet good": forged(claims | {"nbf": now + WEEK}),
        "made in the future": forged(claims | later),
        "of nobody's sign-in": forged(claims | {"sid": "9999999"}),
        "of a sign-in without a number": forged(claims | {"sid": "first"}),
        "of somebody else's sign-in": forged(foreign),
        "of a sign-in that has ended": other,
        "of no object": f"{head}.{part([1])}.{part(b'x')}",
        **{f"without {name}": forged(without(claims, name)) for name in CLAIMS},
    }


def tells_to_sign_in(answer):
    """Whether it is the problem that a program is told by to sign in (RFC 6750)."""
    challenge = answer.headers.get("WWW-Authenticate")
    told = (answer.status, challenge) == (401, 'Bearer realm="api"')
    return told and answer.problem == {}


def alive(api, tokens):
    """Whether the access token and the refresh token are taken; trying the second uses it."""
    access = Api(api().send, tokens["access"]).get("auth/verify")
    refresh = api().post("auth/refresh", {"refresh": tokens["refresh"]})
    for answer in (access, refresh):
        assert answer.status == 200 or tells_to_sign_in(answer)
    return access.status == 200, refresh.status == 200


def test_an_access_token_says_who_somebody_is(api, owner):
    answer = api(owner).get("auth/verify")

    assert (answer.status, answer.json) == (200, {"user_id": owner.pk, "username": "owner"})


def test_the_scheme_is_written_in_any_case(api, owner):
    token = tokens_for(owner)["access"]

    for scheme in ("bearer", "BEARER", "Bearer"):
        assert api(Authorization=f"{scheme} {token}").get("auth/verify").status == 200


def test_only_our_own_access_tokens_let_anybody_in(api, owner):
    now = int(timezone.now().timestamp())
    _head, claims = parts_of(tokens_for(owner)["access"])
    assert Api(api().send, forged(claims)).get("auth/verify").status == 200

    tokens = bad_ones(claims, now) | {"for refreshing": tokens_for(owner)["refresh"]}

    answers = {what: Api(api().send, each).get("lists") for what, each in tokens.items()}
    assert [what for what, each in answers.items() if not tells_to_sign_in(each)] == []


def test_only_our_own_refresh_tokens_give_new_ones(api, owner):
    now = int(timezone.now().timestamp())
    _head, claims = parts_of(tokens_for(owner)["refresh"])
    wrong = {
        "of the type of the others": forged(claims, kind=REFRESH, typ=ACCESS.typ),
        "with the key of the others": forged(claims, kind=REFRESH, secret=key(ACCESS)),
        "signed by nobody": f"{part({'alg': 'none', 'typ': REFRESH.typ})}.{part(claims)}.",
        "over": forged(claims | {"exp": now - 31}, kind=REFRESH),
        "of another issuer": forged(claims | {"iss": "https://evil.example"}, kind=REFRESH),
        "without a number": forged(claims | {"jti": "1"}, kind=REFRESH),
        "of access": tokens_for(owner)["access"],
        "of nothing": "x",
    }

    answers = {what: api().post("auth/refresh", {"refresh": each}) for what, each in wrong.items()}

    assert [what for what, each in answers.items() if not tells_to_sign_in(each)] == []
    assert api().post("auth/refresh", {"refresh": forged(claims, kind=REFRESH)}).status == 200


def test_refreshing_gives_tokens_in_place_of_the_old_ones(api, owner):
    old = tokens_for(owner)

    answer = api().post("auth/refresh", {"refresh": old["refresh"]})

    assert answer.status == 200
    assert list(answer.json) == ["access", "refresh", "token_type", "expires_in"]
    assert (answer.json["token_type"], answer.json["expires_in"]) == ("Bearer", 900)
    assert answer.json["refresh"] != old["refresh"]
    assert alive(api, answer.json) == (True, True)


def test_a_used_refresh_token_ends_its_sign_in(api, owner):
    other, old = tokens_for(owner), tokens_for(owner)
    new = api().post("auth/refresh", {"refresh": old["refresh"]}).json

    assert tells_to_sign_in(api().post("auth/refresh", {"refresh": old["refresh"]}))

    assert alive(api, new) == (False, False)
    assert alive(api, old) == (False, False)
    assert alive(api, other) == (True, True)


@pytest.mark.mariadb
def test_of_many_who_use_a_refresh_token_at_once_one_gets_tokens_and_none_keeps_them(api, owner):
    for _ in range(5):
        tokens = tokens_for(owner)
        refresh = partial(api().post, "auth/refresh", {"refresh": tokens["refresh"]})

        answers = race([refresh] * 8)

        assert sorted(answer.status for answer in answers) == [200] + [401] * 7
        [new] = [answer.json for answer in answers if answer.status == 200]
        assert alive(api, new) == (False, False)


def by_staff(method, path, body=None):
    """What staff ask of the API about the person."""

    def end(api, user, tokens, staff):
        answer = api(staff).ask(method, path.format(user.pk), body)
        assert answer.status in (200, 204)

    return end


def logged_out(api, user, tokens, staff):
    answer = Api(api().send, tokens["access"]).post("auth/logout")
    assert (answer.status, answer.body) == (204, b"")


ENDINGS = {
    "they sign out": logged_out,
    "they get another password": lambda api, user, tokens, staff: users.set_password(
        user=user, password="an entirely new password", by=user
    ),
    "they are disabled": by_staff("PATCH", "users/{}", {"is_active": False}),
    "their sessions are ended": by_staff("POST", "users/{}/end-sessions"),
    "they are deleted": by_staff("DELETE", "users/{}"),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_token_is_dead_at_once_when(ending, api, staff):
    user = UserFactory()
    tokens = tokens_for(user)
    assert Api(api().send, tokens["access"]).get("lists").status == 200

    ENDINGS[ending](api, user, tokens, staff)

    assert alive(api, tokens) == (False, False)


def test_signing_out_ends_this_sign_in_alone(api, owner):
    here, elsewhere = tokens_for(owner), tokens_for(owner)

    logged_out(api, owner, here, None)

    assert alive(api, here) == (False, False)
    assert alive(api, elsewhere) == (True, True)


def test_signing_out_takes_an_access_token(api, owner, signed_in):
    browser = signed_in(owner)

    for answer in (api().post("auth/logout"), api(Authorization="Basic eDp5").post("auth/logout")):
        assert tells_to_sign_in(answer)

    assert browser.post("/api/v1/auth/logout").status_code == 401
    assert browser.get("/settings/").status_code == 200


# Broken headers.


NO_HEADERS = [
    "",
    "Bearer",
    "Bearer ",
    "Bearer  ",
    "Bearer .",
    "Bearer ..",
    "Bearer ...",
    "Bearer null",
    "Bearer e30.e30.e30",
    "Bearer {token} {token}",
    "Bearer {token}, Bearer {token}",
    "Bearer: {token}",
    "Bearer={token}",
    "Token {token}",
    "{token}",
    "Basic b3duZXI6Y29ycmVjdA==",
    "Bearer \xe9\xff",
    "Bearer " + "x" * 8_000,
    "Bearer " + "e30." * 1_000,
    "Bearer " + part(b"[" * 3_000) + ".e30.e30",
    "Bearer " + part(b'{"alg":' + b"1" * 4_301 + b"}") + ".e30.e30",
    "Bearer tl_personal",
]


def test_a_header_that_is_none_of_ours_asks_to_sign_in(api, owner):
    token = tokens_for(owner)["access"]
    headers = [header.replace("{token}", token) for header in NO_HEADERS]

    refused = [tells_to_sign_in(api(Authorization=header).get("lists")) for header in headers]

    assert [header for header, told in zip(headers, refused, strict=True) if not told] == []


def test_a_bad_token_is_not_made_good_by_a_session(signed_in, owner):
    answer = signed_in(owner).get("/api/v1/lists", headers={"authorization": "Bearer x"})

    assert answer.status_code == 401


# Sessions of browsers.


@pytest.fixture
def browser(owner):
    """A browser in which the owner is signed in, and CSRF is looked at."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(owner)
    return client


def send(browser, method, path, body, token=""):
    """Ask with the session and, where there is one, the token against CSRF."""
    headers = {"x-csrftoken": token} if token else {}
    return browser.generic(
        method, path, json.dumps(body), content_type="application/json", headers=headers
    )


def test_a_session_reads(browser, shared_list):
    answer = browser.get("/api/v1/lists")

    assert [each["id"] for each in answer.json()["results"]] == [shared_list.pk]


@pytest.mark.parametrize("token", ["", "x", "y" * 32])
def test_a_session_writes_nothing_without_its_token(token, browser, shared_list):
    browser.cookies["csrftoken"] = "x" * 32
    list_path = f"/api/v1/lists/{shared_list.pk}"

    with nothing_written():
        for method, path, body in (
            ("POST", "/api/v1/lists", {"title": "Mine"}),
            ("PATCH", list_path, {"title": "Mine"}),
            ("PUT", list_path, {"title": "Mine"}),
            ("DELETE", list_path, None),
            ("POST", "/api/v1/nowhere", None),
        ):
            answer = send(browser, method, path, body, token)
            assert answer.status_code == (404 if path.endswith("nowhere") else 403)
            assert answer["Content-Type"] == "application/problem+json"
            assert answer.json()["status"] == answer.status_code


def test_a_session_writes_with_its_token(browser, db):
    browser.cookies["csrftoken"] = token = secrets.token_hex(16)

    answer = send(browser, "POST", "/api/v1/lists", {"title": "Mine"}, token)

    assert (answer.status_code, answer.json()["title"]) == (201, "Mine")
    assert TaskList.objects.get().title == "Mine"


def test_a_session_is_over_for_programs_too(browser, owner):
    assert browser.get("/api/v1/lists").status_code == 200

    users.end_sessions(user=owner, by=None)

    assert browser.get("/api/v1/lists").status_code == 401


@pytest.mark.parametrize("sent", ["Basic b3duZXI6eA==", "Token tl_secret", "tl_secret"])
@pytest.mark.django_db
def test_another_scheme_is_told_which_one_is_wanted(sent):
    answer = Client().get("/api/v1/users/me", headers={"Authorization": sent})

    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="api"')
    assert "send `Bearer`, a space and a token" in answer.json()["detail"]
    assert sent.split()[-1] not in answer.content.decode()
