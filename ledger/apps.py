from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    """What happened. Knows none of the apps that write into it."""

    name = "ledger"
    verbose_name = _("History")

    def ready(self) -> None:
        from ledger import chores  # noqa: PLC0415  models are there only now

        chores.register()
