from django.apps import AppConfig


class PracticeConfig(AppConfig):
    """Practice: what people open by themselves, on a phone that may have no network."""

    name = "practice"

    def ready(self):
        """Put panels on the pages below."""
        from practice import joining  # the models are there only now

        joining.join()
