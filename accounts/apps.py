from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, and how they get in. django-allauth does the getting in."""

    name = "accounts"
