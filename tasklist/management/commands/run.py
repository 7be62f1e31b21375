import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from threading import Event, Thread
from typing import Any

from django.contrib.staticfiles.management.commands import runserver
from django.utils.autoreload import DJANGO_AUTORELOAD_ENV

LOOK = 2  # seconds between two looks whether the worker is still there
SECONDS = 30  # for what the worker has in hand


class Command(runserver.Command):
    help = "Runs the development server, and the worker beside it, which ends with it."

    def handle(self, *args: Any, **options: Any) -> None:
        is_reloaded = DJANGO_AUTORELOAD_ENV in os.environ  # its parent has a worker
        with nullcontext() if is_reloaded else worker(self.stderr.write):
            super().handle(*args, **options)


@contextmanager
def worker(say: Callable[[str], Any]) -> Iterator[None]:
    over = Event()
    keeper = Thread(target=keep, args=(over, say))
    try:
        keeper.start()
        yield
    finally:
        over.set()
        keeper.join()


def keep(over: Event, say: Callable[[str], Any]) -> None:
    """Have a worker until it is over; another one, and a line about it, where one ends before."""
    process = begin()
    while not over.wait(LOOK):
        if process.poll() is not None:
            say(f"The worker {end_of(process)}. It is started anew.")
            process = begin()
    process.terminate()
    process.wait(SECONDS)


def begin() -> subprocess.Popen[bytes]:
    """A worker that ends with us, also where we are killed without a word. Ctrl-C is for us."""
    beside = ["--beside", str(os.getpid())]
    return subprocess.Popen([sys.executable, sys.argv[0], "worker", *beside], process_group=0)  # noqa: S603


def end_of(process: subprocess.Popen[bytes]) -> str:
    if process.returncode < 0:
        return f"was ended by {signal.Signals(-process.returncode).name}"
    return f"ended with status {process.returncode}"
