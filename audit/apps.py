from django.apps import AppConfig


class AuditConfig(AppConfig):
    """How the house remembers."""

    name = "audit"
