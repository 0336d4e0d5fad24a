"""What stands in a training plan, for whom, and how far they are; the same number of queries for five people or five thousand."""

from datetime import date, timedelta

from django.db.models import Count, Exists, Max, OuterRef, Q, Subquery
from django.utils import timezone

from accounts.models import Enterprise, Post
from accounts.scope import within
from courses.models import Course, Enrolment, PlanEntry, PlanMember, PlanOutcome, TrainingPlan
from courses.queries.team import ASSIGNS
from exams.models import Attempt, Exam, ExamSession, Registration
from operations.days import midnight

DONE, LATE, OPEN, LEFT = (word.value for word in PlanOutcome.Word)
BEHIND = "behind"  # not done, and its day is over


def enterprises_of(user):
    """The enterprises for which somebody makes plans."""
    found = Enterprise.objects.filter(within(user, *ASSIGNS), is_active=True)
    return found.select_related("unit").order_by("unit__path")


def list_plans(user, q="", year="", state=""):
    """The plans that somebody sees, the newest year first."""
    found = TrainingPlan.objects.seen_by(user).select_related("enterprise__unit")
    if q:
        found = found.filter(Q(title__icontains=q) | Q(enterprise__unit__name__icontains=q))
    if year:
        found = found.filter(year=year)
    found = found.filter(state=state) if state else found.exclude(state=TrainingPlan.State.DROPPED)
    return found.order_by("-year", "-pk")


def years_seen(user):
    """The years of which there are plans."""
    found = TrainingPlan.objects.seen_by(user).order_by("-year")
    return list(found.values_list("year", flat=True).distinct())


def entries_of(plan):
    """All lines of a plan with what they ask and how they ended, in their order."""
    rows = PlanEntry.objects.filter(plan=plan).order_by("number")
    rows = rows.select_related("course", "session__exam", "by", "end__by", "replaces")
    found = list(rows.prefetch_related("named__person"))
    for one in found:
        one.plan = plan
    return found


def standing(entries):
    """Those that hold."""
    return [one for one in entries if not hasattr(one, "end")]


def courses_for(enterprise):
    """The courses that a plan of an enterprise may name."""
    return Course.objects.offered_to(enterprise).order_by("code")


def sessions_for(enterprise, now):
    """The exam sessions that a plan of an enterprise may name: open to it, not over, and no spot check."""
    found = ExamSession.objects.offered_to(enterprise).filter(closes_at__gt=now)
    return found.exclude(exam__kind=Exam.Kind.SPOT_CHECK).order_by("opens_at", "code")


def posts_in(enterprise, on):
    """Who is in post in an enterprise and can learn."""
    found = Post.objects.current(on).filter(enterprise=enterprise, person__is_active=True)
    return found.select_related("person", "enterprise__unit").order_by("kind", "person__name", "pk")


def fitting(entry, on):
    """The posts for which a line of a plan is today."""
    found = posts_in(entry.plan.enterprise, on)
    if entry.named.all():
        found = found.filter(pk__in=[post.pk for post in entry.named.all()])
    for kinds in (
        entry.post_kinds,
        entry.course.post_kinds if entry.course else (),
        entry.session.exam.post_kinds if entry.session else (),
    ):
        if kinds:
            found = found.filter(kind__in=kinds)
    return found


def missing(entry, on):
    """Those of them to whom nothing was given by it yet: neither in this post nor in another."""
    given = PlanMember.objects.filter(entry=entry).values("post__person")
    found = fitting(entry, on).exclude(person__in=given)
    if entry.session_id:
        taken_back = Registration.objects.filter(session=entry.session_id, withdrawn_at__isnull=False)
        found = found.exclude(person__in=taken_back.values("candidate"))
    return found


def due_of(entry, post, on):
    """Until when somebody has time: whoever came later has the line's days from her appointment, or from the day she is found."""
    due = entry.due_on
    began = entry.plan.in_force_at
    if began and post.appointed_on > timezone.localdate(began):
        due = max(due, post.appointed_on + timedelta(days=entry.days))
    return due if due >= on else on + timedelta(days=entry.days)


def year_begins(year):
    """The first moment of a year on the clock on the wall."""
    return midnight(date(year, 1, 1))


def _done_courses(plan, course):
    """A course counts for a plan when it was finished in the plan's year or later."""
    return Enrolment.objects.filter(
        course=course, state=Enrolment.State.COMPLETED, completed_at__gte=year_begins(plan.year)
    )


def finished_before(plan, course, people):
    """Who of some people finished a course in a plan's year already: {person: enrolment}."""
    return dict(_done_courses(plan, course).filter(person__in=people).values_list("person", "pk"))


def members_of(plan):
    """The places of a plan whose line holds, each with `is_done`, `learned_at` and `passed_at`."""
    learned = _done_courses(plan, OuterRef("entry__course")).filter(person=OuterRef("post__person"))
    passed = Attempt.objects.filter(
        registration=OuterRef("registration"), released_at__isnull=False, current_result__passed=True
    )
    found = PlanMember.objects.filter(entry__plan=plan, entry__end__isnull=True)
    return found.annotate(
        learned_at=Subquery(learned.order_by("completed_at").values("completed_at")[:1]),
        passed_at=Subquery(passed.order_by("submitted_at").values("submitted_at")[:1]),
    )


IS_DONE = (Q(entry__course__isnull=True) | Q(learned_at__isnull=False)) & (
    Q(entry__session__isnull=True) | Q(passed_at__isnull=False)
)


def counts_of(plan, on):
    """How many have a place in each line, did it, and are behind: {entry: {…}}; one query."""
    rows = (
        members_of(plan)
        .order_by()
        .values("entry")
        .annotate(
            people=Count("pk"),
            done=Count("pk", filter=IS_DONE),
            behind=Count("pk", filter=Q(due_on__lt=on) & ~IS_DONE),
        )
    )
    return {row.pop("entry"): row for row in rows}


def list_members(plan, on, q="", entry="", state=""):
    """The places of a plan by filters; who is behind comes first."""
    found = members_of(plan).select_related(
        "post__person", "post__enterprise__unit", "entry__course", "entry__session", "outcome"
    )
    if q:
        found = found.filter(post__person__name__icontains=q)
    if entry:
        found = found.filter(entry__number=entry)
    if plan.state == TrainingPlan.State.CLOSED:
        found = found.filter(outcome__word=state) if state else found
    elif state == DONE:
        found = found.filter(IS_DONE)
    elif state:
        found = found.exclude(pk__in=found.filter(IS_DONE).values("pk"))
        found = found.filter(due_on__lt=on) if state == BEHIND else found
    return found.order_by("entry__number", "due_on", "post__kind", "pk")


def done_on(member):
    """The day on which somebody had done all that her place asks, or nothing."""
    moments = []
    if member.entry.course_id:
        moments.append(member.learned_at)
    if member.entry.session_id:
        moments.append(member.passed_at)
    return None if None in moments else timezone.localdate(max(moments))


def outcomes_of(plan):
    """How a closed plan ended: {word: how many}."""
    rows = PlanOutcome.objects.filter(member__entry__plan=plan).order_by().values_list("word")
    return dict(rows.annotate(count=Count("pk")))


def last_day(plan):
    """The last day of the lines that hold."""
    return PlanEntry.objects.filter(plan=plan, end__isnull=True).aggregate(day=Max("due_on"))["day"]


def in_force():
    """The plans that are carried out."""
    return TrainingPlan.objects.filter(state=TrainingPlan.State.IN_FORCE).select_related("enterprise__unit")


def due_elsewhere(entry, people):
    """Enrolments that a replaced line gave to people and that have another day than the new line says."""
    return Enrolment.objects.filter(
        Exists(PlanMember.objects.filter(enrolment=OuterRef("pk"), entry=entry.replaces_id)),
        state=Enrolment.State.ACTIVE,
        person__in=people,
    ).exclude(due_on=entry.due_on)
