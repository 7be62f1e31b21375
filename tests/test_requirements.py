"""The pins are hashed, and in step with what is asked for and with each other."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
BASE, DEV, INSTALLED = "requirements/base.txt", "requirements/dev.txt", "requirements.txt"
ASKED = {BASE: "requirements/base.in", DEV: "requirements/dev.in"}
FILES = (*ASKED, *ASKED.values(), INSTALLED)
HASH = r" --hash=sha256:[0-9a-f]{64}(?= |$)"
# The file, what is planted in place of what, and what is said about it.
DRIFTS = {
    "asked for and not pinned": (
        *("requirements/base.in", r"\Z", "blessed  # colours\n"),
        "base.txt: blessed is not pinned",
    ),
    "a range that the pin is not in": (
        *("requirements/base.in", r"^django~=\S+", "django~=1.0"),
        r"base.txt: django \S+ is not ~=1.0",
    ),
    "a range that only one of two pins is in": (
        *("requirements/dev.in", r"\Z", "networkx!=3.7\n"),
        "dev.txt: networkx 3.7 is not !=3.7",
    ),
    "a range of the tools": (
        *("requirements/dev.in", r"^ruff~=\S+", "ruff>=99"),
        r"dev.txt: ruff \S+ is not >=99",
    ),
    "another version below the tools": (
        *(BASE, r"^asgiref==\S+", "asgiref==0.1"),
        "dev.txt: asgiref is not as in requirements/base.txt",
    ),
    "another hash below the tools": (
        *(DEV, r"^(asgiref==.*\n.*sha256:)\w{4}", r"\g<1>0123"),
        "dev.txt: asgiref is not as in requirements/base.txt",
    ),
    "a pin that the tools lack": (
        *(BASE, r"\Z", f"zzz==1 --hash=sha256:{'0' * 64}\n"),
        "dev.txt: zzz is not as in requirements/base.txt",
    ),
    "another driver": (
        *(INSTALLED, r"^mysqlclient==\S+", "mysqlclient==2.3.0"),
        "requirements.txt: mysqlclient is not as in requirements/dev.txt",
    ),
    "a hash of the driver that is left out": (
        *(INSTALLED, r" \\\n.*\n\Z", "\n"),
        "requirements.txt: mysqlclient is not as in requirements/dev.txt",
    ),
    "a driver that is left out": (
        *(INSTALLED, r"^mysqlclient(.|\n)*\Z", ""),
        "requirements.txt: mysqlclient is not as in requirements/dev.txt",
    ),
    "more than the driver": (
        *(INSTALLED, r"\Z", f"zzz==1 --hash=sha256:{'0' * 64}\n"),
        "requirements.txt: zzz is not as in requirements/dev.txt",
    ),
    "without the rest": (
        *(INSTALLED, r"^-r requirements/base.txt\n", ""),
        "requirements.txt: does not include requirements/base.txt",
    ),
    "a pin without a hash": (
        *(DEV, r"^(iniconfig==\S+)(?: \\\n    --hash=\S+)+", r"\1"),
        "dev.txt: iniconfig has no version with a hash",
    ),
    "a hash that is cut off": (
        *(DEV, r"^(iniconfig==\S+)(?: \\\n    --hash=\S+)+", r"\1 --hash=sha256:0123"),
        "dev.txt: iniconfig has no version with a hash",
    ),
    "a range for a pin": (
        *(DEV, r"^iniconfig==", "iniconfig>="),
        "dev.txt: iniconfig has no version with a hash",
    ),
    "any version of the right half": (
        *(DEV, r"^iniconfig==\S+", "iniconfig==2.*"),
        "dev.txt: iniconfig has no version with a hash",
    ),
}

# The versions of a name, each with its hashes: more than one where markers choose.
Versions = Mapping[str, frozenset[str]]
Pins = Mapping[str, Versions]


def faults(files: Mapping[str, str]) -> Iterator[str]:
    pins = {path: pins_of(files[path]) for path in (BASE, DEV, INSTALLED)}
    for path, asked in ASKED.items():
        yield from out_of_range(path, pins[path], asked_for(files[asked]))
    for path in pins:
        yield from (f"{path}: {name} has no version with a hash" for name in loose(files[path]))
    yield from differences(DEV, pins[DEV], BASE, pins[BASE])
    driver_alone = dict.fromkeys(pins[INSTALLED]) | {"mysqlclient": pins[DEV]["mysqlclient"]}
    yield from differences(INSTALLED, pins[INSTALLED], DEV, driver_alone)
    if f"-r {BASE}" not in files[INSTALLED].splitlines():
        yield f"{INSTALLED}: does not include {BASE}"


def out_of_range(path: str, pins: Pins, asked: list[Requirement]) -> Iterator[str]:
    for requirement in asked:
        name = canonicalize_name(requirement.name)
        if name not in pins:
            yield f"{path}: {name} is not pinned"
        for version in pins.get(name, {}):
            if not requirement.specifier.contains(version, prereleases=True):
                yield f"{path}: {name} {version} is not {requirement.specifier}"


def differences(
    path: str, pins: Pins, other: str, expected: Mapping[str, Versions | None]
) -> Iterator[str]:
    for name, versions in expected.items():
        if pins.get(name) != versions:
            yield f"{path}: {name} is not as in {other}"


def asked_for(text: str) -> list[Requirement]:
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


def pins_of(text: str) -> dict[str, dict[str, frozenset[str]]]:
    pins: dict[str, dict[str, frozenset[str]]] = {}
    for line in locked(text):
        requirement = Requirement(re.sub(r" +--hash=.*", "", line))
        version = str(requirement.specifier).removeprefix("==")
        hashes = frozenset(re.findall(HASH, line))
        pins.setdefault(canonicalize_name(requirement.name), {})[version] = hashes
    return pins


def loose(text: str) -> Iterator[str]:
    """Names that pip may take in another version, or in another file."""
    for line in locked(text):
        if not re.match(rf"[\w.-]+==[\w.!+]+( ;.*?)?( +--hash=\S+)*?{HASH}", line):
            yield re.split(r"[^\w.-]", line)[0]


def locked(text: str) -> list[str]:
    """What is pinned, a line each."""
    lines = re.sub(r" *\\\n *", " ", text).splitlines()
    return [line.strip() for line in lines if re.match(r"\w", line)]


def ours() -> dict[str, str]:
    return {path: (ROOT / path).read_text() for path in FILES}


def test_every_requirement_is_hashed_and_in_step() -> None:
    files = ours()
    assert list(faults(files)) == []
    assert all(len(asked_for(files[path])) > 10 for path in ASKED.values())
    assert all(len(pins_of(files[path])) > 30 for path in ASKED)


@pytest.mark.parametrize("drift", DRIFTS)
def test_a_planted_drift_is_the_one_fault(drift: str) -> None:
    path, old, new, words = DRIFTS[drift]
    files = ours()
    files[path], times = re.subn(old, new, files[path], count=1, flags=re.MULTILINE)
    assert times == 1
    (fault,) = faults(files)
    assert re.search(words, fault)
