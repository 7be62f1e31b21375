"""Secrets in a bundle. No finding repeats one."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from deploy.contents import Bundle

# Anywhere. An address as our own messages show it, or filled from variables, holds none.
MARKS = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "an AWS access key": re.compile(r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])"),
    "a password in an address": re.compile(
        r"[\w+.-]+://[^\s:/@]*:(?!(?:password|\W*)@|[${<]|%[s(])[^\s:/@]+@"
    ),
}
# A name that says that its value is a secret; neither a part of an ARN nor the name of a file.
NAME = (
    r"(?<![:/\w])[\w.-]*"
    r"(?i:secret|password|passwd|passphrase|token|private|api_?key|signing_?key|credential)"
    r"[\w.-]*"
)
# Values that are none: where a secret is kept, an address, the path of a class.
ELSEWHERE = r"(?!arn:|\w+://|(?:[a-z_]+\.)+[A-Z]\w*[\"'])"
IN_SETTINGS = {
    "a secret": re.compile(
        NAME + r"\\?[\"']?\s*[:=]\s*\\?[\"']?" + ELSEWHERE + r"(?!#)[^\s\"'$<{}\[\]]{8,}"
    )
}
# A literal, since the rest are names, calls and f-strings with fields, which say where to look,
# and the members of an enumeration that are called as their values.
IN_PYTHON = {
    "a secret": re.compile(
        f"(?P<name>{NAME})"
        + r"[\"']?\]?(?:\s*:\s*[\w.| ]+(?:\[[^\]]*\])?)?\s*[:=]\s*\(?\s*"
        + r"(?!f[\"'][^\"']*\{)[rbuf]{0,2}[\"']{1,3}"
        + r"(?!(?i:(?P=name))[\"'])"
        + ELSEWHERE
        + r"[^\"'\n]{8,}"
    )
}
SETTINGS = (".config", ".conf", ".sh", ".env", ".ini", ".cfg", ".toml", ".json", ".yaml", ".yml")


def findings(bundle: Bundle) -> Iterator[str]:
    for path in sorted(bundle.files):
        for what, line in secrets_in(PurePosixPath(path).suffix, bundle.text(path)):
            yield f"{path}: line {line} holds {what}. Take it out, and make another."


def secrets_in(suffix: str, text: str) -> list[tuple[str, int]]:
    """What kinds of secrets a file with this suffix holds, each with the line of the first."""
    found = {what: pattern.search(text) for what, pattern in (MARKS | named_in(suffix)).items()}
    return [(what, text.count("\n", 0, at.start()) + 1) for what, at in found.items() if at]


def named_in(suffix: str) -> dict[str, re.Pattern[str]]:
    """What finds values that a file says are secrets."""
    if suffix == ".py":
        return IN_PYTHON
    return IN_SETTINGS if suffix in ("", *SETTINGS) else {}
