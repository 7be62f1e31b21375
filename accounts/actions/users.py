from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from ledger.actions import rows
from ledger.actions.action import action

PROFILE = ("time_zone", "week_start", "theme")


@action
def create(
    *,
    username: str,
    password: str | None,
    email: str = "",
    by: User | None,
    is_superuser: bool = False,
    **profile: Any,
) -> User:
    """A new person; without a password they can only come in by a link that sets one.

    Raises ValidationError on `username` where it is taken, in whatever case.
    """
    user = User(username=username, email=email.lower(), **only_profile(profile))
    user.is_staff = user.is_superuser = is_superuser
    user.set_password(password)
    try:
        with transaction.atomic():
            return rows.insert(user, kind="user.created", by=by)
    except IntegrityError as error:
        message = _("Somebody has this username already.")
        raise ValidationError({"username": [message]}, code="unique") from error


@action
def set_password(*, user: User, password: str, by: User | None) -> User:
    """A new password. Every other session of the person ends: its hash no longer fits."""
    user = rows.lock(user)
    user.set_password(password)
    user.save(update_fields=["password"])
    rows.record(user, kind="user.password_set", by=by, changes={})
    return user


@action
def edit_profile(*, user: User, by: User | None, **changes: Any) -> User:
    return rows.update(rows.lock(user), only_profile(changes), kind="user.edited", by=by)


def only_profile(changes: dict[str, Any]) -> dict[str, Any]:
    if unknown := set(changes) - set(PROFILE):
        raise TypeError(f"not part of a profile: {', '.join(sorted(unknown))}")
    return changes
