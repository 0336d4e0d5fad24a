"""What the desk that plans sessions reads: sessions, exams to plan from, registrations, people still to be registered."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Prefetch, Q
from django.utils import timezone

from accounts import scope
from accounts.models import Enterprise, Post, Role, Unit
from accounts.permissions import roles
from accounts.queries import people_seen_by
from exams.models import Attempt, Blueprint, Exam, ExamSession, Registration

MANAGES, SUPERVISES = (Role.MANAGER,), roles("sessions.supervise")
RUNS = roles("sessions.run")
PASSED, UNPASSED, ABSENT, LATE = "passed", "unpassed", "absent", "late"


def managed_enterprises(user):
    """The enterprises that a person manages."""
    return Enterprise.objects.filter(scope.within(user, *MANAGES)).select_related("unit")


# --- Sessions ---------------------------------------------------------------------------------------------------------


def seen_by(user):
    """Sessions that a person runs, that stand open to her enterprise or her organ, or in which people of hers are registered."""
    door = Q(pk__in=ExamSession.objects.run_by(user).values("pk"))
    for enterprise in managed_enterprises(user):
        door |= Q(pk__in=ExamSession.objects.offered_to(enterprise).values("pk"))
    door |= Q(unit__path__in=scope.paths_above(user, *SUPERVISES), state=ExamSession.State.PUBLISHED)
    door |= Q(Exists(Registration.objects.seen_by(user).admitted().filter(session=OuterRef("pk"))))
    return ExamSession.objects.filter(door)


def list_sessions(user, *, q="", state="", kind=""):
    """Those sessions by filters, the latest first."""
    sessions = seen_by(user).select_related("exam", "unit")
    if text := q.strip():
        sessions = sessions.filter(
            Q(name__icontains=text) | Q(code__icontains=text) | Q(exam__name__icontains=text)
        )
    if state:
        sessions = sessions.filter(state=state)
    if kind:
        sessions = sessions.filter(exam__kind=kind)
    return sessions.order_by("-opens_at", "code")


FINISHED = Attempt.objects.filter(registration=OuterRef("pk"), state=Attempt.State.SUBMITTED)
# A result counts here once it is known to the candidate; before, nobody at this desk sees it.
KNOWN_PASSED = FINISHED.filter(released_at__isnull=False, current_result__passed=True)


def counts(user, sessions):
    """How many people of the viewer are registered, sat and passed: {session pk: {…}}; one query for all."""
    rows = (
        Registration.objects.seen_by(user)
        .admitted()
        .filter(session__in=[session.pk for session in sessions])
        .annotate(has_sat=Exists(FINISHED), has_passed=Exists(KNOWN_PASSED))
        .order_by()
        .values("session")
        .annotate(
            registered=Count("pk"),
            sat=Count("pk", filter=Q(has_sat=True)),
            passed=Count("pk", filter=Q(has_passed=True)),
        )
    )
    none = {"registered": 0, "sat": 0, "passed": 0}
    found = {row.pop("session"): row for row in rows}
    return {session.pk: found.get(session.pk, none) for session in sessions}


# --- Registrations ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """One registration as this desk shows it."""

    registration: Registration
    attempts: tuple

    @property
    def sat(self):
        """Her finished attempts."""
        return [a for a in self.attempts if a.state == Attempt.State.SUBMITTED]

    @property
    def last(self):
        """The newest attempt, or None."""
        return self.attempts[-1] if self.attempts else None

    @property
    def known(self):
        """The newest attempt whose result is known, or None."""
        return next((a for a in reversed(self.sat) if a.released_at and a.current_result), None)

    @property
    def passed(self):
        """The first attempt with which she passed, or None."""
        return next(
            (a for a in self.sat if a.released_at and a.current_result and a.current_result.passed), None
        )

    @property
    def is_late(self):
        """Whether her time to pass is over."""
        due = self.registration.due_on
        return bool(due and not self.passed and due < timezone.localdate())


def list_registrations(user, session, *, q="", verdict="", on):
    """The registrations of a viewer's people in a session by filters, in order of enterprise and name."""
    rows = Registration.objects.seen_by(user).admitted().filter(session=session)
    if text := q.strip():
        rows = rows.filter(
            Q(candidate__name__icontains=text) | Q(post__enterprise__unit__name__icontains=text)
        )
    passed, sat = Exists(KNOWN_PASSED), Exists(FINISHED)
    if verdict == PASSED:
        rows = rows.filter(passed)
    elif verdict == UNPASSED:
        rows = rows.filter(sat, ~passed)
    elif verdict == ABSENT:
        rows = rows.filter(~sat)
    elif verdict == LATE:
        rows = rows.filter(~passed, due_on__lt=on)
    return with_attempts(rows).order_by("post__enterprise__unit__name", "candidate__name", "pk")


def with_attempts(registrations):
    """Registrations with everything that a row shows: three queries for any number."""
    attempts = Attempt.objects.select_related("current_result").order_by("number")
    return registrations.select_related("candidate", "post__enterprise__unit").prefetch_related(
        Prefetch("attempts", attempts, "all_attempts")
    )


def as_seen(registrations):
    """The rows of a page."""
    return [Seen(registration, tuple(registration.all_attempts)) for registration in registrations]


def open_to(user, registrations):
    """Which of the candidates have a page that the viewer may open: a set of keys, one query."""
    found = [registration.candidate_id for registration in registrations]
    return set(people_seen_by(user).filter(pk__in=found).values_list("pk", flat=True))


def list_attempts(user, *, q="", district="", verdict="", kind="", year="", unit=""):
    """The finished attempts of a viewer's people by filters, newest first."""
    rows = Attempt.objects.seen_by(user).filter(state=Attempt.State.SUBMITTED)
    if text := q.strip():
        rows = rows.filter(
            Q(registration__candidate__name__icontains=text)
            | Q(registration__post__enterprise__unit__name__icontains=text)
            | Q(registration__session__name__icontains=text)
        )
    if district:
        rows = rows.filter(registration__post__enterprise__unit__region__code=district)
    if verdict:
        rows = rows.filter(released_at__isnull=False, current_result__passed=verdict == PASSED)
    if kind:
        rows = rows.filter(registration__session__exam__kind=kind)
    if year.isdecimal() and 2000 <= int(year) < 2200:
        rows = rows.filter(submitted_at__year=int(year))
    if unit:
        rows = rows.filter(registration__post__enterprise__unit__path__contains=f"/{unit}/")
    return rows.select_related(
        "registration__candidate",
        "registration__session",
        "registration__post__enterprise__unit",
        "current_result",
    ).order_by("-submitted_at", "-pk")


# --- People still to be registered ------------------------------------------------------------------------------------


def fitting_posts(user, session, on, q=""):
    """Posts of the viewer's enterprises that the session is meant for and whose holders are not registered yet."""
    posts = (
        Post.objects.current(on)
        .filter(
            scope.oversight(user, "enterprise__unit__path"),
            enterprise__unit__path__startswith=session.unit.path,
            enterprise__is_active=True,
        )
        .exclude(person__in=Registration.objects.filter(session=session).values("candidate"))
        .select_related("person", "enterprise__unit")
    )
    if session.exam.post_kinds:
        posts = posts.filter(kind__in=session.exam.post_kinds)
    if category := session.exam.category_id:
        listed = Enterprise.objects.filter(
            Q(categories=category) | Q(categories__parent=category), pk=OuterRef("enterprise")
        )
        posts = posts.filter(Exists(listed))
    if text := q.strip():
        posts = posts.filter(Q(person__name__icontains=text) | Q(enterprise__unit__name__icontains=text))
    return posts.order_by("enterprise__unit__name", "kind", "person__name", "pk")


def source_for(user, posts):
    """As whom a person registers these: as their manager where she manages all of them, else as their supervisor."""
    managed = tuple(scope.paths(user, *MANAGES))
    own = all(post.enterprise.unit.path.startswith(managed) for post in posts) if managed else False
    return Registration.Source.MANAGER if own else Registration.Source.REGULATOR


# --- Planning ---------------------------------------------------------------------------------------------------------


def exams_to_plan(user):
    """Exams from which a person may plan: her organ's, those of the units above it and below it; for a manager,
    those above her enterprise that its products need, spot checks apart, which only a regulator holds.
    """
    door = Q(pk__in=Exam.objects.run_by(user).values("pk")) | Q(
        unit__path__in=scope.paths_above(user, *SUPERVISES)
    )
    for enterprise in managed_enterprises(user):
        door |= scope.offered(enterprise) & ~Q(kind=Exam.Kind.SPOT_CHECK)
    return Exam.objects.filter(door).select_related("category", "unit", "blueprint")


def units_to_plan(user, exam):
    """The units in whose name a person may hold an exam: her own below the exam's, else the exam's own if it is hers."""
    mine = Unit.objects.filter(pk__in=[held.unit_id for held in scope.grants_of(user) if held.role in RUNS])
    below = mine.filter(path__startswith=exam.unit.path)
    own = Unit.objects.filter(scope.within(user, *RUNS, path="path"), pk=exam.unit_id)
    return (below | own).distinct().order_by("path")


def organs_of(user):
    """The organs in which a person supervises."""
    held = [grant.unit_id for grant in scope.grants_of(user) if grant.role in SUPERVISES]
    return Unit.objects.filter(pk__in=held, kind=Unit.Kind.ORGAN)


def blueprints_for(user):
    """Published blueprints of a supervisor's organs, of those above and of those below."""
    return Blueprint.objects.filter(
        Q(unit__path__in=scope.paths_above(user, *SUPERVISES)) | scope.within(user, *SUPERVISES),
        state=Blueprint.State.PUBLISHED,
    ).select_related("unit")


def free_code(wanted):
    """The wanted code of a session, or with the next free number behind it."""
    taken = set(ExamSession.objects.filter(code__startswith=wanted[:56]).values_list("code", flat=True))
    names = [wanted[:60], *(f"{wanted[:56]}-{number}" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)
