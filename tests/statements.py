"""What a request asks the database: its statements, and how MariaDB goes about one."""

from django.db import connection
from django.test.utils import CaptureQueriesContext


def statements(program, method, path, body=None):
    """(what was asked of the database for an answer of the API, the answer)."""
    with CaptureQueriesContext(connection) as asked:
        answer = program.ask(method, path, body)
    assert answer.status < 300, answer.body
    return without_plumbing(asked), answer


def without_plumbing(asked):
    """The statements but those that begin and end transactions."""
    plumbing = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
    return [each["sql"] for each in asked if not each["sql"].startswith(plumbing)]


def explained(statement):
    """The rows of MariaDB's plan for it, each by the names of its columns."""
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + statement)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def sorted_or_read_whole(plan):
    """The rows of a plan that no index serves: what is sorted, and what is read from end to end."""
    return [
        each
        for each in plan
        if "filesort" in (each["Extra"] or "")
        or "temporary" in (each["Extra"] or "")
        or (each["type"] in ("ALL", "index") and each["table"])
    ]
