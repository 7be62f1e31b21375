"""Which options our files set, and what is wrong with that, alone and taken together."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import yaml

from deploy.eb_options import kind_of, names_of

ENVIRONMENT = "aws:elasticbeanstalk:application:environment"
SECRETS = "aws:elasticbeanstalk:application:environmentsecrets"
ENVIRONMENT_LIMIT = 4096  # bytes, for names and values together
TELLING = re.compile(r"SECRET|PASSWORD|TOKEN|PRIVATE|CREDENTIAL|(?<!PUBLIC_)KEY$")


@dataclass(frozen=True)
class Setting:
    """An option set by a file; `value` is None where a function decides it."""

    where: str
    namespace: str
    name: str
    value: str | None

    def __str__(self) -> str:
        return f"{self.where}: {self.namespace} {self.name}"


class Reader(yaml.BaseLoader):
    """Reads CloudFormation's YAML, each scalar as its text and each function as a Function."""


@dataclass(frozen=True)
class Function:
    """A function's tag stood here (`!Ref`), with this content."""

    content: Any


def function(reader: Reader, suffix: str, node: yaml.Node) -> Function:
    if isinstance(node, yaml.MappingNode):
        return Function(reader.construct_mapping(node, deep=True))
    if isinstance(node, yaml.SequenceNode):
        return Function(reader.construct_sequence(node, deep=True))
    return Function(None)


Reader.add_multi_constructor("!", function)


def settings_of_template(where: str, text: str) -> list[Setting]:
    """The OptionSettings of every resource of a template."""
    content = Reader(text).get_single_data() or {}
    return [
        Setting(where, entry["Namespace"], entry["OptionName"], as_text(entry.get("Value")))
        for entry in mappings(content.get("Resources", {}))
        if "Namespace" in entry and "OptionName" in entry
    ]


def mappings(content: Any) -> Iterator[Mapping[str, Any]]:
    """Every mapping in the content, inside functions (`!If`) too."""
    if isinstance(content, Function):
        yield from mappings(content.content)
    elif isinstance(content, Mapping):
        yield content
        for each in content.values():
            yield from mappings(each)
    elif isinstance(content, list):
        for each in content:
            yield from mappings(each)


def settings_of_config(where: str, content: Mapping[str, Any]) -> list[Setting]:
    """The option_settings of a configuration file, in either of the forms they may have."""
    settings = content.get("option_settings") or {}
    if isinstance(settings, list):
        return [
            Setting(
                where,
                entry.get("namespace", ENVIRONMENT),
                entry.get("option_name", ""),
                as_text(entry.get("value")),
            )
            for entry in settings
        ]
    return [
        Setting(where, namespace, name, as_text(value))
        for namespace, names in settings.items()
        for name, value in (names or {}).items()
    ]


def as_text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def findings(settings: Iterable[Setting], graceful_timeout: int) -> list[str]:
    """What is wrong with these settings; where an option is set twice, the later one counts."""
    settings = list(settings)
    found = [finding for setting in settings for finding in faults_of(setting)]
    values = {(setting.namespace, setting.name): setting.value for setting in settings}
    found += contradictions(Values(values), graceful_timeout)
    found += harmful(Values(values))
    return found + too_large(values)


def faults_of(setting: Setting) -> Iterator[str]:
    names = names_of(setting.namespace)
    if names is None:
        yield f"{setting.where}: there is no namespace {setting.namespace}. Correct its spelling."
        return
    kind = kind_of(names, setting.name)
    if kind is None:
        near = get_close_matches(setting.name, names, n=1)
        hint = f"Is it {near[0]}?" if near else "Correct its spelling, or take it out."
        yield f"{setting}: there is no such option. {hint}"
    elif setting.value is not None and not kind.fits(setting.value):
        yield f"{setting}: the value does not fit. It has to be {kind.wanted}."
    yield from exposed(setting)


def exposed(setting: Setting) -> Iterator[str]:
    if setting.namespace == ENVIRONMENT and setting.value and TELLING.search(setting.name):
        yield f"{setting}: looks like a secret in plain sight. Give its ARN under {SECRETS}."
    if (setting.name, setting.value) == ("DBDeletionPolicy", "Delete"):
        yield f"{setting}: the data would go with the environment. Set Snapshot."


@dataclass(frozen=True)
class Values:
    """What options are set to, with the platform's defaults."""

    values: Mapping[tuple[str, str], str | None]

    def number(self, namespace: str, name: str, default: int) -> int | None:
        """The number an option is set to; None where a function decides it, or it is none."""
        value = self.values.get((namespace, name), str(default))
        return int(value) if value is not None and re.fullmatch(r"-?\d+", value) else None

    def text(self, namespace: str, name: str, default: str = "") -> str:
        """What an option is set to; empty where a function decides it."""
        return self.values.get((namespace, name), default) or ""

    def knows(self, namespace: str, name: str) -> bool:
        return (namespace, name) in self.values


def contradictions(values: Values, graceful_timeout: int) -> Iterator[str]:
    """Options that do not go together."""
    group, trigger = "aws:autoscaling:asg", "aws:autoscaling:trigger"
    least, most = values.number(group, "MinSize", 1), values.number(group, "MaxSize", 4)
    if least is not None and most is not None and least > most:
        yield f"{group}: MinSize {least} is more than MaxSize {most}. Lower it."
    breach = values.number(trigger, "BreachDuration", 5)
    period = values.number(trigger, "Period", 5)
    periods = values.number(trigger, "EvaluationPeriods", 1)
    if None not in (breach, period, periods) and breach != (period or 0) * (periods or 0):
        yield f"{trigger}: BreachDuration is not Period × EvaluationPeriods. Make it so."
    process = "aws:elasticbeanstalk:environment:process:default"
    delay = values.number(process, "DeregistrationDelay", 20)
    if delay is not None and delay <= graceful_timeout:
        yield (
            f"{process}: DeregistrationDelay {delay} cuts off requests that gunicorn still "
            f"finishes. Make it more than its graceful_timeout, {graceful_timeout}."
        )
    yield from unplanned_updates(values)


def unplanned_updates(values: Values) -> Iterator[str]:
    actions = "aws:elasticbeanstalk:managedactions"
    if values.text(actions, "ManagedActionsEnabled") != "true":
        return
    for namespace, name in (
        (actions, "PreferredStartTime"),
        (f"{actions}:platformupdate", "UpdateLevel"),
    ):
        if not values.knows(namespace, name):
            yield f"{namespace}: ManagedActionsEnabled needs {name}. Set it."


def harmful(values: Values) -> Iterator[str]:
    """What the platform takes, and what this site cannot run with."""
    command = "aws:elasticbeanstalk:command"
    policy = values.text(command, "DeploymentPolicy", "AllAtOnce")
    if policy in ("AllAtOnce", "Rolling"):
        yield f"{command}: DeploymentPolicy {policy} changes the instances that run. Set Immutable."
    port = values.text(ENVIRONMENT, "PORT")
    if port not in ("", "8000"):
        yield f"{ENVIRONMENT}: PORT {port} is not where our nginx files ask. Take it out."


def too_large(values: Mapping[tuple[str, str], str | None]) -> list[str]:
    size = sum(
        len(name.encode()) + len((value or "").encode())
        for (namespace, name), value in values.items()
        if namespace in (ENVIRONMENT, SECRETS)
    )
    if size <= ENVIRONMENT_LIMIT:
        return []
    return [
        f"{ENVIRONMENT}: {size} bytes of properties; {ENVIRONMENT_LIMIT} is the most. Set less."
    ]
