import pytest
from allauth.account.models import EmailAddress

from accounts.models import User
from accounts.tests.factories import PASSWORD
from ledger.models import Change, Delivery

pytestmark = pytest.mark.django_db


def sign_up(client, **fields):
    form = {"username": "newcomer", "email": "", "password1": PASSWORD} | fields
    return client.post("/accounts/signup/", form)


def test_signing_up_makes_a_person_and_signs_them_in(visitor, mailbox):
    answer = sign_up(visitor)

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert b"newcomer" in visitor.get("/").content
    assert Change.objects.get(kind="user.created").via == "page"
    assert mailbox() == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"username": ""}, "This field is required."),
        ({"username": "no spaces"}, "Use up to 64 letters"),
        ({"username": "1234"}, "A username cannot be a number"),
        ({"username": "x" * 65}, "at most 64 characters"),
        ({"username": "nul\0"}, "Null characters are not allowed."),
        ({"username": "🙂"}, "Use up to 64 letters"),
        ({"password1": "short"}, "at least 15 characters"),
        ({"password1": "1q2w3e4r5t6y7u8i9o0p"}, "too common"),
        ({"username": "averylongusername", "password1": "averylongusername1"}, "too similar"),
        ({"email": "nonsense"}, "Enter a valid email address."),
        ({"email": "a@b.example\r\nBcc: all@x.example"}, "Enter a valid email address."),
        ({"email": "x" * 300 + "@example.org"}, "at most 254 characters"),
    ],
)
def test_what_is_wrong_is_said_and_nobody_is_made(visitor, fields, words):
    answer = sign_up(visitor, **fields)

    assert words in answer.content.decode().replace("&#x27;", "'")
    assert not User.objects.exists()


def test_a_name_taken_in_another_case_is_refused(visitor, owner):
    answer = sign_up(visitor, username="OWNER")

    assert b"Somebody has this username already." in answer.content
    assert User.objects.count() == 1


def test_a_password_is_never_written_back_into_the_page(visitor):
    answer = sign_up(visitor, username="")

    assert PASSWORD.encode() not in answer.content


def test_any_address_can_be_typed_also_one_that_somebody_else_has_verified(visitor, owner, mailbox):
    EmailAddress.objects.create(user=owner, email="o@example.org", verified=True, primary=True)

    answer = sign_up(visitor, email="O@example.org")

    assert answer.status_code == 302
    theirs = EmailAddress.objects.get(user__username="newcomer")
    assert (theirs.email, theirs.verified) == ("o@example.org", False)
    [letter] = mailbox()
    assert letter.to == ["o@example.org"]
    assert "http://testserver/accounts/confirm-email/" in letter.body


def test_a_dead_mail_server_does_not_stop_a_sign_up(visitor, settings, mailbox):
    """Nor does the mail get lost: it waits."""
    settings.EMAIL_BACKEND = "ledger.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody listens there

    assert sign_up(visitor, email="a@example.org").status_code == 302
    assert mailbox() == []
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == ("planned", 1)
    assert "refused" in delivery.result


def test_where_registration_is_closed_nobody_opens_an_account_by_page_or_api(visitor, settings):
    settings.REGISTRATION = "closed"

    page, sent = visitor.get("/accounts/signup/"), sign_up(visitor)
    program = visitor.post(
        "/api/v1/auth/register",
        {"username": "newcomer", "password": PASSWORD},
        content_type="application/json",
    )

    for answer in (page, sent):
        assert b"Nobody can open an account by themselves here." in answer.content
    assert (program.status_code, program["Content-Type"]) == (403, "application/problem+json")
    assert not User.objects.exists()
