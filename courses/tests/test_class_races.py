"""Many at the same moment: one sign a person, the last seat once, one class at a time, one end, one second person."""

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import Post, RecordEntry, User
from audit.transitions import Refused
from courses.actions import classes, outside
from courses.models import ClassAttendance, ClassCredit, ClassMeeting, ClassSign, OutsideTraining
from courses.tests import class_stories as tell
from exams.tests.together import counted, together
from tests.people import APPOINTED

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(
        "postgresql" not in settings.DATABASES["default"]["ENGINE"], reason="DATABASE_URL names no PostgreSQL"
    ),
    pytest.mark.django_db(transaction=True),
]
N = 12


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def tried(act):
    """Whether an act was done or refused."""

    def once(turn):
        try:
            act(turn)
        except Refused:
            return "refused"
        return "done"

    return once


def row(meeting):
    return ClassMeeting.objects.filter(pk=meeting.pk)


def crowd(cast, count):
    """People of Jinhai."""
    people = [User.objects.create_user(f"crowd{n}", name=f"众{n}") for n in range(count)]
    for person in people:
        Post.objects.create(person=person, enterprise=cast.jinhai, kind="officer", appointed_on=APPOINTED)
    return people


def test_of_many_phones_of_one_person_one_signs(cast):
    meeting = tell.begun(cast)
    came = together(
        N,
        tried(lambda _n: classes.sign(meeting, cast.officer, direction="in", now=meeting.begins_at)),
        behind=row(meeting),
    )
    assert (counted(came), ClassSign.objects.count()) == ({"done": N}, 1)


def test_the_last_seat_is_taken_once(cast):
    people, meeting = crowd(cast, N), tell.begun(cast, capacity=1)
    came = together(
        N,
        tried(lambda n: classes.sign(meeting, people[n], direction="in", now=meeting.begins_at)),
        behind=row(meeting),
    )
    assert (counted(came), ClassAttendance.objects.count()) == ({"done": 1, "refused": N - 1}, 1)


def test_two_classes_do_not_get_the_same_person_at_once(cast):
    held = [tell.begun(cast, title=f"课堂{n}") for n in range(N)]
    came = together(
        N,
        tried(lambda n: classes.sign(held[n], cast.officer, direction="in", now=held[n].begins_at)),
        behind=User.objects.filter(pk=cast.officer.pk),
    )
    assert (counted(came), ClassAttendance.objects.count()) == ({"done": 1, "refused": N - 1}, 1)


def test_whoever_signs_while_the_class_ends_is_in_it_whole_or_not_at_all(cast):
    people, meeting = crowd(cast, N - 1), tell.begun(cast, begins=timezone.now() - tell.HOUR)
    for person in people:
        tell.signed(meeting, person, 0)

    def act(n):
        if n == N - 1:
            return classes.end(meeting, by=cast.manager, now=meeting.ends_at)
        return classes.sign(meeting, people[n], direction="out", now=meeting.begins_at + 30 * tell.MINUTE)

    together(N, tried(act), behind=row(meeting))
    left = set(ClassSign.objects.filter(direction="out").values_list("attendance", flat=True))
    told = dict(ClassCredit.objects.values_list("attendance", "minutes"))
    assert len(told) == N - 1
    assert {pk for pk, minutes in told.items() if minutes == 30} == left
    assert {minutes for pk, minutes in told.items() if pk not in left} <= {0}


def test_a_class_ends_once(cast):
    meeting = tell.begun(cast)
    tell.signed(meeting, cast.officer, 0, 120)
    came = together(
        N, tried(lambda _n: classes.end(meeting, by=cast.manager, now=meeting.ends_at)), behind=row(meeting)
    )
    assert counted(came) == {"done": 1, "refused": N - 1}
    assert (ClassCredit.objects.count(), RecordEntry.objects.filter(kind="training").count()) == (1, 1)


def test_one_of_many_second_persons_decides(cast):
    training = tell.submitted(cast)
    checkers = [cast.manager, cast.station, cast.district, cast.city]

    def act(n):
        by = checkers[n % len(checkers)]
        return outside.confirm(training, by=by) if n % 2 else outside.send_back(training, by=by, why="看不清")

    came = together(N, tried(act), behind=OutsideTraining.objects.filter(pk=training.pk))
    assert counted(came) == {"done": 1, "refused": N - 1}
    assert (
        RecordEntry.objects.filter(kind="training").count()
        == OutsideTraining.objects.filter(state="confirmed").count()
    )
