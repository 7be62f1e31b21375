"""Nobody guesses for long, and nobody who guesses locks out whom they guess at."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier
from unittest import mock

import pytest
import time_machine
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.test import Client, RequestFactory
from django.utils import timezone
from django.utils.http import int_to_base36

from accounts.actions import attempts
from accounts.actions.attempts import Counter
from accounts.guessing import known_browsers, throttles
from accounts.models import Attempts, User
from accounts.tests.factories import PASSWORD
from tasklist.addresses import client_address, network
from tasklist.throttled import TooManyAttempts, in_words
from tests.api import tokens_for
from tests.site import patterns

pytestmark = pytest.mark.django_db

WRONG = "not the password at all"
TOTP_KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LOGIN = "/accounts/login/"
RESET = "/accounts/password/reset/"
CHANGE = "/accounts/password/change/"
AGAIN = "/accounts/reauthenticate/"
JSON = "application/json"


def sign_in(client, login="owner", password=PASSWORD, path=LOGIN, **more):
    return client.post(path, {"login": login, "password": password}, **more)


def by_api(client, password=PASSWORD, **more):
    form = {"username": "owner", "password": password}
    return client.post("/api/v1/auth/login", form, content_type=JSON, **more)


def from_address(number):
    """A browser at an address of its own."""
    return Client(raise_request_exception=False, REMOTE_ADDR=f"192.0.2.{number}")


def guessed_by_strangers(times=5):
    for number in range(times):
        sign_in(from_address(number), password=WRONG)


@pytest.fixture
def hashed():
    """How often a password was hashed, counted while the test runs."""
    with mock.patch.object(
        MD5PasswordHasher, "encode", autospec=True, side_effect=MD5PasswordHasher.encode
    ) as encode:
        yield encode


# What a count is.


def test_what_is_counted_is_refused_when_it_is_full_and_forgotten_after_its_span():
    counter = Counter("a", most=2, seconds=60)
    now = timezone.now()

    with time_machine.travel(now, tick=False) as clock:
        waits = [attempts.count(counters=[counter], by=None) for _ in range(3)]
        clock.shift(59)
        waits.append(attempts.count(counters=[counter], by=None))
        clock.shift(1)
        waits.append(attempts.count(counters=[counter], by=None))

    assert waits == [0, 0, 60, 1, 0]


def test_a_try_that_one_counter_refuses_is_counted_by_none():
    wide, narrow = Counter("wide", 9, 60), Counter("narrow", 1, 60)

    for _ in range(3):
        attempts.count(counters=[wide, narrow], by=None)

    assert dict(Attempts.objects.values_list("key", "count")) == {"wide": 1, "narrow": 1}


def test_a_right_guess_takes_back_itself_and_nothing_else():
    counter = Counter("a", most=5, seconds=60)
    for _ in range(3):
        attempts.count(counters=[counter], by=None)

    for _ in range(9):
        attempts.take_back(counters=[counter], by=None)
        attempts.count(counters=[counter], by=None)

    assert Attempts.objects.get().count == 3


@pytest.mark.django_db(transaction=True)
def test_a_guess_cannot_be_counted_in_a_transaction_that_may_be_rolled_back():
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        attempts.count(counters=[Counter("a", 1, 60)], by=None)


def test_housekeeping_forgets_what_has_ended_and_only_that():
    attempts.count(counters=[Counter("old", 1, 60)], by=None)
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=2)):
        attempts.count(counters=[Counter("new", 1, 60)], by=None)
        attempts.remove_ended(by=None)

    assert Attempts.objects.get().key == "new"


def test_counters_tell_nobodys_name_or_address(visitor, owner):
    sign_in(visitor, password=WRONG)

    keys = set(Attempts.objects.values_list("key", flat=True))
    assert keys
    assert {key for key in keys if not re.fullmatch("[0-9a-f]{64}", key)} == set()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "Too many tries. Try again in 1 minute."),
        (300, "Too many tries. Try again in 5 minutes."),
        (7_201, "Too many tries. Try again in 3 hours."),
    ],
)
def test_a_refusal_says_how_long_to_wait(seconds, words):
    assert in_words(seconds) == words


# Which routes have limits.

# Public, or about how one signs in, and without any secret that could be guessed.
HARMLESS = {
    *("ready", "home", "api-nothing", "api:schema", "api:docs"),
    "admin:login",  # which leads to the page
    "api:refresh",  # a token, which is counted where it is wrong
    *("api:logout", "api:verify", "api:me", "api:tokens", "api:token"),  # by a good token alone
    *("api:users", "api:user", "api:end-sessions"),
    *("account_logout", "account_inactive", "account_email_verification_sent"),
    *("account_reset_password_done", "account_reset_password_from_key_done"),
    "socialaccount_login_cancelled",
    # What comes after somebody has shown that it is them, as all of our settings do.
    *("mfa_index", "mfa_deactivate_totp", "mfa_list_webauthn", "mfa_add_webauthn"),
    *("mfa_edit_webauthn", "mfa_remove_webauthn", "mfa_view_recovery_codes"),
    *("mfa_generate_recovery_codes", "mfa_download_recovery_codes"),
}
ABOUT_SIGNING_IN = ("allauth.", "accounts.api.")


def test_every_route_that_could_be_guessed_at_has_limits_or_is_known_to_need_none():
    """A new one fails this until somebody has decided."""
    asked = {
        name
        for name, pattern in patterns().items()
        if pattern.lookup_str.startswith(ABOUT_SIGNING_IN)
        or (
            not getattr(pattern.callback, "login_required", True)
            and not pattern.lookup_str.startswith(("tasks.api.", "products.api."))
        )
    }

    assert asked - HARMLESS - set(throttles.ROUTES) == set()
    assert HARMLESS - asked == set()
    assert set(throttles.ROUTES) - set(patterns()) == set()
    assert set(throttles.ROUTES) & HARMLESS == set()


# Who is counted as one.


def from_(settings, proxies, remote, forwarded):
    settings.TRUSTED_PROXIES = proxies
    more = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded is not None else {}
    return client_address(RequestFactory().get("/", REMOTE_ADDR=remote, **more))


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, None, "10.0.0.1"),
        (0, "192.0.2.1", "10.0.0.1"),
        (1, "192.0.2.1", "192.0.2.1"),
        (1, "6.6.6.6, 192.0.2.1", "192.0.2.1"),
        (2, "6.6.6.6, 192.0.2.1, 10.0.0.2", "192.0.2.1"),
        (2, "192.0.2.1", "192.0.2.1"),
        (3, " 6.6.6.6,192.0.2.1:4711, 10.0.0.2,10.0.0.3", "192.0.2.1"),
        (1, "[2001:db8::1]:443", "2001:db8::1"),
        (1, "nonsense", "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, None, "10.0.0.1"),
    ],
)
def test_only_what_trusted_proxies_wrote_says_who_asks(settings, proxies, forwarded, address):
    assert from_(settings, proxies, "10.0.0.1", forwarded) == address


@pytest.mark.parametrize(
    ("address", "together"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64"),
        ("nonsense", ""),
    ],
)
def test_an_owner_of_many_addresses_of_ipv6_is_one(address, together):
    assert network(address) == together


def test_a_forged_header_neither_evades_nor_blames_others(settings, visitor):
    settings.TRUSTED_PROXIES = 1

    def guess(name, forwarded):
        form = {"username": name, "password": WRONG}
        headers = {"X-Forwarded-For": forwarded}
        path = "/api/v1/auth/login"
        return visitor.post(path, form, content_type=JSON, headers=headers).status_code

    forged = [guess(f"name{n}", f"198.51.100.{n}, 192.0.2.66") for n in range(11)]

    assert forged == [401] * 10 + [429]
    assert guess("somebody", "192.0.2.66, 198.51.100.7") == 401


# Guessing.


def test_whatever_a_person_is_called_it_is_their_guesses_that_count(owner, hashed):
    EmailAddress.objects.create(user=owner, email="o@example.org", verified=True, primary=True)
    names = ["owner", "OWNER", " owner ", "o@example.org", "O@Example.org", "Owner"] * 3

    for number, name in enumerate(names):
        sign_in(from_address(number), name, WRONG)

    assert hashed.call_count == 5 + 5  # by the username, and by the address


def test_a_refusal_does_not_tell_whose_an_address_is(owner, editor):
    """Who guesses at an address, and then under a name, learns nothing about the two."""
    EmailAddress.objects.create(user=owner, email="o@example.org", verified=True, primary=True)
    for number in range(6):
        page = sign_in(from_address(number), "o@example.org", WRONG)
    assert page.status_code == 429

    assert [sign_in(from_address(9), name, WRONG).status_code for name in ("owner", "editor")] == [
        200,
        200,
    ]


def test_a_day_of_guessing_under_all_names_reaches_a_hundred_hashes(owner, hashed):
    EmailAddress.objects.create(user=owner, email="o@example.org", verified=True, primary=True)
    begin = timezone.now()
    for number in range(11):
        with time_machine.travel(begin + timedelta(minutes=6 * number), tick=False):
            for n in range(10):
                browser = from_address(10 * number + n)
                sign_in(browser, ("owner", "o@example.org")[n % 2], WRONG)

    assert hashed.call_count == 100


def test_guesses_count_together_wherever_they_are_made(owner, hashed):
    """A small edition of what `make soak` does ten thousand times over HTTP."""
    doors = [sign_in, partial(sign_in, path=f"{LOGIN}?next=/admin/"), by_api]

    for number in range(30):
        doors[number % 3](from_address(number % 10), password=WRONG)

    assert hashed.call_count == 5


def test_a_form_that_came_too_often_says_how_long_to_wait_and_keeps_what_was_typed(owner):
    guessed_by_strangers()

    page = sign_in(from_address(77))

    assert page.status_code == 429
    assert 290 < int(page["Retry-After"]) <= 300
    assert "Too many tries. Try again in 5 minutes." in page.text
    assert 'value="owner"' in page.text
    assert PASSWORD not in page.text


def test_a_refusal_does_not_tell_whether_there_is_such_an_account(owner):
    def answers(name):
        pages = [sign_in(from_address(number), name, WRONG) for number in range(7)]
        return [(page.status_code, re.sub(r'value="[^"]*"', "", page.text)) for page in pages]

    assert answers("owner") == answers("nobody")


def test_calls_of_a_route_are_limited_too_right_or_wrong(visitor, db):
    pages = [visitor.post("/accounts/signup/", {"username": "owner"}) for _ in range(21)]

    assert [page.status_code for page in pages] == [200] * 20 + [429]
    assert "Too many tries" in pages[-1].text
    assert "readonly>owner</textarea>" in pages[-1].text


@pytest.mark.parametrize(
    ("login", "change"),
    [
        ("owner", {}),
        ("nobody", {}),
        ("owner", {"is_active": False}),
        ("owner", {"password": "!"}),
        ("o@example.org", {}),
        ("x@example.org", {}),
    ],
)
def test_every_wrong_password_costs_one_hash_whoever_it_is_for(owner, hashed, login, change):
    EmailAddress.objects.create(user=owner, email="o@example.org", verified=True, primary=True)
    User.objects.filter(pk=owner.pk).update(**change)

    page = sign_in(from_address(1), login, WRONG)

    assert (page.status_code, hashed.call_count) == (200, 1)


@pytest.mark.parametrize("path", ["/accounts/signup/", "/api/v1/auth/register"])
def test_a_name_that_is_taken_costs_no_hash(owner, visitor, hashed, path):
    form = {"username": "Owner", "password": WRONG, "password1": WRONG}
    fields = ("username", "password") if "api" in path else ("username", "password1")
    kind = {"content_type": JSON} if "api" in path else {}

    page = visitor.post(path, {name: form[name] for name in fields}, **kind)

    assert (page.status_code in (200, 400), hashed.call_count) == (True, 0)


def test_a_code_is_guessed_at_no_more_often_than_a_password(owner, hashed):
    """Nor does knowing the password let anybody hash it without end."""
    TOTP.activate(owner, TOTP_KEY)
    with mock.patch.object(TOTP, "validate_code", return_value=False) as compare:
        for number in range(10):
            form = {"username": "owner", "password": PASSWORD, "code": f"{number:06}"}
            browser = from_address(number)
            browser.post("/api/v1/auth/login", form, content_type=JSON)
            sign_in(browser)
            browser.post("/accounts/2fa/authenticate/", {"code": f"{number:06}"})

    assert compare.call_count == 5
    assert hashed.call_count <= 6


def test_a_right_password_on_its_way_hides_no_wrong_code(owner):
    """Who knows it guesses at codes from many addresses, and has it hashed no more often."""

    def guess(number, account, at):
        request = RequestFactory().post("/", REMOTE_ADDR=f"10.0.0.{number}")
        request.user = AnonymousUser()
        return throttles.guess(request, account=account, at=at)

    for number in range(4):
        guess(number, owner, "code")
    on_its_way = guess(4, "owner", "login")
    guess(5, owner, "code")
    on_its_way.right()

    with pytest.raises(TooManyAttempts):
        guess(6, "owner", "login")


def test_a_mailed_code_is_guessed_at_three_times_and_few_are_mailed(owner):
    EmailAddress.objects.create(user=owner, email="o@example.org", verified=True, primary=True)
    compared = mock.patch("allauth.account.forms.compare_user_code", return_value=False)
    with compared as compare:
        for number in range(7):
            browser = from_address(number)
            browser.post("/accounts/login/code/", {"email": "o@example.org"})
            for code in ("ABC-DEF", "GHK-LMN", "PQR-STV", "WXZ-BCD"):
                browser.post("/accounts/login/code/confirm/", {"code": code})

    assert compare.call_count == 5 * 3  # mails a quarter of an hour, tries at each


def test_closing_an_account_is_no_way_to_guess_either(signed_in, api, owner, hashed):
    thief = signed_in(owner)

    pages = [thief.post("/settings/close/", {"password": WRONG}).status_code for _ in range(6)]

    assert pages == [422] * 5 + [429]
    assert hashed.call_count == 5


# The owner is not locked out.


def test_whoever_is_signed_in_can_change_their_password_while_others_guess(signed_in, owner):
    browser = signed_in(owner)
    guessed_by_strangers()
    new = "an entirely new password"

    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}

    assert browser.post(CHANGE, form).status_code == 302


def test_whoever_is_signed_in_can_show_who_they_are_while_others_guess(signed_in, owner):
    browser = signed_in(owner)
    guessed_by_strangers()

    assert browser.post(AGAIN, {"password": PASSWORD}).status_code == 302


@pytest.mark.parametrize(
    ("path", "field"), [(AGAIN, "password"), (CHANGE, "oldpassword")], ids=["again", "change"]
)
def test_a_session_that_somebody_else_holds_cannot_guess_either(
    signed_in, owner, hashed, path, field
):
    thief = signed_in(owner)

    answers = [thief.post(path, {field: WRONG}).status_code for _ in range(7)]

    assert answers == [200] * 5 + [429] * 2
    assert hashed.call_count == 5
    assert sign_in(from_address(1)).status_code == 302


def test_a_browser_that_was_signed_in_before_signs_in_while_others_guess(owner, visitor):
    sign_in(visitor)
    visitor.post("/accounts/logout/")
    guessed_by_strangers()

    assert sign_in(from_address(66)).status_code == 429
    assert sign_in(visitor).status_code == 302


def test_a_known_browser_is_known_to_its_own_account_alone(owner, editor, visitor):
    sign_in(visitor, "editor")
    visitor.post("/accounts/logout/")
    guessed_by_strangers()

    assert sign_in(visitor).status_code == 429


def test_a_known_browser_that_others_use_cannot_guess_either(owner, visitor, hashed):
    sign_in(visitor)
    visitor.post("/accounts/logout/")
    hashed.reset_mock()

    answers = [sign_in(visitor, password=WRONG).status_code for _ in range(7)]

    assert answers == [200] * 5 + [429] * 2
    assert hashed.call_count == 5


def test_what_a_browser_is_known_by_is_signed_and_out_of_reach_of_scripts(owner, visitor):
    cookie = sign_in(visitor).cookies[known_browsers.cookie_name()]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")

    visitor.post("/accounts/logout/")
    visitor.cookies[known_browsers.cookie_name()] = f"W1siMSIsIngiXV0{cookie.value[15:]}"
    guessed_by_strangers()

    assert sign_in(visitor).status_code == 429


def known_browser(visitor, login="owner"):
    """What the browser of somebody carries who has signed in and out."""
    sign_in(visitor, login)
    visitor.post("/accounts/logout/")
    return visitor.cookies[known_browsers.cookie_name()].value


def with_cookie(value, number=90):
    browser = from_address(number)
    browser.cookies[known_browsers.cookie_name()] = value
    return browser


def test_a_new_password_is_known_to_the_browser_that_set_it_alone(signed_in, owner, hashed):
    """However often somebody who knew the old one has signed in: their browsers are strangers."""
    cookies = [known_browser(from_address(number)) for number in range(3)]
    browser, new = signed_in(owner), "an entirely new password"
    browser.post(CHANGE, {"oldpassword": PASSWORD, "password1": new, "password2": new})
    browser.post("/accounts/logout/")
    hashed.reset_mock()

    for cookie in cookies:
        for number in range(4):
            sign_in(with_cookie(cookie), password=f"{WRONG} {number}")

    assert hashed.call_count == 5
    assert sign_in(browser, password=new).status_code == 302


def test_known_browsers_have_a_hundred_guesses_a_day_together(owner, hashed):
    cookies = [known_browser(from_address(number)) for number in range(22)]
    hashed.reset_mock()

    for number, cookie in enumerate(cookies):
        for _ in range(5):
            sign_in(with_cookie(cookie, number), password=WRONG)

    assert hashed.call_count == 100


def test_one_known_browser_blocks_no_other(owner):
    stolen, own = (with_cookie(known_browser(from_address(n)), n) for n in (1, 2))

    answers = [stolen.post(LOGIN, {"login": f"nobody{n}"}).status_code for n in range(31)]

    assert answers == [200] * 30 + [429]
    assert sign_in(own).status_code == 302


def test_a_mailed_code_lets_its_owner_in_while_others_guess(owner, visitor, mailbox):
    """Also by a second factor, which nobody guesses at who has not got past the first one."""
    EmailAddress.objects.create(user=owner, email="o@example.org", verified=True, primary=True)
    TOTP.activate(owner, TOTP_KEY)
    visitor.post("/accounts/login/code/", {"email": "o@example.org"})
    code = re.search(r"^[A-Z]{4}-[A-Z]{4}$", mailbox()[-1].body, re.MULTILINE).group(0)
    guessed_by_strangers()
    for number in range(5):
        sign_in(from_address(number), "o@example.org", WRONG)

    assert "by a code in your mail" in sign_in(from_address(9)).text
    page = visitor.post("/accounts/login/code/confirm/", {"code": code})
    assert (page.status_code, page["Location"]) == (302, "/accounts/2fa/authenticate/")
    page = visitor.post("/accounts/2fa/authenticate/", {"code": "123456"})
    assert (page.status_code, "Retry-After" in page) == (200, False)


def test_one_address_that_guesses_all_day_locks_nobody_out_for_longer_than_that(owner):
    begin = timezone.now()
    for number in range(12):
        with time_machine.travel(begin + timedelta(minutes=6 * number), tick=False):
            for _ in range(5):
                sign_in(from_address(1), password=WRONG)

            kept_out = sign_in(from_address(2)).status_code == 429
            assert kept_out == (number < 2)


def test_a_mail_that_strangers_ask_for_is_not_taken_from_whoever_is_signed_in(signed_in, mailbox):
    cognito = User.objects.create(username="by-cognito", password="!")
    EmailAddress.objects.create(user=cognito, email="c@example.org", verified=True, primary=True)
    browser = signed_in(cognito)
    for number in range(6):
        from_address(number).post(RESET, {"email": "c@example.org"})
    before = len(mailbox())

    browser.post("/accounts/reauthenticate/mail/", {})

    assert len(mailbox()) == before + 1


def test_a_link_that_sets_a_new_password_lets_its_owner_in_while_others_guess(owner, visitor):
    guessed_by_strangers()
    link = f"{RESET}key/{default_link(owner)}/"
    new = "an entirely new password"

    form = visitor.get(link)["Location"]
    visitor.post(form, {"password1": new, "password2": new})

    assert sign_in(visitor, password=new).status_code == 302


def default_link(user):
    return f"{int_to_base36(user.pk)}-{default_token_generator.make_token(user)}"


# Links, mails and tokens.


def test_links_are_guessed_at_for_ten_times_a_minute(visitor, owner):
    good = default_link(owner)
    guesses = [visitor.get(f"{RESET}key/{good[:-1]}{n}x/").status_code for n in range(12)]

    assert guesses == [200] * 10 + [429] * 2
    assert Client().get(f"{RESET}key/{good}/", REMOTE_ADDR="192.0.2.9").status_code == 302


@pytest.mark.parametrize("email", ["o@example.org", "nobody@example.org"])
def test_mails_to_one_address_are_limited_whether_or_not_it_is_anybodys(owner, mailbox, email):
    EmailAddress.objects.create(user=owner, email="o@example.org", verified=True, primary=True)

    answers = [
        from_address(number).post(RESET, {"email": each}).status_code
        for number, each in enumerate([email, email.upper()] * 3)
    ]

    assert answers == [302] * 5 + [429]
    assert len(mailbox()) == 5


def test_a_link_that_verifies_an_address_is_not_sent_without_end(signed_in, owner, mailbox):
    EmailAddress.objects.create(user=owner, email="o@example.org")
    browser = signed_in(owner)

    for _ in range(7):
        browser.post("/accounts/email/", {"action_send": "", "email": "o@example.org"})

    assert len(mailbox()) == 5


def test_tokens_are_guessed_at_for_a_minute_and_good_ones_work_all_the_while(owner, visitor):
    good = tokens_for(owner)["access"]

    def verify(token):
        headers = {"Authorization": f"Bearer {token}"}
        return visitor.get("/api/v1/auth/verify", headers=headers)

    with time_machine.travel(timezone.now() + timedelta(days=1)):
        expired = [verify(good).status_code for _ in range(70)]
    forged = [verify(f"{good}{number}").status_code for number in range(61)]
    refresh = visitor.post("/api/v1/auth/refresh", {"refresh": "x"}, content_type=JSON)

    assert set(expired) == {401}
    assert forged == [401] * 60 + [429]
    assert (refresh.status_code, refresh["Content-Type"]) == (429, "application/problem+json")
    assert int(refresh["Retry-After"]) <= 60
    assert verify(good).status_code == 200


# All instances count together.


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_eight_that_guess_at_once_have_as_many_guesses_as_one():
    counters = [Counter(key, most, 60) for key, most in (("a", 100), ("b", 40), ("c", 60))]

    def guess(number):
        try:
            right = not attempts.count(counters=counters, by=None)
            if right and number % 4 == 0:
                attempts.take_back(counters=counters, by=None)
            attempts.remove_ended(by=None)
            return right
        finally:
            if number % 25 == 24:
                connection.close()

    with ThreadPoolExecutor(8) as pool:
        passed = list(pool.map(guess, range(400)))

    counted = dict(Attempts.objects.values_list("key", "count"))
    assert counted["a"] == counted["b"] == counted["c"] == 40
    assert sum(passed) >= 40


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_all_who_begin_a_count_at_once_are_let_through_where_there_is_room():
    begin = Barrier(8)

    def guess(number):
        try:
            begin.wait(timeout=30)
            return attempts.count(counters=[Counter(f"new {number}", 8, 60)], by=None)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        waits = [list(pool.map(guess, [number] * 8)) for number in range(20)]

    assert waits == [[0] * 8] * 20
