from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    """What happened. Knows none of the apps that write into it."""

    name = "ledger"
    verbose_name = _("History")
