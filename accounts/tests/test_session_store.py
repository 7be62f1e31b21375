"""Who reads a copy of the database finds nothing in it that signs anybody in."""

import re
import zlib
from base64 import urlsafe_b64decode
from contextlib import suppress
from importlib import import_module

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from asgiref.sync import async_to_sync
from django.apps import apps
from django.contrib.sessions.backends.db import SessionStore as InClear
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from accounts.links import reset_path
from accounts.tests.factories import PASSWORD
from accounts.tests.openid.test_hosted import back_from, set_out
from tasklist.session_store import SessionStore
from tests import totp
from tests.database import texts
from tests.openid import issuer

pytestmark = pytest.mark.django_db
KEPT_IN_CLEAR = import_module("accounts.migrations.0004_sealed_sessions")


def unpacked(text):
    """What a reader makes of a text without any key: also what is only packed or in base64."""
    yield text
    for piece in re.findall(r"[\w-]{16,}", text):
        with suppress(ValueError):
            packed = urlsafe_b64decode(piece + "=" * (-len(piece) % 4))
            yield packed.decode("latin1")
            with suppress(zlib.error):
                yield zlib.decompress(packed).decode("latin1")


def places_of(*secrets):
    """Where in the database one of these can be read."""
    assert all(secrets)
    return {
        (table, column)
        for table, column, text in texts()
        if any(secret in found for found in unpacked(text) for secret in secrets)
    }


def cookie(browser):
    return browser.cookies["sessionid"].value


def is_signed_in(browser):
    return browser.get("/settings/").status_code == 200


@pytest.fixture
def signed_in(owner):
    browser = Client()
    browser.post("/accounts/login/", {"login": owner.username, "password": PASSWORD})
    return browser


def test_a_cookie_is_nowhere_in_the_database_and_no_row_is_a_cookie(signed_in):
    [session], [shown] = Session.objects.all(), UserSession.objects.all()
    thief = Client()
    thief.cookies["sessionid"] = session.pk

    assert places_of(cookie(signed_in)) == set()
    assert shown.session_key == session.pk
    assert not is_signed_in(thief)
    assert is_signed_in(signed_in)


def test_a_mailed_code_that_is_good_can_be_read_nowhere(visitor, owner, mailbox):
    EmailAddress.objects.create(user=owner, email="o@example.org", verified=True, primary=True)
    visitor.post("/accounts/login/code/", {"email": "o@example.org"})
    [code] = re.findall(r"^[A-Z]{4}-[A-Z]{4}$", mailbox()[-1].body, re.MULTILINE)

    assert places_of(code, code.replace("-", ""), cookie(visitor)) == set()
    visitor.post("/accounts/login/code/confirm/", {"code": code})
    assert is_signed_in(visitor)


def test_the_key_of_a_link_that_was_followed_can_be_read_nowhere(visitor, owner):
    link, new = reset_path(owner), "an entirely new password"
    form = visitor.get(link)["Location"]

    key = link.rstrip("/").partition("-")[2]
    assert places_of(key, cookie(visitor)) == set()
    visitor.post(form, {"password1": new, "password2": new})
    owner.refresh_from_db()
    assert owner.check_password(new)


def test_the_key_of_an_app_that_is_being_set_up_can_be_read_nowhere(signed_in, contexts):
    signed_in.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = signed_in.get("/accounts/2fa/totp/activate/")
    key = page.context["form"].secret

    assert places_of(key, cookie(signed_in)) == set()
    signed_in.post("/accounts/2fa/totp/activate/", {"code": totp.code(key)})
    assert b"authenticator app" in signed_in.get("/settings/security/").content.lower()
    assert places_of(key) == set()


def test_what_proves_a_sign_in_at_a_provider_to_be_ours_can_be_read_nowhere(visitor, settings):
    with issuer() as provider:
        settings.OPENID = provider.settings
        there = set_out(visitor)
        [[state, _at, _provider]] = visitor.session["socialaccount_states"].values()

        assert places_of(state["pkce_code_verifier"], cookie(visitor)) == set()
        visitor.get(back_from(there))
    assert is_signed_in(visitor)


def test_another_secret_key_opens_no_session_unless_it_is_kept_as_a_fallback(signed_in, settings):
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another"
    assert not is_signed_in(signed_in_by(cookie(signed_in)))

    settings.SECRET_KEY_FALLBACKS = [old]
    assert is_signed_in(signed_in)


def signed_in_by(key):
    browser = Client()
    browser.cookies["sessionid"] = key
    return browser


def test_asynchronous_code_finds_a_session_by_its_cookie_alone(signed_in):
    [row] = Session.objects.all()

    async def looked_up(key):
        store = SessionStore(key)
        return await store.aexists(key), dict(await store.aitems())

    exists, found = async_to_sync(looked_up)(cookie(signed_in))
    assert (exists, found) == (True, dict(signed_in.session))
    assert async_to_sync(looked_up)(row.pk) == (False, {})


def test_a_session_of_the_release_before_goes_on_and_is_sealed(owner, signed_in):
    kept = InClear()
    kept.update(signed_in.session.items())
    kept.create()
    UserSession.objects.create(user=owner, session_key=kept.session_key, ip="192.0.2.1")
    before = signed_in_by(kept.session_key)
    assert not is_signed_in(signed_in_by(kept.session_key))

    for _twice in range(2):
        KEPT_IN_CLEAR.seal_sessions(apps, connection.schema_editor)

    assert is_signed_in(before)
    assert is_signed_in(signed_in)
    assert before.get("/settings/sessions/").content.count(b"192.0.2.1") == 1
    assert places_of(kept.session_key) == set()
    assert Session.objects.count() == UserSession.objects.count() == 2
