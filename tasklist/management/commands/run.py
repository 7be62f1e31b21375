import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from django.contrib.staticfiles.management.commands import runserver
from django.utils.autoreload import DJANGO_AUTORELOAD_ENV

SECONDS = 30  # for what the worker has in hand


class Command(runserver.Command):
    help = "Runs the development server, and the worker beside it, which ends with it."

    def handle(self, *args: Any, **options: Any) -> None:
        is_reloaded = DJANGO_AUTORELOAD_ENV in os.environ  # its parent has a worker
        with nullcontext() if is_reloaded else worker():
            super().handle(*args, **options)


@contextmanager
def worker() -> Iterator[None]:
    beside = ["--beside", str(os.getpid())]  # also where we are killed without a word
    process = subprocess.Popen([sys.executable, sys.argv[0], "worker", *beside])  # noqa: S603
    try:
        yield
    finally:
        process.terminate()
        process.wait(SECONDS)
