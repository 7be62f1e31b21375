"""How Django talks to its database, so that a page waits neither long nor in the clear."""

from typing import Any

# What a page may wait for a lock; shorter than for the whole statement, since giving up on a lock
# keeps the connection, while a statement cut off loses it.
LOCK_SECONDS = 2
# A database next door answers in milliseconds. A hanging one costs a statement and then this, and
# both together have to leave time for the answer that is promised within five seconds.
CONNECT_SECONDS = 1


def with_options(place: dict[str, Any], *, timeout: int, ca: str) -> dict[str, Any]:
    """Django's entry for the database at `place`.

    `timeout`: seconds that a statement may take, 0: as long as it takes (commands).
    `ca`: a file with the certificates that may have signed the server's; empty: no TLS.
    """
    if place["ENGINE"].endswith("mysql"):
        return place | mysql(timeout, ca)
    return place | {
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",  # writers queue instead of failing half-way
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
    }


def mysql(timeout: int, ca: str) -> dict[str, Any]:
    return {
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "charset": "utf8mb4",
            "connect_timeout": CONNECT_SECONDS,
            # One statement sees what is committed now: actions decide on rows they have locked.
            "isolation_level": "read committed",
            "init_command": f"SET SESSION {session(timeout)}",
            # The server gives up first where it can; a server that hangs cannot.
            **({"read_timeout": timeout, "write_timeout": timeout} if timeout else {}),
            **({"ssl_mode": "VERIFY_IDENTITY", "ssl": {"ca": ca}} if ca else {}),
        },
        # A collation that MySQL and MariaDB both have, and in which emoji differ.
        "TEST": {"CHARSET": "utf8mb4", "COLLATION": "utf8mb4_unicode_520_ci"},
    }


def session(timeout: int) -> str:
    """The session's variables. In the comments is what one of MySQL and MariaDB alone knows."""
    strict = "sql_mode = CONCAT(@@sql_mode, ',STRICT_TRANS_TABLES')"
    if not timeout:
        return strict
    mysql_alone = f"/*!80000 , max_execution_time = {timeout * 1000} */"  # milliseconds
    mariadb_alone = f"/*M! , max_statement_time = {timeout} */"  # seconds
    return f"{strict}, innodb_lock_wait_timeout = {LOCK_SECONDS} {mysql_alone} {mariadb_alone}"
