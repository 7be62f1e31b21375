"""Second factors: set up, asked for, used once, lost, and kept so that no dump gives them away."""

import json
import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client

from accounts.actions import factors, users
from accounts.factors.adapter import Factors
from accounts.models import Attempts
from accounts.tests.factories import PASSWORD, UserFactory
from ledger.models import Change
from tests import site, totp

pytestmark = pytest.mark.usefixtures("no_code_used_yet")

KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
HUB = "/settings/security/"


@pytest.fixture
def protected(owner):
    """owner, with an authenticator app (its key is KEY) and recovery codes."""
    TOTP.activate(owner, KEY)
    RecoveryCodes.activate(owner)
    return owner


def recovery_codes(user):
    return Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()


def password_given(visitor, user, path="/accounts/login/"):
    return visitor.post(path, {"login": user.username, "password": PASSWORD})


def who(client):
    return client.session.get("_auth_user_id")


def text(response):
    return response.content.decode()


def test_an_app_is_set_up_by_its_key_and_the_code_that_it_shows(confirmed, owner):
    client = confirmed(owner)
    page = text(client.get("/accounts/2fa/totp/activate/"))
    key = re.search(r'id="key" translate="no">([A-Z2-7 ]+)<', page)[1]

    codes = client.post("/accounts/2fa/totp/activate/", {"code": totp.code(key)}, follow=True)

    assert "<svg" in page
    assert "data:image" not in page
    assert re.findall(r"<code>(\d{8})</code>", text(codes)) == recovery_codes(owner)
    assert "10 codes are left." in text(client.get(HUB))
    assert key.replace(" ", "") not in json.dumps(dict(client.session))


def test_a_wrong_code_sets_up_nothing(confirmed, owner):
    client = confirmed(owner)
    client.get("/accounts/2fa/totp/activate/")

    page = text(client.post("/accounts/2fa/totp/activate/", {"code": "12345"}))

    assert "This is not the code" in page
    assert "Not saved yet" not in page
    assert not Authenticator.objects.exists()


def test_a_copy_of_the_database_gives_away_neither_key_nor_codes(protected):
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        rows = str(cursor.fetchall())

    assert KEY not in rows
    assert not [code for code in recovery_codes(protected) if code in rows]


def test_with_another_secret_key_no_code_fits_and_no_page_breaks(protected, signed_in, settings):
    codes = recovery_codes(protected)
    settings.SECRET_KEY = "another"

    assert not set(codes) & set(recovery_codes(protected))
    assert Authenticator.objects.get(type="totp").wrap().validate_code(totp.code(KEY)) is False
    settings.SECRET_KEY_FALLBACKS = ["only-for-tests-" * 4]
    assert recovery_codes(protected) == codes


def test_a_password_alone_signs_in_nobody_who_has_an_app(protected, visitor):
    answer = password_given(visitor, protected)

    assert answer["Location"] == "/accounts/2fa/authenticate/"
    page = text(visitor.get(answer["Location"]))
    assert "or one of your recovery codes" in page
    assert "passkey" not in page  # there is none
    assert who(visitor) is None
    assert visitor.get("/today/")["Location"] == "/accounts/login/?next=/today/"
    assert visitor.get("/api/v1/tasks").status_code == 401


def test_the_code_leads_to_the_page_that_was_asked_for(protected, visitor):
    password_given(visitor, protected, "/accounts/login/?next=/trash/")

    answer = visitor.post("/accounts/2fa/authenticate/", {"code": totp.code(KEY)})

    assert answer["Location"] == "/trash/"
    assert who(visitor) == str(protected.pk)


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_of_the_app_signs_in_once_though_a_clock_is_off(protected, visitor, client, steps):
    code = totp.code(KEY, steps)
    for browser in (visitor, client):
        cache.clear()  # what allauth remembers only for a moment is not what this rests on
        password_given(browser, protected)
        browser.post("/accounts/2fa/authenticate/", {"code": code})

    assert who(visitor) == str(protected.pk)
    assert who(client) is None


def test_a_code_that_is_older_than_the_last_one_is_refused(protected, visitor, client):
    for browser, steps in ((visitor, 0), (client, -1)):
        password_given(browser, protected)
        browser.post("/accounts/2fa/authenticate/", {"code": totp.code(KEY, steps)})

    assert [who(visitor), who(client)] == [str(protected.pk), None]


def test_a_recovery_code_signs_in_once(protected, visitor, client):
    code = recovery_codes(protected)[3]
    for browser in (visitor, client):
        password_given(browser, protected)
        browser.post("/accounts/2fa/authenticate/", {"code": code})

    assert [who(visitor), who(client)] == [str(protected.pk), None]
    assert "9 codes are left." in text(visitor.get(HUB))


def test_recovery_codes_are_shown_once(confirmed, protected):
    client = confirmed(protected)

    shown = [client.get("/accounts/2fa/recovery-codes/") for _ in range(2)]
    first, second = map(text, shown)

    assert "no-store" in shown[0]["Cache-Control"]
    assert all(code in first for code in recovery_codes(protected))
    assert not any(code in second for code in recovery_codes(protected))
    assert client.get("/accounts/2fa/recovery-codes/download/").status_code == 403


def test_new_recovery_codes_end_the_old_ones(confirmed, protected):
    old = recovery_codes(protected)

    confirmed(protected).post("/accounts/2fa/recovery-codes/generate/")

    assert not set(old) & set(recovery_codes(protected))


def test_without_its_last_factor_an_account_has_no_recovery_codes(confirmed, protected):
    browser = confirmed(protected)
    assert "Your recovery codes go with it." in text(browser.get("/accounts/2fa/totp/deactivate/"))
    browser.post("/accounts/2fa/totp/deactivate/")

    assert Factors.of(protected) == Factors()


def test_only_of_the_last_factor_the_page_says_that_the_password_is_too_short_without(
    signed_in, protected
):
    protected = users.set_password(user=protected, password="kQ7-vXz!", by=protected)
    browser = site.confirmed(signed_in(protected))
    last = text(browser.get("/accounts/2fa/totp/deactivate/"))
    Authenticator.objects.create(user=protected, type="webauthn", data={})
    one_of_two = text(browser.get("/accounts/2fa/totp/deactivate/"))

    assert ("is shorter than 15" in last, "is shorter than 15" in one_of_two) == (True, False)


def test_staff_come_into_the_admin_by_their_second_factor_too(staff, visitor):
    TOTP.activate(staff, KEY)
    to_sign_in = visitor.get("/admin/tasks/task/", follow=True).redirect_chain[-1][0]
    password_given(visitor, staff, to_sign_in)

    assert visitor.get("/admin/tasks/task/").status_code == 302
    back = visitor.post("/accounts/2fa/authenticate/", {"code": totp.code(KEY)})
    assert back["Location"] == "/admin/tasks/task/"
    assert visitor.get("/admin/tasks/task/").status_code == 200


# Staff take off what somebody has lost
def take_off(client, user):
    form = {"action": "remove_factors", "_selected_action": [user.pk], "confirmed": "yes"}
    return text(client.post("/admin/accounts/user/", form, follow=True))


def test_staff_take_off_lost_factors_which_is_recorded_and_ends_sessions(
    protected, staff, signed_in, confirmed
):
    theirs = signed_in(protected)

    page = take_off(confirmed(staff), protected)

    assert "Second factors of 1 person removed." in page
    assert Factors.of(protected) == Factors()
    assert theirs.get("/today/").status_code == 302
    assert protected.security_events.latest("id").kind == "factors_removed"
    change = Change.objects.get(kind="user.factors_removed")
    assert (change.by_id, change.subject_id, change.via) == (staff.pk, protected.pk, "admin")


def test_a_short_password_is_good_for_a_new_one_alone_once_the_last_factor_is_gone(
    protected, staff, visitor
):
    short, new = "kQ7-vXz!", "an entirely new password"
    users.set_password(user=protected, password=short, by=protected)
    factors.remove_all(user=protected, by=staff)
    body = {"username": "owner", "password": short}

    program = Client().post("/api/v1/auth/login", body, content_type="application/json")
    page = visitor.post("/accounts/login/", {"login": "owner", "password": short})

    assert (program.status_code, "longer password" in program.json()["detail"]) == (401, True)
    assert (page.status_code, who(visitor)) == (302, None)
    form = visitor.get(page["Location"])["Location"]
    assert "longer password" in text(visitor.get(form))
    visitor.post(form, {"password1": new, "password2": new})
    assert visitor.post("/accounts/login/", {"login": "owner", "password": new}).status_code == 302
    assert who(visitor) == str(protected.pk)


def test_only_superusers_take_factors_off_staff(protected, confirmed):
    colleague = UserFactory(username="colleague", is_staff=True)
    may = Permission.objects.filter(codename__in=("view_user", "change_user"))
    colleague.user_permissions.set(may)
    helper = confirmed(colleague)
    boss = UserFactory(username="boss", is_superuser=True)
    TOTP.activate(boss, KEY)

    assert "1 is left as it was." in take_off(helper, boss)
    assert "Second factors of 1 person removed." in take_off(helper, protected)
    assert Factors.of(boss).app


def test_there_is_nothing_to_take_off_somebody_without_factors(owner, staff):
    with pytest.raises(ValidationError):
        factors.remove_all(user=owner, by=staff)

    assert not Change.objects.filter(kind="user.factors_removed").exists()


# Passkeys: what no browser sends. What one does send: tests/browser/test_passkeys.py
NONSENSE = [
    *("", "{", "null", "1", '"x"', "[]", "{}", "[[]]"),
    *('{"response": 1}', '{"response": {}}', '{"response": null, "id": 1}'),
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"userHandle": 1}}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "AA"}}',
    json.dumps(
        {
            **{"id": "é", "rawId": "AA", "type": "public-key", "clientExtensionResults": {}},
            "response": {
                "clientDataJSON": "e30",
                "authenticatorData": "AA",
                "attestationObject": "oA",
                "signature": "AA",
                "userHandle": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk",
            },
        }
    ),
]


def test_what_is_no_answer_of_a_passkey_lets_nobody_in_and_breaks_nothing(visitor, protected):
    for answer in NONSENSE:
        Attempts.objects.all().delete()
        form = {"credential": answer}
        visitor.get("/accounts/2fa/webauthn/login/", headers={"Accept": "application/json"})
        assert visitor.post("/accounts/2fa/webauthn/login/", form).status_code == 302, answer
        password_given(visitor, protected)
        assert visitor.post("/accounts/2fa/authenticate/", form).status_code == 200, answer
        assert who(visitor) is None


def test_what_is_no_answer_of_a_passkey_adds_and_confirms_nothing(confirmed, owner):
    client = confirmed(owner)
    for answer in NONSENSE:
        form = {"credential": answer, "name": "x", "passwordless": "on"}
        client.get("/accounts/2fa/webauthn/add/")
        assert client.post("/accounts/2fa/webauthn/add/", form).status_code == 200, answer

    assert not Authenticator.objects.exists()


def test_passkeys_belong_to_the_host_of_base_url_whatever_the_request_says(visitor, db):
    asked = visitor.get(
        "/accounts/2fa/webauthn/login/",
        headers={"Accept": "application/json", "Host": "localhost"},
    )

    assert asked.json()["request_options"]["publicKey"]["rpId"] == "testserver"
