"""Hear that a result was released, and issue what it earns; hearing it twice issues nothing twice."""

from django.dispatch import receiver

from certificates import actions
from exams.signals import result_released


@receiver(result_released, dispatch_uid="certificates.issue")
def issue_what_is_earned(sender, attempt, **kwargs):
    """A passed attempt earns the certificates of its schemes."""
    if attempt.current_result.passed:
        for scheme in actions.schemes_for(attempt):
            actions.issue(attempt, scheme)
