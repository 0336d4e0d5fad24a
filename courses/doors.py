"""The doors of courses, shared by their views."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.doors import holding
from accounts.permissions import roles
from courses.models import Course, Enrolment, PresenceCheck, QuizTry
from courses.queries import after, learning

for_writers = holding(*roles("courses.write"))
for_overseers = holding(*roles("learning.see"))
for_organs = holding(*roles("organs.overview"))
for_managers = holding(*roles("learning.assign"))


def _or_404(found):
    if found is None:
        raise Http404
    return found


def course_or_404(request, code):
    """A course that stands open to the visitor or that she studies."""
    return _or_404(learning.course_of(request.user, code))


def visit_or_404(request, pk):
    """One of the visitor's own lesson pages."""
    return _or_404(learning.visit_of(request.user, pk))


def file_or_404(request, code, digest):
    """A file of a course that the visitor may see, or of which a lesson was suggested to her."""
    return _or_404(
        learning.file_of(request.user, code, digest)
        or after.file_of(request.user, code, digest, timezone.now())
    )


def check_or_404(request, pk):
    """A presence check that was put to the visitor."""
    mine = PresenceCheck.objects.filter(enrolment__in=Enrolment.objects.of(request.user))
    return get_object_or_404(mine.select_related("enrolment", "visit__revision"), pk=pk)


def try_or_404(request, pk):
    """One of the visitor's own goes at a quiz."""
    mine = QuizTry.objects.filter(enrolment__in=Enrolment.objects.of(request.user))
    return get_object_or_404(mine.select_related("enrolment__course", "revision"), pk=pk)


def written_or_404(request, code):
    """A course that the visitor writes."""
    found = Course.objects.written_by(request.user)
    return get_object_or_404(
        found.select_related("unit", "category", "bank", "session", "current"), code=code
    )


def lesson_or_404(course, pk):
    """A lesson of the draft of a course that came through its door."""
    found = course.lessons.filter(removed_at=None).select_related("current__file", "current__captions")
    return get_object_or_404(found, pk=pk)


def looked_after_or_404(request, pk):
    """An enrolment of the visitor's people."""
    return get_object_or_404(Enrolment.objects.seen_by(request.user).told(), pk=pk)
