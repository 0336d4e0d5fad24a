from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    """Looks at everything, writes nothing, owns no table."""

    name = "dashboards"
