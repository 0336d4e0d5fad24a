"""Reads of what follows a fail or an absence: where everybody on a list stands in the end, and what is late."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import name_of
from exams.models import Item
from supervision import calendar, followup
from supervision.engine.days import months_before
from supervision.models import (
    Decision,
    Evidence,
    Examinee,
    Outcome,
    Recheck,
    Rectification,
    Retake,
    SpotCheck,
)
from supervision.models.sittings import counting
from supervision.queries import amending, minutes, publishing, sittings

State = Rectification.State
PASSED, FAILED, EXCUSED = Outcome.Conclusion.PASSED, Outcome.Conclusion.FAILED, Outcome.Conclusion.EXCUSED
LAST, REPEATED, LEFT, OWED = "last", "repeated", "left", "owed"  # why somebody comes on the list to decide


@dataclass
class Standing:
    """Where one person on a list stands: her rounds, what counts, and why somebody must decide about her."""

    examinee: Examinee  # of the last round that she was called to
    outcome: Outcome | None
    rounds: list = field(default_factory=list)  # [(examinee, outcome)]
    why: str = ""
    decisions: list = field(default_factory=list)
    is_last: bool = False  # whether the rules give her no further round

    @property
    def is_owed(self):
        """Whether she was excused the last time and is owed a sitting: an excuse is no try, so another date may always be set."""
        return self.outcome is not None and self.outcome.conclusion == EXCUSED and not self.is_done

    @property
    def is_done(self):
        """Whether she has passed, in whichever round: an amendment may find so of an earlier one."""
        return any(outcome is not None and outcome.conclusion == PASSED for _one, outcome in self.rounds)

    @property
    def is_settled(self):
        """Whether nothing more has to be done about her: passed and not to be decided about, or decided."""
        return bool(self.decisions) or (self.is_done and not self.why)

    @property
    def waits(self):
        """Whether somebody must decide about her."""
        return bool(self.why) and not self.decisions


def standings(check, people=None, outcomes=None):
    """Where everybody on the list of a check stands, in the order of the names; so many queries for one as for many."""
    people = list(sittings.examinees(check)) if people is None else people
    outcomes = sittings.outcomes_of(people) if outcomes is None else outcomes
    decided = defaultdict(list)
    for row in Decision.objects.filter(check_of=check).select_related("by").order_by("number"):
        decided[row.examinee_id].append(row)
    rounds = defaultdict(list)
    for one in people:
        rounds[one.drawn_id].append((one, outcomes.get(one.pk)))
    found = [
        Standing(*told[-1], rounds=told, decisions=[row for one, _outcome in told for row in decided[one.pk]])
        for told in rounds.values()
    ]
    before = failed_before(check, [one.examinee.registration.candidate_id for one in found])
    rounds_held = max((one.round for one in people), default=0)
    for one in found:
        excused = sum(outcome is not None and outcome.conclusion == EXCUSED for _one, outcome in one.rounds)
        one.is_last = rounds_held - excused >= check.profile.retakes
        one.why = _why(one, before)
    return found


def _why(one, before):
    """Why somebody must decide: she did not pass and has no further round, failed again, left before one, or was excused."""
    if one.outcome is None:
        return ""
    failed_here = any(outcome and outcome.conclusion == FAILED for _examinee, outcome in one.rounds)
    if failed_here and one.examinee.registration.candidate_id in before:
        return REPEATED
    if one.is_done:
        return ""
    if one.is_owed:
        return OWED
    if one.is_last:
        return LAST
    return LEFT if has_left(one.examinee.registration.post, timezone.localdate()) else ""


def has_left(post, on):
    """Whether a post is over."""
    return bool(post.ended_on and post.ended_on <= on)


def failed_before(check, people):
    """Those of the people whose outcome in another check, within the months before this one that its rules name, is a confirmed fail."""
    months = check.profile.repeat_months
    if not months or not check.concluded_at:
        return set()
    rows = (
        Examinee.objects.counting()
        .filter(
            registration__candidate__in=people,
            check_of__concluded_at__lt=check.concluded_at,
            check_of__concluded_at__date__gte=months_before(timezone.localdate(check.concluded_at), months),
        )
        .exclude(check_of=check)
        .exclude(check_of__state=SpotCheck.State.ABANDONED)
        .annotate(came=counting(), counts=counting(field="pk"))
        .filter(came=FAILED)
    )
    failed = dict(rows.values_list("pk", "counts"))
    told = minutes.of(failed) if failed else {}
    return {
        one.row.examinee.registration.candidate_id for key, one in told.items() if one.confirms(failed[key])
    }


def to_retake(standings, on):
    """Those of the standings who are to be examined again: not passed, not decided about, still in post, with a round left."""
    return [
        one
        for one in standings
        if one.outcome
        and not one.is_done
        and not one.decisions
        and not one.is_last
        and not has_left(one.examinee.registration.post, on)
    ]


def items_had(people):
    """The items that these examinees had in any round of their check."""
    drawn = Examinee.objects.filter(pk__in=[one.pk for one in people]).values("drawn")
    registrations = Examinee.objects.filter(drawn__in=drawn).values("registration")
    return Item.objects.filter(
        revisions__paper_items__paper__attempts__registration__in=registrations
    ).distinct()


def retakes(check):
    """The retakes of a check in their order."""
    return list(check.retakes.select_related("session", "called_by", "concluded_by").order_by("round"))


def of_check(check):
    """The notices of a check, by the examinee's key; where one was revoked and another issued, the later one."""
    found = Rectification.objects.filter(check_of=check).told().order_by("pk")
    return {row.examinee_id: row for row in found}


def needing(examinees, outcomes, notices):
    """Those of the examinees whose outcome needs a notice that was not issued."""
    return [
        one
        for one in examinees
        if one.pk in outcomes
        and outcomes[one.pk].conclusion in Outcome.NEEDS_RECTIFYING
        and (one.pk not in notices or notices[one.pk].state == State.REVOKED)
    ]


def list_notices(user, *, q="", state=""):
    """The notices to the enterprises that a person manages or supervises, the latest first."""
    found = Rectification.objects.seen_by(user).told()
    if text := q.strip():
        found = found.filter(
            Q(examinee__registration__candidate__name__icontains=text)
            | Q(examinee__registration__post__enterprise__unit__name__icontains=text)
        )
    if state == "open":
        found = found.open()
    elif state == "groundless":
        found = found.groundless()
    elif state:
        found = found.filter(state=state)
    return found.order_by("-issued_at", "-pk")


def whole(notices):
    """Notices with all that the page of one tells of it."""
    return notices.told().select_related(
        "issued_by", "closed_by", "service__by", "revocation__by", "revocation__outcome", "outcome", "unit"
    )


def reports_of(rectification):
    """The reports on a notice, the newest first, with what was found when looking after each."""
    return list(rectification.reports.select_related("by", "recheck__by").order_by("-number"))


def extensions_of(rectification):
    """The requests for more time, the newest first, with what was ruled."""
    return list(rectification.extensions.select_related("by", "ruling__by").order_by("-number"))


def why_not_close(check, by, people=None, outcomes=None, known=None, notices=None, rounds=None, today=None):
    """Why somebody may not close a case, naming what is missing; what was read already is given along."""
    people = list(sittings.examinees(check)) if people is None else people
    outcomes = sittings.outcomes_of(people) if outcomes is None else outcomes
    known = standings(check, people, outcomes) if known is None else known
    notices = of_check(check) if notices is None else notices
    rounds = retakes(check) if rounds is None else rounds
    handled = {row.by_id for one in known for row in one.decisions} | set(
        Recheck.objects.filter(report__rectification__check_of=check, is_accepted=True).values_list("by", flat=True)
    )  # fmt: skip
    missing = needing(people, outcomes, notices)
    told = publishing.rounds(check, people)
    untold = [one.number for one in told if not one.is_confirmed or not one.publication or one.is_behind]
    return followup.why_not_close(
        check,
        known,
        notices.values(),
        missing,
        handled,
        rounds,
        by,
        untold,
        _disputes(check),
        max((one.publication.objections_until for one in told if one.publication), default=None),
        today or timezone.localdate(),
    )


def _disputes(check):
    """What of objections and corrections waits for somebody, in words."""
    found = []
    if publishing.waiting(check).exists():
        found.append(_("还有异议没有处理"))
    if amending.waiting(check).exists():
        found.append(_("还有更正没有确认"))
    return found


def why_not_decide(check, standing, measure=""):
    """Why nothing, or not this measure, may be decided about somebody, by where she stands and what is confirmed of it."""
    kept = minutes.of([one for one, _outcome in standing.rounds])
    return followup.why_not_decide(check, standing, kept, measure)


def returned(rectification):
    """What was found when the last report was looked after and returned, or None."""
    last = rectification.reports.select_related("recheck__by").order_by("-number").first()
    return last.recheck if last and hasattr(last, "recheck") else None


def evidence_of(rectification, service, reports):
    """The files that hang on the service of a notice and on the reports on it."""
    subjects = [name_of(thing) for thing in (service, *reports) if thing]
    return Evidence.objects.filter(check_of=rectification.check_of_id, subject__in=subjects)


def files_of(rectification, service, reports):
    """The files of a notice by what they hang on."""
    found = defaultdict(list)
    for row in evidence_of(rectification, service, reports):
        found[row.subject].append(row)
    return found


# --- What is late -------------------------------------------------------------------------------------------------------

SERVE, REPORT, RECHECK, RETAKE, PUBLISH = "serve", "report", "recheck", "retake", "publish"


@dataclass(frozen=True)
class Late:
    """One thing that should have been done: what, of which check, until when, and the notice if it is one's."""

    what: str
    check: SpotCheck
    due_on: date
    rectification: Rectification | None = None


def late_notices(notices, on):
    """What is late in notices (a queryset): not served, not reported, not looked after."""
    late = (
        Q(state=State.ISSUED, serve_by__lt=on)
        | Q(state__in=(State.ISSUED, State.SERVED, State.RETURNED), due_on__lt=on)
        | Q(state=State.REPORTED, recheck_by__lt=on)
    )
    found = notices.open().grounded().filter(late).told()
    return [late_of(one, on) for one in found.order_by("due_on", "pk")]


def late_of(one, on):
    """What is late in one notice, or None."""
    if one.is_over or one.is_groundless:
        return None
    if one.state == State.REPORTED:
        return Late(RECHECK, one.check_of, one.recheck_by, one) if one.recheck_by < on else None
    if one.state == State.ISSUED and one.serve_by < on:
        return Late(SERVE, one.check_of, one.serve_by, one)
    if one.state in (State.ISSUED, State.SERVED, State.RETURNED) and one.due_on < on:
        return Late(REPORT, one.check_of, one.due_on, one)
    return None


def late_checks(checks, on):
    """What is late in checks (a queryset): the publication, and the retake of somebody who has not passed."""
    found = list(
        checks.filter(state__in=followup.FOLLOWED)
        .select_related("unit", "profile")
        .annotate(has_retake=Exists(Retake.objects.filter(check_of=OuterRef("pk"))), unpassed=Exists(_unpassed()))
        .order_by("concluded_at")
    )  # fmt: skip
    late = []
    for one in found:
        ended = timezone.localdate(one.concluded_at)
        publish, _remark = calendar.due(ended, one.profile.publish_days)
        if one.state == SpotCheck.State.CONCLUDED and publish < on:
            late.append(Late(PUBLISH, one, publish))
        retake, _remark = calendar.due(ended, one.profile.retake_days)
        if one.unpassed and not one.has_retake and one.profile.retakes and retake < on:
            late.append(Late(RETAKE, one, retake))
    return late


def _unpassed():
    """Examinees of the outer check who did not pass in the first round, are still in post, and about whom nobody decided."""
    return (
        Examinee.objects.counting()
        .filter(check_of=OuterRef("pk"), round=0, decisions__isnull=True)
        .filter(
            Q(registration__post__ended_on__isnull=True)
            | Q(registration__post__ended_on__gt=timezone.localdate())
        )
        .annotate(came=counting())
        .exclude(came=PASSED)
        .exclude(came__isnull=True)
    )


def late_for(user, on):
    """Everything that is late in the checks that a person runs, the earliest first; two queries."""
    found = late_notices(Rectification.objects.run_by(user), on) + late_checks(
        SpotCheck.objects.run_by(user), on
    )
    return sorted(found, key=lambda one: one.due_on)
