"""The one place that reports what was done, with the way back where there is one."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse

from ledger.doorway import current_batch
from ledger.models import Change


def report(request: HttpRequest, words: str, *, for_good: bool = False) -> None:
    """Show `words` on the next page, with an Undo where this request has changed something.

    The tags of the message are the address that takes it back; `for_good` has none.
    """
    batch = current_batch()
    mine = Change.objects.filter(by=request.user.pk)
    changed = batch and not for_good and mine.filter(batch=batch).exists()
    undo = reverse("undo", args=[batch]) if changed else ""
    messages.success(request, words, extra_tags=undo)


def report_rule(request: HttpRequest, error: ValidationError) -> None:
    """Show why a button did nothing."""
    messages.error(request, " ".join(error.messages))


@contextmanager
def rules_reported(request: HttpRequest) -> Iterator[None]:
    """A rule broken inside an action is why a button did nothing."""
    try:
        yield
    except ValidationError as error:
        report_rule(request, error)
