"""The hooks stop a release, or a change of properties, before it touches what runs."""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deploy.rehearse import certificates
from tests.deployment.bundles import MANIFEST, ROOT, working_directory
from tests.deployment.template import Stack

pytestmark = pytest.mark.once

HOOKS = sorted((ROOT / ".platform").rglob("*.sh"))
CA = ".platform/hooks/prebuild/10_rds_ca.sh"
MIGRATIONS = ".platform/hooks/predeploy/20_migrations.sh"
SMOKE = ".platform/hooks/postdeploy/90_smoke.sh"
WORKER_LOG = ".platform/hooks/postdeploy/80_worker_log.sh"
CHECK = ".platform/confighooks/predeploy/10_check.sh"
with tempfile.TemporaryDirectory() as folder:
    CERTIFICATE = certificates.make(Path(folder), "localhost").authority.read_text()
NONSENSE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
PRODUCTION = {
    "SECRET_KEY": "a-key-for-the-tests-of-hooks-that-is-long-enough-to-be-one",
    "ALLOWED_HOSTS": "tasks.example.org",
    "BASE_URL": "https://tasks.example.org",
    "DJANGO_SETTINGS_MODULE": "tasklist.settings",
}


ASKED = ("/healthz", "/readyz", "/accounts/login/")


class Site(ThreadingHTTPServer):
    """Answers as it is told to, and remembers who was asked for."""

    answers: dict[str, list[int]]
    asked: list[tuple[str, str]]
    body: bytes

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@pytest.fixture
def site() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.asked.append((self.path, self.headers["Host"]))
            answers = server.answers[self.path]
            self.send_response(answers.pop(0) if len(answers) > 1 else answers[0])
            self.send_header("Content-Length", str(len(server.body)))
            self.send_header("Retry-After", "30")  # as nginx says while the application is away
            self.end_headers()
            self.wfile.write(server.body)

        def log_message(self, *_: object) -> None:
            pass

    server = Site(("127.0.0.1", 0), Handler)
    server.answers, server.asked = {path: [200] for path in ASKED}, []
    server.body = b""
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def run(hook: Path | str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / hook],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_shellcheck_has_nothing_against_any_hook() -> None:
    assert len(HOOKS) >= 7
    command = [Path(sys.executable).with_name("shellcheck"), "--shell=bash", *HOOKS]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (0, "")


# Certificates of the database


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "pki" / "rds.pem"


def fetch(target: Path, source: Path, hook: str = CA) -> subprocess.CompletedProcess[str]:
    return run(hook, DATABASE_CA=str(target), RDS_CA_URL=source.as_uri())


@pytest.mark.parametrize("hook", [CA, CA.replace("hooks", "confighooks")])
def test_the_certificates_are_fetched(tmp_path: Path, target: Path, hook: str) -> None:
    source = tmp_path / "source.pem"
    source.write_text(CERTIFICATE * 3)
    assert fetch(target, source, hook).returncode == 0
    assert target.read_text() == CERTIFICATE * 3
    assert target.stat().st_mode & 0o777 == 0o644  # the web user has to read them
    assert list(target.parent.iterdir()) == [target]


def test_newer_certificates_take_the_place_of_older_ones(tmp_path: Path, target: Path) -> None:
    source = tmp_path / "source.pem"
    for text in (CERTIFICATE, CERTIFICATE * 2):
        source.write_text(text)
        assert fetch(target, source).returncode == 0
    assert target.read_text() == CERTIFICATE * 2


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "<html>Access denied</html>",
        NONSENSE,
        CERTIFICATE + "-----BEGIN CERTIFICATE-----\nMIIB\n",
        None,
    ],
    ids=["empty", "something else", "nonsense", "broken off", "absent"],
)
def test_without_certificates_the_release_stops_or_keeps_those_it_has(
    tmp_path: Path, target: Path, broken: str | None
) -> None:
    source = tmp_path / "source.pem"
    if broken is not None:
        source.write_text(broken)
    result = fetch(target, source)
    assert result.returncode == 1
    assert "Mend the address" in result.stderr.splitlines()[-1]
    assert list(target.parent.iterdir()) == []

    target.write_text(CERTIFICATE)
    result = fetch(target, source)
    assert result.returncode == 0
    assert "stay" in result.stderr.splitlines()[-1]
    assert target.read_text() == CERTIFICATE
    assert list(target.parent.iterdir()) == [target]


def test_a_change_of_properties_leaves_the_file_that_is_in_use(
    tmp_path: Path, target: Path
) -> None:
    """The processes that run read it at each connection; nobody has tried the other one."""
    source = tmp_path / "source.pem"
    source.write_text(CERTIFICATE * 2)
    target.parent.mkdir()
    target.write_text(CERTIFICATE)

    assert fetch(target, source, CA.replace("hooks", "confighooks")).returncode == 0
    assert target.read_text() == CERTIFICATE


def test_a_folder_is_no_place_for_certificates(tmp_path: Path) -> None:
    source = tmp_path / "source.pem"
    source.write_text(CERTIFICATE)
    (tmp_path / "folder").mkdir()

    result = fetch(tmp_path / "folder", source)
    assert result.returncode == 1
    assert "is not a file" in result.stderr
    assert list((tmp_path / "folder").iterdir()) == []


def test_certificates_do_not_come_over_an_open_line(site: Site, target: Path) -> None:
    site.answers["/rds.pem"], site.body = [200], CERTIFICATE.encode()
    result = run(CA, DATABASE_CA=str(target), RDS_CA_URL=f"{site.address}/rds.pem")
    assert result.returncode == 1
    assert not target.exists()
    assert site.asked == []


def test_an_environment_without_certificates_needs_none() -> None:
    assert run(CA).returncode == 0


def test_certificates_from_nowhere_stop_the_release(target: Path) -> None:
    result = run(CA, DATABASE_CA=str(target))
    assert result.returncode == 1
    assert "RDS_CA_URL is not set" in result.stderr


# Migrations and settings


@pytest.fixture
def staged(tmp_path: Path) -> Path:
    """The application as it is staged, with a virtual environment where the hooks look for one."""
    staging, venv = tmp_path / "staging", tmp_path / "venv"
    activate = venv / "staging-LQM1lest" / "bin" / "activate"
    activate.parent.mkdir(parents=True)
    activate.write_text(f'PATH="{Path(sys.executable).parent}:$PATH"\n')
    bundle = working_directory()
    for name, content in bundle.files.items():
        file = staging / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        file.chmod(bundle.modes.get(name, 0o644) & 0o777)
    for hook in staging.rglob("*.sh"):
        hook.write_text(hook.read_text().replace("/var/app/venv", str(venv)))
    (staging / "staticfiles").mkdir()  # no other host has them here
    (staging / "staticfiles" / "staticfiles.json").write_text(MANIFEST)
    return staging


@pytest.mark.parametrize("hook", [MIGRATIONS, MIGRATIONS.replace("hooks", "confighooks")])
def test_a_database_that_lacks_migrations_stops_the_release(staged: Path, hook: str) -> None:
    environment = PRODUCTION | {"DATABASE_URL": f"sqlite:///{staged}/db.sqlite3"}
    result = run(staged / hook, **environment)
    assert result.returncode == 1
    assert "lacks migrations" in result.stderr.splitlines()[-1]

    subprocess.run(
        [sys.executable, ROOT / "manage.py", "migrate", "--verbosity=0"],
        env=environment,
        check=True,
    )
    assert run(staged / hook, **environment).returncode == 0


def test_properties_that_are_right_pass(staged: Path) -> None:
    environment = PRODUCTION | {"DATABASE_URL": f"sqlite:///{staged}/db.sqlite3"}
    result = run(staged / CHECK, **environment)
    assert result.returncode == 0, result.stderr


def test_a_property_that_is_missing_stops_the_change_and_is_named(staged: Path) -> None:
    environment = PRODUCTION | {"DATABASE_URL": f"sqlite:///{staged}/db.sqlite3"}
    del environment["ALLOWED_HOSTS"]
    result = run(staged / CHECK, **environment)
    assert result.returncode == 1
    assert "ALLOWED_HOSTS is not set" in result.stderr
    assert "Mend the one named above" in result.stderr.splitlines()[-1]


# The worker's log


@pytest.fixture
def agent(staged: Path) -> Path:
    """Where CloudWatch's agent is; what its program is told to do stands in the file `told`."""
    place = staged.parent / "agent"
    program = place / "bin" / "amazon-cloudwatch-agent-ctl"
    program.parent.mkdir(parents=True)
    (place / "etc").mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >>{place}/told\n[ ! -e {place}/refuses ]\n')
    program.chmod(0o755)
    for hook in staged.rglob("*.sh"):
        hook.write_text(hook.read_text().replace("/opt/aws/amazon-cloudwatch-agent", str(place)))
    return place


@pytest.mark.parametrize("hook", [WORKER_LOG, WORKER_LOG.replace("hooks", "confighooks")])
def test_the_workers_log_is_added_to_what_is_streamed(staged: Path, agent: Path, hook: str) -> None:
    result = run(staged / hook, CLOUDWATCH_NAME="tasklist")

    assert (result.returncode, result.stderr) == (0, "")
    file = agent / "etc" / "worker.json"
    assert (agent / "told").read_text() == f"-a append-config -m ec2 -s -c file:{file}\n"
    [log] = json.loads(file.read_text())["logs"]["logs_collected"]["files"]["collect_list"]
    group = Stack({"CloudFrontPrefixList": "pl-0123"}).properties("WorkerLog")["LogGroupName"]
    assert log == {
        "file_path": "/var/log/worker.stdout.log",
        "log_group_name": group,
        "log_stream_name": "{instance_id}",
    }


def test_a_log_that_cannot_be_streamed_stops_no_release(staged: Path, agent: Path) -> None:
    assert run(staged / WORKER_LOG).returncode == 0
    assert not (agent / "told").exists()

    (agent / "refuses").touch()
    result = run(staged / WORKER_LOG, CLOUDWATCH_NAME="tasklist")
    assert result.returncode == 0
    assert "the worker's log stays in /var/log" in result.stderr


# The smoke test


@pytest.mark.parametrize("hook", [SMOKE, SMOKE.replace("hooks", "confighooks")])
def test_health_is_asked_by_address_and_readiness_by_name(site: Site, hook: str) -> None:
    result = run(hook, SMOKE_URL=site.address, ALLOWED_HOSTS=".tasks.example.org, other")
    assert result.returncode == 0, result.stderr
    assert site.asked == [
        ("/healthz", "192.0.2.1"),
        ("/readyz", "tasks.example.org"),
        ("/accounts/login/", "tasks.example.org"),
    ]


@pytest.mark.parametrize(
    "hosts", ["tasks.example.org", ",tasks.example.org", "*, tasks.example.org"]
)
def test_the_first_name_of_a_host_is_asked_for(site: Site, hosts: str) -> None:
    assert run(SMOKE, SMOKE_URL=site.address, ALLOWED_HOSTS=hosts).returncode == 0
    assert site.asked[1] == ("/readyz", "tasks.example.org")


def test_a_site_without_a_page_is_not_well(site: Site) -> None:
    """As where static files have no manifest: health and readiness know nothing of it."""
    site.answers["/accounts/login/"] = [404]
    result = run(SMOKE, SMOKE_URL=site.address, ALLOWED_HOSTS="tasks.example.org")
    assert result.returncode == 1
    assert "/accounts/login/ does not answer 200" in result.stderr


def test_an_application_that_still_starts_is_waited_for(site: Site) -> None:
    site.answers["/healthz"] = [502, 200]
    assert run(SMOKE, SMOKE_URL=site.address).returncode == 0
    assert [path for path, _ in site.asked] == ["/healthz", *ASKED]


@pytest.mark.parametrize(
    ("path", "words"),
    [("/healthz", "web.stdout.log"), ("/readyz", "Mend ALLOWED_HOSTS")],
)
def test_an_application_that_refuses_fails_the_release(site: Site, path: str, words: str) -> None:
    site.answers[path] = [400]
    result = run(SMOKE, SMOKE_URL=site.address)
    assert result.returncode == 1
    assert words in result.stderr.splitlines()[-1]
