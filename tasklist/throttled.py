"""Somebody tried too often: what every doorway answers with 429 and Retry-After (RFC 6585)."""

from math import ceil

from django.core.exceptions import ValidationError
from django.utils.translation import ngettext

MINUTE = 60  # seconds
HOUR = 60 * MINUTE


class TooManyAttempts(ValidationError):
    """A form shows it like any mistake; the API and pages without a form answer with it."""

    def __init__(self, wait: int) -> None:
        self.advice = in_words(wait)
        super().__init__(self.advice, code="too_many_attempts")
        self.wait = wait  # seconds, from which on the next try is looked at


def in_words(wait: int) -> str:
    """What to do, for a wait in seconds."""
    if wait > 2 * HOUR:
        hours = ceil(wait / HOUR)
        return ngettext(
            "Too many tries. Try again in %(count)s hour.",
            "Too many tries. Try again in %(count)s hours.",
            hours,
        ) % {"count": hours}
    minutes = ceil(wait / MINUTE)
    return ngettext(
        "Too many tries. Try again in %(count)s minute.",
        "Too many tries. Try again in %(count)s minutes.",
        minutes,
    ) % {"count": minutes}
