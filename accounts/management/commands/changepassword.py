"""Django's command of this name would write past the actions: nothing ended, nothing recorded."""

import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actions import users
from accounts.models import User

TRIES = 3


class Command(BaseCommand):
    help = "Sets a new password for somebody. Every session, sign-in and token of theirs ends."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "username", nargs="?", help="whose; by default the name of the system's user"
        )

    def handle(self, *args: Any, **options: Any) -> str:
        name = options["username"] or getpass.getuser()
        user = User.objects.called(name).first()
        if user is None:
            raise CommandError(f"There is nobody called {name}.")
        self.stdout.write(f"A new password for {user}:")
        users.set_password(user=user, password=self.typed(user), by=None)
        return f"The password of {user} is set, and every session, sign-in and token is over."

    def typed(self, user: User) -> str:
        """A good password that was typed twice alike.

        Raises CommandError after TRIES that were not, or an empty one.
        """
        for _try in range(TRIES):
            password = getpass.getpass("Password: ")
            if not password:
                raise CommandError("Nothing was changed.")
            if password != getpass.getpass("Password (again): "):
                self.stderr.write("These are two different passwords. Try again.")
                continue
            try:
                validate_password(password, user)
            except ValidationError as refusal:
                self.stderr.write("\n".join(refusal.messages))
            else:
                return password
        raise CommandError(f"Nothing was changed: {TRIES} tries, and no good password.")
