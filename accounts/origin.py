"""Where a request comes from: its address, and what its browser or program says it is."""

from dataclasses import dataclass

from allauth.core import context
from django.http import HttpRequest
from django.utils.translation import gettext as _

from tasklist.addresses import client_address

CLIENT_LENGTH = 200  # characters of a User-Agent that are kept, here and in allauth's sessions


@dataclass(frozen=True)
class Origin:
    """`address` is None where nobody knows it, as in a command."""

    address: str | None = None
    client: str = ""


def origin_of(request: HttpRequest) -> Origin:
    client = request.headers.get("User-Agent", "")[:CLIENT_LENGTH]
    return Origin(client_address(request) or None, client)


def current_origin() -> Origin:
    """Where the request that is being answered comes from, if there is one."""
    request = context.request
    return origin_of(request) if request else Origin()


def in_words(client: str) -> str:
    """“Firefox on Linux”, of what a browser says of itself: a User-Agent (RFC 9110, 10.1.5).

    A program that is no browser is called as it calls itself. Anybody can send anything: it
    tells people their own devices apart, and proves nothing.
    """
    if not client:
        return _("Unknown")
    from ua_parser import parse  # noqa: PLC0415  it takes 0.1 s and 8 MB, of every start

    found = parse(client)
    name = found.user_agent.family if found.user_agent else client.partition("/")[0][:40]
    name = name.replace("Mobile", "").strip() or name
    if not found.os:
        return name
    system = found.os.family.replace("Mac OS X", "macOS")
    return _("%(browser)s on %(system)s") % {"browser": name, "system": system}
