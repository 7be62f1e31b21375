"""Before somebody gets what outlives their request: are they still who they were at its start?"""

from django.core.exceptions import PermissionDenied
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from accounts.models import User
from ledger.actions import rows


def lock(user: User) -> User:
    """Their row, locked. `user` is as the request read them.

    Raises PermissionDenied where all that they had open was ended since: a token made by such
    a request would outlive what was to end it.
    """
    locked = rows.lock(user)
    same = constant_time_compare(locked.get_session_auth_hash(), user.get_session_auth_hash())
    if not same or not locked.is_open:
        raise PermissionDenied(_("You were signed out meanwhile. Sign in and try again."))
    return locked
