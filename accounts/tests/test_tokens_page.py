"""The page of personal tokens."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.actions import tokens, users
from accounts.models import ApiToken, SecurityEvent
from accounts.tests.factories import PASSWORD
from tasks.tests.views.pages import errors, everything, filled, messages, read, summary
from tests.api import Api, InProcess
from tests.site import confirmed

PAGE = "/settings/tokens/"
FORM = {"name": "Backup", "scope": "read", "expires": "90"}


@pytest.fixture
def mine(signed_in, owner):
    return confirmed(signed_in(owner))


def secret_in(response):
    return read(response).one(id="token").line


def test_a_token_is_shown_once_and_works(mine, owner):
    answer = mine.post(PAGE, FORM)

    assert (answer.status_code, answer["Cache-Control"]) == (201, "no-store")
    secret = secret_in(answer)
    line = f'curl http://testserver/api/v1/users/me -H "Authorization: Bearer {secret}"'
    assert read(answer).one(id="try").line == line
    assert Api(InProcess(), secret).get("users/me").json["username"] == "owner"
    assert Api(InProcess(), secret).post("tasks", {"title": "x"}).status == 403
    assert secret not in mine.get(PAGE).content.decode()
    assert secret not in str(everything()) + str(dict(mine.session))
    event = SecurityEvent.objects.get(kind="api_token_made")
    assert (event.user, event.details) == (owner, {"name": "Backup"})


def test_whoever_makes_one_shows_first_that_it_is_them(signed_in, owner):
    mine = signed_in(owner)

    asked = mine.post(PAGE, FORM)
    assert asked["Location"] == "/accounts/reauthenticate/?next=%2Fsettings%2Ftokens%2F"
    assert not ApiToken.objects.exists()

    wrong = mine.post(asked["Location"], {"password": "not the password at all"})
    assert wrong.status_code == 200
    assert not ApiToken.objects.exists()

    answer = mine.post(asked["Location"], {"password": PASSWORD, "next": PAGE})
    assert secret_in(answer).startswith("tl_")
    assert ApiToken.objects.get().name == "Backup"
    assert f'<a href="{PAGE}" aria-current="page">' in answer.content.decode()


def test_looking_and_revoking_asks_for_no_password(signed_in, owner):
    token, secret = tokens.make(user=owner, name="Old", scopes=["read"], by=owner)
    mine = signed_in(owner)

    assert mine.get(PAGE).status_code == 200
    answer = mine.post(f"{PAGE}{token.pk}/revoke/", follow=True)

    assert messages(answer) == [("“Old” is revoked.", None)]
    assert Api(InProcess(), secret).get("lists").status == 401


def test_a_form_sent_twice_makes_one(mine):
    form = FORM | {"submission": filled(mine.get(PAGE))["submission"]}

    statuses = [mine.post(PAGE, form).status_code for _ in range(2)]

    assert statuses == [201, 422]
    assert ApiToken.objects.count() == 1


def test_the_list_says_what_each_may_and_until_when(mine, owner):
    tokens.make(user=owner, name="Reader", scopes=["read"], by=owner)
    later = timezone.now() + timedelta(days=9)
    late, _secret = tokens.make(
        user=owner, name="Writer", scopes=["write"], expires_at=later, by=owner
    )

    writer, reader = read(mine.get(PAGE)).one("ul", cls="settings-rows").all("li")
    assert "Reads and writes Not used yet Expires: " in writer.line
    assert "Reads Not used yet Never expires" in reader.line

    ApiToken.objects.filter(pk=late.pk).update(expires_at=timezone.now())
    owner = users.end_sessions(user=owner, by=owner)
    mine.force_login(owner)
    rows = read(mine.get(PAGE)).one("ul", cls="settings-rows").all("li")
    assert [row.one("h2").line for row in rows] == ["Writer Ended", "Reader Ended"]


@pytest.mark.parametrize(
    ("choice", "wanted"),
    [("30", timedelta(days=30)), ("90", timedelta(days=90)), ("365", timedelta(days=365))],
)
def test_it_expires_when_it_was_said_to(choice, wanted, mine):
    mine.post(PAGE, FORM | {"expires": choice})

    token = ApiToken.objects.get()
    assert abs(token.expires_at - token.created_at - wanted) < timedelta(seconds=5)


def test_it_lasts_to_the_end_of_a_day_where_its_person_is_or_for_good(mine, owner):
    users.edit_profile(user=owner, by=owner, time_zone="Asia/Tokyo")
    mine.post(PAGE, FORM | {"expires": "day", "day": "2200-12-31"})
    mine.post(PAGE, FORM | {"expires": "never", "day": "2020-01-01"})

    day, never = ApiToken.objects.order_by("pk")
    assert day.expires_at == datetime(2201, 1, 1, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert never.expires_at is None
    assert mine.get(PAGE).status_code == 200


BAD = [
    ({"name": ""}, "name"),
    ({"name": "x" * 101}, "name"),
    ({"name": "a\0b"}, "name"),
    ({"scope": "admin"}, "scope"),
    ({"scope": ""}, "scope"),
    ({"expires": "7"}, "expires"),
    ({"expires": "day"}, "day"),
    ({"expires": "day", "day": "soon"}, "day"),
    ({"expires": "day", "day": "9999-12-31"}, "day"),
    ({"expires": "day", "day": str(date(2020, 1, 1))}, "day"),
]


@pytest.mark.once
@pytest.mark.parametrize(("wrong", "field"), BAD, ids=str)
def test_a_wrong_form_is_said_at_its_field_and_makes_nothing(wrong, field, mine):
    before = everything()

    answer = mine.post(PAGE, FORM | wrong)

    assert answer.status_code == 422
    assert list(errors(answer)) == [field]
    assert everything() == before


def test_the_51st_is_refused_in_words(mine, owner):
    for _ in range(tokens.EACH):
        tokens.make(user=owner, name="Script", scopes=["read"], by=owner)

    answer = mine.post(PAGE, FORM)

    words = "You have 50 tokens. Revoke one that you do not need any more."
    assert summary(answer)[1] == [words]
