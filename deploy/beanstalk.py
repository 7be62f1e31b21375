"""The environment: which version it runs, and how it does.

CloudFormation only knows that Elastic Beanstalk has ended. A release that did not start, or was
taken back, leaves the stack complete.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from deploy.aws import Account
from deploy.command import ChangeFailed, DeployError, say
from deploy.stack import Stack
from deploy.waiting import rounds

POLL_SECONDS = 10
TELL = 6  # so that something is told every minute
READY_SECONDS = 3600  # instances may take 900 each time: beside the old ones, then in their place
HEALTH_SECONDS = 300  # health is Grey until the first instances have reported
GONE = ("Terminating", "Terminated")


@dataclass(frozen=True)
class Environment:
    """An environment as Elastic Beanstalk describes it."""

    name: str
    status: str
    version: str
    health: str

    def __str__(self) -> str:
        return f"environment {self.name}: {self.status}, {self.health}, version {self.version}"

    @property
    def ready(self) -> bool:
        return self.status == "Ready"

    @property
    def well(self) -> bool:
        return self.health in ("Green", "Yellow")


def ensure(account: Account, stack: Stack, *, again: bool) -> None:
    """Make sure that the environment runs the stack's release, and that it is well.

    `again`: where it does not, deploy the release there once more; the stack, which has it
    already, would not. Raises ChangeFailed, and DeployError where there is no environment.
    """
    found = problem(account, stack)
    if found and again:
        say(f"Deploying it again, since {found}.")
        redeploy(account, stack)
        found = problem(account, stack)
    if found:
        name = stack.output("EnvironmentName")
        raise ChangeFailed(
            f"{found}. Look at eb-engine.log and web.stdout.log in CloudWatch, in "
            f"/aws/elasticbeanstalk/{name}/var/log/, mend what they say and deploy again, be it "
            "the same commit: it is tried once more."
        )


def rest(account: Account, stack: Stack) -> Environment:
    """Wait until nothing is under way in the environment: before, it takes no deployment.

    Raises ChangeFailed after an hour.
    """
    now = watch(account, stack, lambda seen: seen.ready or account.dry_run, READY_SECONDS)
    if not (now.ready or account.dry_run):
        raise ChangeFailed(
            f"the environment {now.name} is still {now.status} after an hour. Look at its events "
            "in the console; to go on waiting, deploy again."
        )
    return now


def problem(account: Account, stack: Stack) -> str:
    """What is wrong once the environment has come to rest; nothing where all is well."""
    wanted = stack.output("ReleaseVersion")
    now = rest(account, stack)
    if now.version != wanted:
        return (
            f"the environment {now.name} runs version {now.version} ({now.health}) and not "
            f"{wanted}, which did not start or was taken back"
        )
    if not now.well:
        now = watch(account, stack, lambda seen: seen.well, HEALTH_SECONDS)
    return "" if now.well else f"the environment {now.name} runs {wanted}, but is {now.health}"


def watch(
    account: Account, stack: Stack, done: Callable[[Environment], bool], limit: float
) -> Environment:
    """Tell how the environment does until it is done or the limit has passed; how it is then."""
    told = now = look(account, stack)
    for number in rounds(limit, POLL_SECONDS):
        if number:
            now = look(account, stack)
        if now != told or number % TELL == 0:
            say(f"  {now}")
        if done(now):
            break
        told = now
    return now


def look(account: Account, stack: Stack) -> Environment:
    """Raises DeployError where there is no environment, although the stack has made one."""
    name = stack.output("EnvironmentName")
    version = stack.outputs.get("ReleaseVersion", "none")
    running = {"Status": "Ready", "VersionLabel": version, "Health": "Green"}
    found = account.read(
        "elasticbeanstalk",
        "describe_environments",
        assumed={"Environments": [running]},
        ApplicationName=stack.output("ApplicationName"),
        EnvironmentNames=[name],
        IncludeDeleted=False,
    )["Environments"]
    status = found[0]["Status"] if found else "Terminated"
    if status in GONE:
        raise DeployError(
            f"the environment {name} is {status}, and not by its stack. When it is gone, restore "
            "it (Elastic Beanstalk's console keeps it among the environments for six weeks), then "
            "deploy again."
        )
    health, version = found[0].get("Health", "Grey"), found[0].get("VersionLabel", "none")
    return Environment(name, status, version, health)


def redeploy(account: Account, stack: Stack) -> None:
    account.write(
        "elasticbeanstalk",
        "update_environment",
        EnvironmentName=stack.output("EnvironmentName"),
        VersionLabel=stack.output("ReleaseVersion"),
    )
    time.sleep(POLL_SECONDS)  # or it may still seem to be at rest


def tell_warnings(account: Account, stack: Stack, began: datetime) -> None:
    """What the environment has complained of since then: which hook or command failed, say."""
    answer = account.read(
        "elasticbeanstalk",
        "describe_events",
        assumed={"Events": []},
        ApplicationName=stack.output("ApplicationName"),
        StartTime=began,
        Severity="WARN",
    )
    for event in reversed(answer["Events"]):
        say(f"  {event['Severity']} {event['Message']}")
