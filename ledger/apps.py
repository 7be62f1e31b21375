from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """What happened. Knows none of the apps that write into it."""

    name = "ledger"
