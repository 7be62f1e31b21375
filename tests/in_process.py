"""A worker in process: what tests of mail, jobs and timed work wait for."""

import tempfile
from contextlib import closing, contextmanager
from pathlib import Path

from ledger.worker.loop import Worker
from ledger.worker.witness import Witness


@contextmanager
def in_process():
    """A Worker that does what it is told, when it is told to."""
    with (
        tempfile.TemporaryDirectory() as name,
        closing(Witness(Path(name), "in-process")) as witness,
    ):
        yield Worker(Path(name), witness)


def deliver():
    """Send all mail that is due."""
    with in_process() as worker:
        while worker.outbox.send_due():
            pass
