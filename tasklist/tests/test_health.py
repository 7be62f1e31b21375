import pytest
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client


@pytest.mark.parametrize("path", ["/healthz", "/healthz/"])
@pytest.mark.parametrize("host", ["testserver", "10.0.3.17", "evil.example", "1.2.3.4:80"])
def test_alive_whatever_the_host_and_without_a_database(path, host, settings):
    settings.SECURE_SSL_REDIRECT = True  # a load balancer asks over plain HTTP

    answer = Client().get(path, HTTP_HOST=host)  # the database is locked: no db fixture

    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/readyz", "/readyz/"])
def test_ready_when_the_database_answers_and_is_migrated(path, settings):
    settings.SECURE_SSL_REDIRECT = True

    answer = Client().get(path)

    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_not_ready_without_the_newest_migration():
    [newest] = MigrationLoader(connection).graph.leaf_nodes("tasks")
    MigrationRecorder(connection).record_unapplied(*newest)

    answer = Client().get("/readyz")

    assert (answer.status_code, answer.content) == (503, b"the database lacks migrations\n")


@pytest.mark.django_db
def test_not_ready_when_the_database_is_away():
    def away(execute, sql, params, many, context):
        raise OperationalError(2003, "Can't connect to MySQL server")

    with connection.execute_wrapper(away):
        answer = Client().get("/readyz")

    assert (answer.status_code, answer.content) == (503, b"the database does not answer\n")


@pytest.mark.django_db
def test_no_other_page_answers_a_foreign_host():
    assert Client().get("/readyz", HTTP_HOST="10.0.3.17").status_code == 400
