"""What is happening in a session now, and what happened to one attempt: few queries, however many sit."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import scope
from exams.engine import clock, standing
from exams.models import Attempt, Intervention, Response, Result, Signal, Termination
from exams.queries.sessions import SUPERVISES
from exams.sentences import fill

Kind = Intervention.Kind


@dataclass(frozen=True)
class Row:
    """One running attempt as the page shows it."""

    attempt: Attempt
    answered: int
    total: int
    saved_at: datetime | None
    seconds: int
    taken_over: int
    is_paused: bool
    signals: int
    signal_at: datetime | None

    @property
    def is_notable(self):
        """Whether so much was noticed that the row stands out."""
        return self.signals >= settings.SIGNALS_NOTABLE

    @property
    def clock(self):
        """The time that is left, as people read it."""
        hours, rest = divmod(self.seconds, 3600)
        left = f"{rest // 60:02d}:{rest % 60:02d}"
        return f"{hours}:{left}" if hours else left


def decided_by(user):
    """The attempts about which a person may decide: of the sessions of organs where she supervises."""
    return Attempt.objects.filter(scope.within(user, *SUPERVISES, path="registration__session__unit__path"))


def running(session, q=""):
    """The running attempts of a session, by enterprise and name."""
    attempts = Attempt.objects.filter(registration__session=session, state=Attempt.State.IN_PROGRESS)
    if text := q.strip():
        attempts = attempts.filter(
            Q(registration__candidate__name__icontains=text)
            | Q(registration__post__enterprise__unit__name__icontains=text)
        )
    return attempts


def in_order(attempts):
    """Attempts with what a row shows of the person."""
    return (
        attempts.select_related("registration__candidate", "registration__post__enterprise__unit", "paper")
        .defer("layout")
        .order_by("registration__post__enterprise__unit__name", "registration__candidate__name", "pk")
    )


def rows_of(attempts, now):
    """The rows of a page: three queries for any number of attempts."""
    attempts = list(attempts)
    said, saved_at = defaultdict(dict), {}
    responses = Response.objects.filter(attempt__in=[a.pk for a in attempts]).order_by("attempt", "number")
    for key, position, payload, at in responses.values_list("attempt", "position", "payload", "saved_at"):
        said[key][position] = bool(payload)
        saved_at[key] = at
    taken = dict(
        Intervention.objects.filter(attempt__in=[a.pk for a in attempts], kind=Kind.TAKEN_OVER)
        .order_by()
        .values("attempt")
        .annotate(times=Count("pk"))
        .values_list("attempt", "times")
    )
    noticed = {
        key: (times, at)
        for key, times, at in Signal.objects.filter(attempt__in=[a.pk for a in attempts])
        .exclude(kind=Signal.Kind.RETURNED)
        .order_by()
        .values("attempt")
        .annotate(times=Count("pk"), last=Max("at"))
        .values_list("attempt", "times", "last")
    }
    return [
        Row(
            attempt,
            sum(said[attempt.pk].values()),
            len(attempt.paper.outline),
            saved_at.get(attempt.pk),
            clock.remaining(attempt.deadline, now, attempt.paused_at),
            taken.get(attempt.pk, 0),
            attempt.paused_at is not None,
            *noticed.get(attempt.pk, (0, None)),
        )
        for attempt in attempts
    ]


def counts(session, now):
    """How many sit, wait in a pause, handed in, and did not come: [(standing, label, people), …] in one query."""
    registrations = session.registrations.admitted().order_by().values_list(
        "pk", "attempts__number", "attempts__state", "attempts__deadline", "attempts__paused_at",
        "attempts__ended_by",
    )  # fmt: skip
    newest = {}
    for key, number, *facts in registrations:
        if key not in newest or (number or 0) > newest[key][0]:
            newest[key] = (number or 0, standing.Sitting(*facts) if number else None)
    window = standing.Window(session.state, session.opens_at, session.closes_at, session.grace_seconds)
    people = defaultdict(int)
    for _number, sitting in newest.values():
        people[standing.of(window, sitting, now)] += 1
    return [
        (code, fill(label, None), people[code]) for code, label in standing.LABELS.items() if people[code]
    ]


TONES = {
    Kind.TERMINATED: "stop",
    Kind.PAUSED: "warn",
    Kind.PAUSE_JOINED: "warn",
    Kind.RESUMED: "ok",
    Kind.EXTENDED: "info",
}


def story(attempt, *, with_points):
    """What was done to an attempt by whom and why, oldest first, as entries of the timeline: three queries."""
    entries = [
        {
            "at": row.at,
            "title": row.get_kind_display(),
            "text": row.why,
            "sub": _who(row.by, row.at),
            "badge": f"+{_span(row.seconds)}" if row.seconds else "",
            "tone": TONES.get(row.kind, ""),
        }
        for row in Intervention.objects.filter(attempt=attempt).select_related("by").order_by("number")
    ]
    steps = Termination.objects.filter(attempt=attempt).exclude(kind=Termination.Kind.CONFIRMED)
    entries += [
        {
            "at": step.at,
            "title": step.get_kind_display(),
            "text": step.why,
            "sub": _who(step.by, step.at),
            "tone": "warn",
            "badge": "",
        }
        for step in steps.select_related("by").order_by("number")
    ]
    regrades = Result.objects.filter(attempt=attempt, number__gt=1).select_related("scored_by")
    entries += [
        {
            "at": result.scored_at,
            "title": _("重新评分"),
            "text": result.why,
            "sub": _who(result.scored_by, result.scored_at),
            "badge": f"{result.points.normalize():f}" if with_points else "",
        }
        for result in regrades.order_by("number")
    ]
    return sorted(entries, key=lambda entry: entry["at"])


def _who(person, at):
    return f"{person or _('系统')} · {clock_time(at)}"


def clock_time(moment):
    """A moment on the wall clock, to the second."""
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M:%S")


def _span(seconds):
    minutes, rest = divmod(seconds, 60)
    if not rest:
        return _("%(minutes)s 分钟") % {"minutes": minutes}
    return _("%(minutes)s 分 %(seconds)s 秒") % {"minutes": minutes, "seconds": rest}
