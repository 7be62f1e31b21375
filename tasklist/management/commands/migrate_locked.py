from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import Migration

# Numbers of MySQL and of its client, and what is to blame for each.
UNREACHABLE = "RDS_HOSTNAME, RDS_PORT or the security group of the database"
LOGIN = "RDS_USERNAME or RDS_PASSWORD"
KEEP_US_OUT = {
    1040: "the number of connections that the database takes",
    1044: "RDS_DB_NAME, or the rights of its user",
    1045: LOGIN,
    1049: "RDS_DB_NAME",
    1698: LOGIN,
    2002: UNREACHABLE,
    2003: UNREACHABLE,
    2005: UNREACHABLE,
    2013: UNREACHABLE,
    2026: "DATABASE_CA, the certificates that the database's is checked against",
}


class Command(migrate.Command):
    help = (
        "Like migrate, but one process at a time whatever the number of instances, "
        "and makes the cache's table. A failure is one line that says what to mend."
    )
    applying: Migration | None = None
    locked: BaseDatabaseWrapper

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--timeout",
            type=int,
            default=600,
            metavar="SECONDS",
            help="how long to wait for another process that migrates (default: 600)",
        )

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Raise CommandError for whatever goes wrong; --traceback shows where."""
        try:
            return super().execute(*args, **options)
        except CommandError:
            raise
        except Exception as error:
            if self.applying:
                self.stdout.write()  # ends the line that says what is applied
                self.stdout.flush()
                raise CommandError(half_done(self.applying, error)) from error
            if isinstance(error, DatabaseError):
                raise CommandError(refused(options["database"], error)) from error
            raise

    def handle(self, *args: Any, timeout: int, **options: Any) -> None:
        if settings.DATABASE_TIMEOUT:
            raise CommandError(
                f"DATABASE_TIMEOUT is {settings.DATABASE_TIMEOUT}, a migration may take longer. "
                "Do not set it: the web process does so by itself."
            )
        self.locked = connections[options["database"]]
        with self.only_one(timeout):
            super().handle(*args, **options)
            if not (options["plan"] or options["check_unapplied"]):
                call_command("createcachetable", database=options["database"], verbosity=0)

    def migration_progress_callback(
        self, action: str, migration: Migration | None = None, fake: bool = False
    ) -> None:
        if action.endswith("_start"):
            self.check_lock()
            self.applying = migration
        elif action.endswith("_success"):
            self.applying = None
        super().migration_progress_callback(action, migration, fake)

    @contextmanager
    def only_one(self, seconds: int) -> Iterator[None]:
        """Hold a lock of the database server for as long as the block runs.

        MySQL cannot roll DDL back: of three that migrate an empty database at once, two die
        and leave tables behind. The connection that migrates holds the lock itself: where this
        process is killed, the server finishes the statement it has begun, and only then lets
        go of the connection and of the lock. SQLite lets in one writer anyway.
        """
        if self.locked.vendor != "mysql":
            yield
            return
        try:
            if not self.takes_lock(0):
                self.stdout.write("Waiting for another process that migrates ...")
                self.stdout.flush()  # while it matters
                if not self.takes_lock(seconds):
                    raise CommandError(
                        f"Another process has been migrating for more than {seconds} seconds. "
                        "Look at its log, and deploy again when it is done."
                    )
            yield
        finally:
            self.locked.close()  # gives the lock back

    def takes_lock(self, seconds: int) -> bool:
        return self.ask_lock("GET_LOCK(%s, %s)", seconds) == 1

    def check_lock(self) -> None:
        """Raise CommandError where the connection, and with it the lock, has been lost."""
        if self.locked.vendor == "mysql" and not self.ask_lock(
            "IS_USED_LOCK(%s) = CONNECTION_ID()"
        ):
            raise CommandError(
                "The connection to the database was lost, and with it the right to migrate. "
                "Deploy again. The release that runs is untouched."
            )

    def ask_lock(self, sql: str, *parameters: int) -> int | None:
        name = f"tasklist-migrate:{self.locked.settings_dict['NAME']}"[:64]  # MySQL takes no more
        with self.locked.cursor() as cursor:
            cursor.execute(f"SELECT {sql}", [name, *parameters])
            answer: int | None = cursor.fetchone()[0]
            return answer


def half_done(migration: Migration, error: Exception) -> str:
    return (
        f"Migration {migration} failed: {error}. The database may hold a part of it, from now or "
        f"from an earlier try: see docs/deploy.md, A migration that stopped half-way. "
        "The release that runs is untouched."
    )


def refused(alias: str, error: DatabaseError) -> str:
    """What to mend, where no migration has begun."""
    place = connections[alias].settings_dict
    if not (error.args and error.args[0] in KEEP_US_OUT):
        return f"The database refused: {error}. The release that runs is untouched."
    return (
        f"The database {place['NAME']} on {place['HOST']}:{place['PORT']} does not let us in: "
        f"{error}. Mend {KEEP_US_OUT[error.args[0]]}. The release that runs is untouched."
    )
