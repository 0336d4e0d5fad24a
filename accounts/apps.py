from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, units, posts, roles, and the personnel record."""

    name = "accounts"

    def ready(self):
        """Listen to what happens to accounts."""
        from accounts import receivers  # noqa: F401  connects on import
