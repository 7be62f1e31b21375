from accounts.tests.factories import PASSWORD


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

    browser.post("/accounts/email/", {"email": "o@example.org", "action_add": ""})

    assert not owner.emailaddress_set.get().verified
    assert "http://testserver/accounts/confirm-email/" in mailbox()[0].body
