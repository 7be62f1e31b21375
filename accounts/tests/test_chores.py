from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts import chores
from accounts.actions import invitations, sign_ins
from accounts.models import SignIn, SignUpInvitation
from ledger.chores import delete_expired_sessions
from tasklist.session_store import row_key

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(days=400)


def test_what_is_over_is_forgotten_and_what_is_in_use_stays(owner, stranger):
    for user in (owner, stranger):
        sign_ins.begin(user=user, by=user)
        invitations.make(note=user.username, by=None)
    then = timezone.now() - LONG_AGO
    SignIn.objects.filter(user=owner).update(expires_at=then)
    SignUpInvitation.objects.filter(note="owner").update(expires_at=then)

    chores.forget_what_is_over()

    assert set(SignIn.objects.values_list("user__username", flat=True)) == {"stranger"}
    assert set(SignUpInvitation.objects.values_list("note", flat=True)) == {"stranger"}


def test_sessions_that_are_over_are_deleted(signed_in, owner, stranger):
    over, on = signed_in(owner), signed_in(stranger)
    key = row_key(over.session.session_key)
    Session.objects.filter(pk=key).update(expire_date=timezone.now() - timedelta(seconds=1))

    delete_expired_sessions()
    chores.forget_sessions()

    assert [each.pk for each in Session.objects.all()] == [row_key(on.session.session_key)]
