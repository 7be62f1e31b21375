"""`make run`: the server, and the worker beside it."""

import os
import subprocess
import sys
import time

import pytest
from django.conf import settings

from tests.server import free_port

pytestmark = pytest.mark.once


def test_the_worker_ends_with_the_server_though_that_is_killed(tmp_path):
    environment = {
        "PATH": os.environ["PATH"],
        "DEBUG": "1",
        "DATABASE_URL": f"sqlite:///{tmp_path}/run.sqlite3",
    }
    command = [sys.executable, "manage.py", "run", "--noreload", f"127.0.0.1:{free_port()}"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, **quiet) as server:
        wait_until(lambda: workers_of(server))
        server.kill()
    wait_until(lambda: not workers_of(server))


def workers_of(server):
    """Numbers of the processes that were started to run beside it."""
    asked = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True)
    beside = f"manage.py worker --beside {server.pid}"
    return [line.split()[0] for line in asked.stdout.splitlines() if line.endswith(beside)]


def wait_until(true):
    deadline = time.monotonic() + 40
    while not true():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.1)
