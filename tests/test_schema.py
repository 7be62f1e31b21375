"""What the database promises must be something that SQLite, MariaDB and MySQL can all hold."""

import pytest
from django.db import connection, models

from tests.our_apps import our_models

EMOJI_DIFFER = "utf8mb4_unicode_520_ci"


def our_constraints():
    return [each for model in our_models() for each in model._meta.constraints]


def test_no_unique_constraint_of_ours_has_a_condition_or_an_expression():
    """MySQL would silently not make it."""
    unique = [each for each in our_constraints() if isinstance(each, models.UniqueConstraint)]

    assert [each.name for each in unique if each.condition or each.expressions] == []
    assert len(unique) >= 2


@pytest.mark.django_db
def test_every_constraint_is_really_in_the_database():
    found = set()
    with connection.cursor() as cursor:
        for model in our_models():
            found |= set(connection.introspection.get_constraints(cursor, model._meta.db_table))

    assert {each.name for each in our_constraints()} - found == set()
    assert {each.name for each in our_constraints()} >= {"status_is_known", "stock_is_not_negative"}


@pytest.mark.django_db
@pytest.mark.mariadb
def test_every_text_column_takes_every_character_and_tells_emoji_apart():
    """Those of JSON apart, which databases collate as they like."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, collation_name FROM information_schema.columns "
            "WHERE table_schema = DATABASE() AND collation_name IS NOT NULL"
        )
        collations = {(table, column): collation for table, column, collation in cursor.fetchall()}
        cursor.execute(f"SELECT '🍎' = '🍏' COLLATE {EMOJI_DIFFER}, @@sql_mode")
        same, mode = cursor.fetchone()
    texts = {
        (model._meta.db_table, field.column)
        for model in our_models()
        for field in model._meta.local_concrete_fields
        if not isinstance(field, models.JSONField)
    }

    ours = {where: collations[where] for where in texts & collations.keys()}
    assert {where: name for where, name in ours.items() if name != EMOJI_DIFFER} == {}
    assert {("tasks_task", "title"), ("products_product", "name")} <= ours.keys()
    assert same == 0
    assert "STRICT_TRANS_TABLES" in mode
