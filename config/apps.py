from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The roof: settings and their checks, the start, the demo city."""

    name = "config"

    def ready(self):
        """Hang up the checks, and mind the connections."""
        from config import checks, connections  # noqa: F401  importing the checks registers them

        connections.listen()
