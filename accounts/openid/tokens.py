"""Tokens that the provider has signed: read here and nowhere else.

As RFC 8725 asks: one algorithm, which no token chooses; issuer and client exactly ours; one
kind of token is never taken for another.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from accounts.openid.keys import UnknownKey, keys_at
from tasklist.openid import Provider

ALGORITHM = "RS256"
LEEWAY = timedelta(seconds=30)  # what the clocks of the two may differ by
NONSENSE = (ValueError, TypeError, ArithmeticError, RecursionError)  # from what no parser expects
Claims = dict[str, Any]


class InvalidToken(Exception):
    """It is not the provider's, not for us, of another kind, over, or altered."""


class ExpiredToken(InvalidToken):
    """It was good once."""


def is_from(provider: Provider, token: str) -> bool:
    """Whether it says that it is the provider's: then nobody else has to look at it."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, *NONSENSE):
        return False
    return bool(claims.get("iss") == provider.issuer)


def read_id_token(provider: Provider, token: str, keys_url: str) -> Claims:
    """What an id token says. Raises InvalidToken and KeysUnavailable."""
    return read(provider, token, keys_url, is_for_us)


def read_bearer(provider: Provider, token: str) -> Claims:
    """What an access or id token of Cognito says. Raises InvalidToken and KeysUnavailable."""
    return read(provider, token, provider.keys_url, is_bearer)


def is_for_us(claims: Claims, client_id: str) -> bool:
    """An id token: its audience is we alone (OpenID Connect Core 1.0, section 3.1.3.7)."""
    return claims.get("aud") in (client_id, [client_id])


def is_bearer(claims: Claims, client_id: str) -> bool:
    """Cognito's access tokens name the client, and have no audience; its id tokens the reverse."""
    if claims.get("token_use") == "access":
        return claims.get("client_id") == client_id and "aud" not in claims
    return claims.get("token_use") == "id" and is_for_us(claims, client_id)


def read(
    provider: Provider, token: str, keys_url: str, is_ours: Callable[[Claims, str], bool]
) -> Claims:
    try:
        claims: Claims = jwt.decode(
            token,
            keys_at(keys_url).find(kid_of(token)),
            algorithms=[ALGORITHM],
            issuer=provider.issuer,
            leeway=LEEWAY,
            options={"require": ["iss", "sub", "iat", "exp"], "verify_aud": False},
        )
    except jwt.ExpiredSignatureError as error:
        raise ExpiredToken from error
    except (jwt.PyJWTError, UnknownKey, *NONSENSE) as error:
        raise InvalidToken from error
    if not is_ours(claims, provider.client_id):
        raise InvalidToken
    return claims


def kid_of(token: str) -> object:
    """The key it names. Raises InvalidToken for another algorithm before anybody looks for one."""
    header = jwt.get_unverified_header(token)
    if header.get("alg") != ALGORITHM:
        raise InvalidToken
    return header.get("kid")


def proved_at(claims: Claims) -> datetime:
    """When the person proved who they are: a token that was refreshed since is no newer.

    Raises InvalidToken where that is no time.
    """
    moments = [claims[name] for name in ("iat", "auth_time") if name in claims]
    try:
        return datetime.fromtimestamp(min(moments), UTC)
    except (*NONSENSE, OSError) as error:
        raise InvalidToken from error
