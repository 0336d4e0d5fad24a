"""Writing courses: drafts that are added to, and editions that publishing fixes."""

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from audit.transitions import Refused, move
from courses import rules
from courses.models import Course, Edition, EditionLesson, Lesson, LessonRevision
from courses.queries.writing import lessons_of


def locked(course):
    """The course as it is now; whoever else writes waits."""
    found = Course.objects.select_for_update(of=("self",), no_key=True)
    return found.select_related("current", "unit", "bank").get(pk=course.pk)


@transaction.atomic
def write(course, *, prerequisites, by):
    """Keep what a form says of a course, new or known."""
    is_new = course.pk is None
    course.save()
    course.prerequisites.set(prerequisites)
    if is_new:
        record("course.entered", course, by=by)
    else:
        record("course.changed", course, by=by)
    return course


@transaction.atomic
def write_lesson(course, *, by, lesson=None, kind="", provisions=(), **fields):
    """Append a revision to a lesson, or a new lesson at the end of the course; what says the same again adds nothing."""
    course = locked(course)
    if lesson is None:
        last = course.lessons.aggregate(last=Max("position"))["last"]
        lesson = Lesson.objects.create(course=course, kind=kind, position=(last or 0) + 1)
    old, provisions = lesson.current, list(provisions)
    if old and _says(old, fields, provisions):
        return old
    made = LessonRevision.objects.create(lesson=lesson, number=old.number + 1 if old else 1, by=by, **fields)
    made.provisions.set(provisions)
    lesson.current = made
    lesson.save(update_fields=["current"])
    record("lesson.written", made, by=by, course=course.code, number=made.number)
    return made


def _says(old, fields, provisions):
    same = all(getattr(old, name) == value for name, value in fields.items())
    return same and {row.pk for row in old.provisions.all()} == {row.pk for row in provisions}


@transaction.atomic
def shift(lesson, *, by, up):
    """Let a lesson change places with the one before or after it; at the edge nothing happens."""
    rows = lessons_of(locked(lesson.course))
    here = next(n for n, row in enumerate(rows) if row.pk == lesson.pk)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(rows):
        return lesson
    rows[here], rows[there] = rows[there], rows[here]
    for position, row in enumerate(rows, start=1):
        row.position = position
    Lesson.objects.bulk_update(rows, ["position"])
    record("lesson.shifted", lesson, by=by, course=lesson.course.code, up=up)
    return lesson


@transaction.atomic
def remove(lesson, *, by, now=None):
    """Take a lesson out of the draft; editions that hold it keep it."""
    if lesson.removed_at is None:
        lesson.removed_at = now or timezone.now()
        lesson.save(update_fields=["removed_at"])
        record("lesson.removed", lesson, by=by, course=lesson.course.code)
    return lesson


@transaction.atomic
def publish(course, *, by, note="", now=None):
    """Fix the lessons as they are written as the next edition and give it to whoever enrols from now on."""
    now, course = now or timezone.now(), locked(course)
    lessons = lessons_of(course)
    if reason := rules.why_not_publish(course, lessons):
        raise Refused(reason)
    number = course.current.number + 1 if course.current else 1
    if rules.is_changed(course, lessons):
        made = Edition.objects.create(
            course=course, number=number, name=course.name, note=note[:200], by=by, at=now
        )
        made.prerequisites.set(course.prerequisites.all())
        EditionLesson.objects.bulk_create(
            EditionLesson(edition=made, position=position, revision=lesson.current)
            for position, lesson in enumerate(lessons, start=1)
        )
        course.current = made
        course.save(update_fields=["current"])
        record("edition.made", made, by=by, number=number, lessons=len(lessons))
    if course.state != Course.State.PUBLISHED:
        move(course, to=Course.State.PUBLISHED, by=by, published_at=now)
    return course


@transaction.atomic
def withdraw(course, *, by, why, now=None):
    """Take a published course out of use, with the reason that its learners read; what they did stays."""
    if not why.strip():
        raise Refused(_("请写明撤下理由。"))
    why = why.strip()[:200]
    return move(
        course,
        to=Course.State.WITHDRAWN,
        by=by,
        why=why,
        withdrawn_at=now or timezone.now(),
        withdrawn_why=why,
    )
