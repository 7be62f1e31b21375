"""Changes to the stack, by change sets: looked at before they are made."""

import secrets
import time
from collections.abc import Iterator, Mapping
from typing import Any

from deploy import stack as stacks
from deploy.aws import Account
from deploy.command import DeployError, say
from deploy.stack import Events, Stack
from deploy.template import Template

NO_CHANGES = ("didn't contain changes", "No updates are to be performed")
GENERATED = "AWS::SecretsManager::Secret"
# What cannot be made again: the people's data, and the keys that it is read with.
KEPT = (
    *("AWS::RDS::DBInstance", "AWS::RDS::DBCluster", "AWS::S3::Bucket"),
    *("AWS::Cognito::UserPool", GENERATED),
)


def change(
    account: Account,
    name: str,
    stack: Stack | None,
    *,
    template: Template,
    parameters: Mapping[str, str],
    allow_replacement: bool,
) -> Stack:
    """Make the stack, or make it what the template says; returns it when that is done.

    Parameters that are not given keep their value, else have the template's. Raises
    DeployError where data would be lost, and where it failed: CloudFormation then has put
    back what was before.
    """
    token = f"deploy-{secrets.token_hex(8)}"
    account.write(
        "cloudformation",
        "create_change_set",
        StackName=name,
        ChangeSetName=token,
        ChangeSetType="UPDATE" if stack else "CREATE",
        ClientToken=token,  # so that AWS knows a call which the network made twice
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=list(values(template, parameters, stack)),
        TemplateBody=template.body,
    )
    chosen = {"StackName": name, "ChangeSetName": token}
    changes = planned(account, chosen)
    if changes is None and stack:
        account.write("cloudformation", "delete_change_set", **chosen)
        say("Nothing to change in the stack.")
        return stack
    if changes:
        show(changes)
    if not allow_replacement:
        refuse_loss(account, chosen, changes or [])
    changing = stack or stacks.promised(name)
    events = Events(account, changing.id)
    account.write("cloudformation", "execute_change_set", **chosen, ClientRequestToken=token)
    return stacks.succeeded(stacks.wait(account, changing, events), events)


def values(
    template: Template, given: Mapping[str, str], stack: Stack | None
) -> Iterator[dict[str, Any]]:
    for name in template.parameters:
        if name in given:
            yield {"ParameterKey": name, "ParameterValue": given[name]}
        elif stack and name in stack.parameters:
            yield {"ParameterKey": name, "UsePreviousValue": True}


def planned(account: Account, chosen: Mapping[str, str]) -> list[dict[str, Any]] | None:
    """Wait for the change set; its changes, None where it is none.

    Raises DeployError where CloudFormation cannot make it.
    """
    while True:
        pages = list(
            account.pages(
                "cloudformation",
                "describe_change_set",
                assumed={"Status": "CREATE_COMPLETE", "Changes": []},
                **chosen,
            )
        )
        status, reason = pages[0]["Status"], pages[0].get("StatusReason", "")
        if status == "CREATE_COMPLETE":
            return [each["ResourceChange"] for page in pages for each in page["Changes"]]
        if status == "FAILED" and any(words in reason for words in NO_CHANGES):
            return None
        if status == "FAILED":
            raise DeployError(f"CloudFormation cannot make these changes: {reason}")
        time.sleep(stacks.POLL_SECONDS)


def show(changes: list[dict[str, Any]]) -> None:
    """Say how many changes there are, and which of them take something away."""
    say(f"{len(changes)} resources change.")
    for each in changes:
        if loses(each):
            say(f"  {verb(each)}: {each['ResourceType']} {each['LogicalResourceId']}")


def loses(change: Mapping[str, Any]) -> bool:
    """Even a changed secret: it is generated anew, and the database does not know of it."""
    anew = change["ResourceType"] == GENERATED and change["Action"] == "Modify"
    replaced = change.get("Replacement") in ("True", "Conditional")
    return change["Action"] == "Remove" or replaced or anew


def verb(change: Mapping[str, Any]) -> str:
    if change["Action"] == "Remove":
        return "removed"
    how = {"True": "replaced", "Conditional": "perhaps replaced"}
    return how.get(change.get("Replacement", ""), "changed")


def refuse_loss(account: Account, chosen: Mapping[str, str], changes: list[dict[str, Any]]) -> None:
    lost = [each for each in changes if loses(each) and each["ResourceType"] in KEPT]
    if not lost:
        return
    account.write("cloudformation", "delete_change_set", **chosen)
    names = ", ".join(f"{each['LogicalResourceId']} ({verb(each)})" for each in lost)
    raise DeployError(
        f"this would take away or change what holds data: {names}. "
        "If that is meant, save the data and say --allow-replacement."
    )
