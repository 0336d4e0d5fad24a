"""What the desk of courses reads."""

from django.db.models import Count, Q

from accounts.models import Role, Unit
from accounts.scope import within
from catalog.models import LegalProvision
from courses.models import Course, Enrolment
from exams.models import Exam, ExamSession, ItemBank


def list_courses(user, q="", state=""):
    """The courses that somebody writes, with how many study them."""
    found = Course.objects.written_by(user).select_related("unit", "category", "current")
    if q:
        found = found.filter(Q(name__icontains=q) | Q(code__icontains=q))
    if state:
        found = found.filter(state=state)
    active = Count("enrolments", filter=Q(enrolments__state=Enrolment.State.ACTIVE))
    completed = Count("enrolments", filter=Q(enrolments__state=Enrolment.State.COMPLETED))
    return found.annotate(active=active, completed=completed).order_by("code")


def lessons_of(course):
    """The lessons of the draft in their order."""
    rows = course.lessons.filter(removed_at=None).select_related("current__file", "current__captions")
    return list(rows.order_by("position", "pk"))


def units_of(user):
    """The organs for which somebody writes."""
    return Unit.objects.filter(within(user, Role.EDITOR, path="path"), kind=Unit.Kind.ORGAN).order_by("path")


def banks_of(user):
    """The practice banks that a course may use."""
    return ItemBank.objects.filter(within(user, Role.EDITOR), is_practice=True).order_by("code")


def sessions_of(user):
    """The sessions to which a course may lead: published, and never a spot check, whose candidates are drawn by lot."""
    found = ExamSession.objects.filter(within(user, Role.EDITOR), state=ExamSession.State.PUBLISHED)
    return found.exclude(exam__kind=Exam.Kind.SPOT_CHECK).order_by("code")


def provisions_on(day):
    """The provisions in force, with their documents."""
    found = LegalProvision.objects.in_force(day).filter(document__in_force_to__isnull=True)
    return found.select_related("document").order_by("document__code", "pk")
