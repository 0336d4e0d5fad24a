from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The roof: settings and their checks, the start, the demo city."""

    name = "config"

    def ready(self):
        """Hang up the checks."""
        from config import checks  # noqa: F401  importing it registers them
