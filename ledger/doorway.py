"""Through which doorway, and in which batch, the present code changes things.

Both are facts about the running request or command, not about a single call, so they
travel in context variables: an action need not be told, and cannot be told wrongly.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Via(TextChoices):
    PAGE = "page", _("page")
    API = "api", _("API")
    ADMIN = "admin", _("admin")
    IMPORT = "import", _("import")
    SYSTEM = "system", _("system")


_via: ContextVar[Via] = ContextVar("via", default=Via.SYSTEM)
_batch: ContextVar[uuid.UUID | None] = ContextVar("batch", default=None)


@contextmanager
def through(via: Via) -> Iterator[None]:
    """What is changed inside is recorded as done through this doorway."""
    token = _via.set(via)
    try:
        yield
    finally:
        _via.reset(token)


@contextmanager
def one_batch() -> Iterator[uuid.UUID]:
    """What is changed inside belongs together, as part of an enclosing batch if there is one."""
    batch = _batch.get() or uuid.uuid4()
    token = _batch.set(batch)
    try:
        yield batch
    finally:
        _batch.reset(token)


def current_batch() -> uuid.UUID | None:
    return _batch.get()


def current_via() -> Via:
    return _via.get()
