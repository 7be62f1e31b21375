"""Everything that ends a way in x every way in: dead at once, and nothing else is.

Each row does its thing through its doorway; then each way in asks for a page or for the API.
"""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from accounts.actions import closing, factors, users
from accounts.models import SecurityEvent, User
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.ways_in import WAYS_IN, Session
from ledger.models import Change
from tests import totp
from tests.api import Api, InProcess
from tests.openid import issuer

pytestmark = pytest.mark.django_db

NEW = "an entirely new password"
VERIFIES = re.compile(r"http://testserver(/accounts/confirm-email/\S+)")


@dataclass
class Scene:
    """A person, all their ways in, and who and what the rows need to end them."""

    user: Any
    ways: dict
    here: Session  # the browser in which the person does something
    staff: Client
    program: Api  # of staff
    mailbox: Any


@pytest.fixture
def provider(settings):
    """A provider of OpenID Connect that the site is set up for."""
    with issuer() as found:
        settings.OPENID = found.settings
        yield found


@pytest.fixture
def scene(signed_in, confirmed, staff, mailbox, provider):
    user = UserFactory(username="owner")
    EmailAddress.objects.create(user=user, email="o@example.org", verified=True, primary=True)
    ways = {name: way(user, provider) for name, way in WAYS_IN.items()}
    admin = confirmed(staff)
    admin.post("/accounts/reauthenticate/", {"password": PASSWORD})
    program = Api(InProcess(), WAYS_IN["access token"](staff).token)
    return Scene(user, ways, Session(user), admin, program, mailbox)


def each_by_itself(ending):
    """Ends every way in by its own way of ending."""

    def end(scene):
        for way in scene.ways.values():
            if do := getattr(way, ending):
                do(scene.here)
            else:
                everywhere(scene)

    return end


def everywhere(scene):
    scene.here.post("/settings/sessions/end-everything/")


def password_changed(scene):
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    before = scene.here.key
    scene.here.post("/accounts/password/change/", form)
    assert scene.here.is_in()
    assert scene.here.key != before


def password_reset(scene):
    visitor = Client()
    visitor.post("/accounts/password/reset/", {"email": "o@example.org"})
    [letter] = [each for each in scene.mailbox() if "/reset/key/" in each.body]
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", letter.body)[1]
    form = visitor.get(link)["Location"]
    assert visitor.post(form, {"password1": NEW, "password2": NEW}).status_code == 302


def password_set_by_staff(scene):
    form = {"new_password1": NEW, "new_password2": NEW}
    scene.staff.post(f"/admin/accounts/user/{scene.user.pk}/password/", form)


def changed_by_command(scene):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("getpass.getpass", lambda prompt: NEW)
        call_command("changepassword", scene.user.username)
    assert User.objects.get(pk=scene.user.pk).check_password(NEW)
    assert Change.objects.about(scene.user).last().kind == "user.password_set"
    assert SecurityEvent.objects.filter(user=scene.user, kind="password_set").exists()


def chosen_in_the_admin(action):
    def end(scene):
        form = {"action": action, "_selected_action": [scene.user.pk], "confirmed": "yes"}
        assert scene.staff.post("/admin/accounts/user/", form).status_code == 302

    return end


def factors_removed(scene):
    kind = Authenticator.Type.TOTP
    Authenticator.objects.create(user=scene.user, type=kind, data={"secret": "sealed"})
    chosen_in_the_admin("remove_factors")(scene)


def asked_by_staff(method, path, body=None):
    def end(scene):
        answer = scene.program.ask(method, path.format(scene.user.pk), body)
        assert answer.status in (200, 204)

    return end


def closed(scene):
    program = Api(InProcess(), WAYS_IN["access token"](scene.user).token)
    assert program.post("users/me/close", {"password": PASSWORD}).status == 202


ENDINGS = {
    "each signs out": each_by_itself("sign_out"),
    "each is ended on the page": each_by_itself("end"),
    "the person signs out everywhere": everywhere,
    "the person changes their password": password_changed,
    "the person resets their password": password_reset,
    "staff set another password": password_set_by_staff,
    "manage.py changepassword sets another": changed_by_command,
    "staff end the sessions, by the API": asked_by_staff("POST", "users/{}/end-sessions"),
    "staff end the sessions, in the admin": chosen_in_the_admin("end_sessions"),
    "staff remove the second factors": factors_removed,
    "the person is disabled, by the API": asked_by_staff("PATCH", "users/{}", {"is_active": False}),
    "the person is disabled, in the admin": chosen_in_the_admin("disable"),
    "the person closes the account": closed,
    "the person is deleted": asked_by_staff("DELETE", "users/{}"),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_way_in_is_dead_at_once_when(ending, scene, provider):
    bystander = {name: way(UserFactory(), provider) for name, way in WAYS_IN.items()}
    trusted = {name: way for name, way in scene.ways.items() if name != "refresh token"}
    assert [name for name, way in trusted.items() if not way.is_in()] == []  # a try uses it up

    ENDINGS[ending](scene)

    assert [name for name, way in scene.ways.items() if way.is_in()] == []
    assert [name for name, way in bystander.items() if not way.is_in()] == []


@pytest.mark.parametrize("ended", [name for name, way in WAYS_IN.items() if way.sign_out])
@pytest.mark.parametrize("ending", ["sign_out", "end"])
def test_ending_one_way_in_leaves_the_others_alone(ended, ending, scene):
    getattr(scene.ways[ended], ending)(scene.here)

    assert [name for name, way in scene.ways.items() if not way.is_in()] == [ended]


def test_what_was_ended_is_not_alive_again_when_a_person_is_let_in_again(scene):
    for active in (False, True):
        answer = scene.program.patch(f"users/{scene.user.pk}", {"is_active": active})
        assert answer.status == 200

    assert [name for name, way in scene.ways.items() if way.is_in()] == []


def let_in_again(user):
    for active in (False, True):
        users.set_active(user=user, active=active, by=None)


def address_removed(user):
    EmailAddress.objects.filter(user=user).delete()


EVERYTHING_ENDED = {
    "the password is changed": lambda user: users.set_password(user=user, password=NEW, by=user),
    "staff set another password": lambda user: users.set_password(user=user, password=NEW, by=None),
    "everything is ended": lambda user: users.end_sessions(user=user, by=user),
    "the person is disabled, and let in again": let_in_again,
    "the factors are removed": lambda user: factors.remove_all(user=user, by=None),
    "nothing happens": lambda user: None,
}


@pytest.mark.parametrize("ending", EVERYTHING_ENDED)
def test_a_sign_in_that_waits_for_a_second_factor_signs_nobody_in_when(ending, owner, visitor):
    cache.clear()  # allauth keeps in it which codes were used
    key = "JBSWY3DPEHPK3PXP"
    TOTP.activate(owner, key)
    visitor.post("/accounts/login/", {"login": "owner", "password": PASSWORD})

    EVERYTHING_ENDED[ending](owner)
    visitor.post("/accounts/2fa/authenticate/", {"code": totp.code(key)})

    assert (visitor.get("/today/").status_code == 200) == (ending == "nothing happens")


@pytest.mark.parametrize("ending", [*list(EVERYTHING_ENDED)[:4], "nothing happens", "address"])
def test_a_mailed_code_signs_nobody_in_when(ending, owner, visitor, mailbox):
    EmailAddress.objects.create(user=owner, email="o@example.org", verified=True, primary=True)
    visitor.post("/accounts/login/code/", {"email": "o@example.org"})
    [code] = re.findall(r"^[A-Z]{4}-[A-Z]{4}$", mailbox()[-1].body, re.MULTILINE)

    {**EVERYTHING_ENDED, "address": address_removed}[ending](owner)
    visitor.post("/accounts/login/code/confirm/", {"code": code})

    assert (visitor.get("/today/").status_code == 200) == (ending == "nothing happens")


@pytest.mark.parametrize("ending", [*list(EVERYTHING_ENDED)[:4], "nothing happens", "closing"])
def test_a_link_that_a_thief_has_asked_for_verifies_no_address_when(
    ending, confirmed, owner, visitor, mailbox
):
    EmailAddress.objects.create(user=owner, email="o@example.org", verified=True, primary=True)
    thief = {"email": "thief@example.org"}
    confirmed(owner).post("/accounts/email/", {"action_add": "", **thief})
    [link] = {link for mail in mailbox() for link in VERIFIES.findall(mail.body)}

    {**EVERYTHING_ENDED, "closing": lambda user: closing.close(user=user, by=user)}[ending](owner)
    page, sent = visitor.get(link), visitor.post(link)

    assert (sent.status_code == 302) == (ending == "nothing happens")
    assert ("This link does not work" in page.content.decode()) == (sent.status_code == 404)
    assert EmailAddress.objects.get(**thief).verified == (ending == "nothing happens")
