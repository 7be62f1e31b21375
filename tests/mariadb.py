"""A private MariaDB for tests: on a free port, in a temporary directory, gone afterwards.

    python tests/mariadb.py -- COMMAND...   runs COMMAND with DATABASE_URL set
    python tests/mariadb.py                 prints the URL and waits for Ctrl-C

It needs the server's programs only: no service, no account, no file of /etc/mysql.
Nothing in it survives, so nothing in it is written safely: that makes it fast.
"""

import argparse
import ctypes
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

# The modes are those of MySQL 8.4 except ONLY_FULL_GROUP_BY, which MariaDB takes more
# strictly than MySQL. nosync and debug-no-sync: a power cut may eat this database.
CONFIGURATION = """
[mariadbd]
datadir = {folder}/data
socket = {folder}/socket
pid-file = {folder}/pid
init-file = {folder}/init.sql
bind-address = 127.0.0.1
port = {port}
skip-name-resolve
max_connections = 200
character-set-server = utf8mb4
collation-server = utf8mb4_unicode_520_ci
default-time-zone = +00:00
sql_mode = STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,\
ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION
innodb_flush_log_at_trx_commit = 2
innodb_flush_method = nosync
innodb_doublewrite = 0
innodb_log_file_size = 32M
debug-no-sync
"""
INIT = """
ALTER USER root@127.0.0.1 IDENTIFIED BY '{password}';
CREATE DATABASE tasklist CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;
"""
PROGRAMS = ("mariadbd", "mariadb-install-db", "my_print_defaults")
HOW_TO_INSTALL = "on Debian: apt-get install mariadb-server-core mariadb-client-core"
START_SECONDS = 60
PORTS_TO_TRY = 5
PR_SET_PDEATHSIG = 1


class CannotStart(Exception):
    """The database did not come up; the message says why."""


@dataclass(frozen=True)
class Server:
    """A running server. Its root has a password, since root may write files."""

    port: int
    password: str

    def url(self, name: str) -> str:
        """Name the database as Django's settings want it."""
        return f"mysql://root:{self.password}@127.0.0.1:{self.port}/{name}"


def find(program: str) -> str | None:
    """Find a program also where servers lie, which is not in everybody's PATH."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    return shutil.which(program, path=path)


def missing() -> str:
    """Say what keeps the server from starting here, or nothing."""
    absent = [program for program in PROGRAMS if not find(program)]
    return f"{', '.join(absent)} not found ({HOW_TO_INSTALL})" if absent else ""


@contextmanager
def private_mariadb(more: str = "", sql: str = "") -> Iterator[Server]:
    """Run a MariaDB with an empty database `tasklist` for as long as the block runs.

    `more` is added to its configuration, `sql` (one statement a line) to what it runs at first.
    """
    if why := missing():
        raise CannotStart(why)
    password = secrets.token_hex(16)
    with ending_in_order(), tempfile.TemporaryDirectory(prefix="tasklist-mariadb-") as name:
        folder = Path(name)
        (folder / "init.sql").write_text(INIT.format(password=password) + sql)
        install(folder)
        process, port = start(folder, more)
        try:
            yield Server(port=port, password=password)
        finally:
            stop(process)


@contextmanager
def ending_in_order() -> Iterator[None]:
    """Let SIGTERM and SIGHUP unwind the stack as Ctrl-C does, so that the server stops."""

    def leave(signum: int, frame: object) -> None:
        sys.exit(128 + signum)

    before = {which: signal.signal(which, leave) for which in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)


def install(folder: Path) -> None:
    """Make the data directory. The port is of no use yet, only the paths are."""
    configure(folder, port=0)
    command = [
        str(find("mariadb-install-db")),
        f"--defaults-file={folder}/my.cnf",
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
        *as_root(),
    ]
    status, output = run_undisturbed(command)
    if status:
        raise CannotStart(f"mariadb-install-db failed:\n{output[-3000:]}")


def run_undisturbed(command: list[str]) -> tuple[int, str]:
    """Run a script out of reach of Ctrl-C, and end all that it started when we are ended.

    A server it leaves behind would go on writing to the directory being deleted. The
    output closes with the last of them, so reading it to its end waits for all.
    """
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate()
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    return process.returncode, output


def configure(folder: Path, *, port: int, more: str = "") -> None:
    (folder / "my.cnf").write_text(CONFIGURATION.format(folder=folder, port=port) + more)


def as_root() -> list[str]:
    """MariaDB refuses to run as root unless told that it is meant."""
    return ["--user=root"] if os.geteuid() == 0 else []


def start(folder: Path, more: str) -> tuple[subprocess.Popen[bytes], int]:
    """Start the server; when somebody else took the port in between, try another."""
    for _ in range(PORTS_TO_TRY):
        port = free_port()
        configure(folder, port=port, more=more)
        process = launch(folder)
        try:
            if answers(process, folder):
                return process, port
        except BaseException:
            stop(process)
            raise
        stop(process)
        if "already in use" not in log(folder):
            break
    raise CannotStart(f"mariadbd did not start:\n{log(folder)}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def launch(folder: Path) -> subprocess.Popen[bytes]:
    """Start mariadbd, out of reach of the terminal's Ctrl-C: it is ours to stop."""
    with (folder / "log").open("wb") as output:
        return subprocess.Popen(
            [str(find("mariadbd")), f"--defaults-file={folder}/my.cnf", *as_root()],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
        )


def die_with_parent() -> None:
    """Have Linux kill the server when its parent goes without a word, as by kill -9."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def answers(process: subprocess.Popen[bytes], folder: Path) -> bool:
    """Wait for the greeting. By the socket: on the port, somebody else might answer."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(START_SECONDS)
            connection.connect(str(folder / "socket"))
            if connection.recv(1):
                return True
        time.sleep(0.02)
    return False


def stop(process: subprocess.Popen[bytes]) -> None:
    """Kill the server: an orderly end would only save what is thrown away next."""
    process.kill()
    process.wait()


def log(folder: Path) -> str:
    """Return the end of the server's log, for the person who wonders why it failed."""
    return (folder / "log").read_text(errors="replace")[-3000:]


def run(command: list[str], server: Server) -> int:
    """Run the command against the server, with an exit status as a shell would give it."""
    environment = {**os.environ, "DATABASE_URL": server.url("tasklist")}
    status = subprocess.run(command, env=environment, check=False).returncode
    return 128 - status if status < 0 else status


def wait(server: Server) -> int:
    print(server.url("tasklist"), flush=True)
    signal.pause()
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description="Run a command with a private MariaDB.")
    parser.add_argument("command", nargs="*", metavar="COMMAND", help="after --; none: wait")
    command = parser.parse_args().command
    try:
        with private_mariadb() as server:
            return run(command, server) if command else wait(server)
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
