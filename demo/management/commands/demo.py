import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.management import call_command
from django.core.management.base import BaseCommand

from accounts.actions import users
from accounts.models import User
from demo import catalogue, team


class Command(BaseCommand):
    help = "Migrates, fills an empty database with demo data, and prints how to sign in."
    requires_system_checks: list[str] = []  # the start of the server runs them

    def handle(self, *args: Any, **options: Any) -> None:
        settings.VAR_DIR.mkdir(exist_ok=True)
        call_command("migrate", verbosity=0, skip_checks=True)
        password = demo_password(settings.VAR_DIR / "demo-password")
        if not User.objects.exists():
            team.fill(password=password, by=None)
            catalogue.fill(by=None)
        self.keep_in_step(password)
        self.greet(password)

    def keep_in_step(self, password: str) -> None:
        """DEMO_PASSWORD may have changed since the database was filled."""
        for user in User.objects.filter(username__in=("demo", "admin")):
            if not check_password(password, user.password):
                users.set_password(user=user, password=password, by=None)

    def greet(self, password: str) -> None:
        self.stdout.write(
            f"\nTasklist: {settings.BASE_URL}\n"
            f"  sign in as  demo   {password}   (lists and tasks of a small team)\n"
            f"  sign in as  admin  {password}   (superuser)\n"
        )


def demo_password(file: Path) -> str:
    """DEMO_PASSWORD, else a random one that is kept for the next start."""
    if given := os.environ.get("DEMO_PASSWORD"):
        return given
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(12))
    return file.read_text().strip()
