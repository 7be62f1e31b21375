"""Cognito's tokens at the API: only good ones, each subject one person, keys asked for seldom."""

import base64
import hmac
import json
import time
from datetime import timedelta
from functools import partial
from hashlib import sha256

import boto3
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils import timezone

from accounts.actions import users
from accounts.models import User
from accounts.openid import keys
from accounts.tests.factories import PASSWORD
from accounts.tests.openid.test_hosted import sign_in, who
from tasklist.openid import Provider
from tasks.tests.races import race
from tests.api import Api, InProcess, OverHTTP, tokens_for
from tests.deployment.moto import REGION, credentials, moto_server
from tests.openid import CLIENT, jwk, rsa_key
from tests.server import HOST, gunicorn

pytestmark = pytest.mark.django_db


def ask(token, path="auth/verify", **more):
    return Api(InProcess(), token).get(path, **more)


def tells_to_sign_in(answer):
    challenge = answer.headers.get("WWW-Authenticate")
    return (answer.status, challenge) == (401, 'Bearer realm="api"') and answer.problem == {}


# As deploy/infra.yaml makes it.
NO_RULES = dict.fromkeys(("Lowercase", "Uppercase", "Numbers", "Symbols"), False)
LIKE_OURS = {
    "UsernameAttributes": ["email"],
    "AutoVerifiedAttributes": ["email"],
    "Policies": {
        "PasswordPolicy": {
            "MinimumLength": 15,
            **{f"Require{what}": wanted for what, wanted in NO_RULES.items()},
        }
    },
}


# From signing up at Cognito to our API: the same three calls as at any user pool


@pytest.fixture(scope="module")
def pool():
    """A user pool and a client of it, at a stand-in for Cognito."""
    with moto_server() as address, pytest.MonkeyPatch.context() as patch:
        for name, value in credentials(address).items():
            patch.setenv(name, value)
        cognito = boto3.client("cognito-idp", region_name=REGION)
        pool = cognito.create_user_pool(PoolName="tasklist", **LIKE_OURS)["UserPool"]["Id"]
        client = cognito.create_user_pool_client(
            UserPoolId=pool,
            ClientName="Tasklist",
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        )["UserPoolClient"]["ClientId"]
        cognito.provider = Provider(
            issuer=f"https://cognito-idp.{REGION}.amazonaws.com/{pool}",
            client_id=client,
            jwks_url=f"{address}/{pool}/.well-known/jwks.json",
        )
        yield cognito


def signed_in_at(cognito, username):
    """Sign up, confirm, initiate-auth: the tokens."""
    client = cognito.provider.client_id
    cognito.sign_up(ClientId=client, Username=username, Password=PASSWORD)
    cognito.confirm_sign_up(ClientId=client, Username=username, ConfirmationCode="123456")
    return cognito.initiate_auth(
        ClientId=client,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": username, "PASSWORD": PASSWORD},
    )["AuthenticationResult"]


def test_who_signs_up_and_in_at_cognito_works_with_our_api(pool, settings):
    settings.OPENID = pool.provider
    tokens = signed_in_at(pool, "mary@example.org")

    first = ask(tokens["IdToken"])

    assert first.status == 200
    user = User.objects.get()
    assert first.json == {"user_id": user.pk, "username": "mary"}
    assert ask(tokens["AccessToken"]).json == first.json
    program = Api(InProcess(), tokens["IdToken"])
    assert program.post("tasks", {"title": "From Cognito"}).status == 201
    [task] = Api(InProcess(), tokens["AccessToken"]).get("tasks").json["results"]
    assert task["title"] == "From Cognito"


def test_products_are_managed_with_a_token_of_cognito_by_whom_we_call_staff(pool, settings):
    """The five minutes of the README; a group or a claim at Cognito makes nobody staff here."""
    settings.OPENID = pool.provider
    tokens = signed_in_at(pool, "paul@example.org")
    program = Api(InProcess(), tokens["IdToken"])
    phone = {"product_id": "PROD001", "name": "Smartphone Model X", "category": "Electronics"}
    phone |= {"price": 799, "stock": 150}
    assert [program.post("products", phone).status, program.get("products").status] == [403, 200]
    users.set_staff(user=User.objects.get(), is_staff=True, by=None)

    answers = [
        program.post("products", phone),
        Api(InProcess(), tokens["AccessToken"]).get("products/PROD001"),
        program.patch("products/PROD001", {"price": 749.99}),
        program.post("products/PROD001/stock", {"delta": -1}),
    ]

    assert [each.status for each in answers] == [201, 200, 200, 200]
    assert [(each.json["price"], each.json["stock"]) for each in answers] == [
        *((799, 150), (799, 150), (749.99, 150), (749.99, 149))
    ]
    assert program.delete("products/PROD001").status == 204
    assert program.delete("products/PROD001?permanent=true").status == 204
    assert program.get("products/PROD001").status == 404


@pytest.mark.mariadb
def test_of_many_first_requests_at_once_all_are_one_person(pool, transactional_db):
    token = signed_in_at(pool, "john@example.org")["AccessToken"]
    there = {
        "COGNITO_ISSUER": pool.provider.issuer,
        "COGNITO_CLIENT_ID": pool.provider.client_id,
        "COGNITO_JWKS_URL": pool.provider.jwks_url,
    }
    with gunicorn(**there) as server:
        program = Api(OverHTTP(server.port, HOST), token)
        answers = race([partial(program.get, "auth/verify")] * 8)

    assert [answer.status for answer in answers] == [200] * 8
    assert len({answer.json["user_id"] for answer in answers}) == 1
    assert SocialAccount.objects.count() == User.objects.count() == 1


@pytest.mark.mariadb
def test_of_many_at_once_who_name_their_address_all_are_one_person(provider, transactional_db):
    for number in range(3):
        facts = {"sub": f"s{number}", "email": f"m{number}@example.org", "email_verified": True}
        answers = race([partial(ask, provider.id_token(**facts))] * 8)

        assert [answer.status for answer in answers] == [200] * 8
        assert User.objects.count() == number + 1


# Whom a token lets in


def test_a_subject_of_the_page_and_of_tokens_is_one_person(provider, visitor):
    sign_in(visitor)

    assert ask(provider.access_token()).json["username"] == who(visitor)


def test_no_token_takes_over_the_account_of_an_address(provider, owner):
    EmailAddress.objects.create(user=owner, email="o@example.org", verified=True, primary=True)
    claims = {"email": "o@example.org", "email_verified": True}

    answer = ask(provider.id_token(**claims))

    assert (answer.status, answer.problem) == (403, {})
    assert "link the account" in answer.json["detail"]
    assert User.objects.count() == 1
    unverified = ask(provider.id_token(email="o@example.org"))
    assert unverified.json["username"] == "o"
    assert not EmailAddress.objects.exclude(user=owner).get().verified


def test_where_everybody_verifies_an_address_only_who_has_gets_in(provider, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    tokens = [
        provider.access_token(),
        provider.id_token(email="a@example.org"),
        provider.id_token(email="b@example.org", email_verified=True, sub="b"),
        provider.access_token(sub="b"),
    ]

    assert [ask(token).status for token in tokens] == [403, 403, 200, 200]


@pytest.mark.parametrize("registration", ["closed", "invite"])
def test_nobody_new_comes_by_a_token_where_nobody_signs_up(provider, settings, registration):
    known = provider.access_token()
    ask(known)
    settings.REGISTRATION = registration

    answer = ask(provider.access_token(sub="other"))

    assert (answer.status, answer.problem) == (403, {})
    ways = {"closed": "by themselves", "invite": "without an invitation"}
    assert answer.json["detail"] == f"Nobody can open an account {ways[registration]} here."
    assert ask(known).status == 200
    assert User.objects.count() == 1


@pytest.mark.parametrize("end", ["end_sessions", "set_password", "disable", "close"])
def test_what_ends_everything_ends_tokens_of_cognito_at_once(provider, end):
    tokens = [provider.access_token(), provider.id_token()]
    assert [ask(token).status for token in tokens] == [200, 200]
    user = User.objects.get()

    if end == "end_sessions":
        users.end_sessions(user=user, by=user)
    if end == "set_password":
        users.set_password(user=user, password=PASSWORD, by=user)
    if end == "disable":
        users.set_active(user=user, active=False, by=None)
    if end == "close":
        User.objects.update(closes_at=timezone.now() + timedelta(days=14))

    assert all(tells_to_sign_in(ask(token)) for token in tokens)


def test_after_that_only_signing_in_anew_helps_and_not_refreshing(provider):
    ask(provider.access_token())
    now = int(time.time())
    ended = timezone.now() - timedelta(seconds=35)
    User.objects.update(sessions_ended_at=ended)

    assert tells_to_sign_in(ask(provider.access_token(auth_time=now - 36)))
    # A clock that is ahead, by as much as is allowed, makes no token outlive the end.
    assert tells_to_sign_in(ask(provider.access_token(auth_time=now - 10)))
    assert tells_to_sign_in(ask(provider.access_token(auth_time=int(ended.timestamp()))))
    assert tells_to_sign_in(ask(provider.access_token(auth_time="now")))
    assert ask(provider.access_token(auth_time=now)).status == 200


def test_a_second_factor_of_ours_is_asked_of_everybody_and_no_token_shows_it(provider):
    token = provider.access_token()
    assert ask(token).status == 200
    TOTP.activate(User.objects.get(), "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")

    answer = ask(token)

    assert (answer.status, "second factor" in answer.json["detail"]) == (403, True)


def test_other_tokens_and_sessions_are_as_good_as_without_cognito(provider, owner, signed_in):
    provider.answers = {"/jwks": (500, {})}

    assert ask(tokens_for(owner)["access"]).json["username"] == "owner"
    assert signed_in(owner).get("/api/v1/auth/verify").status_code == 200
    assert tells_to_sign_in(ask(""))
    assert tells_to_sign_in(ask("nonsense"))
    assert provider.asked == []


def test_no_token_of_cognito_manages_what_lets_people_in(provider):
    program = Api(InProcess(), provider.access_token())
    person = program.get("users/me").json["id"]

    answers = [
        program.get("tokens"),
        program.post("tokens", {"name": "more", "scopes": ["read"]}),
        program.post("auth/logout"),
        program.post(f"users/{person}/end-sessions"),
        program.patch(f"users/{person}", {"is_active": False}),
    ]

    assert [(each.status, each.problem) for each in answers] == [(403, {})] * 5


# Which tokens are no good


def part(value):
    octets = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def confused(provider):
    """Signed with HS256, and the public key as the secret."""
    pem = provider.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    claims = provider.access_token().split(".")[1]
    message = f"{part({'alg': 'HS256', 'kid': 'key-1'})}.{claims}"
    return f"{message}.{part(hmac.digest(pem, message.encode(), sha256))}"


def altered(token):
    head, claims, signature = token.split(".")
    said = json.loads(base64.urlsafe_b64decode(claims + "=="))
    return f"{head}.{part(said | {'sub': 'somebody-else'})}.{signature}"


def bad_ones(provider):
    access, identity, now = provider.access_token, provider.id_token, int(time.time())
    claims = access().split(".")[1]
    return {
        "signed by somebody else": access(key=rsa_key("forger")),
        "altered": altered(access()),
        "without its signature": access().rpartition(".")[0] + ".",
        "of the public key as a secret": confused(provider),
        "signed by nobody": access(alg=None),
        "of another algorithm": access(alg="RS512"),
        "of a key that nobody has": access(kid="unknown"),
        "of a key that is no name": f"{part({'alg': 'RS256', 'kid': ['a']})}.{claims}.x",
        "over": access(exp=now - 31),
        "not yet good": access(nbf=now + 60),
        "made in the future": access(iat=now + 60),
        "good for ever": access(without=["exp"]),
        "made at no time": access(without=["iat"]),
        "made at nonsense": access(iat="yesterday"),
        "of another issuer": access(iss="https://evil.example"),
        "of another issuer that looks like ours": access(iss=provider.url + "/"),
        "of no issuer": access(without=["iss"]),
        "of another client": access(client_id="other"),
        "of no client": access(without=["client_id"]),
        "of access, for an audience": access(aud="other"),
        "of identity, for another client": identity(aud="other"),
        "of identity, for others too": identity(aud=[CLIENT, "other"]),
        "of identity, with a client in place of an audience": identity(
            without=["aud"], client_id=CLIENT
        ),
        "of no use": access(without=["token_use"]),
        "of another use": access(token_use="refresh"),
        "of identity, of no use": identity(without=["token_use"]),
        "of identity, of another use": identity(token_use="refresh"),
        "about nobody": access(without=["sub"]),
        "about an empty subject": access(sub=" "),
        "about a number": access(sub=7),
        "about half a letter": access(sub="\ud800"),
        "about a subject that is too long": access(sub="x" * 256),
    }


def test_only_good_tokens_of_cognito_let_anybody_in(provider):
    tokens = bad_ones(provider)

    answers = {what: ask(token, "lists") for what, token in tokens.items()}

    assert [what for what, each in answers.items() if not tells_to_sign_in(each)] == []
    assert not User.objects.exists()
    assert ask(provider.access_token(exp=int(time.time()) - 15)).status == 200  # clocks differ


def test_a_token_is_no_token_where_no_provider_is_set_up(provider, settings):
    settings.OPENID = None

    assert tells_to_sign_in(ask(provider.access_token()))


# The keys


def test_many_unknown_keys_are_asked_for_once(provider):
    for number in range(20):
        assert tells_to_sign_in(ask(provider.access_token(kid=f"unknown-{number}")))

    assert provider.asked == ["/jwks"]
    assert ask(provider.access_token()).status == 200


def test_a_key_server_that_is_down_is_asked_once_and_never_a_server_error(provider):
    provider.answers = {"/jwks": (500, {})}

    answers = [ask(provider.access_token(kid=kid)) for kid in ("key-1", "unknown", "key-1")]

    assert [answer.status for answer in answers] == [503] * 3
    assert int(answers[0].headers["Retry-After"]) == keys.PAUSE
    assert provider.asked == ["/jwks"]


@pytest.mark.parametrize("answer", [(200, []), (200, b"<html>"), (200, {"keys": []}), (302, "/x")])
def test_nonsense_in_place_of_keys_is_as_none(provider, answer):
    provider.answers = {"/jwks": answer}

    assert ask(provider.access_token()).status == 503


def test_a_key_server_that_hangs_is_given_up(provider, monkeypatch):
    assert keys.READ < keys.DEADLINE < 5
    monkeypatch.setattr(keys, "DEADLINE", 0.2)
    provider.jwks = lambda *_: time.sleep(1) or (200, {})

    started = time.monotonic()
    answer = ask(provider.access_token())

    assert answer.status == 503
    assert time.monotonic() - started < 0.9


def test_keys_are_asked_for_anew_and_kept_where_nobody_answers(provider, monkeypatch):
    asked = provider.asked
    assert ask(provider.access_token()).status == 200
    clock = [time.monotonic()]
    monkeypatch.setattr(keys.time, "monotonic", lambda: clock[0])

    clock[0] += keys.FRESH + 1
    assert ask(provider.access_token()).status == 200
    assert len(asked) == 2

    provider.answers = {"/jwks": (500, {})}
    clock[0] += keys.FRESH + 1
    assert [ask(provider.access_token()).status for _ in range(3)] == [200] * 3
    assert len(asked) == 3

    clock[0] += 24 * 60 * 60
    assert ask(provider.access_token()).status == 503

    provider.answers = {}
    clock[0] += keys.PAUSE + 1
    assert ask(provider.access_token()).status == 200


def test_a_new_key_is_found_after_a_while_and_a_withdrawn_one_is_none(provider, monkeypatch):
    old = provider.access_token()
    assert ask(old).status == 200
    clock = [time.monotonic()]
    monkeypatch.setattr(keys.time, "monotonic", lambda: clock[0])
    provider.key = rsa_key("next")
    provider.jwks = lambda *_: (200, {"keys": [jwk(provider.key, "key-2")]})
    new = provider.access_token(kid="key-2")

    assert ask(new).status == 401
    clock[0] += keys.PAUSE + 1

    assert ask(new).status == 200
    assert ask(old).status == 401
