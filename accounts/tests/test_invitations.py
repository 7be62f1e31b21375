"""Where strangers may not open an account, staff invite them by a link, used once."""

from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.actions import invitations, newcomers, users
from accounts.links import invitation_link
from accounts.models import SignUpInvitation, User
from accounts.tests.factories import PASSWORD, UserFactory
from ledger.models import Change
from tasks.tests.races import race
from tasks.tests.views.pages import everything

pytestmark = pytest.mark.django_db
LIST = "/admin/accounts/signupinvitation/"
GONE = "This link does not work"
CLOSED = "You need an invitation"


@pytest.fixture(autouse=True)
def by_invitation(settings):
    settings.REGISTRATION = "invite"


@pytest.fixture
def invitation(staff):
    return invitations.make(note="Ann, from the bakery", by=staff)


def path(invitation):
    return invitation_link(invitation).removeprefix("http://testserver")


def sign_up(browser, **fields):
    form = {"username": "ann", "email": "", "password1": PASSWORD} | fields
    return browser.post("/accounts/signup/", form)


def register(browser, **facts):
    body = {"username": "ann", "password": PASSWORD} | facts
    return browser.post("/api/v1/auth/register", body, content_type="application/json")


def test_staff_make_a_link_that_is_shown_once_and_opens_one_account(
    signed_in, staff, visitor, contexts
):
    at_work = signed_in(staff)
    page = at_work.post(f"{LIST}add/", {"note": "Ann, from the bakery"})
    key = page.context["link"].rpartition("/invitation/")[2].strip("/")
    assert "no-store" in page["Cache-Control"]
    assert key in page.content.decode()
    assert key not in str(everything()) + at_work.get(LIST).content.decode()

    follow = visitor.get(f"/accounts/invitation/{key}/")
    assert (follow["Location"], key in str(visitor.session.items())) == ("/accounts/signup/", False)
    assert sign_up(visitor)["Location"] == "/"

    [invitation], ann = SignUpInvitation.objects.all(), User.objects.get(username="ann")
    assert (invitation.used_by, invitation.made_by) == (ann, staff)
    kinds = Change.objects.about(invitation).order_by("pk").values_list("kind", "by", "via")
    assert list(kinds) == [
        ("invitation.made", staff.pk, "admin"),
        ("invitation.used", ann.pk, "page"),
    ]
    assert "bakery" not in str(Change.objects.values_list("changes", flat=True))


def test_the_way_in_survives_a_mistake_in_the_form(visitor, invitation, owner):
    visitor.get(path(invitation))

    assert b"Somebody has this username already." in sign_up(visitor, username="OWNER").content
    assert b"too short" in sign_up(visitor, password1="short").content
    assert sign_up(visitor).status_code == 302
    assert User.objects.filter(username="ann").exists()


def spoil(invitation, how, staff):
    """The path of a link that is no good; the moment at which it is followed."""
    if how == "used":
        users.delete(
            user=newcomers.open_account(
                invitation=invitation.digest, username="bob", password=PASSWORD, by=None
            ),
            by=staff,
        )
    if how == "revoked":
        invitations.revoke(invitation=invitation, by=staff)
    if how == "invented":
        invitation.secret = "x" * 43
    return timedelta(days=7, seconds=1) if how == "expired" else timedelta()


@pytest.mark.parametrize("how", ["used", "revoked", "expired", "invented"])
def test_a_link_that_is_no_good_opens_nothing_and_tells_nothing(
    how, visitor, invitation, staff, settings
):
    secret = invitation.secret
    visitor.get(path(invitation))  # while it was still good
    later = spoil(invitation, how, staff)
    before = User.objects.count()

    with time_machine.travel(timezone.now() + later):
        page = visitor.get(path(invitation))
        statuses = register(visitor, invitation=invitation.secret).status_code
        if how != "invented":
            assert CLOSED in sign_up(visitor).content.decode()
    assert (page.status_code, GONE in page.content.decode(), statuses) == (404, True, 403)
    assert page["Referrer-Policy"] == "strict-origin"
    assert [word for word in ("Ann", "bakery", secret) if word in page.content.decode()] == []
    assert User.objects.count() == before


def test_without_an_invitation_nobody_opens_an_account(visitor):
    login = visitor.get("/accounts/login/").content.decode()

    assert CLOSED in visitor.get("/accounts/signup/").content.decode()
    assert CLOSED in sign_up(visitor).content.decode()
    assert "/accounts/signup/" not in login + visitor.get("/").content.decode()
    assert not User.objects.exists()


def test_a_program_opens_an_account_with_an_invitation_once(visitor, invitation):
    assert register(visitor).status_code == 403
    assert register(visitor, invitation="").status_code == 403

    weak = register(visitor, invitation=invitation.secret, password="short")
    assert weak.status_code == 400
    assert register(visitor, invitation=invitation.secret).status_code == 201
    assert register(visitor, invitation=invitation.secret, username="eve").status_code == 403


def test_where_registration_is_closed_no_link_opens_anything(visitor, invitation, settings):
    settings.REGISTRATION = "closed"

    assert visitor.get(path(invitation)).status_code == 404
    assert register(visitor, invitation=invitation.secret).status_code == 403


@pytest.mark.parametrize("registration", ["open", "closed"])
def test_no_link_is_made_where_it_would_open_nothing_and_the_list_says_why(
    registration, signed_in, staff, invitation, settings
):
    settings.REGISTRATION, client = registration, signed_in(staff)

    listed = client.get(LIST).content.decode()
    assert "Ann, from the bakery" in listed
    assert "add/" not in listed
    assert {"open": "no invitations are made", "closed": "would open none"}[registration] in listed
    assert client.post(f"{LIST}add/", {"note": "Bob"}).status_code == 403
    assert client.post(f"{LIST}{invitation.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not SignUpInvitation.objects.exists()


def test_whom_an_invitation_is_for_need_not_be_said(signed_in, staff):
    page = signed_in(staff).post(f"{LIST}add/", {"note": ""})

    assert "Give this link to whom you invite." in page.content.decode()
    assert SignUpInvitation.objects.get().note == ""


def test_staff_revoke_a_link_and_only_those_who_may_add_people_make_one(signed_in, invitation):
    helper = UserFactory(username="helper", is_staff=True)
    client = signed_in(helper)
    for address in (LIST, f"{LIST}add/", f"{LIST}{invitation.pk}/delete/"):
        assert client.get(address).status_code == 403
        assert client.post(address, {"note": "x", "post": "yes"}).status_code == 403

    may = Permission.objects.get(codename="add_user")
    users.set_rights(user=helper, is_superuser=False, groups=[], permissions=[may], by=None)
    client = signed_in(User.objects.get(pk=helper.pk))
    assert client.post(f"{LIST}add/", {"note": "Bob"}).status_code == 200
    assert client.post(f"{LIST}{invitation.pk}/delete/", {"post": "yes"}).status_code == 302
    assert SignUpInvitation.objects.get().note == "Bob"


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_of_eight_who_use_one_invitation_at_once_one_gets_in(settings):
    settings.REGISTRATION = "invite"
    digest = invitations.make(note="Ann", by=None).digest
    calls = [
        partial(
            newcomers.open_account,
            **{"invitation": digest, "username": f"ann{n}", "password": PASSWORD, "by": None},
        )
        for n in range(8)
    ]

    outcomes = race(calls, losing=PermissionDenied)

    assert sum(isinstance(each, User) for each in outcomes) == User.objects.count() == 1
