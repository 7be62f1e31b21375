"""gunicorn as a release runs it, in production settings on the MariaDB of the tests."""

import http.client
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress

from django.conf import settings
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


@contextmanager
def gunicorn(**more):
    """(port, process) of a server on the tests' own database; ended at the end."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "tasklist.wsgi:application"],
        cwd=settings.BASE_DIR,
        env=environment(port, connection.settings_dict["NAME"]) | more,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_until_up(port, process)
        yield port, process
    finally:
        process.terminate()
        with suppress(ValueError):  # a test has read it to its end already
            process.communicate(timeout=30)


def wait_until_up(port, process):
    for _ in range(200):
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            link.request("GET", "/healthz")
            link.getresponse().read()
            return
        except OSError:
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.05)
        finally:
            link.close()
    raise AssertionError("gunicorn did not come up")
