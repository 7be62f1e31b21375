"""What the database promises must be something that SQLite, MariaDB and MySQL can all hold."""

import pytest
from django.apps import apps
from django.db import connection, models

OURS = ("accounts", "ledger", "tasks")


def our_constraints():
    for app in OURS:
        for model in apps.get_app_config(app).get_models():
            yield from model._meta.constraints


def test_no_unique_constraint_of_ours_has_a_condition_or_an_expression():
    """MySQL would silently not make it."""
    unique = [each for each in our_constraints() if isinstance(each, models.UniqueConstraint)]

    assert [each.name for each in unique if each.condition or each.expressions] == []
    assert len(unique) >= 2


@pytest.mark.django_db
def test_every_constraint_is_really_in_the_database():
    tables = {
        model._meta.db_table for app in OURS for model in apps.get_app_config(app).get_models()
    }
    found = set()
    with connection.cursor() as cursor:
        for table in tables:
            found |= set(connection.introspection.get_constraints(cursor, table))

    assert {each.name for each in our_constraints()} - found == set()


@pytest.mark.django_db
@pytest.mark.mariadb
def test_every_text_column_takes_every_character_and_tells_emoji_apart():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT collation_name FROM information_schema.columns "
            "WHERE table_schema = DATABASE() AND table_name LIKE 'tasks_%' "
            "AND collation_name IS NOT NULL"
        )
        collations = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT '🍎' = '🍏' COLLATE utf8mb4_unicode_520_ci, @@sql_mode")
        same, mode = cursor.fetchone()

    assert collations == {"utf8mb4_unicode_520_ci"}
    assert same == 0
    assert "STRICT_TRANS_TABLES" in mode
