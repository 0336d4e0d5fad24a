"""Learners of one course whose day comes in three days, for `reminders`. `python -m bench.learners`."""

import json
import sys
from datetime import date, timedelta

import django

django.setup()

from django.db import transaction  # noqa: E402

from accounts.models import Post  # noqa: E402
from bench.seed import ground, people  # noqa: E402
from courses.models import Course, Edition, Enrolment  # noqa: E402
from operations.statistics import learn  # noqa: E402


@transaction.atomic
def main(wanted):
    """So many people, each in a post, each enrolled."""
    city, enterprise, desk = ground()
    course = Course.objects.create(code="bench", name="压测课程", unit=city)
    edition = Edition.objects.create(course=course, number=1, name=course.name, by=desk)
    made = people("learner", wanted["users"], enterprise)
    posts = dict(Post.objects.filter(person__in=made[:1]).values_list("person", "pk"))
    first, keys = made[0].pk, Post.objects.filter(enterprise=enterprise).order_by("person")
    assert first in posts
    due = date.fromisoformat(wanted["day"]) + timedelta(days=3)
    Enrolment.objects.bulk_create(
        [
            Enrolment(person_id=person, post_id=post, course=course, edition=edition, due_on=due)
            for person, post in keys.values_list("person", "pk")
        ],
        batch_size=2000,
    )
    learn([Enrolment, Post], wanted["users"])


if __name__ == "__main__":
    main(json.load(sys.stdin))
