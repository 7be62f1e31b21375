"""What a CloudFormation template says, as far as it has to be known before it is sent."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import yaml

from deploy.command import DeployError

LIMIT = 51_200  # bytes that CloudFormation takes without a bucket, which is not there at first
RELEASE = "Release"  # the parameter that only we set
PROTECTION = "DeletionProtection"  # a parameter, and the property of the database


class Reader(yaml.SafeLoader):
    """Reads YAML with CloudFormation's tags (!Ref, !Sub): their values stay as they stand."""


def untagged(reader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return reader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return reader.construct_sequence(node, deep=True)
    return reader.construct_scalar(node)  # type: ignore[arg-type]


Reader.add_multi_constructor("!", untagged)


@dataclass(frozen=True)
class Template:
    """The text of a template, YAML or JSON."""

    text: str

    @classmethod
    def of(cls, body: str | Mapping[str, Any]) -> "Template":
        """The template as AWS answers it: YAML as text, JSON as what it says."""
        return cls(body if isinstance(body, str) else json.dumps(body))

    @cached_property
    def content(self) -> dict[str, Any]:
        """Raises DeployError where the text is no YAML."""
        try:
            content = Reader(self.text).get_single_data()
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            why = " ".join(str(error).split())
            raise DeployError(f"the template is not YAML: {why}.") from error
        return content if isinstance(content, dict) else {}

    @property
    def parameters(self) -> dict[str, dict[str, Any]]:
        """Raises DeployError where that part of the template has another form."""
        return self._named("Parameters")

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        """Raises DeployError where that part of the template has another form."""
        return self._named("Resources")

    def _named(self, section: str) -> dict[str, dict[str, Any]]:
        found = self.content.get(section) or {}
        if isinstance(found, dict) and all(isinstance(each, dict) for each in found.values()):
            return found
        raise DeployError(f"the template's {section} are not names with what they are.")

    @property
    def body(self) -> str:
        """The text as it is sent: without comments and empty lines, if it says the same then."""
        lines = (re.sub(r"(^|\s+)#\s.*", "", line).rstrip() for line in self.text.splitlines())
        kept = [line for line in lines if line]
        shorter = "\n".join(kept) + "\n"
        return shorter if Template(shorter).content == self.content else self.text

    def policy(self, resource: str) -> str:
        """What becomes of a resource with the stack: Delete, Snapshot, or a way to keep it."""
        found = self.resources.get(resource, {})
        return str(found.get("DeletionPolicy", "Delete"))

    def keeps(self, resource: str) -> bool:
        """Does it outlive the stack as it is?"""
        return self.policy(resource) in ("Retain", "RetainExceptOnCreate")

    def check(self, given: Mapping[str, str], previous: Mapping[str, str]) -> None:
        """Refuse what CloudFormation would refuse later, or what is not for people to set.

        Raises DeployError.
        """
        if not self.resources:
            raise DeployError("the template has no Resources: it is none of CloudFormation's.")
        if (size := len(self.body.encode())) > LIMIT:
            raise DeployError(f"the template has {size:,} bytes, and {LIMIT:,} is the most.")
        for name in given:
            if name == RELEASE or name not in self.parameters:
                known = ", ".join(sorted(set(self.parameters) - {RELEASE}))
                raise DeployError(f"the template has no parameter {name} to set. It has: {known}.")
        for name, facts in self.parameters.items():
            if not (name in given or name in previous or "Default" in facts or name == RELEASE):
                raise DeployError(f"{name} has no value: say --parameter {name}=….")

    def secrets(self, given: Mapping[str, str]) -> set[str]:
        """Values that the template does not want to be shown."""
        hidden = {name for name, facts in self.parameters.items() if facts.get("NoEcho")}
        return {value for name, value in given.items() if name in hidden and value}
