"""The address for other systems."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Reads for machines; owns no table."""

    name = "api"
