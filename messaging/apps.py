from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """What people are told: reminders, their channels, and the ledger that proves it."""

    name = "messaging"

    def ready(self):
        """Put panels and switches on the pages below."""
        from messaging import joining  # the models are there only now

        joining.join()
