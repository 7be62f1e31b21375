"""Every instance migrates at every deployment, so that none has to be the first."""

import secrets
import subprocess
import sys
import time

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


def link_to(database):
    place = connection.settings_dict
    return MySQLdb.connect(
        host=place["HOST"],
        port=int(place["PORT"]),
        user=place["USER"],
        password=place["PASSWORD"],
        database=database,
    )


def ask(database, sql):
    link = link_to(database)
    try:
        cursor = link.cursor()
        cursor.execute(sql)
        link.commit()
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
    other = link_to(empty)
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
    ("address", "why", "mend"),
    [
        ("mysql://a:hush@127.0.0.1:1/x", "(2002, ", "RDS_HOSTNAME"),
        ("mysql://a:hush@127.0.0.1:{port}/x", "(1045, ", "RDS_PASSWORD"),
        ("mysql://{login}@127.0.0.1:{port}/not_there", "(1049, ", "RDS_DB_NAME"),
    ],
)
def test_a_database_that_lets_nobody_in_is_one_line_without_the_password(address, why, mend):
    place = connection.settings_dict
    login = f"{place['USER']}:{place['PASSWORD']}"
    url = address.format(port=place["PORT"], login=login)

    status, lines = ended(migrating("x", DATABASE_URL=url))

    assert status == 1
    assert len(lines) == 1, lines
    assert why in lines[0]
    assert mend in lines[0].partition("Mend ")[2]
    assert "hush" not in lines[0]
    assert place["PASSWORD"] not in lines[0]


def test_a_limit_of_pages_is_not_taken_for_migrations(empty):
    status, lines = ended(migrating(empty, DATABASE_TIMEOUT="3"))

    assert (status, ask(empty, "SHOW TABLES")) == (1, ())
    assert lines[0].startswith("CommandError: DATABASE_TIMEOUT is 3")


@pytest.mark.parametrize("option", ["--plan", "--check"])
def test_looking_changes_nothing(empty, option):
    ended(migrating(empty, option))

    assert ask(empty, "SHOW TABLES") == ()


def test_a_killed_migration_keeps_others_away_for_as_long_as_the_server_works_on_it(empty):
    """The server goes on with a statement whose client is gone."""
    code = """
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

def apply(self, *args, **kwargs):
    with connection.cursor() as cursor:
        cursor.execute("SELECT SLEEP(6)")

MigrationExecutor._create_project_state = apply
call_command("migrate_locked")
"""
    place = environment(database=empty)
    dying = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
        cwd=settings.BASE_DIR,
        env=place,
        stderr=subprocess.DEVNULL,
    )
    sleeping = "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '%SLEEP(6)'"
    wait_until(lambda: ask(empty, sleeping) == ((1,),))
    dying.kill()
    dying.wait()

    status, lines = ended(migrating(empty, "--timeout", "1"))

    assert (status, ask(empty, "SHOW TABLES")) == (1, ()), lines
    assert "Another process has been migrating" in lines[-1]
    wait_until(lambda: ask(empty, sleeping) == ((0,),))
    assert ended(migrating(empty))[0] == 0


def test_who_has_lost_the_lock_does_not_go_on(empty):
    code = """
from django.core.management import call_command
from django.db import connection
from tasklist.management.commands.migrate_locked import Command

def lose(self):
    connection.close()  # whatever it is that makes Django connect anew
    check(self)

check, Command.check_lock = Command.check_lock, lose
call_command("migrate_locked")
"""
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
        cwd=settings.BASE_DIR,
        env=environment(database=empty),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert "with it the right to migrate" in done.stderr
    assert ask(empty, "SHOW TABLES LIKE 'accounts_user'") == ()


def wait_until(true):
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_commands_wait_for_locks_as_long_as_the_server_lets_them(empty):
    """A page gives up after 2 seconds; a data migration that did would be half done."""
    ask(empty, "CREATE TABLE rows_ (id int PRIMARY KEY, n int)")
    ask(empty, "INSERT INTO rows_ VALUES (1, 1)")
    holder = link_to(empty)
    holder.cursor().execute("UPDATE rows_ SET n = 2")
    code = (
        "from django.db import connection as c; k = c.cursor();"
        "print('asking', flush=True); k.execute('UPDATE rows_ SET n = 3')"
    )
    waiting = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
        cwd=settings.BASE_DIR,
        env=environment(database=empty),
        stdout=subprocess.PIPE,
        text=True,
    )
    waiting.stdout.readline()
    time.sleep(5)
    still_waiting = waiting.poll() is None
    holder.rollback()
    holder.close()
    waiting.communicate(timeout=60)

    assert (still_waiting, waiting.returncode) == (True, 0)
