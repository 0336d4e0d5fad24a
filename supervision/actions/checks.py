"""Planning a spot check, approving it by a second person, abandoning it with a reason."""

from django.db import transaction
from django.db.models import F, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from audit.transitions import Refused, move
from exams.actions import sessions
from exams.models import Exam, ExamSession
from supervision import rules, universe
from supervision.actions import notices  # the module, for it asks here for numbers in its turn
from supervision.models import AnnualPlan, Exclusion, Numbering, SpotCheck
from supervision.queries import sittings
from supervision.queries.universe import exclusions_of, survey

SPOT_CHECK = "spot_check"


@transaction.atomic
def next_number(series, unit, year):
    """The next number of a series of an organ in a year; whoever asks at the same time waits."""
    Numbering.objects.get_or_create(series=series, unit=unit, year=year)
    row = Numbering.objects.select_for_update(no_key=True).get(series=series, unit=unit, year=year)
    Numbering.objects.filter(pk=row.pk).update(last=F("last") + 1)
    return row.last + 1


def locked(check):
    """The check as it is now; nobody else acts upon it until this act is over."""
    return SpotCheck.objects.select_for_update(of=("self",), no_key=True).select_related("unit").get(pk=check.pk)  # fmt: skip


@transaction.atomic
def plan(*, by, unit, now=None, **fields):
    """Plan a spot check; it gets the next number of its organ and year."""
    now = now or timezone.now()
    year = fields["starts_on"].year
    _sound(unit, fields)
    number = next_number(SPOT_CHECK, unit, year)
    check = SpotCheck.objects.create(
        unit=unit,
        year=year,
        number=number,
        code=f"{unit.code}-{year}-{number:03d}".lower(),
        planned_by=by,
        changed_by=by,
        planned_at=now,
        changed_at=now,
        **fields,
    )
    record("spotcheck.planned", check, by=by, universe=check.universe, quotas=check.quotas)
    return check


@transaction.atomic
def change(check, *, by, now=None, **fields):
    """Write a plan anew before it is approved; its organ and its number stay."""
    check = locked(check)
    if reason := rules.why_not_change(check):
        raise Refused(reason)
    _sound(check.unit, fields)
    before = {"universe": check.universe, "quotas": check.quotas}
    for name, value in fields.items():
        setattr(check, name, value)
    check.changed_by, check.changed_at = by, now or timezone.now()
    check.save(update_fields=[*fields, "changed_by", "changed_at"])
    record("spotcheck.changed", check, by=by, before=before, universe=check.universe, quotas=check.quotas)
    return check


def _sound(unit, fields):
    """Refuse a plan that its rules forbid."""
    profile = fields["profile"]
    questions = fields["blueprint"].lines.aggregate(count=Sum("count"))["count"] or 0
    if questions < profile.questions_least:
        raise Refused(
            _("“%(profile)s”要求不少于 %(least)s 题，所选蓝图只有 %(count)s 题。")
            % {"profile": profile.label, "least": profile.questions_least, "count": questions}
        )
    if fields["inspectors"] < profile.inspectors_least:
        raise Refused(_("按规则检查人员不得少于 %(least)s 名。") % {"least": profile.inspectors_least})
    annual = fields.get("annual_plan")
    if annual and not unit.path.startswith(annual.unit.path):
        raise Refused(_("年度计划应是本机构或上级机构的。"))


@transaction.atomic
def exclude(check, *, by, why, person=None, enterprise=None):
    """Leave a person or an enterprise out of the frame, with the reason; a second time changes nothing."""
    check = locked(check)
    if reason := rules.why_not_change(check):
        raise Refused(reason)
    if not why.strip():
        raise Refused(_("请写明排除的理由。"))
    row, is_new = Exclusion.objects.get_or_create(
        check_of=check, person=person, enterprise=enterprise, defaults={"why": why.strip()[:200], "by": by}
    )
    if is_new:
        _touched(check, by)
        record("spotcheck.excluded", check, by=by, who=str(row), why=row.why)
    return row


@transaction.atomic
def include(exclusion, *, by):
    """Take an exclusion back before the plan is approved."""
    check = locked(exclusion.check_of)
    if reason := rules.why_not_change(check):
        raise Refused(reason)
    record("spotcheck.included", check, by=by, who=str(exclusion), why=exclusion.why)
    _touched(check, by)
    Exclusion.objects.filter(pk=exclusion.pk).delete()


def _touched(check, by):
    """Who leaves somebody out has changed the plan, and does not approve it."""
    SpotCheck.objects.filter(pk=check.pk).update(changed_by=by, changed_at=timezone.now())


@transaction.atomic
def approve(check, *, by, now=None):
    """Approve a plan of somebody else's that its universe bears; its exam is defined by the rules it names."""
    now, check = now or timezone.now(), locked(check)
    if reason := rules.why_not_approve(check, by):
        raise Refused(reason)
    reached = survey(check, timezone.localdate(now), exclusions_of(check))
    labels = universe.stratum_labels(check.strata_by, reached.counts)
    if reason := rules.why_not_hold(check, reached, labels):
        raise Refused(reason)
    exam = _exam_of(check, by)
    return move(check, to=SpotCheck.State.APPROVED, by=by, approved_by=by, approved_at=now, exam=exam)


def _exam_of(check, by):
    profile = check.profile
    return sessions.define(
        by=by,
        code=f"spot-{check.code}",
        name=check.name,
        kind=Exam.Kind.SPOT_CHECK,
        unit=check.unit,
        blueprint=check.blueprint,
        post_kinds=check.universe.get("kinds", []),
        minutes=profile.minutes,
        cut_score=profile.cut_score,
        max_attempts=1,
        self_registration=False,
        legal_basis=profile.legal_basis,
    )


@transaction.atomic
def abandon(check, *, by, why, now=None):
    """Give a spot check up with a reason; sessions that its people were registered in are cancelled."""
    now, check, why = now or timezone.now(), locked(check), why.strip()
    if not why:
        raise Refused(_("请写明终止的原因。"))
    if reason := rules.why_not_abandon(check):
        raise Refused(reason)
    held = ExamSession.objects.filter(Q(pk=check.session_id) | Q(retake__check_of=check))
    for session in held.filter(state=ExamSession.State.PUBLISHED).order_by("pk"):
        sessions.cancel(session, by=by, why=why, keeper=check)
    notices.cancel(check, list(sittings.examinees(check)), by=by, why=why, now=now)
    return move(
        check, to=SpotCheck.State.ABANDONED, by=by, why=why, abandoned_at=now, abandoned_why=why[:200]
    )


@transaction.atomic
def aim(unit, year, *, by, target, note=""):
    """Set what an organ means to cover in a year; saying it again changes nothing."""
    row = AnnualPlan.objects.select_for_update().filter(unit=unit, year=year).first()
    if row and (row.target, row.note) == (target, note):
        return row
    before = row.target if row else None
    row, _made = AnnualPlan.objects.update_or_create(
        unit=unit, year=year, defaults={"target": target, "note": note}
    )
    record("annualplan.aimed", row, by=by, before=before, after=target)
    return row
