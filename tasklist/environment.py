"""Reads settings from the environment, strictly.

A value that is missing or malformed stops the start with a sentence that names the
variable, says what is wrong and how a right one looks: better than a site that runs
with a guess.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from tasklist import mail
from tasklist.openid import Provider, provider

ENGINES = {"mysql": "django.db.backends.mysql", "sqlite": "django.db.backends.sqlite3"}
CACHE_SCHEMES = ("locmemcache", "dbcache", "filecache", "dummycache")
# Django's own limit, 300, is reached where many sign in with an app's code in half a minute; much
# more would cost, since it counts the rows at every write.
CACHE_ENTRIES = 20_000
RDS = ("RDS_HOSTNAME", "RDS_DB_NAME", "RDS_USERNAME", "RDS_PASSWORD")
HOST = re.compile(r"[a-z0-9.-]+(:\d+)?", re.IGNORECASE)


class Environment:
    """Typed access to environment variables; an empty value counts as not set."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = variables

    def text(self, name: str, default: str = "") -> str:
        return self.variables.get(name, "").strip() or default

    def required(self, name: str, default: str | None, example: str) -> str:
        """The text of a variable that only the laptop has a default for.

        Raises ImproperlyConfigured where it is not set and `default` is None.
        """
        value = self.text(name) or default
        if value is None:
            raise ImproperlyConfigured(
                f"{name} is not set. Set it, for example {name}={example}, or DEBUG=1 on a laptop."
            )
        return value

    def switch(self, name: str, default: bool = False) -> bool:
        value = self.text(name, "1" if default else "0")
        if value not in ("0", "1"):
            self._refuse(name, value, "0 or 1")
        return value == "1"

    def count(self, name: str, default: int) -> int:
        value = self.text(name, str(default))
        if not (value.isascii() and value.isdigit()):
            self._refuse(name, value, "a whole number, 0 or more")
        return int(value)

    def choice(self, name: str, allowed: Sequence[str], default: str) -> str:
        value = self.text(name, default)
        if value not in allowed:
            self._refuse(name, value, " or ".join(allowed))
        return value

    def words(self, name: str, default: str = "") -> list[str]:
        """A list written with commas or blanks: `a.example.org,b.example.org`."""
        return self.text(name, default).replace(",", " ").split()

    def origin(self, name: str, default: str | None = None) -> str:
        """An address without a path, `https://tasks.example.org`."""
        value = self.required(name, default, "https://tasks.example.org").rstrip("/")
        self._check_origin(name, value)
        return value

    def origins(self, name: str, default: str = "") -> list[str]:
        values = self.words(name, default)
        for value in values:
            self._check_origin(name, value)
        return values

    def host(self, name: str, default: str = "") -> str:
        """A name of the internet, with or without a port: `static.example.org`."""
        value = self.text(name, default)
        if value and not HOST.fullmatch(value):
            self._refuse(name, value, "a host, like static.example.org")
        return value

    def file(self, name: str) -> str:
        """The path of a file that is there, or nothing."""
        value = self.text(name)
        if value and not Path(value).is_file():
            self._refuse(name, value, "the path of a file, and there is none")
        return value

    def database(self, laptop: str | None) -> dict[str, Any]:
        """Django's entry for the database: DATABASE_URL, else RDS_*, else the laptop's."""
        if not self.text("DATABASE_URL") and any(map(self.text, RDS)):
            return self._rds()
        url = self.required("DATABASE_URL", laptop, "mysql://user:password@host:3306/tasklist")
        scheme = url.partition("://")[0]
        if scheme not in ENGINES:
            self._refuse("DATABASE_URL", f"{scheme}://…", "mysql://… or sqlite:///…")
        return self._parsed("DATABASE_URL", environ.Env.db_url_config, url) | {
            "ENGINE": ENGINES[scheme]
        }

    def cache(self, default: str) -> dict[str, Any]:
        cache = self._by_scheme("CACHE_URL", CACHE_SCHEMES, default, environ.Env.cache_url_config)
        return {"OPTIONS": {"MAX_ENTRIES": CACHE_ENTRIES}} | cache

    def mail(self, default: str) -> dict[str, Any]:
        """Django's EMAIL_* settings."""
        return self._by_scheme("EMAIL_URL", mail.SCHEMES, default, mail.settings)

    def openid(self) -> Provider | None:
        """Who else signs people in, if anybody."""
        return provider(
            issuer=self.text("COGNITO_ISSUER"),
            client_id=self.text("COGNITO_CLIENT_ID"),
            client_secret=self.text("COGNITO_CLIENT_SECRET"),
            jwks_url=self.text("COGNITO_JWKS_URL"),
            name=self.text("COGNITO_NAME"),
        )

    def _rds(self) -> dict[str, Any]:
        def part(name: str, example: str) -> str:
            return self.required(name, None, example)

        return {
            "ENGINE": ENGINES["mysql"],
            "HOST": part("RDS_HOSTNAME", "db.example.org"),
            "PORT": self.count("RDS_PORT", 3306),
            "NAME": part("RDS_DB_NAME", "tasklist"),
            "USER": part("RDS_USERNAME", "tasklist"),
            "PASSWORD": part("RDS_PASSWORD", "…"),
        }

    def _by_scheme(self, name, schemes, default, parse) -> dict[str, Any]:  # type: ignore[no-untyped-def]
        url = self.text(name, default)
        if url.partition("://")[0] not in schemes:
            self._refuse(name, url.partition("://")[0], "one of " + ", ".join(schemes))
        return self._parsed(name, parse, url)

    def _parsed(self, name, parse, url) -> dict[str, Any]:  # type: ignore[no-untyped-def]
        try:
            return dict(parse(url))
        except (ValueError, KeyError, environ.ImproperlyConfigured) as error:
            # The address may hold a password: the message must not repeat it.
            raise ImproperlyConfigured(f"{name} cannot be read as an address.") from error

    def _check_origin(self, name: str, value: str) -> None:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path or parts.query:
            self._refuse(name, value, "an address without a path, like https://tasks.example.org")

    def _refuse(self, name: str, value: str, wanted: str) -> NoReturn:
        raise ImproperlyConfigured(f"{name} is {value!r}; it has to be {wanted}.")
