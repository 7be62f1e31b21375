"""What accounts have to be tidied of from time to time."""

from datetime import timedelta

from accounts.actions import closing
from ledger import housekeeping


def register() -> None:
    hour = timedelta(hours=1)
    housekeeping.register("delete closed accounts", every=hour, do=closing.finish_due)
