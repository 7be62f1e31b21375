"""Takes a stack away: `make destroy`.

    python -m deploy.destroy [--stack tasklist] [--yes-destroy tasklist]

What people have made outlives it: the database as a snapshot, the buckets as they are. Until its
deletion has begun nothing is taken from a running site.
"""

import argparse
import secrets
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from deploy import stack as stacks
from deploy.aws import Account, AwsError
from deploy.changes import change
from deploy.command import DeployError, exit_status, say, typed
from deploy.deploy import arguments
from deploy.stack import Events, Stack
from deploy.template import PROTECTION, Template

DATABASE, BUCKET = "AWS::RDS::DBInstance", "AWS::S3::Bucket"
DELETING, GONE, LEFT = "DELETE_IN_PROGRESS", "DELETE_COMPLETE", "DELETE_FAILED"
EVERYTHING = {"Versions": [{"Key": "<every object>", "VersionId": "<every version>"}]}
BATCH = 1000  # objects that S3 deletes at a time


@dataclass
class Inventory:
    """What is in a stack, as (type, name) each, by what becomes of it."""

    template: Template
    goes: list[tuple[str, str]] = field(default_factory=list)
    stays: list[tuple[str, str]] = field(default_factory=list)

    @property
    def databases(self) -> list[str]:
        return [name for kind, name in self.goes if kind == DATABASE]

    @property
    def buckets(self) -> list[str]:
        return [name for kind, name in self.goes if kind == BUCKET]


def destroy(options: argparse.Namespace) -> None:
    """Raises DeployError, also where the answer is no."""
    account = Account(options.region, dry_run=options.dry_run)
    account.connect()
    stack = settled(account, options.stack)
    if stack is None:
        say(f"There is no stack {options.stack} in {options.region}.")
        return
    inventory = take_inventory(account, stack)
    show(inventory)
    if stack.status != DELETING:  # else somebody has agreed already
        confirm(stack, options)
        begin_deletion(account, stack, inventory)
    delete(account, stack, inventory)
    tell_what_stays(account, inventory)


def settled(account: Account, name: str) -> Stack | None:
    """The stack once nothing is under way but perhaps its deletion."""
    stack = stacks.find(account, name)
    if stack and stack.busy and stack.status not in (DELETING, stacks.REVIEW):
        say(f"{stack.status}: waiting for what is under way.")
        return stacks.wait(account, stack, Events(account, stack.id))
    return stack


def take_inventory(account: Account, stack: Stack) -> Inventory:
    if stack.status == stacks.REVIEW:  # planned, and never made
        return Inventory(Template(""))
    body = account.read(
        "cloudformation",
        "get_template",
        assumed={"TemplateBody": {}},
        StackName=stack.id,
        TemplateStage="Original",
    )["TemplateBody"]
    inventory = Inventory(Template.of(body))
    for resource in present(account, stack):
        stays = inventory.template.keeps(resource["LogicalResourceId"])
        kept = inventory.stays if stays else inventory.goes
        kept.append((resource["ResourceType"], resource["PhysicalResourceId"]))
    return inventory


def present(account: Account, stack: Stack) -> Iterator[dict[str, Any]]:
    """What the stack has; while it is being deleted, also what it had."""
    for page in account.pages(
        "cloudformation",
        "list_stack_resources",
        assumed={"StackResourceSummaries": []},
        StackName=stack.id,
    ):
        for resource in page["StackResourceSummaries"]:
            there = stack.status == DELETING or resource["ResourceStatus"] != GONE
            if there and resource.get("PhysicalResourceId"):
                yield resource


def show(inventory: Inventory) -> None:
    say(f"{len(inventory.goes)} resources go, among them:")
    for name in inventory.databases:
        say(f"  the database {name}, of which a last snapshot is made")
    for name in inventory.buckets:
        say(f"  the bucket {name} and all that is in it")
    say("These stay, and go on to cost what they hold:")
    for kind, name in inventory.stays:
        say(f"  {kind} {name}")


def confirm(stack: Stack, options: argparse.Namespace) -> None:
    """Have it typed which stack goes, and where. Raises DeployError at any other answer."""
    if options.dry_run:
        return
    place = f"{stack.name} in {stack.account} {options.region}"
    if options.yes_destroy is not None:
        say(f"To be destroyed: {place}.")
        agreed = options.yes_destroy == stack.name
    else:
        agreed = typed(f"Type {place} to delete it: ") == place
    if not agreed:
        raise DeployError(f"that is not {place}. Nothing was deleted.")


def unprotect(account: Account, stack: Stack, inventory: Inventory) -> None:
    """Let the database be deleted: by the template's parameter, so that it says what is.

    A stack that failed takes no change any more; there the database itself is told.
    """
    if stack.parameters.get(PROTECTION) == "true" and stack.status in stacks.CHANGEABLE:
        protect(account, stack, inventory, "false")
    for name in inventory.databases:
        if is_protected(account, name):
            account.write(
                "rds",
                "modify_db_instance",
                DBInstanceIdentifier=name,
                DeletionProtection=False,
                ApplyImmediately=True,
            )


def protect(account: Account, stack: Stack, inventory: Inventory, value: str) -> None:
    change(
        account,
        stack.name,
        stack,
        template=inventory.template,
        parameters={PROTECTION: value},
        allow_replacement=False,
    )


def is_protected(account: Account, database: str) -> bool:
    try:
        answer = account.read(
            "rds",
            "describe_db_instances",
            assumed={"DBInstances": [{}]},
            DBInstanceIdentifier=database,
        )
    except AwsError as error:
        if error.code.startswith("DBInstanceNotFound"):  # deleted by an earlier attempt
            return False
        raise
    return bool(answer["DBInstances"][0].get("DeletionProtection"))


def versions(account: Account, bucket: str) -> list[dict[str, str]]:
    """Every version of every object; none where an earlier attempt has deleted the bucket."""
    try:
        return [
            {"Key": each["Key"], "VersionId": each["VersionId"]}
            for page in account.pages(
                "s3", "list_object_versions", assumed=EVERYTHING, Bucket=bucket
            )
            for each in (*page.get("Versions", []), *page.get("DeleteMarkers", []))
        ]
    except AwsError as error:
        if error.code == "NoSuchBucket":
            return []
        raise


def empty(account: Account, bucket: str) -> None:
    """Delete every version: CloudFormation deletes only buckets that are empty.

    Raises DeployError where one of them stays.
    """
    found = versions(account, bucket)
    for start in range(0, len(found), BATCH):
        answer = account.write(
            "s3",
            "delete_objects",
            Bucket=bucket,
            Delete={"Objects": found[start : start + BATCH], "Quiet": True},
        )
        for failed in answer.get("Errors", []):
            raise DeployError(
                f"{failed['Key']} in {bucket} cannot be deleted: {failed['Message']}."
            )


def begin_deletion(account: Account, stack: Stack, inventory: Inventory) -> None:
    """Have the stack deleted; where that is refused, the database is protected as before."""
    try:
        unprotect(account, stack, inventory)
        ask_for_deletion(account, stack)
    except KeyboardInterrupt:
        say(f"\n{PROTECTION} may be off now; the next `make deploy` sets it again.")
        raise
    except AwsError:
        with suppress(DeployError):  # the refusal counts, not this one
            put_back(account, stack, inventory)
        raise


def put_back(account: Account, stack: Stack, inventory: Inventory) -> None:
    """Protect the database again, unless AWS has begun and only its answer was lost."""
    now = stacks.find(account, stack.id)
    if not (now and now.status in stacks.CHANGEABLE):
        return
    if stack.parameters.get(PROTECTION) == "true" != now.parameters.get(PROTECTION):
        say("Nothing is deleted; the database gets its protection back.")
        protect(account, now, inventory, "true")


def ask_for_deletion(account: Account, stack: Stack) -> None:
    token = f"destroy-{secrets.token_hex(8)}"
    account.write("cloudformation", "delete_stack", StackName=stack.id, ClientRequestToken=token)


def delete(account: Account, stack: Stack, inventory: Inventory) -> None:
    """Wait for the deletion. Raises DeployError where something of it could not be deleted.

    A bucket is emptied once its turn has come and it cannot go. That is after the environment's,
    which the release bucket keeps running: until then somebody may still have the site.
    """
    events = Events(account, stack.id)
    now = stacks.wait(account, stack, events)
    if full := stuck(account, now, inventory):
        say(f"To be emptied first, now that the environment is gone: {', '.join(full)}.")
        for bucket in full:
            empty(account, bucket)
        events.failures.clear()
        ask_for_deletion(account, stack)
        now = stacks.wait(account, stack, events)
    if account.dry_run:
        return
    if now.status != GONE:
        why = events.failures[0] if events.failures else now.reason
        raise DeployError(f"the stack is in {now.status}. {why} Mend it, and say it again.")
    say(f"The stack {stack.name} is gone. What stays:")


def stuck(account: Account, stack: Stack, inventory: Inventory) -> list[str]:
    """The buckets whose turn came and which could not go; a dry run takes it to be all."""
    if account.dry_run:
        return inventory.buckets
    if stack.status != LEFT:
        return []
    left = [each for each in present(account, stack) if each["ResourceStatus"] == LEFT]
    names = [each["PhysicalResourceId"] for each in left if each["ResourceType"] == BUCKET]
    return [name for name in names if name in inventory.buckets]


def tell_what_stays(account: Account, inventory: Inventory) -> None:
    for database in inventory.databases:
        answer = account.read(
            "rds",
            "describe_db_snapshots",
            assumed={"DBSnapshots": []},
            DBInstanceIdentifier=database,
            SnapshotType="manual",
        )
        for snapshot in answer["DBSnapshots"]:
            say(f"  snapshot {snapshot['DBSnapshotIdentifier']} of the database {database}")
    for kind, name in inventory.stays:
        say(f"  {kind} {name}")


def main(argv: list[str] | None = None) -> int:
    parser = arguments("Delete Tasklist's stack; snapshot of the database and buckets stay.")
    parser.add_argument(
        "--yes-destroy", metavar="NAME", help="name of the stack, instead of asking"
    )
    options = parser.parse_args(argv)
    return exit_status(lambda: destroy(options))


if __name__ == "__main__":
    sys.exit(main())
