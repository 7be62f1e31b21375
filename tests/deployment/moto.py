"""A moto server that stands in for AWS, over HTTP on a free port, gone afterwards.

It is a process of its own, so every server starts as an empty account. It grants everything,
and CloudFormation in it leaves out, silently, many types of resources.
"""

import http.client
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.mariadb import die_with_parent, free_port

START_SECONDS = 60
PORTS_TO_TRY = 5
REGION = "eu-central-1"


@contextmanager
def moto_server() -> Iterator[str]:
    """Run a moto server for as long as the block runs; yields its address."""
    with tempfile.TemporaryDirectory(prefix="tasklist-moto-") as folder:
        process, port = start(Path(folder) / "log")
        try:
            yield address_of(port)
        finally:
            process.kill()
            process.wait()


def start(log: Path) -> tuple["subprocess.Popen[bytes]", int]:
    """Start the server; when somebody else took the port in between, try another."""
    for _ in range(PORTS_TO_TRY):
        port = free_port()
        process = launch(port, log)
        if answers(process, port):
            return process, port
        process.kill()
        process.wait()
    raise AssertionError(f"moto did not start:\n{log.read_text(errors='replace')[-3000:]}")


def launch(port: int, log: Path) -> "subprocess.Popen[bytes]":
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={
                "PATH": os.environ["PATH"],
                "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",  # nobody asks for any; they take long
                **credentials(address_of(port)),
            },
            start_new_session=True,
            preexec_fn=die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
        )


def address_of(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def answers(process: "subprocess.Popen[bytes]", port: int) -> bool:
    """Wait until it answers; False where it ended or took too long."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            link.request("GET", "/moto-api/data.json")
            link.getresponse().read()
            return process.poll() is None
        except OSError:
            time.sleep(0.05)
        finally:
            link.close()
    return False


def credentials(address: str) -> dict[str, str]:
    """The environment in which boto3 takes the server at this address for AWS."""
    return {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
