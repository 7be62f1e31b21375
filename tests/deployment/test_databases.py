"""What a process tells the database server about patience, asked of the server."""

import json
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

from tests.server import environment

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db]

WEB = "from tasklist import wsgi"
COMMAND = """
import os
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "tasklist.settings"
django.setup()
"""
ASK = """
import json
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SHOW SESSION VARIABLES")
    print(json.dumps(dict(cursor.fetchall())))
"""


def session(process):
    """The variables of a session that such a process has in production settings."""
    done = subprocess.run(
        [sys.executable, "-c", process + ASK],
        cwd=settings.BASE_DIR,
        env=environment(database=connection.settings_dict["NAME"]),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def statement_seconds(variables):
    if connection.mysql_is_mariadb:
        return float(variables["max_statement_time"])
    return int(variables["max_execution_time"]) / 1000


def test_a_page_waits_neither_for_locks_nor_for_statements_longer_than_seconds():
    variables = session(WEB)

    assert variables["innodb_lock_wait_timeout"] == "2"
    assert statement_seconds(variables) == 3


def test_a_command_waits_for_statements_as_long_as_it_takes():
    assert statement_seconds(session(COMMAND)) == 0


@pytest.mark.parametrize("process", [WEB, COMMAND])
def test_every_session_is_strict(process):
    assert "STRICT_TRANS_TABLES" in session(process)["sql_mode"].split(",")
