from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, units, posts, roles, and the personnel record."""

    name = "accounts"
