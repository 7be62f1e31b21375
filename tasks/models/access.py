"""Who may do what: the only statement of it, and the only way to ask."""

from dataclasses import dataclass
from typing import Any, Protocol, Self, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    EDITOR = "editor", _("Editor")
    VIEWER = "viewer", _("Viewer")


@dataclass(frozen=True)
class Ability:
    """Which roles have it, and whether also in a list that is archived."""

    roles: tuple[Role, ...]
    in_archive: bool

    def allows(self, role: str | None, *, archived: bool) -> bool:
        """For showing or hiding a button; what may be done is decided by `where_user_may`."""
        return role in self.roles and (self.in_archive or not archived)


ABILITIES = {
    "view": Ability((Role.OWNER, Role.EDITOR, Role.VIEWER), in_archive=True),
    "edit": Ability((Role.OWNER, Role.EDITOR), in_archive=False),
    "manage": Ability((Role.OWNER,), in_archive=True),
}

M_co = TypeVar("M_co", bound=models.Model, covariant=True)


class Guarded(Protocol[M_co]):
    """A QuerySet that can say what somebody may do."""

    def where_user_may(self, user: User, ability: str) -> Self: ...
    def get(self, **lookup: Any) -> M_co: ...
    def filter(self, **lookup: Any) -> Self: ...
    def exists(self) -> bool: ...


def fetch(rows: Guarded[M_co], user: User, ability: str, **lookup: Any) -> M_co:
    """The row, if `user` may do that to it.

    Raises Http404 where they may not even see it, as if it did not exist, and
    PermissionDenied where they may see it but no more.
    """
    try:
        return rows.where_user_may(user, ability).get(**lookup)
    except models.ObjectDoesNotExist as error:
        if rows.where_user_may(user, "view").filter(**lookup).exists():
            raise PermissionDenied from error
        raise Http404 from error
