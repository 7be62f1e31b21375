import pytest
import time_machine

from accounts.actions import users
from accounts.models import User
from accounts.tests.factories import PASSWORD
from ledger.models import Change
from tasks.tests.views.pages import errors, reports


def test_saving_settings_changes_the_profile_and_says_so(signed_in, owner):
    form = {"time_zone": "Asia/Tokyo", "week_start": "6", "theme": "dark"}

    page = signed_in(owner).post("/settings/", form, follow=True).content.decode()

    owner.refresh_from_db()
    assert (owner.time_zone, owner.week_start, owner.theme) == ("Asia/Tokyo", 6, "dark")
    assert "Your settings are saved." in page
    assert '<html lang="en" data-theme="dark">' in page


def test_a_wrong_choice_is_said_and_changes_nothing(signed_in, owner):
    form = {"time_zone": "Mars/Olympus", "week_start": "9", "theme": "neon"}

    answer = signed_in(owner).post("/settings/", form)

    owner.refresh_from_db()
    assert (owner.time_zone, owner.week_start, owner.theme) == ("UTC", 0, "system")
    assert answer.status_code == 422
    assert answer.content.decode().count('class="field-error"') == 3


def test_an_address_that_no_column_holds_is_refused(signed_in, owner):
    answer = signed_in(owner).post(
        "/accounts/email/", {"email": "x" * 60 + "@" + "y." * 100 + "example", "action_add": ""}
    )

    assert "at most 254 characters" in answer.content.decode()
    assert not owner.emailaddress_set.exists()


def test_an_added_address_gets_a_letter_with_a_link(signed_in, owner, mailbox):
    browser = signed_in(owner)
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})

    added = {"email": "o@example.org", "action_add": ""}
    page = browser.post("/accounts/email/", added, follow=True).content.decode()

    assert "A link is on its way to o@example.org." in page
    assert ">Verify the address</a>" in mailbox()[0].alternatives[0][0]
    assert not owner.emailaddress_set.get().verified
    owner.emailaddress_set.update(verified=True, primary=True)
    page = browser.get("/accounts/email/").content.decode()
    assert "Make primary" not in page  # it is that already
    assert "Send the link again" not in page
    assert "Remove o@example.org" in page
    assert "http://testserver/accounts/confirm-email/" in mailbox()[0].body


def test_a_name_stands_beside_the_username_wherever_others_see_somebody(
    signed_in, editor, task, owner
):
    form = {"name": " Ann Ö. Lee ", "time_zone": "UTC", "week_start": "0", "theme": "system"}
    signed_in(owner).post("/settings/", form)

    browser = signed_in(editor)
    for path in (f"/lists/{task.list_id}/", f"/tasks/{task.pk}/", f"/tasks/{task.pk}/edit/"):
        assert "Ann Ö. Lee (owner)" in browser.get(path).content.decode()
    edited = Change.objects.about(owner).get(kind="user.edited")
    assert "Ann" not in str(edited.changes)  # names are not in the record


@pytest.mark.parametrize("name", ["x" * 101, "a\nb", "a\0b", "a\u2028b", "evil\u202etxt"])
def test_a_name_that_breaks_a_sentence_is_refused(name, signed_in, owner):
    form = {"name": name, "time_zone": "UTC", "week_start": "0", "theme": "system"}

    answer = signed_in(owner).post("/settings/", form)

    owner.refresh_from_db()
    assert (answer.status_code, list(errors(answer)), owner.name) == (422, ["name"], "")


def test_today_asks_for_the_time_zone_until_it_is_answered(signed_in, owner):
    browser = signed_in(owner)
    with time_machine.travel("2026-11-21T14:32:00Z", tick=False):
        assert "Is it 14:32 where you are (UTC)?" in browser.get("/today/").content.decode()

        answer = browser.post("/settings/time-zone/", {"time_zone": "Asia/Tokyo"}, follow=True)

    assert "where you are" not in answer.content.decode()
    owner.refresh_from_db()
    assert (owner.time_zone, owner.time_zone_confirmed) == ("Asia/Tokyo", True)


def test_a_yes_is_remembered_and_what_staff_set_is_asked_about(signed_in, owner, editor, staff):
    signed_in(owner).post("/settings/time-zone/", {"time_zone": "UTC"})
    users.edit_profile(user=editor, by=staff, time_zone="Asia/Tokyo")

    owner.refresh_from_db()
    editor.refresh_from_db()
    assert (owner.time_zone_confirmed, editor.time_zone_confirmed) == (True, False)


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "UTC\0", "../etc/passwd", "x" * 10_000])
def test_what_is_no_time_zone_is_said_and_changes_nothing(zone, signed_in, owner):
    answer = signed_in(owner).post("/settings/time-zone/", {"time_zone": zone}, follow=True)

    owner.refresh_from_db()
    assert (owner.time_zone, owner.time_zone_confirmed) == ("UTC", False)
    assert len(reports(answer)) == 1


@pytest.mark.parametrize(("guess", "kept"), [("Asia/Tokyo", "Asia/Tokyo"), ("Mars", "UTC")])
def test_a_new_account_starts_where_the_browser_is(guess, kept, visitor, db):
    form = {"username": "new", "password1": PASSWORD, "time_zone": guess}

    visitor.post("/accounts/signup/", form)

    user = User.objects.get(username="new")
    assert (user.time_zone, user.time_zone_confirmed) == (kept, False)
