"""What a password has to be (NIST SP 800-63B-4, section 3.1.1.2), said in one place."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.links import reset_link
from accounts.models import User
from accounts.passwords import rules
from accounts.tests.factories import PASSWORD, UserFactory
from tasks.tests.views.pages import everything
from tests.api import tokens_for

ANN = User(username="ann.archer", name="Ann Archer", email="a.archer77@mail.example.org")
EMOJI = "🙂🌍🎉🚀🐢🌈🔥🍕🎸📚🧩🛶🌋🦉🍄"

GOOD = [
    "correct horse battery staple",
    "no capital no digit no sign",
    "  spaces around, and   inside  ",
    "пароль для моих списков",
    "密码不必都是拉丁字母也可以是汉字",
    EMOJI,
    "kV9#x2Lq5!rT8zWmB4c",
    "x9" + "kV9#x2Lq5!rT8z" * 9,  # 128
    "my archery lessons start in may",
    "dragonfly over the lake",
    "monkey83kq7x49wd01zb",
]
BAD = {
    "password_too_short": ["correct horse", EMOJI[:14], "e\u0301" * 14, "kV9#x2Lq5!rT8z"],
    "password_too_long": ["x9" + "kV9#x2Lq5!rT8z" * 9 + "!", "x" * 10**6, "\u0301" * 10**5],
    "password_too_common": [
        *("1q2w3e4r5t6y7u8i9o0p", "passwordpassword", "PasswordPassword", "P@$$w0rd-P@$$w0rd"),
        *("Password2026!!!!", "password1234567890", "***iloveyou***123", "monkey8888888888"),
        *("aaaaaaaaaaaaaaa", "123456789012345", "qwertyuiopasdfghjkl", "abcdefghijklmnop"),
        *("abcabcabcabcabcabc", "🙂" * 15),
    ],
    "password_too_similar": [
        *("tasklist-tasklist", "T4skl1st 2026!!!", "testserver123456", "Ann.Archer-ann-archer"),
        *("a.archer77@mail.example.org", "2026.ann.archer.2026", "archer archer 1"),
    ],
}


def refusals(password, user=ANN):
    try:
        validate_password(password, user)
    except ValidationError as error:
        return [each.code for each in error.error_list]
    return []


@pytest.mark.once
@pytest.mark.parametrize("password", GOOD)
def test_long_ones_of_any_characters_are_taken(password):
    assert refusals(password) == []


@pytest.mark.once
@pytest.mark.parametrize(("code", "password"), [(c, p) for c in BAD for p in BAD[c]])
def test_short_common_and_well_known_ones_are_refused(code, password):
    assert code in refusals(password)


@pytest.mark.once
def test_every_passphrase_that_is_offered_would_be_taken():
    offered = {rules.passphrase() for _ in range(200)}

    assert len(offered) == 200
    assert [each for each in offered if refusals(each) or len(each.split(" ")) != 5] == []


@pytest.mark.django_db
def test_with_a_second_factor_eight_characters_are_enough(owner):
    short = "kV9#x2Lq"
    assert refusals(short, owner) == ["password_too_short"]

    Authenticator.objects.create(user=owner, type=Authenticator.Type.RECOVERY_CODES, data={})
    assert refusals(short, owner) == ["password_too_short"]

    Authenticator.objects.create(user=owner, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert refusals(short, owner) == []
    assert refusals(short[:7], owner) == ["password_too_short"]
    assert refusals("password", owner) == ["password_too_common"]


@pytest.mark.django_db
def test_it_is_taken_letter_for_letter_however_an_accent_was_typed():
    """One keyboard sends é, another e and an accent: the same password (RFC 8265)."""
    user = UserFactory(password="  Cafe\u0301 au lait, s'il vous plai\u0302t ")

    assert user.check_password("  Café au lait, s'il vous plaît ")
    for other in ("Café au lait, s'il vous plaît", "  café au lait, s'il vous plaît "):
        assert not user.check_password(other)
    assert not user.check_password("\u0301\u0316" * 10**6)  # in order, it would take minutes


@pytest.mark.django_db
def test_wherever_a_password_is_chosen_words_are_offered_that_nobody_keeps(
    signed_in, owner, stranger
):
    reset = reset_link(stranger).removeprefix("http://testserver")
    pages = {
        "/accounts/signup/": Client(),
        "/accounts/password/change/": signed_in(owner),
        reset: Client(),
    }

    offered = set()
    for path, browser in pages.items():
        for _ in range(2):
            page = browser.get(path, follow=True)
            offered |= set(re.findall(r"<code[^>]*>([a-z -]+)</code>", page.content.decode()))
            assert "no-store" in page["Cache-Control"]
            newcomer = path == "/accounts/signup/"
            assert ("or 8 with a second factor" in page.content.decode()) != newcomer

    assert len(offered) == 2 * len(pages)
    assert [words for words in offered if words in str(everything())] == []


@pytest.mark.django_db
def test_the_same_rules_hold_at_every_door(signed_in, confirmed, staff, owner, visitor):
    weak, at_work = "passwordpassword", confirmed(staff)
    bearer = {"Authorization": f"Bearer {tokens_for(staff)['access']}"}
    newcomer, json = {"username": "new", "password": weak}, "application/json"
    there = f"/admin/accounts/user/{owner.pk}/password/"
    before = list(User.objects.values_list("pk", "password"))

    doors = {
        "sign up": visitor.post("/accounts/signup/", {"username": "new", "password1": weak}),
        "change": signed_in(owner).post(
            "/accounts/password/change/",
            {"oldpassword": PASSWORD, "password1": weak, "password2": weak},
        ),
        "register": visitor.post("/api/v1/auth/register", newcomer, content_type=json),
        "add by API": visitor.post("/api/v1/users", newcomer, content_type=json, headers=bearer),
        "add": at_work.post("/admin/accounts/user/add/", newcomer),
        "set": at_work.post(there, {"new_password1": weak, "new_password2": weak}),
    }

    said = {door: "too common" in answer.content.decode() for door, answer in doors.items()}
    assert said == dict.fromkeys(doors, True)
    assert list(User.objects.values_list("pk", "password")) == before
