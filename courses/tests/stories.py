"""Builders of what the stories of learning need: a course with lessons, a practice bank, somebody who studies with a clock put forward."""

from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.tests.files import a_picture
from courses import files
from courses.actions import enrolling, presence, quizzes, writing
from courses.models import Course, Lesson, LessonRevision, PresenceAnswer
from courses.queries import quizzes as quiz_queries
from exams import tokens
from exams.models import ItemBank
from tests import build


def practice_bank(cast, code="practice", each=6):
    """A bank of the city whose items are for practice."""
    bank = build.make_bank(cast, code, each=0, truefalse=each)
    ItemBank.objects.filter(pk=bank.pk).update(is_practice=True)
    bank.refresh_from_db()
    return bank


def drafted(cast, code="story", *, minutes=(2, 3), quiz=0, **fields):
    """A draft of the city with so many articles of so many minutes, and perhaps a quiz of so many items at the end."""
    fields = {"name": f"课程{code}", "unit": cast.city_organ} | fields
    if quiz:
        fields.setdefault("bank", practice_bank(cast, f"{code}-practice"))
    course = writing.write(
        Course(code=code, **fields), prerequisites=fields.pop("prerequisites", ()), by=cast.editor
    )
    for n, needed in enumerate(minutes, start=1):
        writing.write_lesson(
            course, by=cast.editor, kind=Lesson.Kind.ARTICLE, title=f"第{n}课", body=f"## 要点\n\n第{n}课正文", minutes=needed
        )  # fmt: skip
    if quiz:
        writing.write_lesson(
            course, by=cast.editor, kind=Lesson.Kind.QUIZ, title="练一练", minutes=1, items=quiz
        )
    return course


def published(cast, code="story", **more):
    """The same, published."""
    return writing.publish(drafted(cast, code, **more), by=cast.editor)


def pictured(cast, course):
    """A picture kept with a course."""
    return files.keep_picture(course, SimpleUploadedFile("图.png", a_picture(), "image/png"), by=cast.editor)


def enrolled(cast, course, user=None, *, by=None, **more):
    """Somebody's enrolment, by her manager if nobody else is named."""
    user = user or cast.officer
    return enrolling.enrol(course, user.posts.first(), by=by or cast.manager, **more)


def revisions(enrolment):
    """The lessons of what somebody studies."""
    return list(LessonRevision.objects.filter(places__edition=enrolment.edition).order_by("places__position"))


def study(enrolment, revision, seconds, *, start=None, every=15, answers=True, visible=True, visit=None):
    """Beat for so many seconds from a moment on, answering each check at once or never; gives the last pulse and when it was."""
    start = start or timezone.now()
    visit = visit or presence.open_visit(enrolment, revision, now=start)
    told, number = None, visit.beats.count()
    for passed in range(0, seconds + 1, every):
        now, number = start + timedelta(seconds=passed), number + 1
        told = presence.beat(visit, number=number, is_visible=visible, now=now)
        if told.check and answers and not PresenceAnswer.objects.filter(check_of=told.check).exists():
            told = presence.answer(
                told.check, token=presence.token_of(told.check), now=now + timedelta(seconds=1)
            )
    return told, start + timedelta(seconds=seconds)


def finish(enrolment, *, start=None):
    """Study everything, quizzes with right answers, until the course is complete; gives when that was."""
    now = start or timezone.now()
    for revision in revisions(enrolment):
        if revision.kind == Lesson.Kind.QUIZ:
            go = quizzes.begin(enrolment, revision, now=now)
            quizzes.hand_in(go, right(go), now=now)
        _told, now = study(enrolment, revision, revision.seconds + 60, start=now + timedelta(seconds=5))
    for _ in range(20):
        enrolment.refresh_from_db()
        if enrolment.state != "active":
            return now
        _told, now = study(enrolment, revision, 60, start=now + timedelta(seconds=5))
    raise AssertionError("it does not end")


def right(go, share=1):
    """What a page would send for right answers to this share of a go, wrong ones to the others."""
    places = quiz_queries.places(go)
    good = round(len(places) * share)
    return {
        place.position: tokens.closed(
            quiz_queries.token_name(go),
            place.position,
            build.right(place.type, place.body, place.key) if n < good else {"value": not place.key["value"]},
        )
        for n, place in enumerate(places)
    }
