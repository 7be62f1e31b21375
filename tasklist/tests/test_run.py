"""`make run`: the server, and the worker beside it."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings

from tests.server import free_port

pytestmark = pytest.mark.once
NOW = "raise KeyboardInterrupt"
WHILE_A_CLASS_IS_MADE = f"""
class Field:
    def __set_name__(self, owner, name):
        {NOW}

class Model:
    field = Field()
"""


@pytest.fixture
def server(tmp_path):
    """What `make run` starts, with a worker; `server.said` is the file that it writes to."""
    environment = {
        "PATH": os.environ["PATH"],
        "DEBUG": "1",
        "DATABASE_URL": f"sqlite:///{tmp_path}/run.sqlite3",
    }
    command = [sys.executable, "manage.py", "run", "--noreload", f"127.0.0.1:{free_port()}"]
    said = tmp_path / "said"
    with (
        said.open("wb") as file,
        subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=environment, stdout=file, stderr=file
        ) as server,
    ):
        server.said = said
        wait_until(lambda: workers_of(server))
        yield server
        server.kill()


def test_the_worker_ends_with_the_server_though_that_is_killed(server):
    server.kill()
    wait_until(lambda: not workers_of(server))


def test_a_worker_that_is_killed_is_missed_and_started_anew(server):
    [killed] = workers_of(server)
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: workers_of(server) not in ([], [killed]))
    assert "The worker was ended by SIGKILL. It is started anew." in server.said.read_text()
    [anew] = workers_of(server)
    assert os.getpgid(anew) != os.getpgid(server.pid)  # Ctrl-C ends the server, and that ends it


@pytest.mark.parametrize("pressed", [NOW, WHILE_A_CLASS_IS_MADE], ids=["now", "in a class"])
def test_interrupted_while_it_starts_it_ends_without_a_traceback(pressed, tmp_path):
    (tmp_path / "interrupted.py").write_text(pressed)
    environment = {"PYTHONPATH": str(tmp_path), "DJANGO_SETTINGS_MODULE": "interrupted"}
    command = [sys.executable, "manage.py", "run"]
    run = subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, capture_output=True, check=False
    )
    assert (run.returncode, run.stderr) == (130, b"")


def workers_of(server):
    """Numbers of the processes that were started to run beside it."""
    asked = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True)
    beside = f"manage.py worker --beside {server.pid}"
    return [int(line.split()[0]) for line in asked.stdout.splitlines() if line.endswith(beside)]


def wait_until(true):
    deadline = time.monotonic() + 40
    while not true():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.1)
