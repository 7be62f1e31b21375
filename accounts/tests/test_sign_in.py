import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import User
from accounts.tests.factories import PASSWORD
from tasklist.session_store import row_key
from tasks.tests.views.pages import messages

pytestmark = pytest.mark.django_db


def sign_in(client, login, password=PASSWORD, **extra):
    return client.post("/accounts/login/", {"login": login, "password": password}, **extra)


def is_signed_in(client):
    return client.get("/settings/").status_code == 200


@pytest.mark.parametrize("login", ["owner", "OWNER", " owner "])
def test_a_username_signs_in_whatever_its_case(visitor, owner, login):
    assert sign_in(visitor, login)["Location"] == "/"
    assert is_signed_in(visitor)


def test_only_a_verified_address_signs_in(visitor, owner):
    address = EmailAddress.objects.create(user=owner, email="o@example.org", primary=True)
    User.objects.filter(pk=owner.pk).update(email="o@example.org")

    assert sign_in(visitor, "o@example.org").status_code == 200
    assert not is_signed_in(visitor)

    EmailAddress.objects.filter(pk=address.pk).update(verified=True)
    assert sign_in(visitor, "O@Example.org").status_code == 302
    assert is_signed_in(visitor)


def test_an_address_belongs_to_whoever_verified_it(visitor, owner, stranger):
    """Somebody else typed it first, with the same password: still not them."""
    EmailAddress.objects.create(user=stranger, email="o@example.org", primary=True)
    EmailAddress.objects.create(user=owner, email="o@example.org", verified=True, primary=True)

    sign_in(visitor, "o@example.org")

    assert b"owner" in visitor.get("/settings/").content


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(visitor, owner):
    wrong = sign_in(visitor, "owner", "not the password").content.decode()
    unknown = sign_in(visitor, "nobody", "not the password").content.decode()

    def without_numbers(page):
        return re.sub(r'value="[^"]*"', "", page)

    assert "not the password of anybody with this name or address." in wrong
    assert "That did not work:" in wrong
    assert "Not saved yet" not in wrong
    assert without_numbers(wrong) == without_numbers(unknown)


def test_somebody_who_is_disabled_cannot_sign_in_and_is_out_at_once(signed_in, visitor, owner):
    browser = signed_in(owner)
    assert is_signed_in(browser)

    User.objects.filter(pk=owner.pk).update(is_active=False)

    assert not is_signed_in(browser)
    assert sign_in(visitor, "owner")["Location"] == "/accounts/inactive/"
    page = visitor.get("/accounts/inactive/").content.decode()
    assert "The people who run this Tasklist have disabled it" in page
    assert "closed" not in page


def test_signing_in_gives_a_new_session(visitor, owner):
    visitor.get("/accounts/login/")
    before = visitor.session
    before["planted"] = "by somebody else"
    before.save()
    visitor.cookies["sessionid"] = before.session_key

    sign_in(visitor, "owner")

    assert visitor.session.session_key != before.session_key


def test_signing_out_ends_the_session_on_the_server(signed_in, owner):
    browser = signed_in(owner)
    stolen = Client()
    stolen.cookies["sessionid"] = browser.cookies["sessionid"].value
    assert is_signed_in(stolen)

    page = browser.post("/accounts/logout/", follow=True)

    assert not is_signed_in(stolen)
    assert not Session.objects.filter(pk=row_key(stolen.cookies["sessionid"].value)).exists()
    assert messages(page) == [("You are signed out.", None)]
    [left] = Session.objects.all()  # what carried the message
    assert "_auth_user_id" not in left.get_decoded()


def test_a_link_cannot_sign_anybody_out(signed_in, owner):
    browser = signed_in(owner)

    browser.get("/accounts/logout/")

    assert is_signed_in(browser)


def test_changing_the_password_ends_every_other_session(signed_in, owner):
    here, elsewhere = signed_in(owner), signed_in(owner)
    new = "an entirely new password"

    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert here.post("/accounts/password/change/", form).status_code == 302

    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)


def test_a_reset_link_arrives_on_our_own_address_works_once_and_ends_sessions(
    signed_in, visitor, owner, mailbox
):
    EmailAddress.objects.create(user=owner, email="o@example.org", verified=True, primary=True)
    browser = signed_in(owner)

    visitor.post("/accounts/password/reset/", {"email": "O@example.org"}, HTTP_HOST="localhost")
    [letter] = mailbox()
    [link] = re.findall(r"http://testserver(/accounts/password/reset/key/\S+)", letter.body)
    new = "an entirely new password"
    form = visitor.get(link)["Location"]
    visitor.post(form, {"password1": new, "password2": new})

    assert not is_signed_in(browser)
    assert sign_in(Client(), "owner", new).status_code == 302
    assert b"link does not work" in Client().get(link, follow=True).content


def test_a_reset_link_goes_to_nobody_who_has_not_verified_the_address(visitor, owner, mailbox):
    """Whoever mistypes their address must not give their account to its real holder."""
    EmailAddress.objects.create(user=owner, email="typo@example.org", primary=True)
    User.objects.filter(pk=owner.pk).update(email="typo@example.org")

    visitor.post("/accounts/password/reset/", {"email": "typo@example.org"})

    assert [letter for letter in mailbox() if "/reset/key/" in letter.body] == []


def test_a_reset_link_is_for_the_account_that_verified_the_address_alone(
    visitor, owner, stranger, mailbox
):
    EmailAddress.objects.create(user=stranger, email="o@example.org", primary=True)
    EmailAddress.objects.create(user=owner, email="o@example.org", verified=True, primary=True)

    visitor.post("/accounts/password/reset/", {"email": "o@example.org"})

    [letter] = mailbox()
    assert "owner" in letter.body
    assert "stranger" not in letter.body


def test_an_address_is_compared_letter_by_letter(visitor, owner):
    """MySQL calls o and ó one letter."""
    EmailAddress.objects.create(user=owner, email="owner@example.org", verified=True)

    sign_in(visitor, "ówner@example.org")

    assert not is_signed_in(visitor)


def test_what_a_message_said_does_not_outlive_the_session(signed_in, task, owner):
    browser = signed_in(owner)
    browser.post(f"/tasks/{task.pk}/complete/")

    browser.post("/accounts/logout/")

    assert b"Water the plants" not in browser.get("/accounts/login/").content


def test_asking_for_a_reset_answers_the_same_for_known_and_unknown(visitor, owner):
    EmailAddress.objects.create(user=owner, email="o@example.org", verified=True, primary=True)

    known = visitor.post("/accounts/password/reset/", {"email": "o@example.org"})
    unknown = visitor.post("/accounts/password/reset/", {"email": "x@example.org"})

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "\\\\evil",
    ],
)
def test_signing_in_never_leads_to_another_site(visitor, owner, elsewhere):
    form = {"login": "owner", "password": PASSWORD, "next": elsewhere}

    assert visitor.post("/accounts/login/", form)["Location"] == "/"


def test_signing_in_leads_to_the_page_that_was_asked_for(visitor, owner):
    asked = visitor.get("/upcoming/")
    assert asked["Location"] == "/accounts/login/?next=/upcoming/"

    form = {"login": "owner", "password": PASSWORD, "next": "/upcoming/"}
    assert visitor.post("/accounts/login/", form)["Location"] == "/upcoming/"
