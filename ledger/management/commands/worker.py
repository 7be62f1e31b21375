from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ledger.worker.loop import work
from ledger.worker.witness import folder


class Command(BaseCommand):
    help = (
        "Sends mail, does jobs and keeps house until SIGTERM or Ctrl-C, which let it finish what "
        "it has in hand. Any number may run at once, on any number of machines."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="end when nothing is due any more")

        parser.add_argument(
            "--beside",
            type=int,
            default=0,
            metavar="PID",
            help="end with the process of this number, which started it",
        )

    def handle(self, *, once: bool, beside: int, **options: Any) -> None:
        work(folder(), once=once, beside=beside)
