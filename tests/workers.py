"""Real workers on the MariaDB of the tests, and mail servers that count and kill."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import contextmanager
from email import message_from_bytes

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from django.conf import settings
from django.db import connection

from ledger.worker import witness
from tests.server import environment, free_port

PATIENCE = 60  # seconds
SLOWNESS = 0.004  # seconds, up to which each step of the server takes
RANDOM = random.Random()  # noqa: S311
MOMENTS = ("dot", "body", "accepted", "data", "recipient", "sender", "greeted")


class Dialogue(SMTP):
    """A server that can kill its client at any moment of the dialogue."""

    def reached(self, moment, after=0.0):
        self.event_handler.reached(moment, after)

    async def smtp_EHLO(self, hostname):
        self.reached("greeted")
        await super().smtp_EHLO(hostname)

    async def smtp_MAIL(self, arg):
        self.reached("sender")
        await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg):
        self.reached("recipient")
        await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg):
        self.reached("data")
        self.reached("body", after=RANDOM.uniform(0, 0.001))
        await super().smtp_DATA(arg)


class Post:
    """A mail server for one worker; what it has accepted counts in `arrived` by Message-ID.

    At the moment `kill_at`, once it has `kill_after` mails, it kills the worker's `process`.
    """

    def __init__(self, arrived):
        self.arrived, self.mails = arrived, []
        self.process, self.kill_at, self.kill_after = None, None, 0
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port())
        self.controller.factory = lambda: Dialogue(self, enable_SMTPUTF8=True, hostname="post")

    @property
    def url(self):
        return f"smtp://127.0.0.1:{self.controller.port}"

    def reached(self, moment, after=0.0):
        time.sleep(RANDOM.uniform(0, SLOWNESS))
        enough = moment == "greeted" or len(self.mails) >= self.kill_after
        if self.kill_at == moment and enough and self.process.poll() is None:
            if after:
                threading.Timer(after, self.process.kill).start()
            else:
                self.process.kill()

    async def handle_DATA(self, server, session, envelope):
        mail = message_from_bytes(envelope.content)
        self.mails.append(mail)
        self.arrived[mail["Message-ID"]] += 1  # from the dot on it is the server's
        self.reached("dot")
        self.reached("accepted", after=RANDOM.uniform(0, 0.004))
        return "250 OK"


@contextmanager
def post(arrived=None):
    """A Post that listens."""
    server = Post(Counter() if arrived is None else arrived)
    server.controller.start()
    try:
        yield server
    finally:
        server.controller.stop()


@contextmanager
def worker(url="dummymail://", **more):
    """`manage.py worker` as a release runs it; told to end, and waited for, at the end."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "worker"],
            cwd=settings.BASE_DIR,
            env=environment(0, connection.settings_dict["NAME"]) | {"EMAIL_URL": url} | more,
            stderr=log,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(timeout=30)


@contextmanager
def no_traces():
    """Killed workers leave files; those of the tests' database go at the end."""
    try:
        yield
    finally:
        shutil.rmtree(witness.folder())


def wait_until(true, seconds=PATIENCE):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.02)


def count_from_environment(name, default):
    """How much of it: `make soak` asks for more."""
    return int(os.environ.get(name, default))
