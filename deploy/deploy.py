"""From a commit to a running site: `make deploy`.

    python -m deploy.deploy [--dry-run] [--parameter Name=Value ...]

Every step looks before it acts, so that the same command, said again, goes on where it was
stopped. What runs is not touched before all that the release needs is there.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from deploy import beanstalk, bundle, lint, probe, uploads
from deploy import stack as stacks
from deploy.aws import Account, AwsError
from deploy.bundle import Release
from deploy.changes import change
from deploy.command import ChangeFailed, DeployError, exit_status, say
from deploy.stack import Stack
from deploy.template import RELEASE, Template

TEMPLATE = "deploy/infra.yaml"
REGION = "eu-central-1"
STACK = "tasklist"
# Names of the environment, of its host and of the dashboard are made of it.
STACK_NAME = re.compile(r"[a-z][a-z0-9-]{2,38}[a-z0-9]")
RESERVED = ("aws", "amazon", "cognito")  # in the name of a user pool's domain
# The addresses of CloudFront, the only ones that a balancer without certificate lets in.
PREFIX_LIST = "CloudFrontPrefixList"
PREFIX_LIST_NAME = "com.amazonaws.global.cloudfront.origin-facing"
# In the environment of the running site, wherever that comes from: secrets are part of it.
INVITE = (
    "sudo -u webapp xargs -0 -a /proc/$(systemctl show web --property MainPID --value)/environ "
    "sh -c 'cd /var/app/current && "
    """exec env "$@" /var/app/venv/*/bin/python manage.py invite_admin admin' sh"""
)


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


def deploy(options: argparse.Namespace) -> None:
    """Look at everything first, then build the release and roll it out.

    Raises DeployError.
    """
    check_name(options.stack)
    commit = resolve(options.ref)
    plan, stack = prepare(options, read_template(options.template, commit))
    with tempfile.TemporaryDirectory(prefix="tasklist-release-") as folder:
        roll_out(plan, stack, build(commit, Path(folder), plan.template))


def prepare(options: argparse.Namespace, template: Template) -> tuple[Plan, Stack | None]:
    """Make the plan for the stack as it is, or None where there is none. Changes nothing."""
    given = dict(options.parameter)
    account = Account(options.region, dry_run=options.dry_run)
    account.secrets = template.secrets(given)
    account.connect()
    stack = stacks.ready(account, options.stack)
    template.check(given, stack.parameters if stack else {})
    given |= looked_up(account, template, given)
    return Plan(account, options.stack, template, given, options.allow_replacement), stack


def check_name(name: str) -> None:
    """Refuse a name that AWS would refuse a quarter of an hour later. Raises DeployError."""
    if not STACK_NAME.fullmatch(name):
        raise DeployError(
            f"{name!r} cannot name a stack: 4 to 40 lower-case letters, digits and hyphens, "
            "from a letter on."
        )
    if found := [word for word in RESERVED if word in name]:
        raise DeployError(f"{name!r} cannot name a stack: {found[0]!r} in it is AWS's own.")


def resolve(ref: str | None) -> str:
    """The commit that is meant; without a ref the last one, if nothing else lies about."""
    try:
        if ref is None and (changed := bundle.git("status", "--porcelain").splitlines()):
            raise DeployError(
                f"not everything is committed (such as {changed[0][3:]}). Commit it, or say "
                "--ref HEAD to deploy the last commit without it."
            )
        return bundle.git("rev-parse", "--verify", "--quiet", f"{ref or 'HEAD'}^{{commit}}").strip()
    except subprocess.CalledProcessError as error:
        raise DeployError(f"git knows no commit {ref or 'HEAD'}.") from error


def read_template(path: Path | None, commit: str) -> Template:
    """Read the template that belongs to the commit, unless another one is given."""
    return Template(path.read_text() if path else bundle.git("show", f"{commit}:{TEMPLATE}"))


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


def build(commit: str, folder: Path, template: Template) -> Release:
    """Build the release of a commit; refuse one that Elastic Beanstalk would stumble over."""
    beside = folder / Path(TEMPLATE).name  # its options count together with the bundle's
    beside.write_text(template.text)
    try:
        release = bundle.build(commit, folder)
    except subprocess.CalledProcessError as error:
        raise DeployError(f"the release cannot be built: {error}") from error
    if findings := lint.findings(release.bundle, beside):
        raise DeployError("the bundle is not right: " + "; ".join(findings))
    say(f"Release {release.name}.")
    return release


def roll_out(plan: Plan, stack: Stack | None, release: Release) -> None:
    """Bring a release out, from whatever state the last attempt has left."""
    first = stack is None or "EnvironmentName" not in stack.outputs
    if stack is None:
        say("The infrastructure comes first; that takes about a quarter of an hour.")
        stack = plan.change(None, release="")
    put_up(plan.account, stack, release)
    look_at_static_files(plan.account, stack, release)
    stack = switch(plan, stack, release, first=first)
    if not plan.account.dry_run:
        say(f"{release.name} runs at {stack.output('SiteUrl')}")
        say(f"How it does: {stack.output('DashboardUrl')}")
    if first:
        explain_invitation(plan.account, stack)


def put_up(account: Account, stack: Stack, release: Release) -> None:
    """Upload what is not there yet, the bundle last."""
    static = uploads.static_files(release, stack.output("StaticBucket"))
    bundles = [uploads.bundle(release, stack.output("ReleaseBucket"))]
    absent = uploads.missing(account, static, uploads.STATIC)
    absent += uploads.missing(account, bundles, uploads.key_of(release))
    say(f"{len(absent)} of {len(static) + 1} files are to be uploaded; the others are there.")
    uploads.send(account, [each for each in absent if each not in bundles])
    uploads.send(account, [each for each in absent if each in bundles])


def look_at_static_files(account: Account, stack: Stack, release: Release) -> None:
    upload = uploads.static_files(release, stack.output("StaticBucket"))[0]
    url = f"https://{stack.output('StaticDomain')}/{upload.key}"
    if account.dry_run:
        say(f"GET {url}")
    else:
        probe.static_file(url, upload)


def switch(plan: Plan, stack: Stack, release: Release, *, first: bool) -> Stack:
    """Let the environment run the release; where that fails, tell what the environment said."""
    account, key, site = plan.account, uploads.key_of(release), stack.output("SiteUrl")
    began = datetime.now(UTC)
    try:
        if not first:
            beanstalk.rest(account, stack)
        changed = plan.change(stack, key)
        beanstalk.ensure(account, changed, again=stack.parameters.get(RELEASE) == key)
        look_at_site(account, changed, new=first or site != changed.output("SiteUrl"))
    except ChangeFailed:
        with suppress(AwsError):  # the first failure counts, not this one
            beanstalk.tell_warnings(account, stack, began)
        raise
    return changed


def look_at_site(account: Account, stack: Stack, *, new: bool) -> None:
    """Ask the site, with patience where nobody could resolve its name before."""
    for path in ("/healthz", "/readyz"):
        url = stack.output("SiteUrl") + path
        if account.dry_run:
            say(f"GET {url}")
        else:
            probe.page(url, probe.NEW_SECONDS if new else probe.SECONDS)


def explain_invitation(account: Account, stack: Stack) -> None:
    environment = stack.output("EnvironmentName")
    reservations = account.read(
        "ec2",
        "describe_instances",
        assumed={"Reservations": []},
        Filters=[
            {"Name": "tag:elasticbeanstalk:environment-name", "Values": [environment]},
            {"Name": "instance-state-name", "Values": ["running"]},
        ],
    )["Reservations"]
    instances = [each["InstanceId"] for group in reservations for each in group["Instances"]]
    say(
        "\nThe first administrator: open a shell on an instance, by Connect, Session Manager in "
        f"the EC2 console or by\n\n  aws ssm start-session --region {account.region} --target "
        f"{instances[0] if instances else 'INSTANCE'}\n\n"
        f"and there make a link, good once and for an hour:\n\n  {INVITE}\n"
    )


def assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"{text!r} is not Name=Value")
    return name, value


def arguments(description: str) -> argparse.ArgumentParser:
    """The arguments that say which stack is meant."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--stack", default=STACK, help=f"name of the stack ({STACK})")
    parser.add_argument("--region", default=REGION, help=f"AWS region ({REGION})")
    parser.add_argument(
        "--dry-run", action="store_true", help="print every call to AWS, change nothing"
    )
    return parser


def read_arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = arguments("Deploy Tasklist: from a commit to a running site.")
    parser.add_argument("--ref", help="the commit (the last one, if nothing is uncommitted)")
    parser.add_argument(
        *("--parameter", "-p"),
        action="append",
        default=[],
        type=assignment,
        metavar="Name=Value",
        help=f"a parameter of {TEMPLATE}; what is not said keeps its value",
    )
    parser.add_argument(
        "--allow-replacement", action="store_true", help="even of the database or a bucket"
    )
    parser.add_argument("--template", type=Path, help=f"another template than {TEMPLATE}")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    options = read_arguments(argv)
    return exit_status(lambda: deploy(options))


if __name__ == "__main__":
    sys.exit(main())
