"""Releases and environments that must not get as far as what runs.

Each is tried on the instance beside the running site, and has to stop with a line that says
what to mend.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import MySQLdb

from deploy.rehearse import certificates
from deploy.rehearse.instance import Instance, Stopped
from deploy.rehearse.world import PASSWORD, World
from tests.mariadb import free_port

REQUIRED = (
    *("SECRET_KEY", "ALLOWED_HOSTS", "BASE_URL"),
    *("RDS_HOSTNAME", "RDS_DB_NAME", "RDS_USERNAME", "RDS_PASSWORD"),
)


@dataclass(frozen=True)
class Fault:
    """What is wrong with an environment, and words of the line that has to say so."""

    name: str
    change: dict[str, str]
    words: str


def faults(world: World, folder: Path) -> Iterator[Fault]:
    for name in REQUIRED:
        yield Fault(f"{name} missing", {name: ""}, f"{name} is not set")
    nowhere = {"STATIC_DOMAIN": "", "STATIC_BUCKET": ""}
    yield Fault("STATIC_DOMAIN missing", nowhere, "set STATIC_DOMAIN")
    yield Fault("a malformed variable", {"TRUSTED_PROXIES": "two"}, "TRUSTED_PROXIES is 'two'")
    yield Fault("keys of AWS", {"AWS_ACCESS_KEY_ID": "AKIA"}, "AWS_ACCESS_KEY_ID is in the env")
    yield Fault("no database", {"RDS_PORT": str(free_port())}, "Mend RDS_HOSTNAME")
    yield Fault("a wrong password", {"RDS_PASSWORD": "wrong"}, "Mend RDS_USERNAME or RDS_PASSWORD")
    impostor = certificates.make(folder, "localhost").authority.as_uri()
    another = {"RDS_CA_URL": impostor}
    yield Fault("a database with another's certificate", another, "Mend DATABASE_CA")
    nowhere = {"RDS_CA_URL": "file:///nowhere"}
    yield Fault("a hook that fails", nowhere, "no certificates came from RDS_CA_URL")
    elsewhere = {"STATIC_DOMAIN": f"localhost:{world.site_port}"}
    yield Fault("static files elsewhere", elsewhere, "mend STATIC_DOMAIN")
    yield Fault("a wrong bucket", {"MEDIA_BUCKET": "nobody-has-this"}, "Mend MEDIA_BUCKET")
    leave_half_a_migration(world)
    yield Fault("half a migration", {"RDS_DB_NAME": "half_done"}, "stopped half-way")


def leave_half_a_migration(world: World) -> None:
    """Leave what MySQL does when a migration dies in it: a table that nobody has noted."""
    connection = MySQLdb.connect(
        host="127.0.0.1",
        port=world.database_port,
        user="tasklist",
        password=PASSWORD,
        database="half_done",
        ssl_mode="VERIFY_IDENTITY",
        ssl={"ca": str(world.certificates.authority)},
    )
    connection.cursor().execute("CREATE TABLE accounts_user (id bigint)")
    connection.close()


def is_stopped(fault: Fault, beside: Instance, bundle: Path) -> None:
    """Try it on a new instance beside the one that runs, as an immutable deployment does.

    Raises AssertionError where it gets through, or where nobody says what to mend.
    """
    with tempfile.TemporaryDirectory(dir=beside.root.parent) as folder:
        try:
            beside.another(Path(folder), fault.change).prepare(bundle)
        except Stopped as stopped:
            lines = stopped.output.splitlines()
            assert any(fault.words in line for line in lines), stopped
        else:
            raise AssertionError("it was not stopped")
