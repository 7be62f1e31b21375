"""Personal tokens: shown once, kept as a digest, and dead at once when they are meant to be."""

import hashlib
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts import chores
from accounts.actions import identities, tokens, users
from accounts.models import ApiToken, SignIn, User
from accounts.models.credentials import USE_NOTED_EVERY
from accounts.openid.identity import Identity
from accounts.tests.factories import PASSWORD
from ledger.models import Change
from tasks.tests.records import nothing_written
from tasks.tests.views.pages import everything
from tests.api import Api, InProcess

BOTH = ["read", "write"]
LONG_AGO = timedelta(minutes=5, seconds=5)  # longer than a proof of who one is lasts


def personal(user, *scopes, **more):
    """A token of theirs and its secret, made as on the page."""
    return tokens.make(user=user, name="Script", scopes=scopes or BOTH, by=user, **more)


def aged(token, **columns):
    """As if that had been then: time is the one thing no action can change."""
    ApiToken.objects.filter(pk=token.pk).update(**columns)


def is_refused(answer):
    assert answer.problem == {}
    return (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="api"')


def test_a_token_is_shown_once_and_lets_its_person_in(api, owner):
    made = api(owner).post("tokens", {"name": "Backup", "scopes": BOTH})

    assert (made.status, made.headers["Cache-Control"]) == (201, "no-store")
    secret = made.json.pop("token")
    assert secret.startswith("tl_")
    assert len(secret) == 3 + 43
    program = Api(api().send, secret)
    assert program.get("auth/verify").json == {"user_id": owner.pk, "username": "owner"}
    assert program.post("tasks", {"title": "Sow beans"}).status == 201
    [listed] = api(owner).get("tokens").json["results"]
    assert listed.pop("last_used_at") is not None
    assert made.json == listed | {"last_used_at": None}
    assert made.json["prefix"] == secret[:8]


def test_only_a_digest_of_it_is_kept(api, owner):
    secret = api(owner).post("tokens", {"name": "Backup", "scopes": BOTH}).json["token"]
    Api(api().send, secret).get("auth/verify")

    assert ApiToken.objects.get().digest == hashlib.sha256(secret.encode()).hexdigest()
    assert secret[3:] not in str(everything())
    change = Change.objects.about(owner).get(kind="user.token_made")
    assert change.changes == {"token": [None, secret[:8]], "scopes": BOTH}
    assert (change.by, change.via) == (owner, "api")


def test_a_token_that_reads_writes_nothing_and_is_told_why(api, owner, shared_list):
    program = Api(api().send, personal(owner, "read")[1])
    assert program.get(f"lists/{shared_list.pk}").status == 200

    with nothing_written():
        answer = program.post("tasks", {"title": "Sow beans"})

    assert (answer.status, answer.problem) == (403, {})
    assert (answer.json["type"], answer.json["scope"]) == ("scope_needed", "write")
    assert 'error="insufficient_scope", scope="write"' in answer.headers["WWW-Authenticate"]


def test_a_token_that_writes_reads_too(api, owner, shared_list):
    program = Api(api().send, personal(owner, "write")[1])

    assert program.get(f"lists/{shared_list.pk}").status == 200
    assert program.patch(f"lists/{shared_list.pk}", {"title": "New"}).status == 200


def test_a_token_cannot_make_itself_stronger(api, owner):
    token, secret = personal(owner)
    program = Api(api().send, secret)
    program.get("auth/verify")

    with nothing_written():
        answers = [
            program.get("tokens"),
            program.post("tokens", {"name": "x", "scopes": BOTH}),
            program.delete(f"tokens/{token.pk}"),
            program.post("auth/logout"),
        ]

    assert [each.status for each in answers] == [403] * 4
    assert {each.json["type"] for each in answers} == {"not_by_personal_token"}


ENDINGS = {
    "revoked": lambda user, token: tokens.revoke(token=token, by=user),
    "expired": lambda user, token: aged(token, expires_at=timezone.now()),
    "password": lambda user, token: users.set_password(user=user, password="x" * 15, by=user),
    "sessions": lambda user, token: users.end_sessions(user=user, by=user),
    "disabled": lambda user, token: users.set_active(user=user, active=False, by=None),
    "deleted": lambda user, token: users.delete(user=user, by=None),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_token_is_dead_with_the_next_request(ending, api, stranger):
    token, secret = personal(stranger, expires_at=timezone.now() + timedelta(days=1))
    program = Api(api().send, secret)
    assert program.get("lists").status == 200

    ENDINGS[ending](stranger, token)

    assert is_refused(program.get("lists"))
    assert is_refused(program.post("tasks", {"title": "Mine"}))


def test_somebody_let_in_again_has_no_token_of_before(api, stranger):
    _token, secret = personal(stranger)
    users.set_active(user=stranger, active=False, by=None)
    users.set_active(user=stranger, active=True, by=None)

    assert is_refused(Api(api().send, secret).get("lists"))


def test_what_is_nearly_a_token_is_none(api, owner):
    _token, secret = personal(owner)
    digest = ApiToken.objects.get().digest

    nearly = [secret[:-1], f"{secret}x", secret.swapcase(), secret[3:], f"tl_{digest}", digest]
    nearly += ["tl_", "tl_" + "x" * 7_000, secret.replace("tl_", "TL_"), f"{secret} {secret}"]
    for each in nearly:
        assert is_refused(Api(api().send, each).get("lists")), each


def test_a_token_costs_one_statement_and_its_use_is_noted_now_and_then(
    owner, django_assert_num_queries
):
    token, secret = personal(owner)
    program = Api(InProcess(), secret)
    program.get("auth/verify")
    noted = ApiToken.objects.get().used_at

    with django_assert_num_queries(1):
        assert program.get("auth/verify").status == 200
    assert ApiToken.objects.get().used_at == noted

    aged(token, used_at=noted - USE_NOTED_EVERY)
    program.get("auth/verify")
    assert ApiToken.objects.get().used_at > noted
    tokens.note_use(token=token, by=owner)  # that another process noted it this moment
    assert ApiToken.objects.get().used_at < timezone.now()


BAD = [
    ({"name": ""}, {"name": "blank"}),
    ({"name": " "}, {"name": "blank"}),
    ({"name": "x" * 101}, {"name": "max_length"}),
    ({"name": "a\0b"}, {"name": "null_characters_not_allowed"}),
    ({"scopes": []}, {"scopes": "min_length"}),
    ({"scopes": ["admin"]}, {"scopes.0": "invalid_choice"}),
    ({"scopes": "read"}, {"scopes": "not_a_list"}),
    ({"scopes": ["read"] * 3}, {"scopes": "max_length"}),
    ({"expires_at": "2020-01-01T00:00:00Z"}, {"expires_at": "out_of_range"}),
    ({"expires_at": "2030-01-01T00:00:00"}, {"expires_at": "offset"}),
    ({"expires_at": "soon"}, {"expires_at": "invalid"}),
    ({"expires_at": "9999-12-31T23:59:59Z"}, {"expires_at": "out_of_range"}),
    ({"expires_at": "9999-12-31T23:59:59-12:00"}, {"expires_at": "overflow"}),
    ({"user": 1}, {"user": "unknown"}),
]


@pytest.mark.once
@pytest.mark.parametrize(("wrong", "problem"), BAD, ids=lambda each: ascii(each)[:40])
def test_a_token_that_cannot_be_is_not_made(wrong, problem, api, owner):
    program = api(owner)

    with nothing_written():
        answer = program.post("tokens", {"name": "Backup", "scopes": BOTH} | wrong)

    assert (answer.status, answer.problem) == (400, problem)
    if "scopes.0" in problem:
        assert answer.json["errors"][0]["message"] == "“admin” is none of: read, write."


def test_somebody_has_50_tokens_at_most_and_those_that_are_over_make_room(api, owner, stranger):
    expires_at = timezone.now() + timedelta(days=1)
    several = [personal(owner, expires_at=expires_at)[0] for _ in range(tokens.EACH)]
    personal(stranger)
    program = api(owner)

    full = program.post("tokens", {"name": "One more", "scopes": BOTH})
    aged(several[0], expires_at=timezone.now())
    made = program.post("tokens", {"name": "One more", "scopes": BOTH})

    assert (full.status, full.problem) == (400, {None: "too_many"})
    assert made.status == 201
    assert owner.api_tokens.count() == tokens.EACH
    assert stranger.api_tokens.count() == 1


def test_what_is_over_for_30_days_is_deleted_and_what_is_not_is_kept(owner, stranger):
    now, month = timezone.now(), timedelta(days=30)
    for user, ended in ((owner, now), (stranger, now - month)):
        last_month = {"created_at": now - 2 * month, "expires_at": now + month}
        aged(personal(user)[0], **last_month, name="ended with its person's sessions")
        users.end_sessions(user=user, by=None)
        User.objects.filter(pk=user.pk).update(sessions_ended_at=ended)
        user.refresh_from_db()
        aged(personal(user)[0], expires_at=now - month, name="expired long ago")
        aged(personal(user)[0], expires_at=now - timedelta(days=29), name="expired of late")
        aged(personal(user)[0], expires_at=None, name="good")

    chores.forget_what_is_over()

    kept = ["expired of late", "good"]
    names = {each: sorted(row.name for row in each.api_tokens.all()) for each in (owner, stranger)}
    assert names == {owner: ["ended with its person's sessions", *kept], stranger: kept}


def test_revoking_twice_is_revoking_once(api, owner):
    token, _secret = personal(owner)
    program = api(owner)

    statuses = [program.delete(f"tokens/{token.pk}").status for _ in range(2)]
    tokens.revoke(token=token, by=owner)

    assert statuses == [204, 404]
    [change] = Change.objects.about(owner).filter(kind="user.token_revoked")
    assert change.changes["token"] == [token.prefix, None]


def test_nobody_sees_or_revokes_the_token_of_another(api, owner, stranger, staff):
    token, _secret = personal(owner)

    for other in (stranger, staff):
        assert api(other).get("tokens").json["results"] == []
        assert api(other).delete(f"tokens/{token.pk}").status == 404

    assert ApiToken.objects.filter(pk=token.pk).exists()


def test_no_request_that_was_read_before_everything_ended_makes_a_token_or_a_link(owner):
    """It was on its way meanwhile: what it makes would outlive what was to end it."""
    before = User.objects.get(pk=owner.pk)
    users.end_sessions(user=owner, by=owner)
    identity = Identity.of({"iss": "https://elsewhere.example", "sub": "thief"})

    with nothing_written():
        with pytest.raises(PermissionDenied):
            personal(before)
        with pytest.raises(PermissionDenied):
            identities.link(user=before, identity=identity, by=before)

    personal(User.objects.get(pk=owner.pk))


def test_who_has_not_shown_lately_who_they_are_makes_no_token(api, owner, signed_in):
    body, now = {"name": "Backup", "scopes": BOTH}, timezone.now()
    browser, program = signed_in(owner), api(owner)

    def by_session():
        return browser.post("/api/v1/tokens/", body, content_type="application/json")

    assert by_session().json()["type"] == "reauthentication_needed"
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert by_session().status_code == 201
    with time_machine.travel(now + LONG_AGO):
        assert by_session().status_code == 403
    SignIn.objects.filter(user=owner).update(started_at=now - LONG_AGO)
    assert program.post("tokens", body).status == 403
    assert program.get("tokens").status == 200
    assert api(owner).post("tokens", body).status == 201
