"""Signing in on a provider's page: newcomers, those who return, and nobody by an address."""

import threading
import time
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from accounts.actions import invitations, users
from accounts.event_words import tell
from accounts.links import invitation_link
from accounts.models import SecurityEvent, User
from accounts.openid import budget
from accounts.openid.identity import Identity
from accounts.openid.newcomers import signed_up
from accounts.tests.factories import PASSWORD, UserFactory
from tasks.tests.views.pages import everything, read

pytestmark = pytest.mark.django_db

LOGIN, CALLBACK = "/accounts/oidc/cognito/login/", "/accounts/oidc/cognito/login/callback/"


def set_out(client, path=LOGIN, host="testserver", **form):
    """Where the provider's page is, as the page that leads there says."""
    page = client.post(path, form, headers={"host": host})
    assert page.status_code == 200, page
    [link] = read(page).all("a", cls="primary")
    assert page["Refresh"] == f"0; url={link.attributes['href']}"
    return link.attributes["href"]


def back_from(url):
    """The address that the provider sends the browser to, on our site."""
    answer = requests.get(url, allow_redirects=False, timeout=5)
    parts = urlsplit(answer.headers["Location"])
    assert f"{parts.scheme}://{parts.netloc}" == "http://testserver"
    return f"{parts.path}?{parts.query}"


def sign_in(client, **form):
    return client.get(back_from(set_out(client, **form)))


def who(client):
    """Who is signed in in this browser."""
    number = client.session.get("_auth_user_id")
    return User.objects.get(pk=number).username if number else None


def verified(user, email="mary@example.org"):
    return EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)


def test_without_a_provider_nothing_of_it_is_there(visitor, signed_in, owner):
    member = signed_in(owner)

    assert b"oidc" not in visitor.get("/accounts/login/").content
    assert b"linked" not in member.get("/settings/security/").content
    for path in (LOGIN, CALLBACK, "/accounts/oidc/cognito/turned-back/"):
        assert visitor.get(path).status_code == 404
    assert visitor.post(LOGIN).status_code == 404
    assert member.get("/settings/linked/").status_code == 404


def test_somebody_new_gets_an_account_and_is_signed_in(provider, visitor):
    provider.person = {
        "sub": "a-1",
        "preferred_username": "Máry Smith",
        "email": "Mary@Example.org",
        "email_verified": True,
    }

    assert "Sign in with Example Ltd" in visitor.get("/accounts/login/").content.decode()
    answer = sign_in(visitor, next="/trash/")

    assert (answer.status_code, answer["Location"]) == (302, "/trash/")
    user = User.objects.get()
    assert (who(visitor), user.email) == ("Mary-Smith", "mary@example.org")
    assert not user.has_usable_password()
    address = EmailAddress.objects.get(user=user)
    assert (address.email, address.verified, address.primary) == ("mary@example.org", True, True)
    assert visitor.get("/today/").status_code == 200


def test_the_way_there_is_bound_to_this_browser_and_to_a_secret_of_it(provider, visitor):
    requests.get(set_out(visitor, host="localhost"), allow_redirects=False, timeout=5)

    asked = provider.authorized
    assert (asked["client_id"], asked["response_type"]) == ("tasklist-client", "code")
    assert set(asked["scope"].split()) == {"openid", "profile", "email"}
    assert asked["redirect_uri"] == f"http://testserver{CALLBACK}"
    assert (asked["code_challenge_method"], len(asked["code_challenge"])) == ("S256", 43)
    assert len(asked["state"]) >= 16


def test_a_client_without_a_secret_is_held_by_its_challenge_alone(provider, settings, visitor):
    """As deploy/infra.yaml makes it."""
    provider.secret = ""
    settings.OPENID = provider.settings

    sign_in(visitor)

    assert who(visitor) == "person"


def test_an_address_asks_for_nothing_but_where_to_go_afterwards(provider, visitor):
    extra = "?scope=aws.cognito.signin.user.admin&auth_params=redirect_uri%3Dhttps://evil.example"
    url = set_out(visitor, f"{LOGIN}{extra}&process=connect&next=https://evil.example/")

    asked = dict(parse_qsl(urlsplit(url).query))
    assert asked["redirect_uri"] == f"http://testserver{CALLBACK}"
    assert "admin" not in asked["scope"]
    assert visitor.get(back_from(url))["Location"] == "/"


def test_a_link_alone_begins_nothing(provider, visitor):
    page = visitor.get(LOGIN)

    assert page.status_code == 200
    assert "Go on to Example Ltd" in page.content.decode()
    assert "Refresh" not in page


def test_whoever_returns_is_the_same_person_whatever_their_name_and_address_are_by_now(provider):
    provider.person = {"sub": "a-1", "preferred_username": "mary"}
    sign_in(Client())
    provider.person = {"sub": "a-1", "preferred_username": "owner", "email": "new@example.org"}
    later = Client()

    sign_in(later)

    assert who(later) == "mary"
    assert User.objects.count() == SocialAccount.objects.count() == 1


def test_another_subject_or_issuer_is_another_person(provider, visitor):
    provider.person = {"sub": "a-1", "preferred_username": "mary"}
    sign_in(Client())
    provider.person = {"sub": "A-1", "preferred_username": "mary"}  # a collation's twin
    sign_in(visitor)

    assert who(visitor) == "mary-2"
    issuers = ("https://a.example", "https://b.example")
    assert len({Identity.of({"iss": each, "sub": "a-1"}).uid for each in issuers}) == 2


@pytest.mark.parametrize(
    ("claims", "username"),
    [
        ({"preferred_username": "owner"}, "owner-2"),
        ({"preferred_username": "OWNER"}, "OWNER-2"),
        ({"preferred_username": "me"}, "person"),
        ({"preferred_username": "12345"}, "person"),
        ({"preferred_username": "x" * 200}, "x" * 60),
        ({"preferred_username": "x" * 300}, "person"),
        ({"preferred_username": "<b>админ"}, "b"),
        ({"preferred_username": "\u202emary", "email": "\ud800@example.org"}, "person"),
        ({"cognito:username": "s-1", "email": "jo.doe@example.org"}, "jo.doe"),
        ({"preferred_username": ["a"], "email": {"a": 1}}, "person"),
    ],
)
def test_a_username_is_made_legal_and_free(provider, owner, visitor, claims, username):
    provider.person = {"sub": "s-1"} | claims

    sign_in(visitor)

    assert who(visitor) == username


# Nobody's account is taken over by an address


@pytest.mark.parametrize("theirs", [True, False, None])
@pytest.mark.parametrize("said", [True, "true", False, "false", None, 1, "yes"])
def test_an_address_signs_nobody_in(provider, owner, visitor, theirs, said):
    """`theirs`: whether owner has verified the address, or not, or only typed it; `said`: it."""
    if theirs is not None:
        EmailAddress.objects.create(user=owner, email="mary@example.org", verified=theirs)
    User.objects.filter(pk=owner.pk).update(email="mary@example.org")
    provider.person = {"sub": "a-1", "email": "mary@example.org", "email_verified": said}

    answer = sign_in(visitor)

    believed = said is True or said == "true"
    if theirs and believed:
        assert answer.status_code == 403
        assert "You may have an account already" in answer.content.decode()
        assert who(visitor) is None
        assert User.objects.count() == 1
    else:
        assert who(visitor) == "mary"
        [address] = EmailAddress.objects.exclude(user=owner)
        assert address.verified == believed
    assert not SocialAccount.objects.filter(user=owner).exists()
    assert User.objects.get(pk=owner.pk).email == "mary@example.org"


def test_an_address_of_userinfo_counts_as_userinfo_says(provider, visitor):
    provider.person = {"sub": "a-1", "email_verified": True}
    provider.userinfo = {"email": "mary@example.org", "email_verified": "false"}

    sign_in(visitor)

    assert not EmailAddress.objects.get().verified


def test_userinfo_about_somebody_else_signs_nobody_in(provider, visitor):
    provider.userinfo = {"sub": "victim"}

    answer = sign_in(visitor)

    assert_refused(answer, visitor)


# What goes wrong


def assert_refused(answer, client, before=None):
    assert answer.status_code == 401
    assert "You are not signed in" in answer.content.decode()
    assert who(client) is None
    assert not User.objects.exists()


def test_a_state_that_is_missing_invented_or_of_another_browser_signs_nobody_in(provider, visitor):
    url = back_from(set_out(Client()))

    for path in (url, f"{CALLBACK}?code=x", f"{CALLBACK}?code=x&state=x", CALLBACK):
        assert_refused(visitor.get(path), visitor)


def test_a_way_back_works_once(provider, visitor):
    url = back_from(set_out(visitor))
    visitor.get(url)
    visitor.post("/accounts/logout/")

    assert visitor.get(url).status_code == 401
    assert who(visitor) is None


def test_turning_back_is_no_error(provider, visitor):
    provider.error = "access_denied"

    answer = visitor.get(back_from(set_out(visitor)), follow=True)

    assert answer.redirect_chain == [("/accounts/oidc/cognito/turned-back/", 302)]
    assert "You turned back" in answer.content.decode()


def test_an_error_of_the_provider_is_told_readably(provider, visitor):
    provider.error = "server_error<script>"

    answer = visitor.get(back_from(set_out(visitor)))

    assert_refused(answer, visitor)
    assert b"<script>" not in answer.content


NONSENSE = [(500, {}), (200, []), (200, b"<html>"), (200, {}), (200, "text"), (302, "/nowhere")]


@pytest.mark.parametrize("path", ["/token", "/userinfo", "/jwks"])
def test_nonsense_of_the_provider_signs_nobody_in(provider, path):
    for answer in NONSENSE:
        visitor = Client(raise_request_exception=False)
        url = back_from(set_out(visitor))
        provider.answers = {path: answer}
        assert_refused(visitor.get(url), visitor)
        provider.answers = {}


@pytest.mark.parametrize("answer", [*NONSENSE, (200, {"issuer": "https://evil.example"})])
def test_a_provider_that_cannot_be_reached_is_told_readably(provider, visitor, answer):
    provider.answers = {"/.well-known/openid-configuration": answer}

    assert_refused(visitor.post(LOGIN), visitor)


CONFIGURATION = "/.well-known/openid-configuration"


@pytest.mark.parametrize("path", [CONFIGURATION, "/token", "/jwks", "/userinfo"])
def test_a_provider_that_answers_drop_by_drop_is_waited_for_once_in_all(
    provider, visitor, monkeypatch, path
):
    """Whichever of its answers never ends: below five seconds, and here below a third of one."""
    assert budget.SECONDS < 5
    monkeypatch.setattr(budget, "SECONDS", 0.3)
    url = back_from(set_out(visitor))
    provider.drips = {path}
    began = time.monotonic()

    answer = visitor.get(url)

    assert time.monotonic() - began < 1
    assert_refused(answer, visitor)


def test_what_each_answer_takes_counts_together(provider, visitor, monkeypatch):
    monkeypatch.setattr(budget, "SECONDS", 0.5)
    url = back_from(set_out(visitor))
    provider.pause = 0.2  # seconds before each of four answers

    assert_refused(visitor.get(url), visitor)


def test_no_more_than_a_few_wait_for_a_provider_that_hangs(provider, visitor, monkeypatch):
    monkeypatch.setattr(budget, "PLACES", threading.BoundedSemaphore(1))
    healed = threading.Event()
    with pytest.raises(TimeoutError):
        budget.Budget(0.01).spend(healed.wait)

    assert_refused(visitor.post(LOGIN), visitor)

    healed.set()
    assert budget.PLACES.acquire(timeout=10)
    budget.PLACES.release()
    assert set_out(visitor)


@pytest.mark.once
def test_once_no_time_is_left_nothing_is_asked():
    asked = threading.Event()

    with pytest.raises(TimeoutError):
        budget.Budget(0).spend(asked.set)

    assert not asked.wait(0.05)


def test_a_provider_that_is_gone_is_told_readably(provider, visitor, settings):
    settings.OPENID = type(settings.OPENID)("http://127.0.0.1:9", "x")

    assert_refused(visitor.post(LOGIN), visitor)


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another-client"},
        {"aud": ["tasklist-client", "another-client"]},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"without": ["sub"]},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
        {"sub": "\ud800"},
        {"alg": "HS256", "key": "k" * 64},
        {"alg": None},
        {"kid": "unknown"},
    ],
)
def test_an_id_token_that_is_no_good_signs_nobody_in(provider, visitor, changes):
    url = back_from(set_out(visitor))
    token = provider.token(**{"aud": "tasklist-client"} | changes)
    provider.answers = {"/token": (200, {"access_token": "x", "id_token": token})}

    assert_refused(visitor.get(url), visitor)


@pytest.mark.parametrize(
    ("registration", "words"), [("closed", "No new accounts"), ("invite", "You need an invitation")]
)
def test_where_nobody_signs_up_by_themselves_only_known_people_get_in(
    provider, settings, registration, words
):
    settings.REGISTRATION = registration
    known, visitor = Client(), Client()
    settings.REGISTRATION = "open"
    sign_in(known)
    settings.REGISTRATION = registration
    provider.person = {"sub": "a-2"}

    answer = sign_in(visitor)

    assert answer.status_code == 403
    assert f"<h1>{words}</h1>" in answer.content.decode()
    assert User.objects.count() == 1
    provider.person = {"sub": "subject-1"}
    sign_in(visitor)
    assert who(visitor) == who(known)


def test_an_invitation_opens_one_account_by_the_provider_as_well(provider, settings, staff):
    settings.REGISTRATION = "invite"
    invitation = invitations.make(note="Ann", by=staff)
    link = invitation_link(invitation).removeprefix("http://testserver")
    ann, other = Client(), Client()
    ann.get(link)
    other.get(link)
    provider.person = {"sub": "a-1", "preferred_username": "ann"}

    sign_in(ann)

    assert who(ann) == "ann"
    invitation.refresh_from_db()
    assert invitation.used_by.username == "ann"
    provider.person = {"sub": "a-2", "preferred_username": "bob"}
    assert sign_in(other).status_code == 403
    assert not User.objects.filter(username="bob").exists()


def test_an_invitation_stays_open_where_the_provider_brings_an_address_that_is_taken(
    provider, settings, staff, owner, visitor
):
    settings.REGISTRATION = "invite"
    verified(owner)
    invitation = invitations.make(note="Ann", by=staff)
    visitor.get(invitation_link(invitation).removeprefix("http://testserver"))
    provider.person = {"sub": "a-1", "email": "mary@example.org", "email_verified": True}

    assert sign_in(visitor).status_code == 403

    invitation.refresh_from_db()
    assert (invitation.used_at, SocialAccount.objects.count()) == (None, 0)


def test_where_everybody_verifies_an_address_whoever_has_none_is_told(provider, settings, visitor):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"

    assert sign_in(visitor).status_code == 403
    assert not User.objects.exists()
    provider.person["email"] = "mary@example.org"
    assert sign_in(visitor)["Location"] == "/accounts/confirm-email/"
    assert who(visitor) is None
    provider.person = {"sub": "b", "email": "b@example.org", "email_verified": True}
    sign_in(visitor)
    assert who(visitor) == "b"


def test_somebody_disabled_does_not_get_in(provider, visitor):
    sign_in(Client())
    users.set_active(user=User.objects.get(), active=False, by=None)

    answer = sign_in(visitor)

    assert answer["Location"] == "/accounts/inactive/"
    assert who(visitor) is None


def test_a_second_factor_is_asked_for_here_too(provider, visitor):
    sign_in(Client())
    TOTP.activate(User.objects.get(), "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")

    answer = sign_in(visitor)

    assert answer["Location"] == "/accounts/2fa/authenticate/"
    visitor.post(answer["Location"], {"code": "000000"})
    assert who(visitor) is None
    refused = User.objects.get().security_events.get(kind="wrong_code")
    assert tell(refused).about == "after signing in elsewhere"


# Linking


def linked_page(client):
    return client.get("/settings/linked/").content.decode()


def link(client):
    return client.get(back_from(set_out(client, "/settings/linked/add/")), follow=True)


@pytest.fixture
def member(signed_in, owner):
    """Somebody who has just shown who they are."""
    return reauthenticated(signed_in(owner))


def reauthenticated(client):
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def test_a_member_links_an_account_and_signs_in_with_it(provider, member, visitor, owner):
    provider.person = {"sub": "a-1", "email": "mary@example.org"}

    answer = link(member)

    assert "The account is linked" in answer.content.decode()
    assert "mary@example.org" in linked_page(member)
    sign_in(visitor)
    assert who(visitor) == "owner"
    assert not EmailAddress.objects.exists()  # linking brings no address along


def test_linking_and_unlinking_need_who_one_is_anew(provider, signed_in, owner):
    client = signed_in(owner)

    for path in ("/settings/linked/add/", "/settings/linked/1/remove/"):
        assert client.post(path)["Location"].startswith("/accounts/reauthenticate/")
    assert provider.asked == []


def test_what_signs_in_somebody_else_is_not_linked(provider, member, visitor, owner):
    sign_in(visitor)

    answer = link(member)

    assert "signs in somebody else" in answer.content.decode()
    assert not SocialAccount.objects.filter(user=owner).exists()


def test_only_who_set_out_to_link_links(provider, member, stranger, owner):
    url = back_from(set_out(member, "/settings/linked/add/"))
    session = member.session  # as if somebody else had come into it since
    session["_auth_user_id"] = str(stranger.pk)
    session["_auth_user_hash"] = stranger.get_session_auth_hash()
    session.save()

    assert member.get(url)["Location"] == "/accounts/login/"
    assert who(member) == "stranger"

    assert not SocialAccount.objects.exists()


def test_linking_twice_is_once(provider, member, owner):
    link(member)
    link(member)

    assert SocialAccount.objects.get().user == owner


def test_unlinking_ends_that_way_in(provider, member, visitor, owner):
    link(member)
    account = SocialAccount.objects.get()

    answer = member.post(f"/settings/linked/{account.pk}/remove/", follow=True)

    assert "does not sign you in any more" in answer.content.decode()
    sign_in(visitor)
    assert who(visitor) != "owner"


def test_the_only_way_in_is_not_unlinked(provider, visitor):
    sign_in(visitor)
    account = SocialAccount.objects.get()

    answer = visitor.post(f"/settings/linked/{account.pk}/remove/", follow=True)

    assert "It is your only way in" in answer.content.decode()
    assert SocialAccount.objects.exists()


def test_nobody_unlinks_for_somebody_else(provider, member, visitor):
    sign_in(visitor)
    account = SocialAccount.objects.get()
    before = everything()

    assert member.post(f"/settings/linked/{account.pk}/remove/").status_code == 404
    assert everything() == before


def test_an_address_of_a_verified_account_can_be_linked_by_its_person(
    provider, member, owner, mailbox
):
    """What the page says that turns them away for the time being."""
    verified(owner)
    provider.person = {"sub": "a-1", "email": "mary&co@example.org", "email_verified": True}

    link(member)

    assert SocialAccount.objects.get().user == owner
    [mail] = mailbox()
    assert (mail.to, mail.subject) == (["mary@example.org"], "Account elsewhere linked")
    assert "mary&co@example.org" in mail.body
    assert SecurityEvent.objects.filter(user=owner, kind=SecurityEvent.Kind.LINKED).exists()


def test_a_session_of_a_linked_account_ends_like_any(provider, visitor):
    sign_in(visitor)
    user = User.objects.get()

    users.end_sessions(user=user, by=user)

    assert visitor.get("/settings/").status_code == 302


def test_two_who_come_at_once_under_one_identity_are_one_person(provider, monkeypatch):
    UserFactory(username="mary")
    provider.person = {"sub": "a-1", "preferred_username": "mary"}
    identity = Identity.of({"iss": provider.url, "sub": "a-1"})
    first = signed_up(identity)

    # The second looked before the first was there.
    answers = iter([None])
    real = Identity.linked
    monkeypatch.setattr(Identity, "linked", lambda self: next(answers, real(self)))
    assert signed_up(identity).pk == first.pk
    assert User.objects.count() == 2
