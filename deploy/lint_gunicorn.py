"""What is wrong with the settings of the web server process, `gunicorn.conf.py`.

They are Python, so they are run: with an empty environment, as the commit's own code.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from deploy.contents import Bundle

PATH = "gunicorn.conf.py"


@dataclass(frozen=True)
class Gunicorn:
    """Where it listens, and how many seconds it gives requests under way when it has to stop.

    Its own defaults, where the file does not say.
    """

    addresses: tuple[str, ...] = ("127.0.0.1:8000",)
    graceful_timeout: int = 30


def read(bundle: Bundle) -> tuple[Gunicorn, list[str]]:
    """What gunicorn is set to where no variable says otherwise, and what is wrong with that."""
    settings: dict[str, Any] = {}
    try:
        with empty_environment():
            exec(bundle.text(PATH), settings)  # noqa: S102
        gunicorn = gunicorn_of(settings)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}".partition("\n")[0]
        silent = Gunicorn(graceful_timeout=0)  # nothing follows from what is not known
        return silent, [f"{PATH}: cannot be read ({reason}). Correct it."]
    if not any(on_port_8000(address) for address in gunicorn.addresses):
        return gunicorn, [f"{PATH}: does not listen on port 8000, where nginx asks. Make it."]
    return gunicorn, []


@contextmanager
def empty_environment() -> Iterator[None]:
    before = dict(os.environ)
    os.environ.clear()
    try:
        yield
    finally:
        os.environ.update(before)


def gunicorn_of(settings: dict[str, Any]) -> Gunicorn:
    bind = settings.get("bind", Gunicorn.addresses)
    return Gunicorn(
        tuple(bind.split(",")) if isinstance(bind, str) else tuple(bind),
        int(settings.get("graceful_timeout", Gunicorn.graceful_timeout)),
    )


def on_port_8000(address: str) -> bool:
    return address.strip().rpartition(":")[2] == "8000"
