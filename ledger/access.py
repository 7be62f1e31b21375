"""How every doorway gets at one thing: by what the person may do to it."""

from typing import Any, Protocol, Self, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404

M_co = TypeVar("M_co", bound=models.Model, covariant=True)


class Guarded(Protocol[M_co]):
    """A QuerySet that can say what somebody may do."""

    query: Any

    def where_user_may(self, user: Any, ability: str) -> Self:
        """Those with which they may; `none()`, and no other condition, says that nobody may."""
        ...

    def get(self, **lookup: Any) -> M_co: ...
    def filter(self, **lookup: Any) -> Self: ...
    def exists(self) -> bool: ...


def may(rows: Guarded[M_co], user: Any, ability: str) -> bool:
    """Whether somebody may do that to any row that could be there: to add one, to see a button.

    Asks no database: rows that nobody like them may touch are `none()`.
    """
    return not rows.where_user_may(user, ability).query.is_empty()


def refuse_unless_may(rows: Guarded[M_co], user: Any, ability: str) -> None:
    """Raises PermissionDenied; where there is a row already, `fetch` it instead."""
    if not may(rows, user, ability):
        raise PermissionDenied


def fetch(rows: Guarded[M_co], user: Any, ability: str, **lookup: Any) -> M_co:
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
