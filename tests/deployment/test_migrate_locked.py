"""Every instance migrates at every deployment, so that none has to be the first."""

import os
import secrets
import subprocess
import sys

import MySQLdb
import pytest
from django.conf import settings
from django.db import connection

from tests.server import environment

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def empty():
    """The name of an empty database, beside that of the tests."""
    name = f"empty_{secrets.token_hex(4)}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} COLLATE utf8mb4_unicode_520_ci")
    yield name
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name}")


def migrating(database, *options, **more):
    """A process that migrates this database in production settings."""
    return subprocess.Popen(
        [sys.executable, "manage.py", "migrate_locked", *options],
        cwd=settings.BASE_DIR,
        env=environment(database=database) | {"PYTHONWARNINGS": "ignore"} | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def ended(process):
    """(exit status, the lines it printed)"""
    output, _ = process.communicate(timeout=120)
    return process.returncode, output.splitlines()


def ask(database, sql):
    place = connection.settings_dict
    link = MySQLdb.connect(
        host=place["HOST"],
        port=int(place["PORT"]),
        user=place["USER"],
        password=place["PASSWORD"],
        database=database,
    )
    try:
        cursor = link.cursor()
        cursor.execute(sql)
        return cursor.fetchall()
    finally:
        link.close()


def test_three_that_migrate_an_empty_database_at_once_all_succeed(empty):
    results = [ended(each) for each in [migrating(empty) for _ in range(3)]]

    assert [status for status, _ in results] == [0, 0, 0], results
    printed = [line for _, lines in results for line in lines]
    assert sum("Applying tasks.0001_initial" in line for line in printed) == 1
    assert ask(empty, "SELECT COUNT(*) FROM tasklist_cache") == ((0,),)
    again = migrating(empty, "--check")
    assert ended(again)[0] == 0


def test_who_waits_too_long_for_another_says_so_and_changes_nothing(empty):
    place = connection.settings_dict
    other = MySQLdb.connect(
        host=place["HOST"], port=int(place["PORT"]), user=place["USER"], password=place["PASSWORD"]
    )
    other.cursor().execute(f"SELECT GET_LOCK('tasklist-migrate:{empty}', 0)")

    status, lines = ended(migrating(empty, "--timeout", "1"))
    other.close()

    assert status == 1
    assert lines[0] == "Waiting for another process that migrates ..."
    assert lines[1].startswith("CommandError: Another process has been migrating for more than 1 s")
    assert ask(empty, "SHOW TABLES") == ()


def test_a_migration_that_stopped_half_way_is_named_in_one_line(empty):
    """A table is there that no migration has noted: MySQL cannot take DDL back."""
    ask(empty, "CREATE TABLE accounts_user (id bigint)")

    status, lines = ended(migrating(empty))

    assert status == 1
    assert not any(line.startswith("Traceback") for line in lines)
    assert lines[-1].startswith("CommandError: Migration accounts.0001_initial failed: (1050, ")
    assert "A migration that stopped half-way" in lines[-1]
    guide = (settings.BASE_DIR / "docs" / "deploy.md").read_text()
    assert "## A migration that stopped half-way" in guide


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"DATABASE_URL": "mysql://a:b@127.0.0.1:1/x"}, "(2002, "),
        ({"DATABASE_URL": "mysql://a:hush@127.0.0.1:{port}/x"}, "(1045, "),
    ],
)
def test_a_database_that_lets_nobody_in_is_one_line_without_the_password(empty, more, why):
    port = connection.settings_dict["PORT"]
    url = {"DATABASE_URL": more["DATABASE_URL"].replace("{port}", str(port))}

    status, lines = ended(migrating(empty, **url))

    assert status == 1
    assert len(lines) == 1, lines
    assert why in lines[0]
    assert "Mend RDS_HOSTNAME" in lines[0]
    assert "hush" not in lines[0]


def test_commands_wait_for_the_database_as_long_as_it_takes(empty):
    """The web process gives up after seconds; a migration that did would be half done."""
    code = "from django.db import connection as c; k = c.cursor(); k.execute('SELECT SLEEP(4)')"
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
        cwd=settings.BASE_DIR,
        env=environment(database=empty) | {"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
