"""Holders are reminded of a certificate that expires soon, unless a later one or the end of the post made it pointless."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import actions
from certificates import reminders
from certificates.models import Certificate
from messaging.actions import planning
from messaging.models import Message
from tests import build


def expires(certificate, days):
    """Put its last day so many days from now."""
    day = timezone.localdate() + timedelta(days=days)
    Certificate.objects.filter(pk=certificate.pk).update(expires_on=day)
    return day


@pytest.mark.parametrize(
    ("days", "step"), [(61, None), (60, 60), (31, 60), (30, 30), (8, 30), (7, 7), (0, 7), (-1, None)]
)
def test_the_last_day_is_reminded_of_at_sixty_thirty_and_seven(cast, days, step):
    found = build.certified(cast)
    day = expires(found, days)
    planning.plan(timezone.localdate())
    expected = [(cast.officer.pk, f"certificate:{found.pk}", f"{step}:{day}")] if step else []
    assert list(Message.objects.values_list("recipient", "subject", "occasion")) == expected


def test_nobody_is_reminded_whose_certificate_was_suspended_or_who_left(cast):
    found = build.certified(cast)
    expires(found, 20)
    name = {f"certificate:{found.pk}"}
    assert reminders.still_last(name) == name
    Certificate.objects.filter(pk=found.pk).update(state="suspended")
    assert reminders.still_last(name) == set()
    Certificate.objects.filter(pk=found.pk).update(state="in_force")
    actions.dismiss(cast.post(cast.officer), ended_on=timezone.localdate(), by=cast.manager)
    assert reminders.still_last(name) == set()
    planning.plan(timezone.localdate())
    assert Message.objects.count() == 0


def test_of_two_certificates_of_one_post_the_later_one_counts(cast):
    first = build.certified(cast)
    second = build.certified(
        cast, session=build.make_session(cast, "again", exam=first.attempt.registration.session.exam)
    )
    expires(first, 10)
    expires(second, 20)
    planning.plan(timezone.localdate())
    assert list(Message.objects.values_list("subject", flat=True)) == [f"certificate:{second.pk}"]
