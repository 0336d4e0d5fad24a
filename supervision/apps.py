from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    """The regulator's desk: spot checks from plan to closure."""

    name = "supervision"

    def ready(self):
        """Listen to the bells below, enter the sections of the package, put panels and alerts on the floors around."""
        from supervision import joining, package_sections, receivers  # noqa: F401 - they enter themselves; models are there only now

        joining.join()
