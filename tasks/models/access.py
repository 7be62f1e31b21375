"""Who may do what in a list: the only statement of it.

Asked through `where_user_may`, and for one thing through `ledger.access.fetch`.
"""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


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

# What only the owner may change of a list, by whichever doorway, and put back again.
OWNERS_FIELDS = {"archived", "deleted_at"}
