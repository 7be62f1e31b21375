"""Questions to the running site from outside, as browsers, programs and the balancer ask them.

Each is a function that raises AssertionError where a promise is broken.
"""

import http.client
import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from inspect import isfunction
from pathlib import Path
from urllib.parse import urlsplit

import boto3

from deploy.deploy import INVITE
from deploy.rehearse.instance import Instance, unprivileged
from deploy.rehearse.visitor import JSON, Answer, Visitor, exchange
from deploy.rehearse.world import SITE, World
from deploy.uploads import FOREVER

INSTANCE_ADDRESS = "10.0.1.23"  # what the balancer's health check says as Host
PASSPHRASE = "seven wet rehearsal umbrellas"  # typed into forms; may stand in no log
OF_GUNICORN = re.compile(r"\[\d{4}-\d\d-\d\d ")  # what it says of its own processes
LINK_KEY = "d4c0de-canary-of-a-link"
Probe = Callable[[], None]


def probes(world: World, instance: Instance) -> Iterator[tuple[str, Probe]]:
    """(what is promised, the question) of every public method, in the order of the class."""
    asked = Probes(world, instance)
    for name, member in vars(Probes).items():
        if isfunction(member) and not name.startswith("_"):
            yield name.replace("_", " "), partial(member, asked)


@dataclass
class Probes:
    """All the questions, in the order in which they are asked; what only helps begins with _."""

    world: World
    instance: Instance

    def the_balancer_finds_it_healthy_by_its_address(self) -> None:
        answer = self._direct("/healthz", Host=INSTANCE_ADDRESS)
        assert answer.status == 200, answer.status

    def other_hosts_are_refused(self) -> None:
        for host in (INSTANCE_ADDRESS, "evil.example.org"):
            answer = self._direct("/", Host=host, **{"CloudFront-Forwarded-Proto": "https"})
            assert answer.status == 400, (host, answer.status)

    def plain_http_is_sent_to_https(self) -> None:
        answer = self._direct("/today/", Host=SITE, **{"CloudFront-Forwarded-Proto": "http"})
        place = answer.headers["Location"]
        assert (answer.status, place) == (301, f"https://{SITE}/today/"), (answer.status, place)

    def it_is_ready(self) -> None:
        answer = Visitor(self.world).get("/readyz")
        assert (answer.status, answer.text) == (200, "ok\n"), answer.text

    def somebody_signs_up_and_in(self) -> None:
        new = Visitor(self.world).submit(
            "/accounts/signup/", username="ann", email="", password1=PASSPHRASE
        )
        assert new.status == 302, new.text
        ann = Visitor(self.world)
        answer = ann.submit("/accounts/login/", login="ann", password=PASSPHRASE)
        assert answer.status == 302, answer.text
        assert "<h1>Today</h1>" in ann.get("/").text

    def static_files_are_in_the_bucket_for_good(self) -> None:
        """Every file that the page names is at the CDN, with its type, to be kept for a year."""
        page = Visitor(self.world).get("/accounts/login/")
        origin = f"https://{self.world.cdn}"
        addresses = re.findall(rf'(?:href|src)="({origin}/static/[^"]+)"', page.text)
        assert len(addresses) >= 3, page.text
        assert f"script-src 'self' {origin}" in page.headers["Content-Security-Policy"]
        for address in addresses:
            answer = self._from_cdn(address)
            assert answer.status == 200, (address, answer.status)
            kept = answer.headers["Cache-Control"]
            assert kept == FOREVER, (address, kept)
            kind = answer.headers["Content-Type"]
            assert matches(address, kind), (address, kind)

    def sources_are_not_served(self) -> None:
        for path in ("/static/css/app.css", "/static../manage.py", "/tasklist/settings.py"):
            answer = Visitor(self.world).get(path)
            assert answer.status == 404, (path, answer.status)

    def a_body_over_the_limit_is_refused(self) -> None:
        for path, kind in (("/api/v1/auth/login", "application/problem+json"), ("/x", "text/html")):
            answer = Visitor(self.world).ask("POST", path, "x" * 3_000_000, JSON)
            assert answer.status == 413, (path, answer.status)
            assert answer.headers["Content-Type"].startswith(kind), answer.headers["Content-Type"]

    def programs_sign_in(self) -> None:
        nobody = Visitor(self.world).get("/api/v1/tasks")
        assert nobody.status == 401, nobody.status
        assert nobody.headers["Content-Type"] == "application/problem+json"
        tokens = Visitor(self.world).post("/api/v1/auth/login", username="ann", password=PASSPHRASE)
        assert tokens.status == 200, tokens.text
        access = json.loads(tokens.text)["access"]
        mine = Visitor(self.world).get("/api/v1/tasks", Authorization=f"Bearer {access}")
        assert mine.status == 200, mine.text

    def a_mail_arrives(self) -> None:
        """The page plans it, the worker hands it to SES, with the rights of the instance's role."""
        before = mails_at_ses()
        sent = Visitor(self.world).submit(
            "/accounts/password/reset/", email=f"nobody.in.particular@{SITE}"
        )
        assert sent.status == 302, sent.text
        self._wait_for(lambda: mails_at_ses() > before)

    def a_killed_worker_is_started_again_and_ends_in_order(self) -> None:
        """The platform starts it again; told to end, it ends within seconds."""
        self.instance.processes["worker"].kill()
        self.instance.processes["worker"].wait()
        self.instance.start("worker")
        self.a_mail_arrives()
        start = time.monotonic()
        assert self.instance.stop("worker") == 0
        assert time.monotonic() - start < 5
        self.instance.start("worker")

    def what_waits_is_told_to_cloudwatch_and_to_who_asks(self) -> None:
        """By the worker, with the rights of the role; and by the command."""
        client = boto3.client("cloudwatch")
        figures = {"Waited", "NotArrived"}

        def told() -> bool:
            metrics = client.list_metrics(Namespace="Tasklist")["Metrics"]
            return {each["MetricName"] for each in metrics} == figures

        self._wait_for(told)
        command = [*unprivileged(), f"{self.instance.venv}/bin/python", "manage.py", "backlog"]
        said = self.instance.run("backlog", command)
        assert "mails that wait: 0" in said, said

    def links_of_mails_open_and_stay_out_of_the_logs(self) -> None:
        answer = Visitor(self.world).get(f"/accounts/password/reset/key/1-{LINK_KEY}/")
        assert answer.status == 200, answer.status

    def the_first_administrator_gets_a_link(self) -> None:
        """By the line that `make deploy` prints, said on the instance."""
        command = self.instance.here(INVITE).replace("sudo -u webapp ", "")
        main_pid = "$(systemctl show web --property MainPID --value)"
        assert main_pid in command
        command = command.replace(main_pid, str(self.instance.processes["web"].pid))
        said = self.instance.run("invitation", [*unprivileged(), "bash", "-c", command])
        link = re.search(rf"https://{SITE}(/\S+)", said)
        assert link, said
        answer = Visitor(self.world).get(link[1])
        assert answer.status in (200, 302), answer.status

    def those_who_guess_are_told_apart_by_their_address(self) -> None:
        """The count of proxies is right: one guesser shuts out neither the balancer nor others."""
        guesser, other = (Visitor(self.world, address) for address in ("127.0.0.2", "127.0.0.3"))
        answers = [
            guesser.post("/api/v1/auth/login", username=f"guess{n}", password="wrong").status
            for n in range(11)
        ]
        assert answers[-1] == 429, answers
        answer = other.post("/api/v1/auth/login", username="guess", password="wrong")
        assert answer.status == 401, answer.status

    def it_is_nobody_and_may_write_nowhere(self) -> None:
        process = self.instance.processes["web"].pid
        status = Path(f"/proc/{process}/status").read_text()
        ids = re.search(r"^Uid:\s+(.*)$", status, re.MULTILINE)
        assert ids and "0" not in ids[1].split(), ids
        tried = [self.instance.current, self.instance.current / "tasklist", self.instance.venv]
        code = "import sys, tempfile; tempfile.TemporaryFile(dir=sys.argv[1])"
        for folder in tried if os.geteuid() == 0 else []:
            command = [*unprivileged(), f"{self.instance.venv}/bin/python", "-c", code, str(folder)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert "PermissionError" in done.stderr, (folder, done)

    def a_stopped_server_is_excused(self) -> None:
        """While gunicorn is away nginx says so, in the form that the caller reads."""
        assert self.instance.stop("web") == 0
        page, problem = (Visitor(self.world).get(path) for path in ("/", "/api/v1/tasks"))
        self.instance.start("web")
        self._wait_until_up()
        assert (page.status, problem.status) == (502, 502)
        assert page.headers["Content-Type"].startswith("text/html")
        assert problem.headers["Content-Type"] == "application/problem+json"
        assert json.loads(problem.text)["status"] == 502
        assert page.headers["Retry-After"] and problem.headers["Retry-After"]

    def a_terminated_server_finishes_what_it_has_begun(self) -> None:
        """A sign-in costs a password hash, long enough to be cut off by a careless stop."""

        def sign_in(_: int) -> int:
            return (
                Visitor(self.world)
                .post("/api/v1/auth/login", username="ann", password=PASSPHRASE)
                .status
            )

        with ThreadPoolExecutor(4) as pool:
            asked = [pool.submit(sign_in, n) for n in range(4)]
            time.sleep(0.2)  # they are in by now
            under_way = sum(not each.done() for each in asked)
            assert self.instance.stop("web") == 0
            answers = [each.result() for each in asked]
        assert under_way, "all were done before the server was stopped"
        assert answers == [200] * 4, answers

    def logs_are_json_without_secrets(self) -> None:
        logs = [self.instance.log(f"{name}.stdout.log") for name in ("web", "worker")]
        lines = "".join(logs).splitlines()
        ours = [line for line in lines if not OF_GUNICORN.match(line)]
        assert all(line.startswith("{") for line in ours), ours
        routes = {json.loads(line).get("route") for line in ours}
        assert "accounts/login/" in routes, routes
        text = "\n".join(lines) + self.instance.log("nginx/access.log")
        of_environment = (
            self.instance.environment[name] for name in ("SECRET_KEY", "RDS_PASSWORD")
        )
        for secret in (PASSPHRASE, LINK_KEY, *of_environment):
            assert secret not in text

    def _direct(self, path: str, **headers: str) -> Answer:
        """Ask the instance itself, as only the balancer can."""
        link = http.client.HTTPConnection("127.0.0.1", self.instance.port)
        return exchange(link, "GET", path, None, headers)

    def _from_cdn(self, address: str) -> Answer:
        trust = self.world.certificates.trust()
        link = http.client.HTTPSConnection("localhost", self.world.cdn_port, context=trust)
        return exchange(link, "GET", urlsplit(address).path, None, {})

    def _wait_until_up(self) -> None:
        self._wait_for(lambda: self._direct("/healthz").status == 200)

    def _wait_for(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 30
        while not true():
            logs = [self.instance.log(f"{name}.stdout.log") for name in ("web", "worker")]
            assert time.monotonic() < deadline, "\n".join(log[-2000:] for log in logs)
            time.sleep(0.05)


def mails_at_ses() -> float:
    return float(boto3.client("ses").get_send_quota()["SentLast24Hours"])


def matches(address: str, kind: str) -> bool:
    """Tell whether a file is served as what its name says."""
    kinds = {
        "css": "text/css",
        "js": "text/javascript",
        "png": "image/png",
        "svg": "image/svg+xml",
        "ico": "image/",
        "webmanifest": "application/manifest+json",
    }
    return kind.startswith(kinds[address.rpartition(".")[2]])
