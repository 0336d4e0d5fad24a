from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    """What is earned, and what a stranger may check."""

    name = "certificates"

    def ready(self):
        """Listen to the bell that tells of released results."""
        from certificates import receivers  # noqa: F401  connects on import
