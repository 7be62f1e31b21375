"""The first administrator gets in by a link that works once."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils import timezone

from accounts.actions import users
from accounts.models import User
from accounts.tests.factories import PASSWORD, UserFactory
from ledger.models import Change

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("contexts")]


@pytest.fixture
def invite(capsys):
    """`invite("ann", …)`: the path of the printed link."""

    def run(*said):
        call_command("invite_admin", *said)
        (link,) = re.findall(r"http\S+", capsys.readouterr().out)
        assert link.startswith("http://testserver/accounts/password/reset/key/")
        return link.removeprefix("http://testserver")

    return run


def set_password(visitor, path):
    """Follow the link, and type a password where it leads."""
    page = visitor.get(path, follow=True)
    if "form" not in page.context or page.context.get("token_fail"):
        return None
    sent = {"password1": PASSWORD, "password2": PASSWORD}
    return visitor.post(page.redirect_chain[-1][0], sent, follow=True)


def test_who_follows_the_link_sets_a_password_signs_in_and_is_in_the_admin(invite, visitor):
    path = invite("ann", "--email", "Ann@Example.org")

    assert set_password(visitor, path).status_code == 200
    visitor.post("/accounts/login/", {"login": "ann", "password": PASSWORD})

    assert visitor.get("/admin/").status_code == 200
    ann = User.objects.get()
    assert (ann.is_superuser, ann.is_staff, ann.email) == (True, True, "ann@example.org")
    change = Change.objects.about(ann).first()
    assert (change.kind, change.by, change.via) == ("user.created", None, "system")


def test_without_the_link_nobody_gets_in(invite, visitor):
    invite("ann")

    assert not User.objects.get().has_usable_password()
    assert visitor.post("/accounts/login/", {"login": "ann", "password": ""}).status_code != 302


def test_the_link_works_once(invite, visitor):
    path = invite("ann")
    set_password(visitor, path)

    assert set_password(visitor, path) is None


def test_the_link_works_for_an_hour(invite, visitor):
    path = invite("ann")

    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert set_password(visitor, path) is None
    assert set_password(visitor, path).status_code == 200


def test_said_again_it_prints_a_fresh_link_and_makes_nobody(invite, visitor):
    with time_machine.travel(timezone.now() - timedelta(hours=2)):
        invite("ann")

    path = invite("ANN")

    assert set_password(visitor, path).status_code == 200
    assert User.objects.count() == 1


@pytest.mark.parametrize("facts", [{}, {"is_staff": True}])
def test_it_makes_no_superuser_out_of_somebody_else(facts, capsys):
    user = UserFactory(username="ann", **facts)

    with pytest.raises(CommandError, match="ann is there already, and no superuser"):
        call_command("invite_admin", "ann")

    assert not User.objects.get(pk=user.pk).is_superuser
    assert "http" not in capsys.readouterr().out


def test_it_lets_no_disabled_superuser_back_in():
    user = UserFactory(username="ann", is_superuser=True)
    users.set_active(user=user, active=False, by=None)

    with pytest.raises(CommandError, match="no superuser who may sign in"):
        call_command("invite_admin", "ann")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (["a b"], "Use up to 64 letters"),
        (["12"], "A username cannot be a number"),
        (["ann", "--email", "nowhere"], "Enter a valid email address"),
    ],
)
def test_a_person_who_cannot_be_is_refused_with_a_sentence(said, words):
    with pytest.raises(CommandError, match=words):
        call_command("invite_admin", *said)

    assert not User.objects.exists()


def test_the_link_leads_to_base_url_and_stands_in_no_log(capsys, caplog):
    with override_settings(BASE_URL="https://tasks.example.org"):
        call_command("invite_admin", "ann")

    said = capsys.readouterr()
    assert "https://tasks.example.org/accounts/password/reset/key/" in said.out
    assert "key" not in said.err + caplog.text


def test_createsuperuser_leads_to_this_command():
    with pytest.raises(CommandError, match=r"manage\.py invite_admin NAME"):
        call_command("createsuperuser", "--noinput", "--username", "ann")

    assert not User.objects.exists()
