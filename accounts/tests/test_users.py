from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.actions import sign_ins, users
from accounts.models import SignIn, User
from accounts.tests.factories import PASSWORD, UserFactory
from ledger.models import Change

pytestmark = pytest.mark.django_db


def test_a_person_is_recorded_without_password_hash_and_address():
    user = UserFactory(username="Ann.Lee", email="Ann@Example.org")

    change = Change.objects.about(user).get()
    assert (change.kind, change.by, change.version) == ("user.created", None, 1)
    assert change.changes["username"] == [None, "Ann.Lee"]
    assert {"password", "email", "last_login"}.isdisjoint(change.changes)
    assert user.email == "ann@example.org"
    assert user.check_password(PASSWORD)


@pytest.mark.parametrize(
    "name", ["", "ann lee", "änn", "ann@x", "a" * 65, "12345", "me", "ME", "a\n"]
)
def test_a_username_that_cannot_be_is_refused_at_its_field(name):
    with pytest.raises(ValidationError) as refused:
        UserFactory(username=name)

    assert list(refused.value.message_dict) == ["username"]
    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["a", "a" * 64, "ann.lee_2-x", "1a", "_", "mei"])
def test_a_username_that_can_be_is_kept_as_typed(name):
    assert User.objects.get(pk=UserFactory(username=name).pk).username == name


def test_a_username_is_taken_whatever_its_case():
    UserFactory(username="Ann")

    with pytest.raises(ValidationError) as refused:
        UserFactory(username="aNN")

    assert list(refused.value.message_dict) == ["username"]
    assert User.objects.count() == Change.objects.count() == 1


def test_the_database_itself_keeps_usernames_apart():
    UserFactory(username="Ann")
    other = UserFactory(username="ben")

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=other.pk).update(username="ANN")


def test_signing_in_finds_a_name_whatever_its_case():
    ann = UserFactory(username="Ann")

    assert User.objects.get_by_natural_key("aNN") == ann


def test_today_is_the_day_where_the_person_is():
    tokyo, honolulu = UserFactory(time_zone="Asia/Tokyo"), UserFactory(time_zone="Pacific/Honolulu")

    with time_machine.travel("2026-11-21T16:30:00Z", tick=False):
        assert tokyo.today() == date(2026, 11, 22)
        assert honolulu.today() == date(2026, 11, 21)


def test_a_profile_changes_only_what_is_named_and_is_recorded(owner):
    changed = users.edit_profile(user=owner, by=owner, time_zone="Asia/Kathmandu")

    assert (changed.time_zone, changed.theme, changed.version) == ("Asia/Kathmandu", "system", 2)
    change = Change.objects.about(owner).get(kind="user.edited")
    assert change.changes == {"time_zone": ["UTC", "Asia/Kathmandu"]}


def test_an_unknown_time_zone_is_refused(owner):
    with pytest.raises(ValidationError) as refused:
        users.edit_profile(user=owner, by=owner, time_zone="Mars/Olympus")

    assert list(refused.value.message_dict) == ["time_zone"]
    assert User.objects.get(pk=owner.pk).time_zone == "UTC"


def test_nothing_but_the_profile_can_be_set_through_it(owner):
    with pytest.raises(TypeError, match="is_staff"):
        users.edit_profile(user=owner, by=owner, is_staff=True)


def test_a_new_password_is_recorded_without_itself(owner):
    users.set_password(user=owner, password="another long password", by=owner)

    owner.refresh_from_db()
    assert owner.check_password("another long password")
    assert Change.objects.about(owner).get(kind="user.password_set").changes == {
        "session_epoch": [0, 1]
    }


def test_sessions_and_sign_ins_of_somebody_disabled_stay_dead_when_they_are_let_in_again(owner):
    session, sign_in = owner.get_session_auth_hash(), sign_ins.begin(user=owner, by=owner)

    users.set_active(user=owner, active=False, by=None)
    again = users.set_active(user=owner, active=True, by=None)

    assert again.is_active
    assert again.get_session_auth_hash() != session
    assert not SignIn.objects.get(pk=sign_in.pk).is_good
