from allauth.usersessions.apps import UserSessionsConfig
from django.apps import AppConfig
from django.contrib.admin import apps as django_admin


class TasklistConfig(AppConfig):
    """The wiring. Knows nothing about tasks."""

    default = True  # of those that stand here or are imported; else none is, and nothing says so
    name = "tasklist"

    def ready(self) -> None:
        from tasklist import checks, chores, metrics  # noqa: F401, PLC0415  registers them

        chores.register()
        metrics.register()


class AdminConfig(django_admin.AdminConfig):
    """Django's admin on a site of our own."""

    default = False
    default_site = "tasklist.admin_site.Site"


class BrowsersConfig(UserSessionsConfig):
    """django-allauth's rows of who is signed in where, which `accounts` writes itself.

    Its receivers would keep what stands in the cookie.
    """

    default = False

    def ready(self) -> None:
        """Connect none of them."""
