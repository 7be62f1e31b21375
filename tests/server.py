"""gunicorn as a release runs it, in production settings on the MariaDB of the tests."""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.cache.backends.db import DatabaseCache
from django.core.management import call_command
from django.db import connection

HOST = "tasks.example.org"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(port=0, database="x"):
    place = connection.settings_dict
    login = f"{place['USER']}:{place['PASSWORD']}@{place['HOST']}:{place['PORT']}"
    return {
        "PATH": os.environ["PATH"],
        "PORT": str(port),
        "WEB_CONCURRENCY": "1",
        "SECRET_KEY": settings.SECRET_KEY,  # so that tests can sign tokens
        "ALLOWED_HOSTS": HOST,
        "BASE_URL": settings.BASE_URL,
        "CSRF_TRUSTED_ORIGINS": f"https://{HOST}",
        "DATABASE_URL": f"mysql://{login}/{database}",
        "TRUSTED_PROXIES": "1",
        "LOG_FORMAT": "json",
    }


def collect_static_files():
    """The hashed static files, as a release has them."""
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--clear", "-v0"]
    subprocess.run(command, cwd=settings.BASE_DIR, env=environment(), check=True)


@dataclass
class Server:
    """A running gunicorn; `log` is the file that it writes its lines to."""

    port: int
    process: subprocess.Popen
    log: Path


def empty_the_cache():
    """The cache that all processes of production share, with nothing in it."""
    call_command("createcachetable", "tasklist_cache", verbosity=0)
    DatabaseCache("tasklist_cache", {}).clear()


@contextmanager
def gunicorn(application="tasklist.wsgi", **more):
    """A Server on the tests' own database; ended at the end."""
    empty_the_cache()
    port = free_port()
    with tempfile.NamedTemporaryFile(suffix=".log") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", application],
            cwd=settings.BASE_DIR,
            env=environment(port, connection.settings_dict["NAME"]) | more,
            stderr=log,  # not a pipe: nobody would empty it, and a full one stops the server
        )
        server = Server(port, process, Path(log.name))
        try:
            wait_until_up(server)
            yield server
        finally:
            process.terminate()
            process.wait(timeout=30)


def wait_until_up(server):
    for _ in range(200):
        link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        try:
            link.request("GET", "/healthz")
            link.getresponse().read()
            return
        except OSError:
            assert server.process.poll() is None, server.log.read_text()
            time.sleep(0.05)
        finally:
            link.close()
    raise AssertionError("gunicorn did not come up")
