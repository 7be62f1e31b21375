"""Text that a copy of the database does not give away.

Sealed with a key made of SECRET_KEY, another one for each purpose (Fernet: AES-128-CBC with
HMAC-SHA256), so that what is sealed for one cannot be passed off as the other's.
"""

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac


class Unreadable(Exception):
    """Sealed with another SECRET_KEY, for another purpose, or tampered with."""


def seal(text: str, *, purpose: str) -> str:
    return keys(purpose, *secrets()).encrypt(text.encode()).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    """The text. Raises Unreadable where it was not sealed here for this purpose."""
    try:
        return keys(purpose, *secrets()).decrypt(sealed).decode()
    except InvalidToken as error:
        raise Unreadable from error


def secrets() -> tuple[str, ...]:
    """What seals, and after it what may still have sealed."""
    return settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS)


@cache
def keys(purpose: str, *secrets: str) -> MultiFernet:
    return MultiFernet([Fernet(key(purpose, secret)) for secret in secrets])


def key(purpose: str, secret: str) -> bytes:
    digest = salted_hmac("ledger.sealing", purpose, secret=secret, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest)
