"""Security events: what a person finds on the page, and the mail that asks whether it was them."""

import re
from datetime import timedelta
from pathlib import Path

import allauth
import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.utils import timezone

from accounts import chores
from accounts.actions import events, sign_ins, tokens, users
from accounts.event_words import NOTIFICATIONS
from accounts.models import SecurityEvent
from accounts.origin import Origin
from accounts.tests.factories import PASSWORD
from tasks.tests.views.pages import read
from tests.api import Api, InProcess, tokens_for

pytestmark = pytest.mark.django_db

Kind = SecurityEvent.Kind
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
NEW = "an entirely new password"


@pytest.fixture
def verified(owner):
    return EmailAddress.objects.create(
        user=owner, email="o@example.org", verified=True, primary=True
    )


@pytest.fixture
def here(owner):
    """A browser in which the owner has signed in on the page."""
    browser = Client(headers={"user-agent": FIREFOX}, REMOTE_ADDR="203.0.113.5")
    browser.post("/accounts/login/", {"login": "owner", "password": PASSWORD})
    return browser


def kinds(user):
    return [*user.security_events.order_by("pk").values_list("kind", flat=True)]


def told(browser):
    """The lines of the page, without their times."""
    lines = read(browser.get("/settings/events/")).one("main").all("li")
    return [" ".join(each.line.replace(each.one("time").line, "").split()) for each in lines]


def test_a_sign_in_is_told_in_words_with_its_way_and_where_it_came_from(here):
    assert told(here) == ["Signed in by password Firefox on Linux 203.0.113.5"]


def test_what_a_person_does_to_their_account_is_told(here, owner, verified):
    here.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    )
    here.post("/accounts/reauthenticate/", {"password": NEW})
    here.post("/accounts/email/", {"email": "new@example.org", "action_add": ""})
    here.post("/accounts/email/", {"email": "new@example.org", "action_remove": ""})
    here.post("/accounts/logout/")

    assert kinds(owner) == [
        *("signed_in", "password_changed", "email_added", "email_removed", "signed_out"),
    ]
    assert owner.security_events.get(kind="email_removed").details == {"email": "new@example.org"}


def test_a_used_recovery_code_is_told_and_mailed(owner, verified, visitor, mailbox):
    TOTP.activate(owner, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    codes = RecoveryCodes.activate(owner)
    visitor.post("/accounts/login/", {"login": "owner", "password": PASSWORD})
    visitor.post("/accounts/2fa/authenticate/", {"code": codes.get_unused_codes()[0]})

    assert kinds(owner) == ["recovery_code_used", "signed_in"]
    assert told(visitor)[0].startswith("Signed in by password, by a recovery code")
    assert [each.subject for each in mailbox()] == ["Recovery code used"]


def test_what_programs_and_their_tokens_do_is_told(owner):
    signed_in = tokens_for(owner)
    program = Api(InProcess(), signed_in["access"])
    new = Api(InProcess()).post("auth/refresh", {"refresh": signed_in["refresh"]}).json
    Api(InProcess()).post("auth/refresh", {"refresh": signed_in["refresh"]})  # stolen, or lost
    assert program.get("lists").status == 401
    assert Api(InProcess(), new["access"]).get("lists").status == 401
    token, _secret = tokens.make(user=owner, name="backup", scopes=["read"], by=owner)
    tokens.revoke(token=token, by=owner)

    assert kinds(owner) == ["signed_in", "token_used_twice", "api_token_made", "api_token_revoked"]


def test_what_staff_do_is_told_without_telling_where_they_are(
    signed_in, confirmed, here, owner, staff
):
    users.end_sessions(user=owner, by=staff)
    admin = confirmed(staff)
    admin.post(f"/admin/accounts/user/{owner.pk}/password/", dict.fromkeys(NEW_FIELDS, NEW))
    users.set_active(user=owner, active=False, by=staff)
    users.set_active(user=owner, active=True, by=staff)

    by_staff = owner.security_events.exclude(kind=Kind.SIGNED_IN)
    assert [each.kind for each in by_staff.order_by("pk")] == [
        *("everything_ended", "password_set", "disabled", "enabled"),
    ]
    assert {(each.address, each.client) for each in by_staff} == {(None, "")}
    owner.refresh_from_db()
    assert told(signed_in(owner))[0] == "Account enabled by staff"


NEW_FIELDS = ("new_password1", "new_password2")


def test_nobody_reads_what_happened_to_somebody_else(here, signed_in, stranger):
    assert told(signed_in(stranger)) == []


def test_what_is_weighty_goes_to_the_verified_address_by_mail(here, owner, verified, mailbox):
    here.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    )

    [letter] = mailbox()

    assert (letter.to, letter.subject) == (["o@example.org"], "Password changed")
    assert "to your account owner at Tasklist" in letter.body
    assert "If it was you, there is nothing to do." in letter.body
    assert "- Firefox on Linux\n- 203.0.113.5\n" in letter.body
    assert "http://testserver/settings/sessions/" in letter.body
    assert "Firefox on Linux" in letter.alternatives[0][0]


def test_a_letter_about_an_act_of_staff_says_so_in_the_time_zone_of_its_person(
    owner, verified, staff, mailbox
):
    owner = users.edit_profile(user=owner, time_zone="Asia/Tokyo", by=owner)
    with time_machine.travel("2026-11-21T17:00:00Z"), timezone.override("America/New_York"):
        events.note(user=owner, kind=Kind.FACTORS_REMOVED, by=staff)

    [letter] = mailbox()

    assert "- 22 Nov 2026, 02:00 JST\n" in letter.body
    assert "The people who run this Tasklist did it." in letter.body
    assert "If it was you" not in letter.body


def test_no_such_mail_goes_to_an_address_that_may_be_a_strangers(here, owner, mailbox):
    EmailAddress.objects.create(user=owner, email="typo@example.org", primary=True)
    here.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    )

    assert mailbox() == []


def test_another_primary_address_is_told_to_the_one_before(here, owner, verified, mailbox):
    EmailAddress.objects.create(user=owner, email="new@example.org", verified=True)
    here.post("/accounts/reauthenticate/", {"password": PASSWORD})
    here.post("/accounts/email/", {"email": "new@example.org", "action_primary": ""})

    [letter] = mailbox()

    assert letter.to == ["o@example.org"]
    assert "Primary e-mail address changed (new@example.org)" in letter.body


def signs_in(**browser):
    client = Client(headers={"user-agent": FIREFOX}, **browser)
    client.post("/accounts/login/", {"login": "owner", "password": PASSWORD})
    return client


def test_a_sign_in_from_a_new_browser_is_told_by_letter(here, owner, verified, mailbox):
    users.edit_profile(user=owner, time_zone="Asia/Tokyo", by=owner)
    assert mailbox() == []  # about the very first one
    here.post("/accounts/logout/")
    here.post("/accounts/login/", {"login": "owner", "password": PASSWORD})
    assert mailbox() == []  # about one that is known

    with time_machine.travel("2030-11-21T17:00:00Z"):
        signs_in(REMOTE_ADDR="198.51.100.7")
        [letter] = mailbox()

    assert (letter.to, letter.subject) == (["o@example.org"], "Signed in from a new browser")
    assert "- 22 Nov 2030, 02:00 JST\n- Firefox on Linux\n- 198.51.100.7\n" in letter.body
    assert "If it was you, there is nothing to do." in letter.body
    assert "http://testserver/settings/sessions/" in letter.body
    assert "198.51.100.7" in letter.alternatives[0][0]
    assert kinds(owner) == ["signed_in", "signed_out", "signed_in", "new_browser"]


def test_whoever_opens_an_account_gets_no_letter_about_their_own_sign_in(visitor, mailbox):
    form = {"username": "newcomer", "password1": NEW, "password2": NEW, "email": "n@example.org"}
    visitor.post("/accounts/signup/", form)
    EmailAddress.objects.update(verified=True)
    visitor.post("/accounts/logout/")
    visitor.post("/accounts/login/", {"login": "newcomer", "password": NEW})

    subjects = [each.subject for each in mailbox()]
    assert "Signed in from a new browser" not in subjects
    assert [*SecurityEvent.objects.values_list("kind", flat=True)] == [
        *("signed_up", "signed_out", "signed_in"),
    ]


def test_new_browsers_are_told_three_times_a_day_and_always_on_the_page(
    here, owner, verified, mailbox
):
    for _ in range(5):
        signs_in()

    assert len(mailbox()) == 3
    assert kinds(owner).count("new_browser") == 5


def test_what_ends_every_session_has_the_account_know_no_browser(here, owner, verified, mailbox):
    users.end_sessions(user=owner, by=owner)
    here.post("/accounts/login/", {"login": "owner", "password": PASSWORD})

    assert "Signed in from a new browser" in [each.subject for each in mailbox()]


def test_a_script_that_signs_in_daily_is_told_of_once(here, owner, verified, mailbox):
    def script(client, address):
        send = Client(headers={"user-agent": client}, REMOTE_ADDR=address)
        body = {"username": "owner", "password": PASSWORD}
        answer = send.post("/api/v1/auth/login/", body, content_type="application/json")
        assert answer.status_code == 200

    script("backup/1.0", "198.51.100.7")
    script("backup/1.0", "198.51.100.8")  # from elsewhere
    script("backup/1.1", "198.51.100.8")  # of a new version
    assert [each.subject for each in mailbox()] == ["Signed in by a new program"]

    script("curl/8.0", "203.0.113.5")  # where the owner has a browser
    assert kinds(owner) == ["signed_in", "new_program", "signed_in", "signed_in", "new_program"]


def test_a_program_whose_address_nobody_knows_is_new_beside_another(owner):
    unknown = Origin(None, "backup/1.0")
    events.note(user=owner, kind=Kind.SIGNED_IN, by=owner, via="api")  # without either
    owner.last_login = timezone.now()

    assert sign_ins.is_new(owner, unknown)


def test_a_spoofed_address_is_not_the_one_that_is_told(settings, owner, visitor):
    settings.TRUSTED_PROXIES = 1
    hops = {"x-forwarded-for": "198.51.100.7, 203.0.113.5"}

    form = {"login": "owner", "password": PASSWORD}
    visitor.post("/accounts/login/", form, headers=hops)

    assert owner.security_events.get().address == "203.0.113.5"


def test_a_hundred_refusals_are_one_entry_and_one_guess_is_none(owner, visitor):
    form = {"login": "owner", "password": "not the password"}
    visitor.post("/accounts/login/", form)
    assert kinds(owner) == []

    statuses = [visitor.post("/accounts/login/", form).status_code for _ in range(8)]

    assert statuses[-2:] == [429, 429]
    assert kinds(owner) == ["refused"]
    assert owner.security_events.get().address == "127.0.0.1"


def test_however_many_events_push_nothing_out_of_sight(signed_in, owner):
    events.note(user=owner, kind=Kind.SIGNED_IN, by=owner)
    for _ in range(50):
        events.note_news(user=owner, kind=Kind.LISTS_COMING, by=None)
    browser, path = signed_in(owner), "/settings/events/"

    first = read(browser.get(path))
    older = first.one("p", cls="more").one("a").attributes["href"]
    second = browser.get(path + older)

    assert len(first.one("main").all("time")) == 50
    assert "There are no older ones" not in first.words
    assert [each.one("h2").line for each in read(second).one("main").all("li")] == ["Signed in"]
    assert "There are no older ones. They are kept for a year." in second.content.decode()
    assert browser.get(f"{path}?after=broken").status_code == 400


def test_what_another_release_knows_is_shown_as_it_is_called(signed_in, owner):
    events.note(user=owner, kind="moved_to_the_moon", by=owner)

    assert told(signed_in(owner)) == ["moved_to_the_moon"]


def test_events_are_forgotten_after_a_year(owner):
    with time_machine.travel(timezone.now() - timedelta(days=366)):
        events.note(user=owner, kind=Kind.SIGNED_IN, by=owner)
    events.note(user=owner, kind=Kind.SIGNED_OUT, by=owner)

    chores.forget_events()

    assert kinds(owner) == ["signed_out"]


@pytest.mark.once
def test_everything_that_allauth_tells_by_mail_has_words_here():
    """A new release of it may tell more: then this test says so, before a page does."""
    sources = (path.read_text() for path in Path(allauth.__file__).parent.rglob("*.py"))
    call = re.compile(r'send_notification_mail\(\s*"([^"]+)"')

    assert {name for source in sources for name in call.findall(source)} == set(NOTIFICATIONS)
