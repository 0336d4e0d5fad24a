from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """What everyone points at."""

    name = "catalog"
