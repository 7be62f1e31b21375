"""What a password has to be, after NIST SP 800-63B-4, section 3.1.1.2.

Long, and not what others would try first; of whatever characters. Every doorway asks these
validators (AUTH_PASSWORD_VALIDATORS), and every password is hashed as `normal` has it.
"""

import re
import unicodedata
from functools import cache
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    get_default_password_validators,
    password_validators_help_text_html,
)
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.passwords.spelling import LONGEST, normal

# Lengths in code points.
ALONE = 15
WITH_SECOND_FACTOR = 8
SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
FEWEST_TURNS = 6  # of a whole password
TURNS_BESIDE = 8  # of what stands beside a word that others would try
SHORTEST_WORD = 4  # letters; shorter ones are in everything
PASSPHRASE_WORDS = 5  # of 6,137: 63 bits
ROWS = ("01234567890", "qwertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm")
# Written in place of letters, and taken for one here where they look alike.
LOOKALIKES = str.maketrans("01!|l3457@$8", "oiiiieastasb")


def fits(password: str) -> bool:
    """Whether it has a length that is anybody's: of others nothing more is said."""
    return WITH_SECOND_FACTOR <= len(normal(password)) <= LONGEST


class LengthValidator:
    """Counts code points, of the normal spelling."""

    def validate(self, password: str, user: Any = None) -> None:
        length = len(normal(password))
        if length > LONGEST:
            raise ValidationError(
                _("This password is too long: use at most %(limit)d characters.")
                % {"limit": LONGEST},
                code="password_too_long",
            )
        least = shortest_for(user)
        if length < least:
            raise ValidationError(
                ngettext(
                    "This password is too short: it has %(length)d character, and needs at "
                    "least %(least)d characters.",
                    "This password is too short: it has %(length)d characters, and needs at "
                    "least %(least)d characters.",
                    length,
                )
                % {"length": length, "least": least},
                code="password_too_short",
            )

    def get_help_text(self) -> str:
        return _(
            "At least %(alone)d characters, or %(second)d with a second factor: any you like, "
            "spaces too."
        ) % {"alone": ALONE, "second": WITH_SECOND_FACTOR}


class LengthForNewcomers(LengthValidator):
    """... in words for somebody who cannot have a second factor yet."""

    def get_help_text(self) -> str:
        return _("At least %(alone)d characters: any you like, spaces too.") % {"alone": ALONE}


def help_for_newcomers() -> str:
    """What the validators ask for, as a list in HTML."""
    others = [v for v in get_default_password_validators() if not isinstance(v, LengthValidator)]
    return password_validators_help_text_html([LengthForNewcomers(), *others])


def shortest_for(user: Any) -> int:
    """How long the password of this person has to be; `user` may be new, or unknown."""
    has_factor = user is not None and user.pk and is_mfa_enabled(user, types=SECOND_FACTORS)
    return WITH_SECOND_FACTOR if has_factor else ALONE


def needs_factor(user: Any, password: str) -> bool:
    """Whether this password of somebody is good for as long as they have a second factor."""
    return shortest_for(user) <= len(normal(password)) < ALONE


def has_outgrown(user: Any) -> bool:
    """Whether their password needs a second factor that is theirs no more."""
    return user.password_needs_factor and shortest_for(user) == ALONE


class CommonValidator(CommonPasswordValidator):
    """Refuses what many use (Django's list), also dressed up, and rows of the keyboard."""

    def __init__(self) -> None:
        super().__init__()
        self.passwords = set(map(alike, self.passwords))

    def validate(self, password: str, user: Any = None) -> None:
        if not fits(password):
            return
        text = normal(password).casefold()
        core, beside = undecorated(text)
        known = unit(alike(text)) in self.passwords
        dressed_up = unit(alike(core)) in self.passwords and turns(beside) < TURNS_BESIDE
        if known or dressed_up or turns(unit(text)) < FEWEST_TURNS:
            raise ValidationError(
                _("This password is too common: it would be tried early. Use other words."),
                code="password_too_common",
            )

    def get_help_text(self) -> str:
        return _("Not one that many others use.")


class ContextValidator:
    """Refuses names that everybody knows, or nearly nothing but them."""

    def validate(self, password: str, user: Any = None) -> None:
        if not fits(password):
            return
        left = text = alike(password)
        for word in sorted(known_words(user), key=len, reverse=True):
            left = left.replace(word, "")
        if left != text and turns(unit(left)) < TURNS_BESIDE:
            raise ValidationError(
                _(
                    "This password is too similar to a name that others know: yours, your "
                    "address, or that of this site. Use other words."
                ),
                code="password_too_similar",
            )

    def get_help_text(self) -> str:
        return _("Not your name, nor that of this site.")


def known_words(user: Any) -> set[str]:
    """The words, `alike`, that stand around this person: their names, ours, our host's."""
    texts = ["tasklist", urlsplit(settings.BASE_URL).hostname or ""]
    texts += [getattr(user, name, "") for name in ("username", "name", "email")]
    words = {each for text in texts for each in [text, *re.split(r"[\W_]+", text)]}
    return {alike(word) for word in words if len(alike(word)) >= SHORTEST_WORD}


def alike(text: str) -> str:
    """One form for what is read alike: without case, spaces and signs, p4$$w0rd as password."""
    folded = unicodedata.normalize("NFKC", text).casefold().translate(LOOKALIKES)
    return re.sub(r"[\W_]", "", folded) or folded


def undecorated(text: str) -> tuple[str, str]:
    """The text from its first letter to its last, and what stands around that."""
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)
    before, _core, after = text.partition(core) if core else (text, "", "")
    return core, before + after


def unit(text: str) -> str:
    """What the text is made of where it only repeats something: ab of ababab."""
    again = (text + text).find(text, 1)
    return text[: again or None]


def turns(text: str) -> int:
    """How many characters do not simply go on from the one before: 1 in aaaa and 4567."""
    folded = text.casefold()
    return len(folded[:1]) + sum(not goes_on(*two) for two in pairwise(folded))


def goes_on(before: str, after: str) -> bool:
    if abs(ord(before) - ord(after)) <= 1:
        return True
    return any(before + after in row or after + before in row for row in ROWS)


def passphrase() -> str:
    """Words that were drawn by the system's generator of secrets, to be offered and forgotten."""
    from xkcdpass import xkcd_password  # noqa: PLC0415  only who makes a password needs it

    return xkcd_password.generate_xkcdpassword(list(words()), numwords=PASSPHRASE_WORDS)


@cache
def words() -> tuple[str, ...]:
    """The long list of the Electronic Frontier Foundation, without very short and long ones."""
    from xkcdpass import xkcd_password  # noqa: PLC0415

    words = xkcd_password.generate_wordlist(
        wordfile=xkcd_password.locate_wordfile(), min_length=4, max_length=8
    )
    return tuple(words)
