"""Every check of the project, one after the other, and at the end a table of how they went.

    python tests/run.py            all of it
    python tests/run.py --quick    what needs neither a MariaDB nor a browser

A failure does not stop the rest. A step whose tools are absent "could not run": on a
laptop that is worth a line, with CI=true it is a failure, and so is a skipped test.
"""

import argparse
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests import mariadb

ROOT = Path(__file__).resolve().parent.parent
# Said in full, so that neither a .env nor the caller's environment chooses the database.
LAPTOP = {"DEBUG": "1", "DATABASE_URL": "sqlite://:memory:"}
# A production environment as the README documents it. Nothing in it is ever reached.
PRODUCTION = {
    "DEBUG": "0",
    "SECRET_KEY": secrets.token_urlsafe(64),
    "ALLOWED_HOSTS": "tasks.example.org",
    "BASE_URL": "https://tasks.example.org",
    "CSRF_TRUSTED_ORIGINS": "https://tasks.example.org",
    "DATABASE_URL": "mysql://tasklist:password@database.example.org:3306/tasklist",
    "EMAIL_URL": "smtp://tasklist:password@mail.example.org:587",
    "TRUSTED_PROXIES": "1",
    "LOG_FORMAT": "json",
}

ON_SQLITE, ON_MARIADB, IN_BROWSER = "tests on SQLite", "tests on MariaDB", "browser tests"
REHEARSAL = "rehearsal"
# Where all of a step's tests lie: reading the thousands of others takes ten seconds.
PLACES = {IN_BROWSER: ["tests/browser"]}
PASSED, FAILED, COULD_NOT_RUN = "passed", "FAILED", "could not run"
STRICT = os.environ.get("CI") == "true"
PYTHON_MODULE = [sys.executable, "-m"]
MANAGE = [sys.executable, "manage.py"]
PACKAGES = {"MySQLdb": "mysqlclient", "pytest_playwright": "pytest-playwright"}
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


@dataclass
class Step:
    """A line of the table: commands that must all succeed, and the modules they need."""

    name: str
    commands: list[list[str]]
    needs: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=lambda: LAPTOP)


@dataclass
class Result:
    """How a step went; the detail says why, the output is what nobody has seen yet."""

    name: str
    outcome: str
    seconds: float = 0.0
    detail: str = ""
    output: str = ""


Runner = Callable[[list[str], dict[str, str]], subprocess.CompletedProcess[str]]


def static_steps() -> list[Step]:
    """List what looks at the code without running the tests."""
    return [
        Step("lint", [[*PYTHON_MODULE, "ruff", "check", "."]], ("ruff",)),
        Step("format", formatting(), ("ruff", "djade")),
        Step("types", [[*PYTHON_MODULE, "mypy", "."]], ("mypy", "django")),
        Step("migrations", [[*MANAGE, "makemigrations", "--check", "--dry-run"]], ("django",)),
        Step(
            "deploy check",
            [
                [*MANAGE, "collectstatic", "--noinput", "--verbosity=0"],
                [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"],
            ],
            ("django", "MySQLdb"),
            PRODUCTION,
        ),
    ]


def formatting() -> list[list[str]]:
    templates = sorted(str(path) for path in ROOT.glob("templates/**/*.html"))
    djade = [beside_python("djade"), "--target-version", "5.2", "--check", *templates]
    return [[*PYTHON_MODULE, "ruff", "format", "--check", "."], *([djade] if templates else [])]


def beside_python(program: str) -> str:
    """Name a program of the virtual environment that is not a Python module."""
    return str(Path(sys.executable).with_name(program))


def absent(needs: tuple[str, ...]) -> str:
    """Say which of these tools are not installed, or nothing."""
    names = [need for need in needs if not (find_spec(need) or Path(beside_python(need)).exists())]
    packages = ", ".join(PACKAGES.get(name, name) for name in names)
    return f"not installed: {packages}" if packages else ""


def no_browser() -> str:
    return "" if any(map(shutil.which, CHROMIUM)) else "not installed: chromium"


def run_static(step: Step) -> Result:
    """Run a step and keep its output, since several of them run at a time."""
    if why := absent(step.needs):
        return Result(step.name, COULD_NOT_RUN, detail=why)
    start = time.monotonic()
    done = [run_quietly(command, step.environment) for command in step.commands]
    failed = any(process.returncode for process in done)
    return Result(
        step.name,
        FAILED if failed else PASSED,
        time.monotonic() - start,
        output="".join(process.stdout for process in done),
    )


def run_quietly(
    command: list[str], environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def run_tests(name: str, which: str, environment: dict[str, str], why_not: str = "") -> Result:
    """Run the tests that carry these marks, in full view."""
    heading(name)
    return run_pytest(name, which, environment, why_not, show)


def run_pytest(
    name: str, which: str, environment: dict[str, str], why_not: str, run: Runner
) -> Result:
    if why := absent(("pytest",)) or why_not:
        return Result(name, COULD_NOT_RUN, detail=why)
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [*PYTHON_MODULE, "pytest", *PLACES.get(name, ()), "-m", which]
        command += [f"--junitxml={report}"]
        done = run(command, environment)
        outcome, detail = judge(done.returncode, report)
    return Result(name, outcome, time.monotonic() - start, detail, done.stdout or "")


def show(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, text=True, check=False
    )


def judge(status: int, report: Path) -> tuple[str, str]:
    """Turn pytest's exit status and report into an outcome: skipped is not passed."""
    if status == 5:
        return FAILED, "no test was found"
    if status:
        return FAILED, f"pytest ended with {status}"
    cases = list(ElementTree.parse(report).iter("testcase"))  # noqa: S314  pytest wrote it
    skipped = [case.get("name", "") for case in cases if was_skipped(case)]
    if len(skipped) == len(cases):
        return FAILED, "no test ran"
    if not skipped:
        return PASSED, f"{len(cases)} ran"
    detail = f"{len(skipped)} of {len(cases)} tests skipped, such as {skipped[0]}"
    return (FAILED if STRICT else PASSED), detail


def was_skipped(case: ElementTree.Element) -> bool:
    """Tell a skipped test from one that failed as expected: pytest files both together."""
    mark = case.find("skipped")
    return mark is not None and mark.get("type") != "pytest.xfail"


def run_all_static() -> Iterator[Result]:
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for result in pool.map(run_static, static_steps()):
            heading(result.name)
            print(result.output, end="")
            yield result


def run_on_sqlite() -> Result:
    return run_tests(ON_SQLITE, "not mariadb and not browser", LAPTOP)


def run_on_both() -> Iterator[Result]:
    """Run MariaDB in full view, and beside it, two at a time, all else in turn.

    Machines have two cores; the third fills them while another waits for a server.
    """
    which = "not mariadb and not browser"
    with ThreadPoolExecutor(max_workers=2) as beside:
        sqlite = beside.submit(run_pytest, ON_SQLITE, which, LAPTOP, "", run_quietly)
        yield from run_on_mariadb(beside)
        yield shown(sqlite.result())


def rehearse() -> Result:
    """Play the deployment of the last commit."""
    if why := absent(("moto", "MySQLdb")):
        return Result(REHEARSAL, COULD_NOT_RUN, detail=why)
    start = time.monotonic()
    done = run_quietly([*PYTHON_MODULE, "deploy.rehearse"], {})
    outcome = {0: PASSED, 2: COULD_NOT_RUN}.get(done.returncode, FAILED)
    last = done.stdout.strip().rpartition("\n")[2].strip()
    return Result(REHEARSAL, outcome, time.monotonic() - start, last, done.stdout)


def run_on_mariadb(beside: ThreadPoolExecutor) -> Iterator[Result]:
    """Run what production's kind of database is needed for, both on one server."""
    in_browser = absent(("pytest_playwright",)) or no_browser()
    if why := absent(("MySQLdb",)) or mariadb.missing():
        names = (ON_MARIADB, REHEARSAL, IN_BROWSER)
        yield from (Result(name, COULD_NOT_RUN, detail=why) for name in names)
        return
    try:
        with mariadb.private_mariadb() as server:
            own = {**LAPTOP, "DATABASE_URL": server.url("browser")}
            browser = beside.submit(run_pytest, IN_BROWSER, "browser", own, in_browser, run_quietly)
            rehearsal = beside.submit(rehearse)
            environment = {**LAPTOP, "DATABASE_URL": server.url("tasklist")}
            yield run_tests(ON_MARIADB, "not browser", environment)
            yield shown(rehearsal.result())
            yield shown(browser.result())
    except mariadb.CannotStart as error:
        print(error)
        yield from (Result(name, FAILED, detail="no MariaDB") for name in (ON_MARIADB, IN_BROWSER))


def shown(result: Result) -> Result:
    """Print what ran unseen."""
    heading(result.name)
    print(result.output, end="")
    return result


def run_everything(*, quick: bool) -> Iterator[Result]:
    yield from run_all_static()
    if quick:
        yield run_on_sqlite()
    else:
        yield from run_on_both()


def heading(name: str) -> None:
    """Print at once: what the step itself prints must come after its heading."""
    print(f"\n=== {name} ===", flush=True)


def close(result: Result) -> Result:
    why = f": {result.detail}" if result.detail else ""
    print(f"--- {result.name} {result.outcome}{why} ({result.seconds:.1f} s)", flush=True)
    return result


def print_table(results: list[Result]) -> None:
    heading("summary")
    for result in results:
        line = f"{result.name:18}{result.outcome:15}{result.seconds:6.1f} s   {result.detail}"
        print(line.rstrip())


def exit_status(results: list[Result]) -> int:
    bad = {FAILED, COULD_NOT_RUN} if STRICT else {FAILED}
    return int(any(result.outcome in bad for result in results))


def main() -> int:
    parser = argparse.ArgumentParser(description="Check everything, end with a table.")
    parser.add_argument("--quick", action="store_true", help="neither MariaDB nor browser")
    quick = parser.parse_args().quick
    # Dozens of processes start below: none is to compile again what another has.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    try:
        with mariadb.ending_in_order():
            results = [close(result) for result in run_everything(quick=quick)]
    except KeyboardInterrupt:
        return 130
    print_table(results)
    return exit_status(results)


if __name__ == "__main__":
    sys.exit(main())
