"""The one provider of OpenID Connect that people may sign in by: Amazon Cognito, or any other."""

import re
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

LOCAL = ("localhost", "127.0.0.1", "::1")
WELL_KNOWN = "/.well-known/"
PRINTABLE = re.compile(r"[!-~]+")


@dataclass(frozen=True)
class Provider:
    """Who signs people in elsewhere, and as whose client this site asks."""

    issuer: str
    client_id: str
    client_secret: str = ""
    jwks_url: str = ""  # where the keys are that its tokens are signed with
    name: str = ""  # what the button says; empty: "your organisation"

    @property
    def configuration_url(self) -> str:
        """OpenID Connect Discovery 1.0, section 4."""
        return self.issuer.rstrip("/") + WELL_KNOWN + "openid-configuration"

    @property
    def keys_url(self) -> str:
        """Where Cognito has its keys, unless it is said; other providers' discovery tells it."""
        return self.jwks_url or self.issuer.rstrip("/") + WELL_KNOWN + "jwks.json"


def provider(
    issuer: str, client_id: str, client_secret: str, jwks_url: str, name: str
) -> Provider | None:
    """The provider that the variables COGNITO_* name, or None where they name none.

    Raises ImproperlyConfigured where they do not go together or are no addresses.
    """
    if not issuer:
        if client_id or client_secret or jwks_url:
            refuse("COGNITO_ISSUER is not set, while others of COGNITO_* are.")
        return None
    for variable, url in {"COGNITO_ISSUER": issuer, "COGNITO_JWKS_URL": jwks_url}.items():
        if url and not is_safe(url):
            refuse(
                f"{variable} is {url!r}; it has to be an address that begins with https://, "
                "like https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI"
            )
    if not PRINTABLE.fullmatch(client_id):
        refuse(f"COGNITO_CLIENT_ID is {client_id!r}; it has to be a client of COGNITO_ISSUER.")
    return Provider(issuer, client_id, client_secret, jwks_url, name)


def is_safe(url: str) -> bool:
    """Whether nobody on the way can answer in its place: TLS, or this machine."""
    parts = urlsplit(url)
    plain = parts.scheme == "http" and parts.hostname in LOCAL
    whole = bool(parts.hostname) and PRINTABLE.fullmatch(url) and not parts.query
    return bool(whole and not parts.fragment and (plain or parts.scheme == "https"))


def refuse(words: str) -> NoReturn:
    raise ImproperlyConfigured(words)
