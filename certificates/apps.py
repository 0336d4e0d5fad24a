from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    """What is earned, and what a stranger may check."""

    name = "certificates"

    def ready(self):
        """Listen to the bell that tells of released results, offer the press to the floors below, and say of what to remind holders."""
        from accounts import printing
        from certificates import minutes, pdf, receivers, reminders  # noqa: F401  connect on import

        printing.prints_documents(pdf.render_document)
        reminders.join()
