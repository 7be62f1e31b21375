"""What Elastic Beanstalk does on an instance, from the bundle to the running processes.

The order and the rules are those of the platform's log and guide ("Extending Elastic Beanstalk
Linux platforms"); folders that are the root's there lie below a folder here.
"""

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from deploy.lint_files import PROCESS
from deploy.rehearse import nginx
from deploy.rehearse.nginx import program
from tests.mariadb import die_with_parent

NOBODY = 65534  # whom the site runs as; Debian gives this number to nobody and nogroup
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
DATABASE_CA = "/etc/pki/tasklist/rds.pem"  # as in .ebextensions
VENV = "var/app/venv/staging-LQM1lest"


class Stopped(Exception):
    """A step of the deployment failed: what ran before goes on running."""

    def __init__(self, step: str, output: str) -> None:
        super().__init__(f"{step}:\n{output}")
        self.output = output


@dataclass
class Instance:
    """An instance: its folder in place of /, and the variables that its environment has."""

    root: Path
    port: int
    environment: dict[str, str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def another(self, root: Path, change: dict[str, str]) -> "Instance":
        """A new instance of the same environment, with its properties changed.

        What is installed is taken from this one: the same requirements give the same.
        """
        own = {"DATABASE_CA": f"{root}{DATABASE_CA}"}
        other = Instance(root, self.port, {**self.environment, **own, **change})
        other.venv.parent.mkdir(parents=True)
        other.venv.symlink_to(self.venv)
        return other

    @property
    def staging(self) -> Path:
        return self.root / "var/app/staging"

    @property
    def current(self) -> Path:
        return self.root / "var/app/current"

    @property
    def venv(self) -> Path:
        return self.root / VENV

    def prepare(self, bundle: Path, python: str = "", *, leader: bool = True) -> None:
        """Do all that comes before what runs is touched. Raises Stopped.

        Without `python` what is installed stays, as for a release with the same requirements.
        """
        self.stage(bundle)
        self.run_hooks("hooks/prebuild")
        if python:
            self.install(python)
        self.run_container_commands(leader=leader)
        self.run_hooks("hooks/predeploy")

    def stage(self, bundle: Path) -> None:
        shutil.rmtree(self.staging, ignore_errors=True)
        self.staging.mkdir(parents=True)
        self.run("unzip", ["unzip", "-q", "-o", str(bundle), "-d", str(self.staging)])

    def run_hooks(self, folder: str) -> None:
        app = self.staging if self.staging.exists() else self.current
        for hook in sorted((app / ".platform" / folder).glob("*")):
            if not os.access(hook, os.X_OK):
                raise Stopped(f"{folder}/{hook.name}", "it has no run bit")
            hook.write_text(self.here(hook.read_text()))
            self.run(f"{folder}/{hook.name}", [str(hook)])

    def install(self, python: str) -> None:
        """Make the virtual environment and install into it, as plainly as the platform does."""
        pip = [str(self.venv / "bin/pip"), "install", "-q", "-r", "requirements.txt"]
        self.run("python -m venv", [python, "-m", "venv", str(self.venv)], of_this_machine())
        self.run("pip install", pip, of_this_machine())

    def run_container_commands(self, *, leader: bool) -> None:
        """Run them by name; those for the leader alone come before all others."""
        commands = configuration(self.staging).get("container_commands", {})
        order = sorted(commands, key=lambda name: (not commands[name].get("leader_only"), name))
        for name in order:
            if leader or not commands[name].get("leader_only"):
                command = self.here(commands[name]["command"])
                self.run(f"container command {name}", ["bash", "-c", command])

    def flip(self) -> None:
        """Put what is staged in the place of what ran, and give nginx its files."""
        shutil.rmtree(self.current, ignore_errors=True)
        self.staging.rename(self.current)
        nginx.configure(
            self.root, self.current, port=self.port, application_port=int(self.environment["PORT"])
        )

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run nginx and the processes of the Procfile for as long as the block runs."""
        with ExitStack() as stack:
            for name in self.procfile():
                self.start(name)
                stack.callback(self.stop, name)
            stack.enter_context(nginx.running(self.root / "etc/nginx/nginx.conf"))
            yield

    def procfile(self) -> dict[str, str]:
        """The command of each process."""
        return dict(PROCESS.findall((self.current / "Procfile").read_text()))

    def start(self, name: str) -> None:
        """Start a process as the platform's unit does: as nobody in particular."""
        with (self.root / f"var/log/{name}.stdout.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [*unprivileged(), program("env"), *shlex.split(self.procfile()[name])],
                cwd=self.current,
                env=self.variables() | {"PATH": f"{self.venv}/bin:{PATH}"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509
            )

    def stop(self, name: str) -> int:
        """End a process as a deployment does; gives its exit status."""
        process = self.processes[name]
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        return process.wait(timeout=60)

    def log(self, name: str) -> str:
        return (self.root / "var/log" / name).read_text()

    def run(self, step: str, command: list[str], environment: dict[str, str] | None = None) -> str:
        """Run a step as root does it there; what it printed. Raises Stopped."""
        done = subprocess.run(
            command,
            cwd=self.staging if self.staging.exists() else self.current,
            env=environment or self.variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Stopped(step, done.stdout)
        return done.stdout

    def variables(self) -> dict[str, str]:
        """All the variables that a command sees there; nothing of who rehearses."""
        return {"PATH": PATH, "PYTHONPATH": f"{self.venv}/bin", **self.environment}

    def here(self, text: str) -> str:
        for folder in ("/var/app/", "/opt/aws/"):
            text = text.replace(folder, f"{self.root}{folder}")
        return text


def configuration(app: Path) -> dict[str, dict[str, Any]]:
    """Read `.ebextensions`: of each key, what all files say, in the order of their names."""
    together: dict[str, dict[str, Any]] = {}
    for path in sorted((app / ".ebextensions").glob("*.config")):
        for key, value in yaml.safe_load(path.read_text()).items():
            for name, facts in value.items():
                together.setdefault(key, {}).setdefault(name, {}).update(facts)
    return together


def of_this_machine() -> dict[str, str]:
    """The variables by which this machine's pip finds its packages, and nothing else."""
    names = [name for name in os.environ if name.startswith(("PIP_", "SSL_"))]
    return {"PATH": PATH} | {
        name: os.environ[name] for name in ("HOME", *names) if name in os.environ
    }


def unprivileged() -> list[str]:
    """What to put before a command so that it may do nothing in particular."""
    if os.geteuid() != 0:
        return []
    ids = [f"--reuid={NOBODY}", f"--regid={NOBODY}"]
    return [program("setpriv"), *ids, "--clear-groups", "--no-new-privs"]


def pythons(wanted: str = "") -> Iterator[str]:
    """Interpreters that can make the virtual environment, the platform's own version first."""
    base = str(Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}")
    for name in filter(None, (wanted, "python3.13", "/usr/bin/python3", base)):
        path = shutil.which(name)
        if path and is_fit(path):
            yield path


def is_fit(python: str) -> bool:
    """Tell whether the unprivileged user can run it, and modules in C can be compiled for it."""
    code = (
        "import ensurepip, os, sysconfig, venv;"
        "os.stat(os.path.join(sysconfig.get_path('include'), 'Python.h'))"
    )
    command = [*unprivileged(), python, "-c", code]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
