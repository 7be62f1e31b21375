"""Access and refresh tokens: JSON Web Tokens (RFC 7519), signed and read here and nowhere else.

Both name the sign-in they belong to, so that it can be ended on the server. As RFC 8725
asks, each kind says what it is (`typ`), has a key of its own, and is read with one
algorithm, which no token chooses.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
from django.conf import settings
from django.utils.crypto import salted_hmac

from accounts.models import SignIn

ALGORITHM = "HS256"
LEEWAY = timedelta(seconds=30)  # what the clocks of two instances may differ by


class InvalidToken(Exception):
    """It is not ours, of another kind, over, or altered."""


class ExpiredToken(InvalidToken):
    """It was good once."""


@dataclass(frozen=True)
class Kind:
    """A kind of token, and for how long one is good."""

    typ: str
    lifetime: timedelta


ACCESS = Kind("at+jwt", timedelta(minutes=15))
REFRESH = Kind("rt+jwt", timedelta(days=30))


@dataclass(frozen=True)
class Claims:
    """What a token says: whose sign-in, and which token of it this is."""

    sign_in: int
    user: int
    number: uuid.UUID


def written(kind: Kind, sign_in: SignIn, now: datetime) -> str:
    """A token of the sign-in, good from `now`; a refresh token carries the current number."""
    number = sign_in.refresh_number if kind is REFRESH else uuid.uuid4()
    claims = {
        "iss": settings.BASE_URL,
        "sub": str(sign_in.user_id),
        "sid": str(sign_in.pk),
        "jti": str(number),
        "iat": now,
        "exp": now + kind.lifetime,
    }
    return jwt.encode(claims, key(kind), ALGORITHM, headers={"typ": kind.typ})


def read(kind: Kind, token: str) -> Claims:
    """What a token of this kind says. Raises InvalidToken."""
    try:
        decoded = jwt.decode_complete(
            token,
            key(kind),
            algorithms=[ALGORITHM],
            issuer=settings.BASE_URL,
            leeway=LEEWAY,
            options={"require": ["iss", "sub", "sid", "jti", "iat", "exp"]},
        )
        if decoded["header"].get("typ") != kind.typ:
            raise InvalidToken
        return claims_of(decoded["payload"])
    except jwt.ExpiredSignatureError as error:
        raise ExpiredToken from error
    except (jwt.InvalidTokenError, ValueError, TypeError, RecursionError) as error:
        raise InvalidToken from error


def claims_of(payload: dict[str, Any]) -> Claims:
    number = uuid.UUID(payload["jti"])
    return Claims(sign_in=int(payload["sid"]), user=int(payload["sub"]), number=number)


def key(kind: Kind) -> bytes:
    return salted_hmac(f"tasklist.{kind.typ}", "", algorithm="sha256").digest()
