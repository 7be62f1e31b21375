"""Things with a name, read in the order of the alphabet; behind them those in the trash."""

from typing import Self, TypeVar

from django.db import models
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _

from ledger.models import Trashable
from tasklist.columns import derived
from tasklist.text import validate_visible

NAME_LENGTH = 200
IN_TRASH, PRESENT = "0", "1"
BY_NAME = ("shelf", "id")  # how lists are sorted, along an index of these columns


Row = TypeVar("Row", bound="Shelved")


class ShelvedQuerySet(models.QuerySet[Row]):
    def present(self) -> Self:
        """Not in the trash."""
        return self.filter(shelf__gte=PRESENT)

    def in_trash(self) -> Self:
        return self.filter(shelf__lt=PRESENT)

    def starting_with(self, name: str) -> Self:
        """In the trash or not: so each half of the shelf is looked through along its index.

        With `istartswith`, since LIKE BINARY, which `startswith` is on MySQL, uses none.
        """
        start = sort_key(name)
        here, gone = (Q(shelf__istartswith=f"{each}{start}") for each in (PRESENT, IN_TRASH))
        return self.filter(here | gone)


class Shelved(Trashable):
    """A row with a name that may be thrown away. Its model has an index of BY_NAME."""

    name = models.CharField(_("name"), max_length=NAME_LENGTH, validators=[validate_visible])
    # What is sorted by, alike on every database.
    name_key = models.CharField(max_length=NAME_LENGTH, editable=False)
    shelf = derived(
        Concat(
            Case(When(deleted_at=None, then=Value(PRESENT)), default=Value(IN_TRASH)), "name_key"
        ),
        models.CharField(max_length=NAME_LENGTH + 1),
    )

    unrecorded = frozenset({"name_key"})

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        self.name_key = sort_key(self.name)


def sort_key(name: str) -> str:
    return name.casefold()[:NAME_LENGTH]
