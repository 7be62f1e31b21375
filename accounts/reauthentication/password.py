"""That it is really the person who asks, and not somebody at their unlocked machine."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.guessing import throttles
from accounts.models import User


def refuse_wrong_password(request: Any, user: User, password: str) -> None:
    """Raises ValidationError at `password`; one without a password proves it on the page.

    And TooManyAttempts before it is hashed.
    """
    if not user.has_usable_password():
        words = _("This account has no password. Do this in the settings, on the page.")
        raise ValidationError({"password": ValidationError(words, code="no_password")})
    guess = throttles.guess(request, account=user, at="close")
    if not user.check_password(password):
        words = _("That is not your password.")
        raise ValidationError({"password": ValidationError(words, code="wrong")})
    guess.right()
