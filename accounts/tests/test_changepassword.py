"""`manage.py changepassword`; that it ends every way in is a row of test_revocation."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from accounts.tests.factories import PASSWORD

pytestmark = pytest.mark.django_db

GOOD, OTHER = "an entirely new password", "quite another new password"


@pytest.fixture
def typing(monkeypatch):
    """`typing(…)`: what is typed, one after the other."""

    def type_all(*passwords):
        left = iter(passwords)
        monkeypatch.setattr("getpass.getpass", lambda prompt: next(left))

    return type_all


def test_a_weak_one_and_a_slip_are_asked_for_again(typing, owner):
    typing("password", "password", GOOD, OTHER, GOOD, GOOD)

    call_command("changepassword", owner.username.upper())

    assert User.objects.get(pk=owner.pk).check_password(GOOD)


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("owner", ["password"] * 6, "Nothing was changed: 3 tries"),
        ("owner", [""], "Nothing was changed"),
        ("nobody", [], "There is nobody called nobody"),
    ],
)
def test_nothing_is_changed_when(name, typed, words, typing, owner):
    typing(*typed)

    with pytest.raises(CommandError, match=words):
        call_command("changepassword", name)

    assert User.objects.get(pk=owner.pk).check_password(PASSWORD)
