from django.apps import AppConfig


class ExamsConfig(AppConfig):
    """The heart: banks, papers, sessions, attempts, scores."""

    name = "exams"
