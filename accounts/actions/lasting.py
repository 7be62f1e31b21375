"""Before somebody gets what outlives their request: are they still who they were at its start?"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from accounts.models import User
from ledger.actions import rows


class SignedOut(PermissionDenied):
    """All that the person had open was ended while their request was under way."""


def lock(user: User) -> User:
    """Their row, locked. `user` is as the request read them.

    Raises SignedOut where all that they had open was ended since: a token made by such a
    request would outlive what was to end it.
    """
    locked = rows.lock(user)
    same = constant_time_compare(locked.get_session_auth_hash(), user.get_session_auth_hash())
    if not same or not locked.is_active:
        raise SignedOut(_("You were signed out meanwhile. Sign in and try again."))
    return locked


@contextmanager
def held(user: User) -> Iterator[None]:
    """What django-allauth writes inside is written while their row is locked.

    Raises SignedOut as `lock` does. Nothing inside may count a try: no transaction may take
    that back.
    """
    with transaction.atomic():
        lock(user)
        yield
