"""`python -m deploy.rehearse`: bundle a commit, deploy it on this machine, ask it, end it."""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from deploy import bundle, lint, uploads
from deploy.aws import Account
from deploy.bundle import Release
from deploy.rehearse.environment import environment
from deploy.rehearse.faults import faults, is_stopped
from deploy.rehearse.instance import Instance, Stopped, pythons
from deploy.rehearse.probes import probes
from deploy.rehearse.world import World, world
from tests import mariadb
from tests.deployment.moto import REGION

PROGRAMS = ("nginx", "unzip", "setpriv", "curl")
Result = TypeVar("Result")


def main() -> int:
    parser = argparse.ArgumentParser(prog="make rehearse", description=__doc__)
    parser.add_argument("ref", nargs="?", default="HEAD", help="the commit (default: HEAD)")
    parser.add_argument("--python", default="", help="the interpreter (default: 3.13 if there)")
    arguments = parser.parse_args()
    if absent := missing(arguments.python):
        print(f"could not rehearse: {absent}", file=sys.stderr)
        return 2
    python = next(pythons(arguments.python))
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tasklist-rehearsal-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the site's user has to get through
        try:
            with mariadb.ending_in_order(), world(folder) as here:
                rehearse(here, arguments.ref, python)
        except (AssertionError, Stopped) as error:
            print(f"\nThe rehearsal failed. {error}", file=sys.stderr)
            return 1
    print(f"{time.monotonic() - start:6.1f} s  in all, with {python}")
    return 0


def missing(python: str) -> str:
    """Say what this machine lacks for a rehearsal, or nothing."""
    absent = [name for name in PROGRAMS if not mariadb.find(name)]
    if absent:
        return f"not installed: {', '.join(absent)}"
    if not any(pythons(python)):
        return "no Python with venv and headers that an unprivileged user can run"
    return mariadb.missing()


def rehearse(here: World, ref: str, python: str) -> None:
    """Deploy, probe, try faults, end. Raises Stopped or AssertionError."""
    release = step("bundle", lambda: bundle.build(ref, here.folder / "release"))
    step("its lint", lambda: nothing_wrong(lint.findings(release.bundle)))
    step("static files to the bucket", lambda: upload(release, here))
    instance = Instance(here.folder / "instance", here.instance_port, {})
    instance.stage(release.bundle)
    instance.environment = environment(here, instance)
    step("all up to the flip", lambda: instance.prepare(release.bundle, python))
    instance.flip()
    with step("nginx and processes", instance.running):
        step("hooks after the flip", lambda: instance.run_hooks("hooks/postdeploy"))
        for fault in faults(here, here.folder / "impostor"):
            attempt = partial(is_stopped, fault, instance, release.bundle)
            step(f"stopped: {fault.name}", attempt)
        step("a second instance, which leads nobody", lambda: is_prepared(instance, release))
        for name, probe in probes(here, instance):
            step(name, probe)


def is_prepared(beside: Instance, release: Release) -> None:
    """Scaling out: a new instance gets as far without any command for a leader."""
    with tempfile.TemporaryDirectory(dir=beside.root.parent) as folder:
        beside.another(Path(folder), {}).prepare(release.bundle, leader=False)


def step(name: str, do: Callable[[], Result]) -> Result:
    """Do it, and say how long it took; what fails is named as well."""
    start = time.monotonic()
    try:
        return do()
    finally:
        print(f"{time.monotonic() - start:6.1f} s  {name}", flush=True)


def nothing_wrong(findings: list[str]) -> None:
    assert not findings, "\n".join(findings)


def upload(release: Release, here: World) -> None:
    account = Account(REGION)
    uploads.send(account, uploads.static_files(release, here.static_bucket))


if __name__ == "__main__":
    sys.exit(main())
