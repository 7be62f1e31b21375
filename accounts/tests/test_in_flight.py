"""A request that is on its way while everything of its person ends leaves them no way in.

It could be a thief's: what ended everything would have been for nothing.
"""

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.db import connection, transaction

from accounts.actions import closing, users
from accounts.guessing import throttles
from accounts.links import reset_path
from accounts.models import User
from accounts.tests.factories import PASSWORD
from accounts.tests.test_passkeys import HERE, SITE, asked_on
from accounts.verification_links import good_link
from accounts.views import verifying
from tasks.tests.races import PATIENCE
from tasks.tests.views.pages import messages
from tests import totp
from tests.passkey import Passkey

pytestmark = pytest.mark.usefixtures("no_code_used_yet", "contexts")

NEW = "an entirely new password"
TWICE = {"password1": NEW, "password2": NEW}
KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OUT = "You were signed out meanwhile. Sign in and try again."


def app(browser, _owner):
    path = "/accounts/2fa/totp/activate/"
    return path, {"code": totp.code(browser.get(path).context["form"].secret)}


def passkey(browser, _owner):
    path = "/accounts/2fa/webauthn/add/"
    made = Passkey(HERE, SITE).registered(asked_on(browser.get(path)))
    return path, {"name": "Thief's", "passwordless": "on", "credential": made}


def recovery_codes(_browser, owner):
    TOTP.activate(owner, KEY)
    RecoveryCodes.activate(owner)
    return "/accounts/2fa/recovery-codes/generate/", {}


def no_app(_browser, owner):
    TOTP.activate(owner, KEY)
    return "/accounts/2fa/totp/deactivate/", {}


def no_passkey(_browser, owner):
    data = {"name": "Phone", "credential": {}}
    passkey = Authenticator.objects.create(user=owner, type="webauthn", data=data)
    return f"/accounts/2fa/webauthn/keys/{passkey.pk}/remove/", {}


def address(_browser, _owner):
    return "/accounts/email/", {"action_add": "", "email": "thief@example.org"}


def primary_address(_browser, owner):
    for email in ("one@example.org", "two@example.org"):
        first = email.startswith("one")
        EmailAddress.objects.create(user=owner, email=email, verified=True, primary=first)
    return "/accounts/email/", {"action_primary": "", "email": "two@example.org"}


def password(_browser, _owner):
    return "/accounts/password/change/", {"oldpassword": PASSWORD, **TWICE}


def first_password(_browser, owner):
    User.objects.filter(pk=owner.pk).update(password="!")
    TOTP.activate(owner, KEY)  # by which they show who they are
    return "/accounts/password/set/", TWICE


# What changes who gets in: {name: its page and form, for a browser and its person}.
FORMS = {
    form.__name__: form
    for form in (
        *(app, passkey, recovery_codes, no_app, no_passkey),
        *(address, primary_address, password, first_password),
    )
}
ENDINGS = {
    "everything ended": lambda user: users.end_sessions(user=user, by=user),
    "a password was set": lambda user: users.set_password(user=user, password=NEW * 2, by=None),
    "disabled": lambda user: users.set_active(user=user, active=False, by=None),
    "disabled and let in again": lambda user: [
        users.set_active(user=user, active=active, by=None) for active in (False, True)
    ],
    "closing": lambda user: closing.close(user=user, by=user),
}


@pytest.fixture(autouse=True)
def a_site_with_tls(settings):
    settings.BASE_URL = HERE


def ways_in(owner):
    """All by which somebody could come back."""
    owner = User.objects.get(pk=owner.pk)
    factors = Authenticator.objects.filter(user=owner).order_by("pk").values("pk", "data")
    addresses = EmailAddress.objects.filter(user=owner).order_by("pk")
    found = addresses.values("email", "primary", "verified")
    return list(factors), list(found), owner.email, owner.password


@pytest.fixture
def meanwhile(monkeypatch):
    """`meanwhile(do)`: it is done once the next request has read who asks, and before its view."""
    call = throttles.call

    def meanwhile(do):
        def first(request, view):
            monkeypatch.setattr(throttles, "call", call)
            assert request.user.is_authenticated
            do()
            call(request, view)

        monkeypatch.setattr(throttles, "call", first)

    return meanwhile


@pytest.mark.parametrize("name", FORMS)
def test_what_was_under_way_when_everything_ended_adds_no_way_in(name, confirmed, owner, meanwhile):
    browser = confirmed(owner)
    path, form = FORMS[name](browser, owner)
    before = ways_in(owner)
    meanwhile(lambda: users.end_sessions(user=owner, by=owner))

    page = browser.post(path, form, follow=True)

    assert page.redirect_chain == [("/accounts/login/", 302)]
    assert messages(page) == [(OUT, None)]
    assert ways_in(owner) == before


@pytest.mark.parametrize("name", FORMS)
def test_without_that_each_of_these_forms_changes_who_gets_in(name, confirmed, owner):
    browser = confirmed(owner)
    path, form = FORMS[name](browser, owner)
    before = ways_in(owner)

    assert browser.post(path, form).status_code == 302
    assert ways_in(owner) != before


@pytest.mark.parametrize("name", ENDINGS)
def test_whatever_ends_everything_stops_what_was_under_way(name, confirmed, owner, meanwhile):
    browser = confirmed(owner)
    path, form = address(browser, owner)
    meanwhile(lambda: ENDINGS[name](owner))

    assert browser.post(path, form)["Location"] == "/accounts/login/"
    assert not EmailAddress.objects.filter(user=owner).exists()


def test_a_link_for_a_password_that_was_under_way_sets_none(visitor, owner, monkeypatch):
    """Whose it is was read before; then everything of theirs ended."""
    form, before = visitor.get(reset_path(owner))["Location"], ways_in(owner)
    set_password = users.set_password

    def later(**how):
        users.end_sessions(user=owner, by=owner)
        return set_password(**how)

    monkeypatch.setattr(users, "set_password", later)

    page = visitor.post(form, TWICE, follow=True)

    assert messages(page) == [(OUT, None)]
    assert ways_in(owner) == before


def asks_for_a_link(browser, owner):
    """The form that does, for an address of theirs that is not verified."""
    EmailAddress.objects.create(user=owner, email="thief@example.org")
    return "/accounts/email/", {"action_send": "", "email": "thief@example.org"}


def mailed_link(mailbox):
    [found] = re.findall(r"/accounts/confirm-email/\S+", mailbox()[-1].body)
    return found


def test_a_link_that_was_asked_for_when_everything_ended_verifies_nothing(
    confirmed, owner, meanwhile, visitor, mailbox
):
    browser = confirmed(owner)
    form = asks_for_a_link(browser, owner)
    meanwhile(lambda: users.end_sessions(user=owner, by=owner))
    browser.post(*form)

    assert visitor.post(mailed_link(mailbox)).status_code == 404
    assert not EmailAddress.objects.filter(verified=True).exists()


def test_a_link_that_was_being_followed_when_everything_ended_verifies_nothing(
    confirmed, owner, visitor, mailbox, monkeypatch
):
    browser = confirmed(owner)
    browser.post(*asks_for_a_link(browser, owner))

    def read(key):
        link = good_link(key)
        users.end_sessions(user=owner, by=owner)
        return link

    monkeypatch.setattr(verifying, "good_link", read)

    assert visitor.post(mailed_link(mailbox))["Location"] == "/accounts/login/"
    assert not EmailAddress.objects.filter(verified=True).exists()


def test_whoever_closes_their_account_may_still_set_a_password_by_a_link(visitor, owner):
    """To take it back."""
    closed = closing.close(user=owner, by=owner)

    visitor.post(visitor.get(reset_path(closed))["Location"], TWICE)

    assert User.objects.get(pk=owner.pk).check_password(NEW)


# Two servers at the same moment.


def waiting():
    """How many connections want a row that another one has locked."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'")
        return int(cursor.fetchone()[1])


def post_elsewhere(browser, path, form):
    try:
        return browser.post(path, form)
    finally:
        connection.close()


def sent_while_locked(do, *forms):
    """The answers to these forms, all of which wait for what this does to their person."""
    pause = threading.Event()
    with ThreadPoolExecutor(len(forms)) as threads:
        with transaction.atomic():
            do()
            answers = [threads.submit(post_elsewhere, *form) for form in forms]
            while waiting() < len(forms):
                assert not any(each.done() for each in answers), "it did not wait"
                pause.wait(0.01)
        return [each.result(PATIENCE) for each in answers]


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["app", "passkey", "address", "password"])
def test_a_form_that_waits_for_what_ends_everything_adds_no_way_in(name, confirmed, owner):
    browser = confirmed(owner)
    form = (browser, *FORMS[name](browser, owner))
    before = ways_in(owner)

    [answer] = sent_while_locked(lambda: users.end_sessions(user=owner, by=owner), form)

    assert answer["Location"] == "/accounts/login/"
    assert ways_in(owner) == before


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_two_addresses_added_at_once_are_no_more_than_the_limit(confirmed, owner):
    most = range(1, settings.ACCOUNT_MAX_EMAIL_ADDRESSES)
    for n in most:
        EmailAddress.objects.create(user=owner, email=f"{n}@example.org")
    path, form = address(None, owner)
    forms = [(confirmed(owner), path, form | {"email": f"{name}@example.org"}) for name in "ab"]

    answers = sent_while_locked(lambda: User.objects.select_for_update().get(pk=owner.pk), *forms)

    assert [each["Location"] for each in answers] == [path, path]
    assert EmailAddress.objects.filter(user=owner).count() == len(most) + 1
    pages = [browser.get(path).content.decode() for browser, *_ in forms]
    assert sum("You cannot add more than 5" in page for page in pages) == 1


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_an_app_that_is_set_up_twice_at_once_is_there_once(confirmed, owner):
    browsers = [confirmed(owner), confirmed(owner)]
    forms = [(browser, *app(browser, owner)) for browser in browsers]

    sent_while_locked(lambda: User.objects.select_for_update().get(pk=owner.pk), *forms)

    assert Authenticator.objects.filter(user=owner, type="totp").count() == 1
