from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """People, and how they get in. django-allauth does the getting in."""

    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from accounts import chores  # noqa: PLC0415  models are there only now

        chores.register()
