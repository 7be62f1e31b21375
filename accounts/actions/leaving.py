"""The one way in which a person is deleted for good, whoever decides it."""

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession

from accounts import belongings
from accounts.actions import sessions
from accounts.models import SignUpInvitation, User
from ledger.actions import history, rows
from ledger.actions.action import action
from ledger.models import Change, Delivery


@action
def erase(*, user: User, by: User | None) -> None:
    """Delete the person, what is theirs alone, and what the record says of them.

    That something happened stays in the record, by nobody and without names. `user` must have
    been read under lock. Raises ValidationError where others would lose what they share.
    """
    for take_leave in belongings.taking_leave:
        take_leave(user=user, by=by)
    history.forget(changes=Change.objects.about(user), by=by)
    addresses = [user.email, *addresses_of(user)]
    Delivery.objects.filter(user=None, recipient__in=filter(None, addresses)).delete()
    SignUpInvitation.objects.filter(used_by=user).update(note="")
    sessions.close(UserSession.objects.filter(user=user))
    rows.remove(user, kind="user.deleted", by=by, keep=())


def addresses_of(user: User, **which: bool) -> list[str]:
    found = EmailAddress.objects.filter(user=user, **which)
    return list(found.order_by("pk").values_list("email", flat=True))
