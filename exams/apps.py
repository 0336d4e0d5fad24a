from django.apps import AppConfig


class ExamsConfig(AppConfig):
    """The heart: banks, papers, sessions, attempts, scores."""

    name = "exams"

    def ready(self):
        """Tell the floors below who is at an attempt and therefore is represented by nobody, and of what to remind candidates."""
        from accounts import acting_for
        from exams import reminders
        from exams.queries.candidate import at_an_attempt

        acting_for.BUSY.append(at_an_attempt)
        reminders.join()
