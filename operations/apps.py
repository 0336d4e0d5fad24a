from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Background tasks, measures, logs."""

    name = "operations"
