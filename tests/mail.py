"""The worker's sending, once and in process: what tests of mail wait for."""

import tempfile
from contextlib import closing
from pathlib import Path

from ledger.worker.outbox import Outbox
from ledger.worker.witness import Witness


def deliver():
    """Send all mail that is due."""
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Witness(Path(folder), "tests")) as witness,
    ):
        outbox = Outbox("tests", witness, stopping=lambda: False)
        while outbox.send_due():
            pass
