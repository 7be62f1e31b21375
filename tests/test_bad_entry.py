"""Tricks on the ways in: redirects to elsewhere, mail to others, foreign hosts, who is known."""

import re
from email.utils import getaddresses
from urllib.parse import urljoin, urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.models import Attempts, User
from accounts.tests.factories import PASSWORD
from tests.api import tokens_for

pytestmark = pytest.mark.django_db

# What a browser may take for the way to another site, each with `evil` in it.
ELSEWHERE = [
    "https://evil.example",
    "http://evil.example/",
    "HTTPS://evil.example",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "//evil.example/%2f..",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "https:evil.example",
    "http:evil.example",
    "https:/evil.example",
    "http:///evil.example",
    "https:\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "\x00//evil.example",
    "\x01https://evil.example",
    "java\nscript:evil()",
    "javascript:evil()",
    "JavaScript:evil()//",
    "data:text/html,<script>evil()</script>",
    "vbscript:evil",
    "ftp://evil.example",
    "https://testserver@evil.example/",
    "https://testserver:80@evil.example/",
    "https://testserver.evil.example/",
    "https://evil。example/",
    "/／evil.example",
    "／／evil.example",
    "//evil%E3%80%82example",
    "%2f%2fevil.example",
    "%0d%0aLocation:%20https://evil.example",
    "x\r\nLocation: https://evil.example",
    "[//evil.example",
    "http://[evil.example",
    "evil.example",
]

C0 = "".join(map(chr, range(33)))  # what browsers take off both ends


class Patient(Client):
    """A browser of somebody who waits before each request until nothing is counted any more."""

    def request(self, **request):
        Attempts.objects.all().delete()
        return super().request(**request)


def patient(user):
    browser = Patient()
    browser.force_login(user)
    return browser


@pytest.fixture
def address(owner):
    return EmailAddress.objects.create(
        user=owner, email="o@example.org", verified=True, primary=True
    )


def leads_elsewhere(answer):
    """Whether it takes a browser off this site: those skip tabs, and take \\ for / (WHATWG URL)."""
    where = re.sub(r"[\t\r\n]", "", answer.get("Location", "").strip(C0)).replace("\\", "/")
    where = re.sub(r"^(https?:)?/{2,}", r"\1//", where)
    there = urlsplit(urljoin("http://testserver/accounts/", where))
    ours = (there.scheme, there.netloc) == ("http", "testserver")
    return answer.status_code >= 500 or not ours


def sign_in(where):
    return Patient().post("/accounts/login/", {"login": "owner", "password": PASSWORD, **where})


def sign_up(where):
    User.objects.filter(username="newcomer").delete()
    form = {"username": "newcomer", "email": "", "password1": PASSWORD}
    return Patient().post("/accounts/signup/", form | where)


@pytest.mark.parametrize(("way_in", "every"), [(sign_in, 1), (sign_up, 5)])
def test_signing_in_and_up_never_lead_elsewhere(way_in, every, owner, settings):
    settings.ALLOWED_HOSTS = ["testserver", ".evil.example"]  # another site of ours is one, too

    found = [trick for trick in ELSEWHERE[::every] if leads_elsewhere(way_in({"next": trick}))]

    assert found == []
    assert way_in({"next": "/upcoming/?a=b"})["Location"] == "/upcoming/?a=b"


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/accounts/login/", None),
        ("/accounts/signup/", None),
        ("/accounts/login/code/", None),
        ("/accounts/login/code/ by a visitor", {"email": "o@example.org"}),
        ("/accounts/password/reset/ by a visitor", {"email": "o@example.org"}),
        ("/accounts/password/change/", {}),
        ("/accounts/reauthenticate/", {"password": PASSWORD}),
        ("/accounts/logout/", {}),
        ("/tasks/{task}/complete/", {}),
        ("/admin/login/", None),
    ],
)
def test_no_page_that_takes_next_leads_elsewhere(path, form, owner, task):
    path, by, _visitor = path.format(task=task.pk).partition(" by ")
    client, found = Patient() if by else patient(owner), []
    passwords = {"oldpassword": PASSWORD, "password1": PASSWORD, "password2": PASSWORD}

    for trick in ELSEWHERE:
        where = {"next": trick}
        if form is None:
            answer = client.get(path, where)
        else:
            answer = client.post(path, form | passwords | where)
        found += [trick] if leads_elsewhere(answer) else []

    assert found == []


def test_a_mailed_code_never_leads_elsewhere(address, mailbox):
    found = []

    for trick in ELSEWHERE[::6]:
        browser, where = Patient(), {"next": trick}
        browser.post("/accounts/login/code/", {"email": address.email})
        code = re.search(r"^[A-Z]{4}-[A-Z]{4}$", mailbox()[-1].body, re.MULTILINE)[0]
        answer = browser.post("/accounts/login/code/confirm/", {"code": code, **where})
        assert answer.status_code == 302
        found += [trick] if leads_elsewhere(answer) else []

    assert found == []


INJECTED = [
    "o@example.org\nBcc: all@evil.example",
    "o@example.org\r\nBcc: all@evil.example",
    "o@example.org\rBcc: all@evil.example",
    "\nBcc: all@evil.example\no@example.org",
    "o@example.org%0aBcc:all@evil.example",
    "o@example.org%0d%0aBcc:%20all@evil.example",
    "o%0d%0aBcc:all@evil.example",
    "o@example.org\x00all@evil.example",
    "o@example.org\u2028Bcc: all@evil.example",
    "o@example.org\x0bBcc: all@evil.example",
    "o@example.org,all@evil.example",
    "o@example.org, all@evil.example",
    "o@example.org;all@evil.example",
    "o@example.org all@evil.example",
    "o@example.org>\nBcc: <all@evil.example",
    "<o@example.org>,<all@evil.example>",
    '"o\nBcc: all@evil.example"@example.org',
    '"o\\\r\n all@evil.example,"@example.org',
    "=?utf-8?q?o=0ABcc=3A_all=40evil=2Eexample?=@example.org",
    "o@example.org\n\nevil",
]


def by_pages(trick, client, signed_in):
    visitor = Patient()
    visitor.post(
        "/accounts/signup/", {"username": "newcomer", "email": trick, "password1": PASSWORD}
    )
    visitor.post("/accounts/password/reset/", {"email": trick})
    Patient().post("/accounts/login/code/", {"email": trick})
    Patient().post("/accounts/login/", {"login": trick, "password": PASSWORD})
    for action in ("action_add", "action_send"):
        signed_in.post("/accounts/email/", {"email": trick, action: ""})


def by_api(trick, client, staff):
    body = {"username": "newcomer", "password": PASSWORD, "email": trick}
    client.post("/api/v1/auth/register", body, content_type="application/json")
    headers = {"Authorization": f"Bearer {tokens_for(staff)['access']}"}
    body["username"] = "another"
    client.post("/api/v1/users", body, content_type="application/json", headers=headers)
    credentials = {"username": trick, "password": PASSWORD}
    client.post("/api/v1/auth/login", credentials, content_type="application/json")


def test_no_address_adds_a_header_or_a_reader_to_a_mail(staff, address, mailbox):
    browser, visitor = patient(staff), Patient()

    for trick in INJECTED:
        by_pages(trick, visitor, browser)
        by_api(trick, visitor, staff)

    for letter in mailbox():
        message = letter.message()
        assert set(message) <= {
            *("Content-Type", "Content-Transfer-Encoding", "MIME-Version", "Subject"),
            *("From", "To", "Date", "Message-ID", "Auto-Submitted", "Reply-To"),
        }
        assert len(letter.recipients()) == len(getaddresses([str(message["To"])])) == 1
        assert letter.recipients()[0].endswith("@example.org")
    assert {address.email for address in EmailAddress.objects.all()} <= {
        "o@example.org",
        INJECTED[-2].lower(),  # which is an odd address, and harmless: it is never decoded
    }


HOSTS = [
    {"HTTP_HOST": "evil.example"},
    {"HTTP_HOST": "testserver@evil.example"},
    {"HTTP_HOST": "testserver:80@evil.example"},
    {"HTTP_HOST": "testserver:evil"},
    {"HTTP_HOST": "testserver.evil.example"},
    {"HTTP_HOST": "evil.example", "HTTP_X_FORWARDED_HOST": "testserver"},
    {"HTTP_X_FORWARDED_HOST": "evil.example"},
    {"HTTP_FORWARDED": "host=evil.example;proto=https"},
    {"HTTP_X_HOST": "evil.example", "HTTP_X_ORIGINAL_HOST": "evil.example"},
    {"HTTP_X_FORWARDED_SERVER": "evil.example", "SERVER_NAME": "evil.example"},
    {"HTTP_X_ORIGINAL_URL": "https://evil.example/", "HTTP_X_REWRITE_URL": "//evil.example"},
    {"HTTP_REFERER": "https://evil.example/", "HTTP_ORIGIN": "https://evil.example"},
    {"HTTP_HOST": "localhost"},  # which we answer to
]
MAILING = [
    ("/accounts/password/reset/", {"email": "o@example.org"}),
    ("/accounts/password/reset/", {"email": "unknown@example.org"}),
    ("/accounts/login/code/", {"email": "o@example.org"}),
    ("/accounts/signup/", {"username": "new", "email": "n@example.org", "password1": PASSWORD}),
]


@pytest.mark.parametrize(("path", "form"), MAILING)
def test_links_in_mails_lead_to_base_url_whatever_the_host(path, form, address, mailbox, settings):

    for trick in HOSTS:
        User.objects.filter(username="new").delete()
        answer = Patient().post(path, form, **trick)
        assert answer.status_code in (302, 400)
        if "evil" in trick.get("HTTP_HOST", ""):
            assert answer.status_code == 400
    words = [letter.body + str(letter.alternatives) for letter in mailbox()]

    assert words
    assert [each for each in words if "evil" in each or "localhost" in each] == []
    found = [re.findall(r"https?://[^\s\"<]+", each) for each in words]
    assert {link.startswith("http://testserver/") for each in found for link in each} <= {True}


ALWAYS_NEW = ("Content-Length", "Expires", "X-Request-ID")


def same(answer, name):
    """All that a stranger sees of an answer, without what they typed and what is always new."""
    body = re.sub(r'(csrfmiddlewaretoken" value=")[^"]*', r"\1", answer.content.decode())
    headers = {key: value for key, value in answer.headers.items() if key not in ALWAYS_NEW}
    cookies = {key: {**each, "expires": ""} for key, each in answer.cookies.items()}
    return answer.status_code, body.replace(name, "…"), headers, cookies


def asked(path, form):
    """The answers to a form, and to looking where it leads."""
    browser = Patient()
    browser.get(path)
    first = browser.post(path, form)
    yield first
    if first.status_code == 302:
        yield browser.get(first["Location"])
    if "/login/code/" in path:
        there = "/accounts/login/code/confirm/"
        yield browser.post(there, {"action": "resend"})
        for _ in range(3):
            yield browser.post(there, {"code": "BCDF-GHJK"})
        yield browser.get("/accounts/login/code/")


QUESTIONS = {
    "sign in": ("/accounts/login/", {"login": "{}", "password": "not the password"}),
    "reset": ("/accounts/password/reset/", {"email": "{}"}),
    "code": ("/accounts/login/code/", {"email": "{}"}),
    "sign up": ("/accounts/signup/", {"username": "{n}", "email": "{}", "password1": PASSWORD}),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_nobody_learns_whose_addresses_are_known_here(question, owner, address):
    path, form = QUESTIONS[question]

    seen = []
    for number, name in enumerate(["o@example.org", "x@example.org", "unverified@example.org"]):
        if number == 2:
            EmailAddress.objects.create(user=owner, email=name)
        filled = {field: value.format(name, n=f"name{number}") for field, value in form.items()}
        answers = asked(path, filled)
        seen.append([same(each, name) for each in answers])
    if question == "sign up":
        seen = [[(status, headers) for status, _body, headers, _ in each] for each in seen]

    assert len(seen[0]) > 0
    assert seen[0] == seen[1] == seen[2]


def test_usernames_that_differ_only_in_case_are_one(owner, staff):
    for name in ("OWNER", "Owner", "oWNER"):
        page = Patient().post("/accounts/signup/", {"username": name, "password1": PASSWORD})
        assert "Somebody has this username already." in page.content.decode()
        answer = Patient().post(
            "/api/v1/auth/register",
            {"username": name, "password": PASSWORD},
            content_type="application/json",
        )
        assert answer.json()["errors"][0]["field"] == "username"

    assert User.objects.count() == 2
