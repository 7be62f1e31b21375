"""What deliveries are called, by kind. Apps add theirs in the `ready` of their AppConfig."""

from typing import Any

names: dict[str, Any] = {}  # translated when they are shown


def in_words(kind: str) -> str:
    """A kind that nobody has named, as of another release, stays as it is."""
    return str(names.get(kind, kind))
