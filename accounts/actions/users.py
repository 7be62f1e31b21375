from collections.abc import Iterable
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import events, lasting, leaving
from accounts.models import SecurityEvent, User
from accounts.passwords.rules import needs_factor
from accounts.passwords.spelling import normal
from ledger.actions import rows
from ledger.actions.action import action

Kind = SecurityEvent.Kind
PROFILE = ("name", "time_zone", "week_start", "theme")


@action
def create(
    *,
    username: str,
    password: str | None,
    email: str = "",
    by: User | None,
    is_staff: bool = False,
    is_superuser: bool = False,
    **profile: Any,
) -> User:
    """A new person; without a password they can only come in by a link that sets one.

    Raises ValidationError on `username` where it is taken, in whatever case.
    """
    refuse_taken(username)  # the hash would be for nothing
    user = User(username=username, email=email.lower(), **only_profile(profile))
    user.is_staff, user.is_superuser = is_staff or is_superuser, is_superuser
    user.set_password(password)
    try:
        with transaction.atomic():
            return rows.insert(user, kind="user.created", by=by)
    except IntegrityError as error:
        raise taken() from error


def refuse_taken(username: str) -> None:
    if User.objects.called(username).exists():
        raise taken()


def taken() -> ValidationError:
    message = _("Somebody has this username already.")
    return ValidationError({"username": [message]}, code="unique")


@action
def set_password(*, user: User, password: str, by: User | None) -> User:
    """A new password. Every session, sign-in and token of the person ends with the old one.

    Raises PermissionDenied where all that had ended meanwhile, for whoever sets their own.
    """
    user = lasting.lock(by) if by is not None and by == user else rows.lock(user)
    if by != user:  # what they do themselves is noted where they do it: accounts.adapter
        events.note(user=user, kind=Kind.PASSWORD_SET, by=by)
    changes = {"password": make_password(normal(password)), **all_ended(user)}
    changes["password_needs_factor"] = needs_factor(user, password)
    return rows.update(user, changes, kind="user.password_set", by=by)


@action
def note_reset_link(*, user: User, by: User | None) -> User:
    """Record that a link was made that sets a password, for whoever makes it to hand out.

    Raises ValidationError for oneself, whom the old password is asked for, and for somebody
    who is disabled.
    """
    refuse_oneself(user, by)
    user = rows.lock(user)
    if not user.is_active:
        raise ValidationError(_("Nobody who is disabled can sign in."), code="disabled")
    rows.record(user, kind="user.reset_link_made", by=by, changes={})
    return user


@action
def edit_profile(*, user: User, by: User | None, **changes: Any) -> User:
    """Change what a person may choose; a time zone that they name themselves is confirmed."""
    changes = only_profile(changes)
    if user == by and "time_zone" in changes:
        changes["time_zone_confirmed"] = True
    return rows.update(rows.lock(user), changes, kind="user.edited", by=by)


@action
def set_active(*, user: User, active: bool, by: User | None) -> User:
    """Let somebody in, or no more: every session, sign-in and token of theirs is dead at once.

    Raises ValidationError for oneself, since nobody could take it back.
    """
    if not active:
        refuse_oneself(user, by)
    kind = "user.enabled" if active else "user.disabled"
    user = rows.lock(user)
    changes: dict[str, Any] = {"is_active": active}
    if user.is_active and not active:
        changes |= all_ended(user)  # nor alive again when they are let in
    if user.is_active != active:
        events.note(user=user, kind=Kind.ENABLED if active else Kind.DISABLED, by=by)
    return rows.update(user, changes, kind=kind, by=by)


@action
def set_staff(*, user: User, is_staff: bool, by: User | None) -> User:
    """Make somebody staff, or no more. Raises ValidationError for oneself."""
    refuse_oneself(user, by)
    return rows.update(rows.lock(user), {"is_staff": is_staff}, kind="user.edited", by=by)


@action
def set_rights(
    *,
    user: User,
    is_superuser: bool,
    groups: Iterable[Group],
    permissions: Iterable[Permission],
    by: User | None,
) -> User:
    """Who may do everything, and who of the staff what.

    Raises ValidationError for one's own right to everything, which nobody could give back.
    """
    user = rows.lock(user)
    if is_superuser != user.is_superuser:
        refuse_oneself(user, by)
    also = {
        "groups": replaced(user.groups, groups, "name"),
        "permissions": replaced(
            user.user_permissions, permissions, "content_type__app_label", "codename"
        ),
    }
    return rows.update(user, {"is_superuser": is_superuser}, kind="user.edited", by=by, also=also)


@action
def end_sessions(*, user: User, by: User | None) -> User:
    """Sign the person out everywhere: in every browser and of every program."""
    user = rows.lock(user)
    events.note(user=user, kind=Kind.EVERYTHING_ENDED, by=by)
    return rows.update(user, all_ended(user), kind="user.sessions_ended", by=by)


def all_ended(user: User) -> dict[str, Any]:
    """What ends every session, sign-in and token that the person has at this moment."""
    return {"session_epoch": user.session_epoch + 1, "sessions_ended_at": timezone.now()}


@action
def note_look(*, user: User, at: str, by: User) -> None:
    """Record that staff looked at what is somebody else's."""
    rows.record(rows.lock(user), kind=f"user.{at}_seen", by=by, changes={})


@action
def delete(*, user: User, by: User | None) -> None:
    """Delete the person for good, and what is theirs alone. This cannot be undone.

    Raises ValidationError for oneself, and where others would lose what they share.
    """
    refuse_oneself(user, by)
    leaving.erase(user=rows.lock(user), by=by)


def refuse_oneself(user: User, by: User | None) -> None:
    if user == by:
        raise ValidationError(_("Nobody can do this to themselves."), code="oneself")


def replaced(relation: Any, wanted: Iterable[Model], *name: str) -> tuple[list[str], list[str]]:
    """Give a person just these; answers what they are called before and after."""
    before = called(relation, name)
    relation.set(wanted)
    return before, called(relation, name)


def called(relation: Any, name: Iterable[str]) -> list[str]:
    return sorted(".".join(parts) for parts in relation.values_list(*name))


def only_profile(changes: dict[str, Any]) -> dict[str, Any]:
    if unknown := set(changes) - set(PROFILE):
        raise TypeError(f"not part of a profile: {', '.join(sorted(unknown))}")
    return changes
