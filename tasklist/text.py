"""What text has to be, wherever it is kept."""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

UNSEEN = {"Cc", "Cf", "Zs", "Zl", "Zp"}  # Unicode's categories of controls, formats, spaces


def validate_visible(text: str) -> None:
    """Zero-width characters alone would make a link that nobody can see."""
    if all(unicodedata.category(char) in UNSEEN for char in text):
        raise ValidationError(_("Something that can be seen has to be in it."), code="invisible")
