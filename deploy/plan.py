"""What is to be deployed where, and whether it may be."""

import argparse
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from deploy import stack as stacks
from deploy.aws import Account
from deploy.changes import change
from deploy.command import DeployError, say, typed
from deploy.stack import Stack
from deploy.template import PROTECTION, RELEASE, Template

# Names of the environment, of its host and of the dashboard are made of it.
STACK_NAME = re.compile(r"[a-z][a-z0-9-]{2,38}[a-z0-9]")
RESERVED = ("aws", "amazon", "cognito")  # in the name of a user pool's domain
# The addresses of CloudFront, the only ones that a balancer without certificate lets in.
PREFIX_LIST = "CloudFrontPrefixList"
PREFIX_LIST_NAME = "com.amazonaws.global.cloudfront.origin-facing"


@dataclass(frozen=True)
class Plan:
    """What is to be deployed where."""

    account: Account
    stack: str
    template: Template
    parameters: Mapping[str, str]
    allow_replacement: bool = False

    def change(self, stack: Stack | None, release: str) -> Stack:
        return change(
            self.account,
            self.stack,
            stack,
            template=self.template,
            parameters={**self.parameters, RELEASE: release},
            allow_replacement=self.allow_replacement,
        )


def prepare(options: argparse.Namespace, template: Template) -> tuple[Plan, Stack | None]:
    """Make the plan for the stack as it is, or None where there is none. Changes nothing."""
    given = dict(options.parameter)
    account = Account(options.region, dry_run=options.dry_run)
    account.secrets = template.secrets(given)
    account.connect()
    stack = stacks.ready(account, options.stack)
    template.check(given, stack.parameters if stack else {})
    if stack is None:
        agree_to_create(account, options)
    given |= looked_up(account, template, given) | protection(template, given, stack)
    return Plan(account, options.stack, template, given, options.allow_replacement), stack


def agree_to_create(account: Account, options: argparse.Namespace) -> None:
    """Have somebody say that the account is the one that is meant.

    Another profile or region than last time would get a second site. Raises DeployError.
    """
    if options.create or options.dry_run:
        return
    number = account.read("sts", "get_caller_identity", assumed={})["Account"]
    place = f"{number} {account.region}"
    if not sys.stdin.isatty():
        raise DeployError(
            f"there is no stack {options.stack} in account {number}, region {account.region}. "
            "Look whether these are the ones you mean; say --create to make it there."
        )
    if typed(f"There is no stack {options.stack}. Type {place} to make it there: ") != place:
        raise DeployError(f"that is not {place}. Nothing was made.")


def protection(template: Template, given: Mapping[str, str], stack: Stack | None) -> dict[str, str]:
    """Protect the database again where a destruction that was not carried out has left it bare."""
    off = stack is not None and stack.parameters.get(PROTECTION) == "false"
    if not off or PROTECTION in given or PROTECTION not in template.parameters:
        return {}
    say(f"{PROTECTION} was false and becomes true; -p {PROTECTION}=false leaves it off.")
    return {PROTECTION: "true"}


def check_name(name: str) -> None:
    """Refuse a name that AWS would refuse a quarter of an hour later. Raises DeployError."""
    if not STACK_NAME.fullmatch(name):
        raise DeployError(
            f"{name!r} cannot name a stack: 4 to 40 lower-case letters, digits and hyphens, "
            "from a letter on."
        )
    if found := [word for word in RESERVED if word in name]:
        raise DeployError(f"{name!r} cannot name a stack: {found[0]!r} in it is AWS's own.")


def looked_up(account: Account, template: Template, given: Mapping[str, str]) -> dict[str, str]:
    """Find values that AWS knows and people should not have to."""
    if PREFIX_LIST not in template.parameters or PREFIX_LIST in given:
        return {}
    found = account.read(
        "ec2",
        "describe_managed_prefix_lists",
        assumed={"PrefixLists": [{"PrefixListId": f"<{PREFIX_LIST}>"}]},
        Filters=[{"Name": "prefix-list-name", "Values": [PREFIX_LIST_NAME]}],
    )["PrefixLists"]
    if not found:
        raise DeployError(f"{account.region} has no prefix list {PREFIX_LIST_NAME}.")
    return {PREFIX_LIST: found[0]["PrefixListId"]}
