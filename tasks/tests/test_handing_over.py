"""What becomes of lists that others share with somebody who closes their account."""

import time
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.utils import timezone

from accounts.actions import closing, users
from accounts.models import SecurityEvent
from accounts.tests.factories import PASSWORD, UserFactory
from tasks.actions import handing_over, lists, memberships
from tasks.closing import CloseForm
from tasks.models import Handover, Membership, Role, TaskList
from tasks.tests.factories import TaskListFactory
from tasks.tests.records import kinds, refused
from tasks.tests.views.pages import errors, messages, read


@pytest.fixture
def second_editor(shared_list, owner):
    late = UserFactory(username="late", name="Late Lee")
    memberships.add(task_list=shared_list, user=late, role=Role.EDITOR, by=owner)
    return late


def owners(task_list):
    found = Membership.objects.filter(list=task_list, role=Role.OWNER)
    return [membership.user.username for membership in found]


def close(user, **heirs):
    return handing_over.close_account(user=user, heirs=heirs.get("heirs", {}), by=user)


def the_day_comes():
    with time_machine.travel(timezone.now() + timedelta(days=15), tick=False):
        assert closing.finish_due() == 1


def test_without_a_choice_the_editor_longest_there_gets_the_list(owner, shared_list, second_editor):
    closing.close(user=owner, by=owner)
    assert owners(shared_list) == ["owner"]  # until the day

    the_day_comes()

    assert owners(shared_list) == ["editor"]
    assert shared_list.memberships.count() == 3
    editors = Membership.objects.get(list=shared_list, role=Role.OWNER)
    assert kinds(editors) == ["membership.created", "membership.edited"]


def test_whoever_was_chosen_gets_it_a_viewer_too(owner, shared_list, viewer):
    close(owner, heirs={shared_list.pk: viewer.pk})
    the_day_comes()

    assert owners(shared_list) == ["viewer"]


def test_a_list_that_goes_with_its_owner_is_gone_for_everybody(owner, shared_list, task):
    close(owner, heirs={shared_list.pk: None})
    the_day_comes()

    assert not TaskList.objects.filter(pk=shared_list.pk).exists()


@pytest.mark.parametrize("end", ["left", "disabled", "closing"])
def test_whoever_cannot_take_it_on_the_day_is_passed_over(
    end, owner, editor, shared_list, second_editor
):
    close(owner, heirs={shared_list.pk: second_editor.pk})
    if end == "left":
        left = Membership.objects.get(list=shared_list, user=second_editor)
        memberships.remove(membership=left, by=second_editor)
    elif end == "disabled":
        users.set_active(user=second_editor, active=False, by=None)
    else:
        with time_machine.travel(timezone.now() + timedelta(days=5)):
            closing.close(user=second_editor, by=second_editor)
    the_day_comes()

    assert owners(shared_list) == ["editor"]


def test_where_only_viewers_are_left_the_list_goes(owner, editor, shared_list):
    memberships.remove(membership=shared_list.memberships.get(user=editor), by=editor)
    closing.close(user=owner, by=owner)
    the_day_comes()

    assert not TaskList.objects.filter(pk=shared_list.pk).exists()


def test_a_list_with_another_owner_and_one_in_the_trash(owner, editor, shared_list):
    membership = shared_list.memberships.get(user=editor)
    memberships.change_role(membership=membership, role=Role.OWNER, by=owner)
    thrown = TaskListFactory(by=owner)
    memberships.add(task_list=thrown, user=editor, role=Role.EDITOR, by=owner)
    lists.trash(task_list=thrown, by=owner)

    close(owner, heirs={shared_list.pk: None, thrown.pk: editor.pk})
    the_day_comes()

    assert owners(shared_list) == ["editor"]
    assert not TaskList.objects.filter(pk=thrown.pk).exists()


def test_a_choice_of_an_account_that_was_kept_does_not_count_the_next_time(owner, shared_list):
    close(owner, heirs={shared_list.pk: None})
    closing.keep(user=owner, by=owner)
    closing.close(user=owner, by=owner)
    the_day_comes()

    assert owners(shared_list) == ["editor"]


# Owners who are closing their accounts, too, or disabled, are none who stay.


@pytest.fixture
def second_owner(shared_list, owner):
    second = UserFactory(username="second")
    memberships.add(task_list=shared_list, user=second, role=Role.OWNER, by=owner)
    return second


def later():
    """A day after the first of them has closed their account."""
    return time_machine.travel(timezone.now() + timedelta(days=1), tick=False)


def both_days_come():
    for days in (15, 16):
        with time_machine.travel(timezone.now() + timedelta(days=days), tick=False):
            closing.finish_due()


def asked(user):
    return [each.title for each in CloseForm(user).lists]


@pytest.mark.parametrize("heir", ["editor", "viewer", None])
def test_of_two_owners_who_close_the_last_is_asked_and_decides(
    heir, request, owner, second_owner, shared_list
):
    assert asked(owner) == []
    close(owner)
    assert asked(second_owner) == ["Shared"]
    wanted = heir and request.getfixturevalue(heir).pk
    with later():
        close(second_owner, heirs={shared_list.pk: wanted})
    both_days_come()

    assert owners(shared_list) == ([heir] if heir else [])
    assert TaskList.objects.filter(pk=shared_list.pk).exists() == bool(heir)


def test_of_two_owners_who_close_nobody_asked_the_heir_is_told(
    owner, second_owner, editor, shared_list
):
    close(owner)
    with later():
        close(second_owner)
    both_days_come()

    assert owners(shared_list) == ["editor"]
    told = editor.security_events.order_by("pk").values_list("kind", flat=True)
    assert list(told) == ["lists_coming", "lists_yours"]


def test_an_owner_who_keeps_their_account_after_all_stays_the_owner(
    owner, second_owner, shared_list
):
    close(owner)
    with later():
        close(second_owner, heirs={shared_list.pk: None})
        closing.keep(user=second_owner, by=second_owner)
    both_days_come()

    assert owners(shared_list) == ["second"]


def test_beside_an_owner_who_is_disabled_somebody_gets_the_list(
    owner, second_owner, editor, shared_list
):
    users.set_active(user=second_owner, active=False, by=None)
    assert asked(owner) == ["Shared"]
    close(owner)
    the_day_comes()

    assert owners(shared_list) == ["editor", "second"]


@pytest.mark.parametrize("chosen", [False, True])
def test_beside_one_who_is_disabled_a_list_for_nobody_goes_only_by_choice(
    chosen, owner, second_owner, editor, shared_list
):
    memberships.remove(membership=shared_list.memberships.get(user=editor), by=editor)
    users.set_active(user=second_owner, active=False, by=None)
    close(owner, heirs={shared_list.pk: None} if chosen else {})
    the_day_comes()

    assert TaskList.objects.filter(pk=shared_list.pk).exists() != chosen


@pytest.mark.parametrize("end", ["closing", "disabled"])
def test_nobody_leaves_a_list_to_an_owner_who_does_not_stay(
    end, owner, second_owner, staff, shared_list
):
    if end == "closing":
        close(second_owner)
    else:
        users.set_active(user=second_owner, active=False, by=None)
    mine = shared_list.memberships.get(user=owner)

    with refused():
        memberships.remove(membership=mine, by=owner)
    with refused():
        memberships.change_role(membership=mine, role=Role.EDITOR, by=owner)
    with refused():
        users.delete(user=owner, by=staff)


def test_nobody_outside_of_the_list_can_be_chosen(owner, stranger, shared_list):
    with refused():
        close(owner, heirs={shared_list.pk: stranger.pk})
    owner.refresh_from_db()
    assert owner.closes_at is None


def test_a_list_of_somebody_else_is_not_given_away(editor, viewer, shared_list):
    close(editor, heirs={shared_list.pk: viewer.pk})

    assert not Handover.objects.exists()
    the_day_comes()
    assert owners(shared_list) == ["owner"]


def test_the_page_asks_about_every_shared_list(
    signed_in, owner, shared_list, viewer, second_editor
):
    TaskListFactory(title="Mine alone", by=owner)
    browser = signed_in(owner)
    field = f"list_{shared_list.pk}"

    page = read(browser.get("/settings/close/"))
    assert [each.attributes["name"] for each in page.one("form", cls="form").all("select")] == [
        field
    ]
    assert [option.line for option in page.one("select", name=field).all("option")] == [
        "Give it to editor, Editor",
        "Give it to Late Lee (late), Editor",
        "Give it to viewer, Viewer",
        "Delete it for everybody",
    ]
    answer = browser.post("/settings/close/", {field: str(viewer.pk), "password": PASSWORD})

    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")
    assert "Your account closes on" in browser.get("/accounts/login/").content.decode()
    assert Handover.objects.get().to.user == viewer
    owner.refresh_from_db()
    assert owner.closes_at


def test_a_wrong_password_or_choice_closes_nothing(signed_in, owner, shared_list, stranger):
    field = f"list_{shared_list.pk}"
    browser = signed_in(owner)

    wrong = browser.post("/settings/close/", {field: "delete", "password": "wrong"})
    choice = browser.post("/settings/close/", {field: str(stranger.pk), "password": PASSWORD})

    assert errors(wrong) == {"password": "That is not your password."}
    assert list(errors(choice)) == [field]
    assert {wrong.status_code, choice.status_code} == {422}
    owner.refresh_from_db()
    assert owner.closes_at is None
    assert "wrong" not in read(wrong).one("form", cls="form").words


def test_whoever_has_no_password_closes_by_the_way_they_sign_in(signed_in, db):
    user = UserFactory(password=None)
    browser = signed_in(user)

    before = browser.post("/settings/close/")
    session = browser.session
    session["account_authentication_methods_user"] = str(user.pk)
    session["account_authentication_methods"] = [{"method": "socialaccount", "at": time.time()}]
    session.save()
    lately = browser.post("/settings/close/")

    assert before["Location"].startswith("/accounts/reauthenticate/")
    assert lately["Location"] == "/accounts/login/"
    user.refresh_from_db()
    assert user.closes_at


# Who is to own something hears of it, and may say no.


@pytest.fixture
def reachable(editor):
    return EmailAddress.objects.create(user=editor, email="e@example.org", verified=True)


def told(browser):
    page = read(browser.get("/settings/events/"))
    return [(each.one("h2").line, each.all("p")[0].line) for each in page.one("main").all("li")]


def closes_on_the_page(browser):
    browser.post("/settings/close/", {"password": PASSWORD})


def closes_by_the_api(browser):
    body = {"password": PASSWORD}
    answer = browser.post("/api/v1/users/me/close/", body, content_type="application/json")
    assert answer.status_code == 202


@pytest.mark.usefixtures("second_editor")
@pytest.mark.parametrize("closes", [closes_on_the_page, closes_by_the_api])
def test_whoever_is_to_get_a_list_is_told_at_once_and_again_on_the_day(
    closes, signed_in, owner, reachable, mailbox
):
    editor = reachable.user
    with time_machine.travel("2026-11-21T12:00:00Z"):
        closes(signed_in(owner))
        [letter] = mailbox()
        soon = told(signed_in(editor))
    with time_machine.travel("2026-12-05T13:00:00Z"):
        closing.finish_due()
        last = mailbox()[-1]
        now = told(signed_in(editor))

    assert (letter.to, letter.subject) == (["e@example.org"], "A list will become yours")
    words = " ".join(letter.body.split())
    assert "On 5 December 2026 it becomes yours, unless they change their mind." in words
    assert "http://testserver/settings/events/" in letter.body
    assert soon == [
        (
            "Lists will become yours: their owner is leaving",
            "“Shared”, on 5 December 2026",
        )
    ]
    assert (last.to, last.subject) == (["e@example.org"], "A list is yours now")
    assert now[0] == ("Lists are yours now: their owner has left", "“Shared”")
    assert not SecurityEvent.objects.exclude(user=editor).filter(kind__startswith="lists").exists()


def test_whoever_does_not_want_a_list_leaves_it_before_the_day(
    signed_in, owner, editor, shared_list, second_editor
):
    browser = signed_in(editor)
    closes_on_the_page(signed_in(owner))
    path = f"/lists/{shared_list.pk}/leave/"
    assert f'href="{path}"' in browser.get(f"/lists/{shared_list.pk}/").content.decode()
    assert browser.get(path).status_code == 200

    answer = browser.post(path, follow=True)
    the_day_comes()

    assert answer.redirect_chain == [("/lists/", 302)]
    assert messages(answer) == [("You have left “Shared”.", None)]
    assert owners(shared_list) == ["late"]


def test_whoever_got_a_list_hands_it_on_or_deletes_it_as_any_owner(
    signed_in, owner, editor, shared_list, second_editor
):
    closes_on_the_page(signed_in(owner))
    the_day_comes()
    browser, path = signed_in(editor), f"/lists/{shared_list.pk}/"

    refused = browser.post(f"{path}leave/")
    assert refused.status_code == 422
    assert "A list needs an owner. Make somebody else one first." in refused.content.decode()
    assert owners(shared_list) == ["editor"]
    body = {"role": "owner"}
    member = f"/api/v1{path}members/{second_editor.pk}/"
    assert browser.patch(member, body, content_type="application/json").status_code == 200
    assert browser.post(f"{path}leave/")["Location"] == "/lists/"
    assert owners(shared_list) == ["late"]
    last = signed_in(second_editor)
    last.post(f"{path}trash/")
    last.post(f"{path}delete/")
    assert not TaskList.objects.filter(pk=shared_list.pk).exists()


def test_one_letter_tells_of_all_lists_and_nothing_that_somebody_has_typed(
    owner, editor, reachable, mailbox
):
    for number in range(12):
        spam = TaskListFactory(title=f"Buy {number} at evil.example", by=owner)
        memberships.add(task_list=spam, user=editor, role=Role.EDITOR, by=owner)

    close(owner)

    [letter] = mailbox()
    assert letter.subject == "12 lists will become yours"
    assert "evil" not in letter.body + letter.alternatives[0][0]
    event = editor.security_events.get()
    assert (len(event.details["lists"]), event.details["more"]) == (10, 2)


@pytest.mark.usefixtures("shared_list")
def test_nobody_is_told_who_closes_from_where_nor_by_more_than_three_letters_a_day(
    signed_in, owner, reachable, mailbox
):
    browser = signed_in(owner)
    closes_on_the_page(browser)
    for _ in range(4):
        closing.keep(user=owner, by=owner)
        close(owner)
        close(owner)  # twice

    heard = reachable.user.security_events.all()
    assert {(each.address, each.client) for each in heard} == {(None, "")}
    assert "owner" not in str([each.details for each in heard])
    assert (len(heard), len(mailbox())) == (5, 3)


def test_lists_that_are_somebodys_are_always_told_and_three_times_a_day_by_letter(
    reachable, mailbox
):
    for _ in range(4):
        boss = UserFactory()
        memberships.add(
            task_list=TaskListFactory(by=boss), user=reachable.user, role=Role.EDITOR, by=boss
        )
        closing.close(user=boss, by=boss)
    with time_machine.travel(timezone.now() + timedelta(days=15), tick=False):
        assert closing.finish_due() == 4
        assert [each.subject for each in mailbox()] == ["A list is yours now"] * 3

    assert reachable.user.security_events.filter(kind="lists_yours").count() == 4
