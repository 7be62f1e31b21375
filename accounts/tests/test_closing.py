"""Closing an account: taken back within two weeks, and after that nothing is left of it."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.actions import closing, sign_ins, tokens, users
from accounts.models import SecurityEvent, SignIn, SignUpInvitation, User
from accounts.tests.factories import PASSWORD, UserFactory
from ledger.models import Change, Delivery, Job
from tasks.actions import lists, memberships, tasks
from tasks.models import Role
from tasks.tests.factories import TaskFactory, TaskListFactory
from tasks.tests.records import kinds
from tests.api import Api, InProcess, tokens_for
from tests.database import texts

pytestmark = pytest.mark.django_db

USERNAME, NAME, ADDRESS = "Quizzical.Zebra", "Xanthippe Wigglesworth", "q.zebra@wiggle.example"


@pytest.fixture
def api(db):
    """In this process, where hashes of passwords are cheap."""

    def program(user=None):
        return Api(InProcess(), tokens_for(user)["access"] if user else "")

    return program


def later(**span):
    return time_machine.travel(timezone.now() + timedelta(**span), tick=False)


def reloaded(user):
    return User.objects.get(pk=user.pk)


def closed(user):
    return closing.close(user=user, by=user)


def test_closing_signs_out_everywhere_at_once(api, signed_in, owner):
    browser, program = signed_in(owner), Api(api().send, tokens_for(owner)["access"])

    answer = api(owner).post("users/me/close", {"password": PASSWORD})

    assert (answer.status, list(answer.json)) == (202, ["closes_at"])
    left = reloaded(owner).closes_at - timezone.now()
    assert timedelta(days=13, hours=23) < left <= timedelta(days=14)
    assert program.get("users/me").status == 401
    assert browser.get("/settings/").status_code == 302


def test_no_program_signs_in_while_the_account_closes(api, owner):
    closed(owner)

    assert api().post("auth/login", {"username": "owner", "password": PASSWORD}).status == 401
    assert not sign_ins.begin(user=reloaded(owner), by=owner).is_good


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"password": "wrong"}, {"password": "wrong"}),
        ({"password": ""}, {"password": "blank"}),
        ({}, {"password": "required"}),
        ({"password": PASSWORD, "lists": {}}, {"lists": "unknown"}),
    ],
)
def test_without_the_right_password_nothing_closes(body, problem, api, owner):
    answer = api(owner).post("users/me/close", body)

    assert (answer.status, answer.problem) == (400, problem)
    assert reloaded(owner).closes_at is None


def test_closing_twice_keeps_the_first_day(owner):
    first = closed(owner).closes_at

    with later(days=3):
        assert closed(owner).closes_at == first


def test_whoever_signs_in_again_is_asked_and_finds_everything_as_it_was(visitor, owner, task):
    closed(owner)
    visitor.post("/accounts/login/", {"login": "owner", "password": PASSWORD})

    for path in ("/", "/today/", "/settings/", f"/tasks/{task.pk}/", "/admin/"):
        assert visitor.get(path)["Location"] == "/settings/keep/"
    assert visitor.get("/api/v1/tasks").status_code == 403
    assert "Keep the account" in visitor.get("/settings/keep/").content.decode()
    assert visitor.post("/settings/keep/", follow=True).redirect_chain == [("/", 302)]

    assert reloaded(owner).closes_at is None
    assert task.title in visitor.get(f"/tasks/{task.pk}/").content.decode()
    assert kinds(owner) == ["user.created", "user.closing", "user.kept"]
    visitor.post("/settings/keep/")  # twice
    assert kinds(owner)[-2:] == ["user.closing", "user.kept"]


def test_once_the_day_is_there_nothing_is_taken_back(signed_in, owner):
    owner = closed(owner)
    with later(days=14, seconds=1):
        with pytest.raises(ValidationError, match="too late"):
            closing.keep(user=owner, by=owner)
        page = signed_in(owner).post("/settings/keep/", follow=True).content.decode()

    assert "This account is being deleted" in page
    assert reloaded(owner).closes_at is not None


def test_accounts_are_deleted_on_their_day_and_no_sooner(owner, editor, viewer):
    closed(owner)
    closing.keep(user=closed(editor), by=editor)

    with later(days=13, hours=23):
        assert closing.finish_due() == 0
    with later(days=14, seconds=1):
        assert [closing.finish_due(), closing.finish_due()] == [1, 0]

    assert set(User.objects.values_list("username", flat=True)) == {"editor", "viewer"}


def test_one_account_that_cannot_be_deleted_stops_no_other(owner, editor, monkeypatch, caplog):
    closed(owner)
    closed(editor)

    def broken(*, user, by):
        if user == owner:
            raise RuntimeError

    monkeypatch.setattr(closing.belongings, "settling", [broken])
    with later(days=15):
        assert closing.finish_due() == 1
        monkeypatch.undo()
        assert "could not be deleted" in caplog.text
        assert closing.finish_due() == 1


def test_the_last_superuser_stays(api, staff, owner):
    answer = api(staff).post("users/me/close", {"password": PASSWORD})

    assert (answer.status, answer.problem) == (400, {None: "last_superuser"})
    other = UserFactory(is_superuser=True)
    closed(other)
    with pytest.raises(ValidationError, match="last administrator"):
        closed(staff)
    closing.keep(user=other, by=other)
    assert closed(staff).closes_at


def test_letters_go_to_verified_addresses_alone(owner, mailbox):
    EmailAddress.objects.create(user=owner, email="real@example.org", verified=True)
    EmailAddress.objects.create(user=owner, email="typed@example.org", verified=False)

    closed(owner)
    mailbox()
    with later(days=15):
        closing.finish_due()
        mailbox()

    assert [(mail.to, mail.subject) for mail in mailbox()] == [
        (["real@example.org"], "Your Tasklist account closes"),
        (["real@example.org"], "Your Tasklist account is deleted"),
    ]
    letter = mailbox()[0]
    assert "/accounts/login/" in letter.body
    assert ">Sign in to keep it</a>" in letter.alternatives[0][0]


@pytest.fixture
def zebra(owner, shared_list):
    """Somebody who has left a trace in everything that there is."""
    zebra = UserFactory(username=USERNAME, email=ADDRESS, name=NAME)
    memberships.add(task_list=shared_list, user=zebra, role=Role.EDITOR, by=owner)
    theirs = TaskListFactory(title=f"Diary of {NAME}", by=zebra)
    TaskFactory(title=f"Call {USERNAME}'s mother", task_list=theirs, by=zebra)
    task = TaskFactory(title="Water it", task_list=shared_list, assignee=zebra, by=zebra)
    tasks.complete(task=task, by=zebra)
    thrown = lists.trash(task_list=TaskListFactory(title=ADDRESS, by=zebra), by=zebra)
    lists.delete(task_list=thrown, by=zebra)
    users.edit_profile(user=zebra, by=zebra, name=f"{NAME} Jr", time_zone="Asia/Tokyo")
    users.note_look(user=zebra, at="tasks", by=owner)
    EmailAddress.objects.create(user=zebra, email=ADDRESS, verified=True, primary=True)
    sign_ins.begin(user=zebra, by=zebra)
    SecurityEvent.objects.create(user=zebra, kind="signed_in", details={"by": USERNAME})
    Delivery.objects.create(channel="mail", kind="reset", recipient=ADDRESS, user=zebra)
    Delivery.objects.create(channel="mail", kind="unknown", recipient=ADDRESS)
    Job.objects.create(kind="archive", user=zebra, file="archives/x.zip")
    tokens.make(user=zebra, name=f"Script of {NAME}", scopes=["read"], by=zebra)
    SocialAccount.objects.create(user=zebra, provider="oidc", uid=ADDRESS, extra_data={"n": NAME})
    Authenticator.objects.create(user=zebra, type="webauthn", data={"name": f"Key of {NAME}"})
    UserSession.objects.create(user=zebra, session_key="k", ip="192.0.2.1", user_agent=NAME)
    SignUpInvitation.objects.create(
        digest="d", note=NAME, used_by=zebra, expires_at=timezone.now(), used_at=timezone.now()
    )
    return zebra


def places_of(*words):
    """(table, column) of every value in the database that holds one of these words."""
    for table, column, text in texts():
        if any(word.lower() in text.lower() for word in words):
            yield table, column


@pytest.mark.parametrize("way", ["closed", "by staff"])
def test_nothing_in_the_database_names_somebody_who_has_left(way, zebra, staff, mailbox):
    trace = {"accounts_user", "account_emailaddress", "ledger_change", "ledger_delivery"}
    assert trace <= {table for table, _ in places_of(USERNAME, NAME, ADDRESS)}

    if way == "closed":
        closed(zebra)
        with later(days=15):
            closing.finish_due()
            mailbox()  # the last letter is out
    else:
        users.delete(user=zebra, by=staff)

    assert list(places_of(USERNAME, NAME, ADDRESS)) == []
    assert not Change.objects.filter(by=zebra.pk).exists()
    assert not SignIn.objects.filter(user=zebra.pk).exists()


def test_what_they_did_with_others_stays_without_them(zebra, shared_list):
    closed(zebra)
    with later(days=15):
        closing.finish_due()

    task = shared_list.tasks.get(title="Water it")
    assert (task.status, task.assignee, task.created_by) == ("done", None, None)
    created = Change.objects.about(task).get(kind="task.created")
    assert (created.by, created.changes["title"]) == (None, [None, "Water it"])


def test_a_username_is_free_again(zebra):
    closed(zebra)
    assert not User.objects.filter(username="new").exists()
    with pytest.raises(ValidationError):
        UserFactory(username=USERNAME)
    with later(days=15):
        closing.finish_due()

    assert UserFactory(username=USERNAME).pk != zebra.pk
