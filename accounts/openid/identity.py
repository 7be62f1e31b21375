"""Whom a provider means, and what they may be called here."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count, islice
from typing import Any, Self, TypeGuard

from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.crypto import get_random_string

PROVIDER = "cognito"  # in addresses, and in the rows of django-allauth
SUBJECT = re.compile(r"(?=.*\S)[ -~]{1,255}")  # OpenID Connect Core 1.0, section 2: ASCII
EMAIL_LENGTH = 254
NAME_LENGTH = 60  # of a username, with room for a number after it
NUMBERED = 20  # usernames tried before one with chance in it
NAMES = ("preferred_username", "cognito:username", "username", "nickname")


@dataclass(frozen=True)
class Identity:
    """Somebody as a provider knows them.

    `subject` is the one thing that stays theirs: names and addresses change hands.
    """

    issuer: str
    subject: str
    email: str = ""
    email_verified: bool = False
    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, claims: Mapping[str, Any]) -> Self:
        """Whom these claims, checked before, are about. Raises ValueError for nobody."""
        issuer, subject = claims.get("iss"), claims.get("sub")
        if not (isinstance(issuer, str) and isinstance(subject, str)):
            raise ValueError("claims about nobody")
        if not SUBJECT.fullmatch(subject):
            raise ValueError("a subject that the standard does not allow")
        email = legal_email(claims.get("email"))
        names = filter(is_name, map(claims.get, NAMES))
        return cls(
            issuer=issuer,
            subject=subject,
            email=email,
            email_verified=bool(email) and is_true(claims.get("email_verified")),
            names=tuple(name for name in names if name != subject),
        )

    @property
    def uid(self) -> str:
        """The two that name somebody for good, as one text that any collation keeps apart."""
        return hashlib.sha256(f"{self.issuer} {self.subject}".encode()).hexdigest()

    @property
    def kept(self) -> dict[str, str]:
        """What the link's row keeps of the claims: little, since it is somebody's personal data."""
        return {"sub": self.subject, "called": self.called}

    @property
    def called(self) -> str:
        """What they recognise their account there by."""
        return self.email or next(iter(self.names), "") or self.subject

    def linked(self) -> SocialAccount | None:
        """The link of this identity to somebody here."""
        links = SocialAccount.objects.filter(provider=PROVIDER, uid=self.uid)
        return links.select_related("user").first()

    def usernames(self) -> Iterator[str]:
        """Legal usernames to try, the likeliest first; they never run out."""
        first = next(filter(None, map(legal_username, [*self.names, self.email])), "person")
        yield first
        yield from (f"{first}-{number}" for number in islice(count(2), NUMBERED))
        while True:
            yield f"{first[:40]}-{get_random_string(12).lower()}"


def is_name(value: object) -> TypeGuard[str]:
    """Whether a page can show it: no half characters, nothing that turns the writing round."""
    return isinstance(value, str) and value.isprintable() and len(value) <= EMAIL_LENGTH


def is_true(value: object) -> bool:
    """Cognito's userinfo says it as a text; nobody says 1."""
    return value is True or value == "true"


def legal_email(value: object) -> str:
    """An address that our columns hold, in small letters, or nothing."""
    if not is_name(value):
        return ""
    try:
        validate_email(value)
    except ValidationError:
        return ""
    return value.lower()


def legal_username(name: str) -> str:
    """What of a foreign name may be a username here; nothing where nothing is left.

    Of an address the part before the @, without the marks over its letters.
    """
    letters = unicodedata.normalize("NFKD", name.partition("@")[0])
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", letters.encode("ascii", "ignore").decode())
    legal = plain.strip("-.")[:NAME_LENGTH]
    return "" if legal.isdigit() or legal.lower() == "me" else legal
