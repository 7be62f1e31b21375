"""From a commit to a running site: `make deploy`.

    python -m deploy.deploy [--dry-run] [--parameter Name=Value ...]

Every step looks before it acts, so that the same command, said again, goes on where it was
stopped. What runs is not touched before all that the release needs is there.
"""

import argparse
import os
import sys
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError

from deploy import beanstalk, bundle, lint, probe, uploads
from deploy.aws import Account, AwsError
from deploy.bundle import Release
from deploy.command import ChangeFailed, DeployError, exit_status, say
from deploy.plan import Plan, check_name, prepare
from deploy.stack import Stack
from deploy.template import RELEASE, Template

TEMPLATE = "deploy/infra.yaml"
REGION = "eu-central-1"
STACK = "tasklist"
# In the environment of the running site, wherever that comes from: secrets are part of it.
INVITE = (
    "sudo -u webapp xargs -0 -a /proc/$(systemctl show web --property MainPID --value)/environ "
    "sh -c 'cd /var/app/current && "
    """exec env "$@" /var/app/venv/*/bin/python manage.py invite_admin admin' sh"""
)


def deploy(options: argparse.Namespace) -> None:
    """Look at everything first, then build the release and roll it out.

    Raises DeployError.
    """
    check_name(options.stack)
    commit = resolve(options.ref)
    plan, stack = prepare(options, read_template(options.template, commit))
    earlier = Release(commit, bundle=Path(), static=Path())  # not built: its name is enough
    if options.ref and stack and is_there(plan.account, stack, earlier):
        say(
            f"The bundle of {earlier.name} is there, and so are its static files: nothing to build."
        )
        run(plan, stack, earlier, first="EnvironmentName" not in stack.outputs)
        return
    with tempfile.TemporaryDirectory(prefix="tasklist-release-") as folder:
        roll_out(plan, stack, build(commit, Path(folder), plan.template))


def is_there(account: Account, stack: Stack, release: Release) -> bool:
    """Has its bundle been uploaded? That is done last, once browsers get its static files."""
    wanted = uploads.bundle(release, stack.output("ReleaseBucket"))
    return not uploads.missing(account, [wanted], wanted.key)


def resolve(ref: str | None) -> str:
    """The commit that is meant; without a ref the last one, if nothing else lies about."""
    commit = bundle.resolve(ref or "HEAD")
    if ref is None and (changed := bundle.git("status", "--porcelain").splitlines()):
        raise DeployError(
            f"not everything is committed (such as {changed[0][3:]}). Commit it, or say "
            "--ref HEAD to deploy the last commit without it."
        )
    return commit


def read_template(path: Path | None, commit: str) -> Template:
    """Read the template that belongs to the commit, unless another one is given.

    Raises DeployError where there is none, or none that can be read.
    """
    if not (path or bundle.git("ls-tree", commit, TEMPLATE)):
        raise DeployError(f"the commit {commit[:12]} has no {TEMPLATE}: say --template.")
    try:
        text = path.read_bytes() if path else bundle.git_bytes("show", f"{commit}:{TEMPLATE}")
        return Template(text.decode())
    except OSError as error:
        raise DeployError(f"the template {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise DeployError(f"the template {path or TEMPLATE} is not UTF-8.") from error


def build(commit: str, folder: Path, template: Template) -> Release:
    """Build the release of a commit; refuse one that Elastic Beanstalk would stumble over."""
    beside = folder / Path(TEMPLATE).name  # its options count together with the bundle's
    beside.write_text(template.text)
    release = bundle.build(commit, folder)
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
    run(plan, stack, release, first=first)


def run(plan: Plan, stack: Stack, release: Release, *, first: bool) -> None:
    """Run a release that is uploaded, and say where."""
    stack = switch(plan, stack, release, first=first)
    if not plan.account.dry_run:
        say(f"{release.name} runs at {stack.output('SiteUrl')}")
        say(f"How it does: {stack.output('DashboardUrl')}")
    if first:
        explain_invitation(plan.account, stack)
    elif not plan.account.dry_run:
        say("No administrator yet? docs/deploy.md, The first administrator, says how to make one.")


def put_up(account: Account, stack: Stack, release: Release) -> None:
    """Upload what is not there yet, the bundle last: where it is, the rest is right."""
    static = uploads.static_files(release, stack.output("StaticBucket"))
    bundles = [uploads.bundle(release, stack.output("ReleaseBucket"))]
    absent = uploads.missing(account, static, uploads.STATIC)
    absent += uploads.missing(account, bundles, uploads.key_of(release))
    say(f"{len(absent)} of {len(static) + 1} files are to be uploaded; the others are there.")
    uploads.send(account, [each for each in absent if each not in bundles])
    look_at_static_files(account, stack, release)
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
    region = default_region()
    parser.add_argument("--region", default=region, help=f"AWS region ({region})")
    parser.add_argument(
        "--dry-run", action="store_true", help="print every call to AWS, change nothing"
    )
    return parser


def default_region() -> str:
    """The one that AWS's own commands would take, if any is set."""
    with suppress(BotoCoreError):  # no such profile, say: the first call tells it
        return os.environ.get("AWS_REGION") or boto3.Session().region_name or REGION
    return REGION


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
    parser.add_argument(
        "--create", action="store_true", help="make the stack where there is none, without asking"
    )
    parser.add_argument("--template", type=Path, help=f"another template than {TEMPLATE}")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    options = read_arguments(argv)
    return exit_status(lambda: deploy(options))


if __name__ == "__main__":
    sys.exit(main())
