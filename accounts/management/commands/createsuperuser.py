"""Django's command of this name would make a person past the actions."""

from typing import Any, NoReturn

from django.contrib.auth.management.commands import createsuperuser
from django.core.management.base import CommandError


class Command(createsuperuser.Command):
    help = "Not here: use invite_admin."

    def handle(self, *args: Any, **options: Any) -> NoReturn:
        raise CommandError(
            "Superusers are made without a password: say `manage.py invite_admin NAME`, "
            "and follow the link that it prints."
        )
