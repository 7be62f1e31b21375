"""What the wiring tidies from time to time."""

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection

from ledger.housekeeping import chores
from tasklist.chores import DATABASE_CACHE

TABLE = "a_cache"


@pytest.fixture
def database_cache(transactional_db, settings):
    """The cache as in production: a table of the database."""
    settings.CACHES = {"default": {"BACKEND": DATABASE_CACHE, "LOCATION": TABLE}}
    call_command("createcachetable", verbosity=0)
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {TABLE}")


def test_what_the_cache_keeps_too_long_is_deleted_and_nothing_else(database_cache, monkeypatch):
    monkeypatch.setattr("tasklist.chores.AT_A_TIME", 2)
    for number in range(5):
        cache.set(f"old{number}", "x", timeout=-1)
    cache.set("new", "x", timeout=60)
    cache.set("ever", "x", timeout=None)

    chores["delete what is too old in the cache"].do()

    assert stored() == {":1:new", ":1:ever"}


def stored():
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT cache_key FROM {TABLE}")  # noqa: S608
        return {key for (key,) in cursor.fetchall()}
