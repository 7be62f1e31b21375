"""What is wrong with the configuration files of a bundle, `.ebextensions/*.config`.

A file with a key that the platform does not know is ignored as a whole, silently.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, NoReturn

import yaml

from deploy.changes import KEPT
from deploy.contents import Bundle
from deploy.eb_settings import Setting, mappings

FOLDER = ".ebextensions"
KEYS = {
    *("option_settings", "packages", "groups", "users", "sources", "files", "commands"),
    *("services", "container_commands", "Resources", "Parameters", "Outputs"),
}
UNKNOWN_KEY = "the platform knows no key {} and would ignore the whole file. Correct it."
COMMAND_KEYS = {"command", "env", "cwd", "leader_only", "test", "ignoreErrors"}
TRUE, FALSE = ("true", "yes", "on", "y", "1"), ("false", "no", "off", "n", "0")
FUNCTIONS = {"Ref", "Fn::GetAtt", "Fn::Join", "Fn::GetOptionSetting"}
PACKAGE_MANAGERS = {"yum", "rpm", "python", "rubygems"}
# Of Amazon Linux 2, or in conflict with each other on Amazon Linux 2023.
GONE = {"mariadb-devel", "mysql-devel", "mariadb105-devel", "mariadb1011-devel"}
PYTHON = re.compile(r"(?:^|[\s;&|(])(?:python3?|pip3?|django-admin|gunicorn)\s")
FILE = re.compile(r"(?:^|[\s=])((?:[\w.-]+/)*[\w.-]+\.(?:py|sh|txt|pem|json))(?=$|[\s;&|)])")


@dataclass(frozen=True)
class Config:
    """A configuration file that can be read."""

    path: str
    content: Mapping[str, Any]

    def part(self, key: str) -> Mapping[str, Any]:
        part = self.content.get(key)
        return part if isinstance(part, Mapping) else {}


class Unreadable(Exception):
    """What keeps a file from being read, as a sentence and what to do."""


class Reader(yaml.BaseLoader):
    """Reads YAML without tags, each scalar as its text."""


def refuse_tag(reader: Reader, suffix: str, node: yaml.Node) -> NoReturn:
    raise Unreadable(f"the platform takes no YAML tags. Write !{suffix} as a key: {{Ref: …}}.")


Reader.add_multi_constructor("!", refuse_tag)


def read_all(bundle: Bundle) -> tuple[list[Config], list[str]]:
    """The configuration files in the order the platform reads them, and what cannot be read."""
    configs: list[Config] = []
    found: list[str] = []
    for path in sorted(bundle.below(FOLDER)):
        try:
            configs.append(read(path, bundle.text(path)))
        except Unreadable as error:
            found.append(f"{path}: {error}")
    return configs, found


def read(path: str, text: str) -> Config:
    """Read a configuration file.

    Raises Unreadable.
    """
    if not path.endswith(".config"):
        raise Unreadable("the platform reads only *.config. Rename it, or leave it out.")
    if "\t" in text:
        raise Unreadable("holds a tab, which YAML does not take. Indent with blanks.")
    try:
        content = Reader(text).get_single_data()
    except yaml.YAMLError:
        content = None
    if not isinstance(content, Mapping):
        raise Unreadable("is no YAML of keys and values. Correct it.")
    return Config(path, content)


def findings(
    bundle: Bundle, configs: Iterable[Config], settings: Iterable[Setting]
) -> Iterator[str]:
    configs = list(configs)
    has_leader = not any(setting.value == "TrafficSplitting" for setting in settings)
    yield from shared_numbers(configs)
    yield from shared_names(configs)
    for config in configs:
        for key in sorted(set(config.content) - KEYS):
            yield f"{config.path}: {UNKNOWN_KEY.format(key)}"
        yield from faults_of_packages(config)
        yield from faults_of_resources(config)
        for name, command in config.part("container_commands").items():
            where = f"{config.path}: {name}"
            if not isinstance(command, Mapping) or "command" not in command:
                yield f"{where}: holds no command. Add one."
                continue
            yield from faults_of_command(where, command, has_leader)
            yield from faults_of_line(where, line_of(command), bundle)


def shared_numbers(configs: Iterable[Config]) -> Iterator[str]:
    """Files whose order is not said by their numbers."""
    seen: dict[str, str] = {}
    for config in configs:
        if number := re.match(r"\d+", PurePosixPath(config.path).name):
            first = seen.setdefault(number[0], config.path)
            if first != config.path:
                yield f"{config.path}: {first} has the number {number[0]} too. Give it another."


def shared_names(configs: Iterable[Config]) -> Iterator[str]:
    """Commands that never run, since a later file has one of the same name."""
    seen: dict[str, str] = {}
    for config in configs:
        for name in config.part("container_commands"):
            first = seen.setdefault(name, config.path)
            if first != config.path:
                yield f"{config.path}: {name}: takes the place of the one in {first}. Rename it."


def faults_of_packages(config: Config) -> Iterator[str]:
    for manager, packages in config.part("packages").items():
        if manager not in PACKAGE_MANAGERS:
            yield f"{config.path}: there is no package manager {manager}. Use yum."
        for package in sorted(GONE & set(packages)):
            yield (
                f"{config.path}: Amazon Linux 2023 cannot install {package}. "
                "Use mariadb-connector-c-devel."
            )


def faults_of_resources(config: Config) -> Iterator[str]:
    for each in mappings(config.part("Resources")):
        for key in each:
            if key.startswith("Fn::") and key not in FUNCTIONS:
                yield f"{config.path}: {key} does not work in a configuration file. Use Fn::Join."
    for name, resource in config.part("Resources").items():
        if isinstance(resource, Mapping) and resource.get("Type") in KEPT:
            yield f"{config.path}: {name} would go with the environment. Move it to the stack."


def faults_of_command(where: str, command: Mapping[str, Any], has_leader: bool) -> Iterator[str]:
    for key in sorted(set(command) - COMMAND_KEYS):
        yield f"{where}: {UNKNOWN_KEY.format(key)}"
    leader_only = str(command.get("leader_only", "false")).lower()
    if leader_only not in TRUE + FALSE:
        yield f"{where}: leader_only is neither true nor false. Say one of them, or drop it."
    if leader_only not in TRUE:
        return
    if not has_leader:
        yield f"{where}: would never run, since TrafficSplitting has no leader. Drop leader_only."
    if "test" in command:
        yield f"{where}: leader_only and test exclude each other. Drop one."


def line_of(command: Mapping[str, Any]) -> str:
    line = command["command"]
    return " ".join(line) if isinstance(line, list) else str(line)


def faults_of_line(where: str, line: str, bundle: Bundle) -> Iterator[str]:
    python = PYTHON.search(line)
    if python and "/bin/activate" not in line[: python.start() + 1]:
        yield f"{where}: runs without the virtual environment. Activate it first."
    for path in FILE.findall(line):
        if path not in bundle.files:
            yield f"{where}: there is no {path} in the bundle. Add it, or correct the command."
