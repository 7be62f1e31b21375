from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import Migration


class Command(migrate.Command):
    help = (
        "Like migrate, but one process at a time whatever the number of instances, "
        "and makes the cache's table. A failure is one line that says what to mend."
    )
    applying: Migration | None = None

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
                raise CommandError(unreachable(options["database"], error)) from error
            raise

    def handle(self, *args: Any, timeout: int, **options: Any) -> None:
        connection = connections[options["database"]]
        with self.only_one(connection, timeout):
            super().handle(*args, **options)
            call_command("createcachetable", database=connection.alias, verbosity=0)

    def migration_progress_callback(
        self, action: str, migration: Migration | None = None, fake: bool = False
    ) -> None:
        if action.endswith("_start"):
            self.applying = migration
        elif action.endswith("_success"):
            self.applying = None
        super().migration_progress_callback(action, migration, fake)

    @contextmanager
    def only_one(self, connection: BaseDatabaseWrapper, seconds: int) -> Iterator[None]:
        """Hold a lock of the database server for as long as the block runs.

        MySQL cannot roll DDL back: of three that migrate an empty database at once, two die
        and leave tables behind. The lock has a connection of its own, so that nothing the
        migrations do to theirs can lose it. SQLite lets in one writer anyway.
        """
        if connection.vendor != "mysql":
            yield
            return
        lock = connection.copy()
        try:
            if not takes(lock, 0):
                self.stdout.write("Waiting for another process that migrates ...")
                self.stdout.flush()  # while it matters
                if not takes(lock, seconds):
                    raise CommandError(
                        f"Another process has been migrating for more than {seconds} seconds. "
                        "Look at its log, and deploy again when it is done."
                    )
            yield
        finally:
            lock.close()  # gives the lock back


def takes(lock: BaseDatabaseWrapper, seconds: int) -> bool:
    name = f"tasklist-migrate:{lock.settings_dict['NAME']}"[:64]  # MySQL's limit for a name
    with lock.cursor() as cursor:
        cursor.execute("SELECT GET_LOCK(%s, %s)", [name, seconds])
        return cursor.fetchone() == (1,)


def half_done(migration: Migration, error: Exception) -> str:
    return (
        f"Migration {migration} failed: {error}. The database may hold a part of it, from now or "
        f"from an earlier try: see docs/deploy.md, A migration that stopped half-way. "
        "The release that runs is untouched."
    )


def unreachable(alias: str, error: Exception) -> str:
    place = connections[alias].settings_dict
    return (
        f"The database {place['NAME']} on {place['HOST']}:{place['PORT']} does not let us in: "
        f"{error}. Mend RDS_HOSTNAME, RDS_PASSWORD, its security group or DATABASE_CA. "
        "The release that runs is untouched."
    )
