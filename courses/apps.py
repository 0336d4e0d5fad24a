from django.apps import AppConfig


class CoursesConfig(AppConfig):
    """Learning: courses, verified time, and what leads to the exam."""

    name = "courses"

    def ready(self):
        """Put panels on the pages below, and say of what to remind."""
        from courses import joining, joining_files, reminders  # the models are there only now

        joining.join()
        joining_files.join()
        reminders.join()
