"""What a candidate owes, may sit and sat."""

from django.db.models import Exists, OuterRef, Prefetch, Q
from django.utils import timezone

from accounts import scope
from exams.engine import clock
from exams.models import Attempt, ExamSession, Registration
from exams.queries import hot
from exams.rules import attempts_left, why_not_start


def still_takes_answers(attempt, now):
    """Whether it runs and its time, with the grace of the network, is not over."""
    return attempt.state == Attempt.State.IN_PROGRESS and (
        attempt.paused_at is not None
        or clock.accepts(attempt.deadline, attempt.registration.session.grace_seconds, now)
    )


def at_an_attempt(people):
    """The keys of those among some people who have an attempt in progress, whether or not its time is over."""
    running = Attempt.objects.filter(hot.RUNS, registration__candidate__in=[person.pk for person in people])
    return set(running.values_list("registration__candidate_id", flat=True))


def sitting_now(user, now):
    """The attempt of hers that still takes answers, or None."""
    return next((a for a in hot.RUNNING.rows(user=user.pk) if still_takes_answers(a, now)), None)


def is_sitting(user, now):
    """Whether an attempt of hers still takes answers; while one does, no page tells her a result of any other."""
    return sitting_now(user, now) is not None


def own_beside_running(user, pk, now):
    """An attempt of hers, or None, and the one that she is sitting at this moment, or None; two queries.

    One that asked for both could only be answered by looking at all that run, and at nine o'clock that is everybody.
    """
    return hot.OWN_ATTEMPT.one(user=user.pk, pk=pk), sitting_now(user, now)


def registered(user, now):
    """Her open registrations with attempts, verdict so far and the reason why she may not start; due first."""
    rows = (
        Registration.objects.of(user)
        .admitted()
        .filter(
            Q(session__state=ExamSession.State.PUBLISHED, session__closes_at__gt=now)
            # Whoever was granted extra minutes may still be sitting when the session has closed for everybody else.
            | Exists(Attempt.objects.filter(registration=OuterRef("pk"), state=Attempt.State.IN_PROGRESS))
        )
        .select_related("session__exam__category", "post__enterprise__unit")
        .prefetch_related(
            Prefetch("attempts", Attempt.objects.select_related("current_result").order_by("number"))
        )
    )
    shown = []
    for registration in rows:
        attempts = list(registration.attempts.all())
        running = next((a for a in attempts if still_takes_answers(a, now)), None)
        released = [a for a in attempts if a.released_at and a.current_result]
        shown.append(
            {
                "registration": registration,
                "session": registration.session,
                "running": running,
                "passed": next((a for a in released if a.current_result.passed), None),
                "best": max((a.current_result.percent for a in released), default=None),
                "why_not": "" if running else why_not_start(registration, attempts, now),
                "left": attempts_left(registration, attempts),
            }
        )
    far = max((timezone.localdate(r["session"].closes_at) for r in shown), default=None)
    return sorted(
        shown, key=lambda r: (bool(r["passed"]), r["registration"].due_on or far, r["session"].code)
    )


def offered(user, now):
    """Sessions that stand open to her for registering herself."""
    kinds = set()
    door = Q(pk__in=())
    for post in scope.posts_of(user):
        door |= Q(pk__in=ExamSession.objects.offered_to(post.enterprise).values("pk"))
        kinds.add(post.kind)
    sessions = (
        ExamSession.objects.filter(door, self_registration=True, closes_at__gt=now)
        .exclude(registrations__candidate=user)
        .select_related("exam__category")
        .order_by("closes_at", "code")
    )
    return [s for s in sessions if not s.exam.post_kinds or kinds & set(s.exam.post_kinds)]


def sat(user):
    """Her finished attempts, newest first."""
    return (
        Attempt.objects.of(user)
        .exclude(state=Attempt.State.IN_PROGRESS)
        .select_related("registration__session__exam", "current_result")
        .order_by("-submitted_at")
    )
