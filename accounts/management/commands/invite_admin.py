from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from accounts.actions import users
from accounts.models import User


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
            f"\n{user} sets a password here, once, within {minutes} minutes:\n  {link_for(user)}\n"
        )


def made(name: str, email: str) -> User:
    try:
        return users.create(username=name, password=None, email=email, is_superuser=True, by=None)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from error


def link_for(user: User) -> str:
    """As a mail for a forgotten password has it: it ends with the first password that is set."""
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return settings.BASE_URL + reverse("account_reset_password_from_key", kwargs=key)
