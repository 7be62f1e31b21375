"""Secrets in a bundle. No finding repeats one."""

import re
from collections.abc import Iterator

from deploy.contents import Bundle

# Anywhere.
MARKS = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "an AWS access key": re.compile(r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])"),
}
# In files of settings, where a value is said to be one.
ASSIGNED = {
    "a password in an address": re.compile(r"\w+://[^\s:/@$]+:[^\s:/@${]+@"),
    "a secret": re.compile(
        r"(?i)(?<![:\w])\w*(?:secret|password|passwd|token|private|api_?key|credential)\w*"
        r"[\"']?\s*[:=]\s*[\"']?(?!arn:)[^\s\"'#$<{}\[\]]{8,}"
    ),
}
SETTINGS = (".config", ".conf", ".sh", ".env", ".ini", ".cfg", ".toml", ".json", ".yaml", ".yml")


def findings(bundle: Bundle) -> Iterator[str]:
    for path in sorted(bundle.files):
        patterns = MARKS | (ASSIGNED if path.endswith(SETTINGS) else {})
        text = bundle.text(path)
        for what, pattern in patterns.items():
            if found := pattern.search(text):
                line = text.count("\n", 0, found.start()) + 1
                yield f"{path}: line {line} holds {what}. Take it out, and make another."
