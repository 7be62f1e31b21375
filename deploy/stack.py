"""The stack: what state it is in, and what happens to it."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deploy.aws import Account, AwsError
from deploy.command import ChangeFailed, DeployError, say

POLL_SECONDS = 5
GOOD = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE")
# What the next deployment can start from, although the last one failed.
CHANGEABLE = (*GOOD, "UPDATE_ROLLBACK_COMPLETE", "UPDATE_FAILED", "IMPORT_ROLLBACK_COMPLETE")
REVIEW = "REVIEW_IN_PROGRESS"  # a name with a change set, and nothing else
CANCELLED = "cancelled"  # the reason given for what failed only because something else did
OUTPUTS = (
    *("SiteUrl", "StaticBucket", "StaticDomain", "MediaBucket", "ReleaseBucket"),
    *("DatabaseEndpoint", "ApplicationName", "EnvironmentName", "ReleaseVersion", "DashboardUrl"),
)


@dataclass(frozen=True)
class Stack:
    """A stack as CloudFormation describes it."""

    name: str
    id: str
    status: str
    reason: str
    outputs: dict[str, str]
    parameters: dict[str, str]

    @property
    def account(self) -> str:
        """The number of its account, from its id: arn:aws:cloudformation:REGION:ACCOUNT:stack/…"""
        return self.id.split(":")[4]

    @property
    def busy(self) -> bool:
        return self.status.endswith("_IN_PROGRESS")

    def output(self, name: str) -> str:
        """Raises DeployError where the template does not say it."""
        if not self.outputs.get(name):
            raise DeployError(f"the stack {self.name} has no output {name}: look at its template.")
        return self.outputs[name]


def find(account: Account, name: str, assumed: Stack | None = None) -> Stack | None:
    """Look up a stack by name or id; a deleted one only by id."""
    try:
        answer = account.read("cloudformation", "describe_stacks", assumed={}, StackName=name)
    except AwsError as error:
        if error.code == "ValidationError" and "does not exist" in str(error):
            return None
        raise
    return parsed(answer["Stacks"][0]) if answer else assumed


def parsed(facts: Mapping[str, Any]) -> Stack:
    return Stack(
        name=facts["StackName"],
        id=facts["StackId"],
        status=facts["StackStatus"],
        reason=facts.get("StackStatusReason", ""),
        outputs={each["OutputKey"]: each["OutputValue"] for each in facts.get("Outputs", [])},
        parameters={
            each["ParameterKey"]: each["ParameterValue"] for each in facts.get("Parameters", [])
        },
    )


def ready(account: Account, name: str) -> Stack | None:
    """The stack once it can be changed; None where it has to be made.

    Waits for what is under way. Raises DeployError where somebody has to mend it first.
    """
    stack = find(account, name)
    if stack is None or stack.status == REVIEW:
        return None
    if stack.busy and not stack.status.startswith("DELETE"):
        say(f"{stack.status}: waiting for what is under way.")
        stack = wait(account, stack, Events(account, stack.id))
    if stack.status not in CHANGEABLE:
        raise DeployError(f"the stack {name} is in {stack.status}: {way_out(stack)}.")
    return stack


def way_out(stack: Stack) -> str:
    if stack.status == "DELETE_IN_PROGRESS":
        return "it is being deleted; wait until it is gone, then deploy again"
    if stack.status == "UPDATE_ROLLBACK_FAILED":
        return (
            "its way back failed; mend the reason (Events, in the console), run `aws "
            f"cloudformation continue-update-rollback --stack-name {stack.name}`, deploy again"
        )
    return "it was never complete and can only go; run `make destroy`, then deploy again"


def promised(name: str, stack: Stack | None = None) -> Stack:
    """The stack as a dry run takes it to be once it is changed."""
    outputs = {each: f"<{each}>" for each in OUTPUTS} | (stack.outputs if stack else {})
    parameters = stack.parameters if stack else {}
    return Stack(name, stack.id if stack else name, "UPDATE_COMPLETE", "", outputs, parameters)


class Events:
    """What happens to a stack, told once each; what happened before is not told."""

    def __init__(self, account: Account, stack: str) -> None:
        self.account = account
        self.stack = stack
        self.last = ""
        self.failures: list[str] = []
        newest = next(self._newest_first(), None)
        self.last = newest["EventId"] if newest else ""

    def tell(self) -> None:
        for event in reversed(list(self._newest_first())):
            self.last = event["EventId"]
            reason = event.get("ResourceStatusReason", "")
            line = f"{event['ResourceStatus']} {event['ResourceType']} {event['LogicalResourceId']}"
            if event["ResourceStatus"].endswith("_FAILED") and CANCELLED not in reason.lower():
                self.failures.append(f"{event['LogicalResourceId']}: {reason}")
            say(f"  {line} {reason}".rstrip())

    def _newest_first(self) -> Iterator[dict[str, Any]]:
        for page in self.account.pages(
            "cloudformation",
            "describe_stack_events",
            assumed={"StackEvents": []},
            StackName=self.stack,
        ):
            for event in page["StackEvents"]:
                if event["EventId"] == self.last:
                    return
                yield event


def wait(account: Account, stack: Stack, events: Events) -> Stack:
    """Tell what happens until nothing is under way any more; the stack as it is then.

    Raises DeployError where somebody has deleted it meanwhile.
    """
    while True:
        now = find(account, stack.id, assumed=promised(stack.name, stack))
        events.tell()
        if now is None:
            raise DeployError(f"the stack {stack.name} is gone: somebody has deleted it.")
        if not now.busy:
            return now
        time.sleep(POLL_SECONDS)


def succeeded(stack: Stack, events: Events) -> Stack:
    """The stack, if it has become what it was to become.

    Raises ChangeFailed with the first thing that failed.
    """
    if stack.status in GOOD:
        return stack
    why = events.failures[0] if events.failures else stack.reason
    raise ChangeFailed(f"the stack did not change ({stack.status}). {why}")
