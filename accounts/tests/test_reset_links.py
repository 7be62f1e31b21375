"""Links that set a new password: by mail, or handed out by staff. Each once, for an hour."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts.actions import users
from accounts.links import reset_link
from accounts.tests.factories import PASSWORD, UserFactory
from ledger.models import Change
from tasks.tests.views.pages import everything

pytestmark = pytest.mark.django_db
NEW = "an entirely new password"


def path_of(link):
    return link.removeprefix("http://testserver")


def follow(browser, path, password=NEW):
    """Where the link leads in the end; and a password typed there, if it asks for one."""
    page = browser.get(path, follow=True)
    if "password1" not in page.content.decode():
        return page
    there = page.redirect_chain[-1][0]
    assert path.rstrip("/").rpartition("/")[2] not in there
    return browser.post(there, {"password1": password, "password2": password}, follow=True)


def opens(user, password=NEW):
    form = {"login": user.username, "password": password}
    return Client().post("/accounts/login/", form).status_code == 302


def make(client, user):
    return client.post(f"/admin/accounts/user/{user.pk}/reset-link/")


def test_staff_hand_out_a_link_that_is_shown_once(confirmed, staff, owner, visitor, contexts):
    at_work, there = confirmed(staff), f"/admin/accounts/user/{owner.pk}/reset-link/"
    assert "http" not in at_work.get(there).context.get("link", "")

    page = make(at_work, owner)
    link = page.context["link"]
    assert "no-store" in page["Cache-Control"]
    key = link.rstrip("/").rpartition("-")[2]
    assert key not in str(everything())
    change = Change.objects.about(owner).latest("pk")
    assert (change.kind, change.by, change.via) == ("user.reset_link_made", staff, "admin")
    assert opens(owner, PASSWORD)  # which works on until the link is used

    page = make(at_work, owner)
    follow(visitor, path_of(page.context["link"]))
    assert opens(owner)


@pytest.mark.parametrize(
    "then",
    [
        *("used", "an hour later", "another password", "another address", "no address"),
        *("a sign-in", "everything ended", "disabled and enabled"),
    ],
)
def test_a_reset_link_dies(then, owner, visitor):
    address = EmailAddress.objects.create(user=owner, email="o@example.org", verified=True)
    path, now = path_of(reset_link(owner)), timezone.now()
    if then == "used":
        follow(Client(), path, "the first of two passwords")
    if then == "everything ended":
        users.end_sessions(user=owner, by=owner)
    if then == "disabled and enabled":
        for active in (False, True):
            users.set_active(user=owner, active=active, by=None)
    if then == "another password":
        users.set_password(user=owner, password="set somewhere else", by=None)
    if then == "another address":
        EmailAddress.objects.create(user=owner, email="new@example.org")
    if then == "no address":
        address.delete()
    if then == "a sign-in":
        opens(owner, PASSWORD)

    with time_machine.travel(now + timedelta(hours=then == "an hour later", seconds=2)):
        page = follow(visitor, path)

    assert "link does not work" in page.content.decode()
    assert not opens(owner)


def test_a_link_dies_also_where_its_page_is_open_already(owner, visitor):
    path = path_of(reset_link(owner))
    there = visitor.get(path)["Location"]
    users.set_password(user=owner, password="set somewhere else", by=None)

    page = visitor.post(there, {"password1": NEW, "password2": NEW}, follow=True)

    assert "link does not work" in page.content.decode()
    assert not opens(owner)


@pytest.mark.parametrize("forged", ["zzz-x", "1-x", "1-set-password", "zzzzzzzzzzzzzzzz-aaa-bbb"])
def test_a_forged_link_is_answered_readably(forged, owner, visitor):
    page = visitor.get(f"/accounts/password/reset/key/{forged}/", follow=True)

    assert (page.status_code, "link does not work" in page.content.decode()) == (200, True)


def test_a_weak_password_is_refused_and_the_link_goes_on(owner, visitor):
    path = path_of(reset_link(owner))

    for weak in ("short", "ownerownerowner", "passwordpassword"):
        assert "This password is too" in follow(visitor, path, weak).content.decode()
    follow(visitor, path)

    assert opens(owner)


def test_only_superusers_make_links_for_staff_and_nobody_for_themselves(confirmed, staff, owner):
    helper = UserFactory(username="helper", is_staff=True)
    may = Permission.objects.filter(codename="change_user")
    helper = users.set_rights(user=helper, is_superuser=False, groups=[], permissions=may, by=None)
    at_work = confirmed(helper)

    assert make(at_work, owner).status_code == 200
    assert make(at_work, staff).status_code == 403
    assert make(at_work, UserFactory(is_staff=True)).status_code == 403
    assert make(confirmed(owner), helper).status_code == 403
    assert make(confirmed(staff), helper).status_code == 200
    assert make(confirmed(staff), staff).status_code == 302


def test_no_link_is_made_for_somebody_who_is_disabled(confirmed, staff, owner):
    users.set_active(user=owner, active=False, by=None)

    page = confirmed(staff).post(f"/admin/accounts/user/{owner.pk}/reset-link/", follow=True)

    assert "Nobody who is disabled can sign in." in page.content.decode()
