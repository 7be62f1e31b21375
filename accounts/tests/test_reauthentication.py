"""What matters is asked for twice: once more a password, a code or a passkey, and then on."""

import re
import time

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP

from accounts.tests.factories import PASSWORD, UserFactory
from tasks.tests.views.pages import everything
from tests import totp

pytestmark = pytest.mark.usefixtures("no_code_used_yet")

KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
BY_MAIL = "/accounts/reauthenticate/mail/"
OLD, OTHER = "old@example.org", "other@example.org"

# Everything that somebody at an unlocked screen must not do: its address and its form.
FORMS = {
    "add an address": ("/accounts/email/", {"action_add": "", "email": "new@example.org"}),
    "remove an address": ("/accounts/email/", {"action_remove": "", "email": OTHER}),
    "make an address primary": ("/accounts/email/", {"action_primary": "", "email": OTHER}),
    "switch off the app": ("/accounts/2fa/totp/deactivate/", {}),
    "make new recovery codes": ("/accounts/2fa/recovery-codes/generate/", {}),
    "rename a passkey": ("/accounts/2fa/webauthn/keys/{passkey}/edit/", {"name": "Renamed"}),
    "remove a passkey": ("/accounts/2fa/webauthn/keys/{passkey}/remove/", {}),
}
PAGES = {
    "set up an app": "/accounts/2fa/totp/activate/",
    "add a passkey": "/accounts/2fa/webauthn/add/",
    "see the recovery codes": "/accounts/2fa/recovery-codes/",
    "take the recovery codes along": "/accounts/2fa/recovery-codes/download/",
}


@pytest.fixture
def passkey(owner):
    """owner has everything that can be changed; the number of their passkey."""
    for email in (OLD, OTHER):
        EmailAddress.objects.create(user=owner, email=email, verified=True, primary=email == OLD)
    RecoveryCodes.activate(owner)
    TOTP.activate(owner, KEY)
    data = {"name": "Phone", "credential": {}}
    return Authenticator.objects.create(user=owner, type="webauthn", data=data).pk


def text(response):
    return response.content.decode()


@pytest.mark.parametrize("name", FORMS)
def test_a_form_that_matters_waits_for_the_password_and_is_then_done(
    name, owner, passkey, signed_in
):
    client, (address, form) = signed_in(owner), FORMS[name]
    address, before = address.format(passkey=passkey), everything()

    asked = client.post(address, form)
    untouched = everything() == before
    done = client.post(asked["Location"], {"password": PASSWORD, "next": address})

    assert asked["Location"] == f"/accounts/reauthenticate/?next={address.replace('/', '%2F')}"
    assert untouched
    assert done.status_code == 302
    assert everything() != before


@pytest.mark.parametrize("name", FORMS)
def test_a_wrong_password_lets_no_form_through(name, owner, passkey, signed_in):
    client, (address, form) = signed_in(owner), FORMS[name]
    address, before = address.format(passkey=passkey), everything()

    asked = client.post(address, form)
    answer = client.post(asked["Location"], {"password": "a wrong one", "next": address})

    assert answer.status_code == 200
    assert everything() == before


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_matters_is_shown_after_the_password(name, owner, signed_in):
    if "codes" in name:
        RecoveryCodes.activate(owner)
    client, address = signed_in(owner), PAGES[name]

    asked = client.get(address)["Location"]
    back = client.post(asked, {"password": PASSWORD, "next": address})

    assert back["Location"] == address
    assert client.get(address).status_code == 200


def test_five_minutes_later_it_is_asked_for_again(owner, signed_in):
    client = signed_in(owner)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    answers = []
    for seconds in (290, 310):
        with time_machine.travel(time.time() + seconds):
            answers.append(client.get("/accounts/2fa/totp/activate/").status_code)

    assert answers == [200, 302]


def test_a_code_of_the_app_does_as_well_and_no_code_does_twice(owner, signed_in):
    TOTP.activate(owner, KEY)
    code = totp.code(KEY)
    answers = [
        signed_in(owner).post("/accounts/2fa/reauthenticate/", {"code": code}).status_code
        for _ in range(2)
    ]

    assert answers == [302, 200]


def test_where_one_wanted_to_go_never_leads_to_another_site(owner, signed_in):
    form = {"password": PASSWORD, "next": "https://evil.example/"}

    assert signed_in(owner).post("/accounts/reauthenticate/", form)["Location"] == "/"


# Who comes in by a linked account, and has nothing that could be asked for
@pytest.fixture
def linked(db):
    return UserFactory(username="linked", password=None)


def code_in(mail):
    return re.search(r"^([A-Z0-9]{4}-[A-Z0-9]{4})$", mail.body, re.MULTILINE)[1]


def asked_by_mail(client):
    """Ask for a page that matters, and for a code."""
    asked = client.get("/accounts/2fa/totp/activate/")["Location"]
    client.post(asked)
    return asked


def test_who_has_no_password_gets_a_code_by_mail(linked, signed_in, mailbox):
    EmailAddress.objects.create(user=linked, email=OLD, verified=True, primary=True)
    client = signed_in(linked)

    asked = asked_by_mail(client)
    code = code_in(mailbox()[0])
    kept = str(dict(client.session))
    back = client.post(asked, {"code": code.lower(), "next": "/accounts/2fa/totp/activate/"})

    assert asked.startswith(BY_MAIL)
    assert mailbox()[0].to == [OLD]
    assert code not in kept
    assert back["Location"] == "/accounts/2fa/totp/activate/"
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200


def test_a_mailed_code_is_good_once_three_tries_and_ten_minutes(linked, signed_in, mailbox):
    EmailAddress.objects.create(user=linked, email=OLD, verified=True)
    client = signed_in(linked)
    asked_by_mail(client)
    for _ in range(3):
        client.post(BY_MAIL, {"code": "ZZZZ-ZZZZ"})
    guessed = client.post(BY_MAIL, {"code": code_in(mailbox()[0])})
    asked_by_mail(client)
    with time_machine.travel(time.time() + 601):
        late = client.post(BY_MAIL, {"code": code_in(mailbox()[1])})

    assert "This is not the code, or it is too old." in text(guessed)
    assert "This is not the code, or it is too old." in text(late)


def test_a_mailbox_is_not_flooded_with_codes(linked, signed_in, mailbox):
    EmailAddress.objects.create(user=linked, email=OLD, verified=True)
    client = signed_in(linked)

    pages = [client.post(BY_MAIL, follow=True) for _ in range(6)]

    assert "Too many" in text(pages[-1])
    assert "Too many" not in text(pages[-2])
    assert len(mailbox()) == 5


def test_no_code_goes_to_an_address_that_nobody_has_verified(linked, signed_in, mailbox):
    EmailAddress.objects.create(user=linked, email=OLD, verified=False)
    client = signed_in(linked)

    page = text(client.get(asked_by_mail(client)))

    assert mailbox() == []
    assert "You have no verified e-mail address" in page


def test_a_mailed_code_is_not_for_those_who_have_a_password(owner, signed_in, mailbox):
    EmailAddress.objects.create(user=owner, email=OLD, verified=True)

    answer = signed_in(owner).post(BY_MAIL)

    assert answer["Location"] == "/accounts/reauthenticate/"
    assert mailbox() == []


def test_a_first_password_is_set_only_after_a_mailed_code(linked, signed_in, mailbox):
    EmailAddress.objects.create(user=linked, email=OLD, verified=True)
    client = signed_in(linked)
    new = {"password1": PASSWORD, "password2": PASSWORD}

    too_early = client.post("/accounts/password/set/", new)
    kept = str(dict(client.session))
    asked = client.get(too_early["Location"])["Location"]
    client.post(asked)
    client.post(asked, {"code": code_in(mailbox()[0]), "next": "/accounts/password/set/"})
    linked.refresh_from_db()
    before = linked.has_usable_password()
    client.post("/accounts/password/set/", new)

    linked.refresh_from_db()
    assert PASSWORD not in kept
    assert (before, linked.check_password(PASSWORD)) == (False, True)
