"""The one place that reports what was done, with the way back where there is one."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse


def report(request: HttpRequest, words: str, undo: str | None = None, *args: Any) -> None:
    """Show `words` on the next page; `undo` names the POST address that takes it back."""
    messages.success(request, words, extra_tags=reverse(undo, args=args) if undo else "")


def report_rule(request: HttpRequest, error: Any) -> None:
    """Show why a button did nothing."""
    messages.error(request, " ".join(error.messages))
