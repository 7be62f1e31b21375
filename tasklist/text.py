"""What text has to be, wherever it is kept."""

import hashlib
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

UNSEEN = {"Cc", "Cf", "Zs", "Zl", "Zp"}  # Unicode's categories of controls, formats, spaces


def validate_visible(text: str) -> None:
    """Zero-width characters alone would make a link that nobody can see."""
    if all(unicodedata.category(char) in UNSEEN for char in text):
        raise ValidationError(_("Something that can be seen has to be in it."), code="invisible")


def key_of(name: str) -> str:
    """What decides whether two names are one: case, accents and spacing do not.

    A digest, since databases disagree: MySQL's collations call é and e one letter and
    some call all emoji one, SQLite calls A and a two.
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    folded = " ".join(bare.casefold().split())
    return hashlib.blake2s(folded.encode(), digest_size=16).hexdigest()
