"""The cast of every test, and a database that behaves like production's.

owner, editor and viewer share `shared_list`; stranger sees nothing of it; staff is a
superuser without a place in anybody's list.
"""

import gc
import re

import pytest
from django.core import mail
from django.core.management.commands import flush
from django.core.management.sql import sql_flush
from django.db import connection
from django.template import Template
from django.test import Client
from django.test.utils import instrumented_test_render

from accounts.tests.factories import PASSWORD, UserFactory
from tasks.actions import memberships
from tasks.models import Role
from tasks.tests.factories import TaskFactory, TaskListFactory
from tests.api import Api, InProcess, OverHTTP, tokens_for
from tests.in_process import deliver
from tests.server import HOST, gunicorn

RENDER = Template._render  # as it is before Django's test environment replaces it
NEVER_CHANGES = re.compile("`(?:django_content_type|auth_permission)`")


def pytest_collection_modifyitems(config, items):
    """Leave to SQLite and to the server what only they have to run: `make test` runs both."""
    other = "once" if connection.vendor == "mysql" else "mariadb"
    left_out = [item for item in items if item.get_closest_marker(other)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def pytest_collection_finish():
    """Look for cyclic garbage less often, and never among what lives as long as the run.

    As Python does it by itself, it is a seventh of the whole time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(scope="session", autouse=True)
def pages_are_rendered_as_in_production(django_test_environment):
    """Django's test client copies the context of every template and widget of a page.

    That takes a sixth of a page's time, and next to no test looks at them: those that do ask
    for `contexts`.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "_render", RENDER)
        yield


@pytest.fixture
def contexts(monkeypatch):
    """Have each answer remember the contexts that its templates were rendered in."""
    monkeypatch.setattr(Template, "_render", instrumented_test_render)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """MariaDB tells the ids of rows it has inserted, MySQL does not: behave like MySQL.

    On the class, for every thread's connection; what bulk_create can do follows from it.
    """
    if connection.vendor == "mysql":
        type(connection.features).can_return_columns_from_insert = False


@pytest.fixture
def owner(db):
    return UserFactory(username="owner")


@pytest.fixture
def editor(db):
    return UserFactory(username="editor")


@pytest.fixture
def viewer(db):
    return UserFactory(username="viewer")


@pytest.fixture
def stranger(db):
    return UserFactory(username="stranger")


@pytest.fixture
def staff(db):
    return UserFactory(username="staff", is_superuser=True)


@pytest.fixture
def shared_list(owner, editor, viewer):
    """A list that owner shares with editor and viewer."""
    task_list = TaskListFactory(title="Shared", by=owner)
    memberships.add(task_list=task_list, user=editor, role=Role.EDITOR, by=owner)
    memberships.add(task_list=task_list, user=viewer, role=Role.VIEWER, by=owner)
    return task_list


@pytest.fixture
def task(shared_list, owner):
    """An open task in the shared list."""
    return TaskFactory(title="Water the plants", task_list=shared_list, by=owner)


@pytest.fixture
def signed_in():
    """`signed_in(user)`: a browser in which this person is signed in."""

    def sign_in(user):
        client = Client(raise_request_exception=False)
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def confirmed(signed_in):
    """`confirmed(user)`: a browser in which this person has just typed their password again."""

    def confirm(user):
        client = signed_in(user)
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
        return client

    return confirm


@pytest.fixture
def mailbox(db):
    """`mailbox()`: all mails that have arrived, once a worker has sent what is due."""

    def arrived():
        deliver()
        return mail.outbox

    return arrived


@pytest.fixture
def visitor():
    """A browser in which nobody is signed in."""
    return Client(raise_request_exception=False)


if connection.vendor == "mysql":

    @pytest.fixture(scope="session", autouse=True)
    def flush_without_permissions():
        """After a test that commits, keep content types and permissions: no test changes them.

        Django would delete and make them again each time, which takes ten times as long as all
        other tables together.
        """

        def without_them(*args, **options):
            statements = sql_flush(*args, **options)
            return [sql for sql in statements if not NEVER_CHANGES.search(sql)]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(flush, "sql_flush", without_them)
            patch.setattr(flush, "emit_post_migrate_signal", lambda *args, **options: None)
            yield

    @pytest.fixture(scope="session")
    def server(django_db_setup, django_db_blocker):
        """gunicorn in production settings, on the database of the tests, for all of them."""
        with django_db_blocker.unblock(), gunicorn() as server:
            yield OverHTTP(server.port, HOST)

    @pytest.fixture
    def network(transactional_db, server):
        """How programs reach the API: over HTTP, which sees only what is committed."""
        return server

else:

    @pytest.fixture
    def network(db):
        """How programs reach the API: in process, since SQLite has no second connection."""
        return InProcess()


@pytest.fixture
def api(network):
    """`api(user)`: a program of somebody who is signed in; `api()`: of nobody."""

    def program(user=None, **headers):
        token = tokens_for(user)["access"] if user else ""
        return Api(network, token, headers)

    return program
