from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actions import users
from accounts.links import reset_link
from accounts.models import User
from accounts.verified import refuse_no_address


class Command(BaseCommand):
    help = (
        "Makes a superuser without a password, and prints a link that sets one. "
        "Said again for a superuser, it prints a fresh link."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the username")
        parser.add_argument("--email", default="", help="their e-mail address, if they are new")

    def handle(self, *, name: str, email: str, **options: Any) -> None:
        user = User.objects.filter(username_key=name.lower()).first() or made(name, email)
        if not (user.is_superuser and user.is_staff and user.is_active):
            raise CommandError(f"{user} is there already, and no superuser who may sign in.")
        minutes = settings.PASSWORD_RESET_TIMEOUT // 60
        self.stdout.write(
            f"\n{user} sets a password here, once, within {minutes} minutes:\n"
            f"  {reset_link(user)}\n"
        )


def made(name: str, email: str) -> User:
    try:
        refuse_no_address(email)
        return users.create(username=name, password=None, email=email, is_superuser=True, by=None)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from error
