"""Mock exams: a timed set after an exam's proportions. No certificate comes of one, and no table of the exams knows it."""

import secrets

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.transitions import Refused
from practice import rules
from practice.actions.answering import Entry, says, write
from practice.engine import sets
from practice.models import Mock, MockEnd, PracticeAnswer
from practice.queries.items import proportions
from practice.queries.state import pool_of

MINUTES_EACH = 1  # where no exam tells another measure


@transaction.atomic
def begin(user, *, count, exam=None, now=None):
    """Draw a mock exam; while one is still running it is the one that is given."""
    now = now or timezone.now()
    User.objects.select_for_update().get(pk=user.pk)  # two presses are one mock exam
    last = Mock.objects.filter(person=user).select_related("end").order_by("-number").first()
    if last and not hasattr(last, "end") and not rules.is_over(last, now):
        return last
    pool = pool_of(user, timezone.localdate(now))
    if reason := rules.why_not_begin(user, pool, now):
        raise Refused(reason)
    if count not in rules.SIZES:
        raise Refused(_("请选择题数。"))
    seed, wanted = secrets.token_hex(8), proportions(exam) if exam else {}
    drawn = sets.mock(pool, wanted, count, seed)
    if not drawn:
        raise Refused(_("练习题里没有这场考试的题型，请换一种选题方式。"))
    return Mock.objects.create(
        person=user,
        number=last.number + 1 if last else 1,
        exam=exam,
        seed=seed,
        revisions=[one.revision for one in drawn],
        minutes=_minutes(exam, wanted, len(drawn)),
        begun_at=now,
    )


def _minutes(exam, wanted, count):
    """As much time for each item as the exam gives, never under a minute in all."""
    asked = sum(wanted.values())
    return max(1, -(-exam.minutes * count // asked)) if exam and asked else count * MINUTES_EACH


@transaction.atomic
def hand_in(mock, said, *, now=None):
    """Judge what was said, by key of item revision; a second time changes nothing.

    What is not answered is not right, but no answer either: it does not come into the wrong-answer book.
    """
    now = now or timezone.now()
    User.objects.select_for_update().get(pk=mock.person_id)
    if known := MockEnd.objects.filter(mock=mock).first():
        return known
    entries = [
        Entry(
            number=number,
            revision=revision,
            payload=said[revision],
            said_at=now.timestamp() * 1000,
            mode=PracticeAnswer.Mode.MOCK,
        )
        for number, revision in enumerate(mock.revisions, start=1)
        if says(said.get(revision))
    ]
    done = write(mock.person, mock.device, entries, now=now)
    if done.refused:
        raise Refused(done.refused[0][2])
    return MockEnd.objects.create(
        mock=mock,
        right=sum(done.right.values()),
        total=len(mock.revisions),
        is_late=rules.is_over(mock, now),
        at=now,
    )
