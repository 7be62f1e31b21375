"""Where a request comes from, as far as that can be believed."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

NETWORK = 64  # bits: what one household or server of IPv6 gets (RFC 6177)


def client_address(request: HttpRequest) -> str:
    """The address of who asked; empty where there is none.

    Each proxy adds to X-Forwarded-For whom it heard from, so only the last TRUSTED_PROXIES
    entries are true: what stands before them was written by whoever asked.
    """
    heard = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")[-settings.TRUSTED_PROXIES :]
    forwarded = heard[0] if settings.TRUSTED_PROXIES else ""
    return without_port(forwarded) or without_port(request.META.get("REMOTE_ADDR", ""))


def network(address: str) -> str:
    """What limits count by: an address of IPv4, but of IPv6 all that its owner can choose from."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if ip.version == 4:
        return str(ip)
    if ip.ipv4_mapped:  # a server that listens on both calls 192.0.2.1 ::ffff:192.0.2.1
        return str(ip.ipv4_mapped)
    return str(ipaddress.ip_network((ip, NETWORK), strict=False))


def without_port(text: str) -> str:
    """The address alone: `192.0.2.1`, for `192.0.2.1:1234` and `[2001:db8::1]:1234` too."""
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return ""
