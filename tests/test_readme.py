"""What the README tells people to paste works when it is pasted."""

import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from urllib.request import urlopen

import pytest
from django.conf import settings

from tests.server import free_port

PASSWORD = "correct horse battery staple"
# What each curl of the README answers with, in order.
STATUSES = [200, 200, 200, 201, 201, 200, 200, 200, 412, 200, 204, 200, 200, 204]
STATUSES += [201, 200, 204, 200, 204]
OF_PRODUCTS = [200, 201, 200, 200, 200, 200, 409, 204, 204]


@pytest.fixture
def demo(tmp_path):
    """The address of what `make run` starts, on a database of its own."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "DEBUG": "1",
        "PORT": str(port),
        "DATABASE_URL": f"sqlite:///{tmp_path}/demo.sqlite3",
        "DEMO_PASSWORD": PASSWORD,
    }
    options = {"cwd": settings.BASE_DIR, "env": environment, "stdout": subprocess.DEVNULL}
    subprocess.run([sys.executable, "manage.py", "demo"], check=True, **options)
    command = [sys.executable, "manage.py", "run", "--noreload", f"127.0.0.1:{port}"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, **options) as process:
        wait_for(f"http://127.0.0.1:{port}/healthz")
        yield f"http://127.0.0.1:{port}"
        process.terminate()


def wait_for(url):
    for _ in range(200):
        with suppress(OSError), urlopen(url):
            return
        time.sleep(0.05)
    raise AssertionError(f"{url} does not answer")


def lines_of_the_api():
    """Those about tasks, and those about products."""
    readme = (settings.BASE_DIR / "README.md").read_text()
    [section] = re.findall(r"^## The API\n(.*?)^## ", readme, re.DOTALL | re.MULTILINE)
    about_tasks, about_products = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    return about_tasks, about_products


@pytest.mark.once
def test_the_api_in_a_few_lines_works_when_pasted(demo, tmp_path):
    if not shutil.which("curl"):
        pytest.skip("not installed: curl")
    noted = tmp_path / "statuses"
    note = f"curl() {{ command curl -w '%{{stderr}}%{{http_code}}\\n' \"$@\" 2>>{noted}; }}\n"
    about_tasks, about_products = lines_of_the_api()
    lines = about_tasks.replace("http://localhost:8000", demo) + about_products * 2

    pasted = subprocess.run(
        ["bash", "-eu"],
        input=note + lines,
        env={"PATH": os.environ["PATH"], "DEMO_PASSWORD": PASSWORD},
        capture_output=True,
        text=True,
        check=True,
    )

    got = [int(status) for status in noted.read_text().split()]
    assert got == STATUSES + OF_PRODUCTS * 2  # pasted twice it is no surprise
    assert '"labels":["seeds"]' in pasted.stdout
    assert '"price":749.99,"stock":149,' in pasted.stdout
    assert '"stock":149}' in pasted.stdout  # of the refusal
    assert (about_tasks.count("\n"), about_products.count("\n")) == (23, 11)


@pytest.mark.once
def test_every_path_that_is_named_exists():
    """From the top, or, where a row has named its app, from there."""
    root = settings.BASE_DIR
    named = r"`([\w*.]+/[\w*./]*(?:\.\w+|\w/))`"
    paths = set(re.findall(named, (root / "README.md").read_text()))
    assert len(paths) > 35
    for path in paths:
        assert any(root.glob(path)) or any(root.glob(f"*/{path}")), path
