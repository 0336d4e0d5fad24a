"""What becomes public: a confirmed round, its corrections, objections to it, and what is taken back."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from audit.transitions import Refused, move
from supervision import calendar, rules
from supervision.actions import evidence, sittings
from supervision.actions.checks import locked
from supervision.models import (
    Objection,
    ObjectionDecision,
    PaperResult,
    PaperReview,
    Publication,
    Refusal,
    Signature,
    SpotCheck,
    Withdrawal,
)
from supervision.queries import minutes as minutes_queries
from supervision.queries import publishing as queries
from supervision.queries.sittings import outcomes_of

State = SpotCheck.State


def _round(check, number):
    found = {one.number: one for one in queries.rounds(check)}
    if number not in found:
        raise Refused(_("这一轮没有应考人员，不能公布。"))
    return found[number]


def hands_of(check):
    """The keys of those who may not publish or decide: who signed minutes or told of a refusal as an inspector, entered a first
    outcome, or entered or checked a result on paper."""
    of_minutes = {"minutes__examinee__check_of": check, "attendance__isnull": False}
    hands = (
        Signature.objects.filter(**of_minutes).values_list("by", flat=True),
        Refusal.objects.filter(**of_minutes).values_list("by", flat=True),
        check.examinees.filter(outcomes__number=1).values_list("outcomes__by", flat=True),
        PaperResult.objects.filter(examinee__check_of=check).values_list("by", flat=True),
        PaperReview.objects.filter(result__examinee__check_of=check).values_list("by", flat=True),
    )
    return {key for rows in hands for key in rows} - {None}


@transaction.atomic
def publish(check, *, by, round=0, now=None):
    """Publish the results of a round that is confirmed as a whole; the check itself comes to be published by its first round."""
    now, check = now or timezone.now(), locked(check)
    if reason := rules.why_not_publish_yet(check, round):
        raise Refused(reason)
    found = _round(check, round)
    if reason := rules.why_not_publish(found, by, hands_of(check)):
        raise Refused(reason)
    row = _written(check, found, by=by, now=now, number=1)
    if round == 0:
        move(check, to=State.PUBLISHED, by=by, published_at=now, facts={"digest": row.digest})
    else:
        record("publication.added", row, by=by, digest=row.digest)
    return row


@transaction.atomic
def correct(check, *, by, why, round=0, now=None):
    """Publish a round anew after an outcome was changed and confirmed; the version before stays with the office."""
    now, check, why = now or timezone.now(), locked(check), why.strip()
    found = _round(check, round)
    if reason := rules.why_not_correct(check, found, by, hands_of(check)):
        raise Refused(reason)
    if not why:
        raise Refused(_("请写明更正的原因。"))
    row = _written(check, found, by=by, now=now, number=found.publication.number + 1, why=why)
    record("publication.corrected", row, by=by, digest=row.digest, why=why)
    return row


def _written(check, found, *, by, now, number, why=""):
    ordered = [found.kept[one.pk].row for one in found.examinees]
    rows = queries.rows_of(ordered)
    until, _remark = calendar.due(timezone.localdate(now), check.profile.objection_days)
    row = Publication(
        check_of=check,
        round=found.number,
        number=number,
        code=check.code if found.number == 0 else f"{check.code}-r{found.number}",
        rows=rows,
        minutes=[one.pk for one in ordered],
        digest=minutes_queries.digest_of(rows),
        objections_until=until,
        why=why[:200],
        by=by,
        at=now,
    )
    row.seal = minutes_queries.seal_of_publication(row)
    row.save(force_insert=True)
    return row


@transaction.atomic
def withdraw(check, *, by, why, round=0, examinee=None, now=None):
    """Take back a line, or without an examinee a whole round; the reason stays to be read, the names go."""
    now, check, why = now or timezone.now(), locked(check), why.strip()
    publication = queries.of_check(check).get(round)
    if publication is None:
        raise Refused(_("还没有公布，没有可以撤下的内容。"))
    if not why:
        raise Refused(_("请写明撤下的理由。"))
    found = queries.shown(publication)
    taken = {line.examinee: line.withdrawal for line in found.lines}
    if found.withdrawal or (examinee is not None and taken.get(examinee.pk)):
        raise Refused(_("已经撤下。"))
    if examinee is not None and examinee.pk not in taken:
        raise Refused(_("公示里没有这一行。"))
    row = Withdrawal.objects.create(
        check_of=check, round=round, examinee=examinee, why=why[:200], by=by, at=now
    )
    record("publication.withdrawn", publication, by=by, why=why, line=examinee.pk if examinee else None)
    return row


@transaction.atomic
def object_to(examinee, *, by, side, why, papers=(), now=None):
    """Object to a published result as the person or her enterprise, with the reason and files, within the period; once each."""
    now, check, why = now or timezone.now(), locked(examinee.check_of), why.strip()
    publication = queries.of_check(check).get(examinee.round)
    minutes = minutes_queries.newest_of(examinee)
    own = minutes_queries.sides_of(by, minutes.row)[0] if minutes else ()
    if reason := rules.why_not_object(examinee, publication, side, own, timezone.localdate(now)):
        raise Refused(reason)
    if not why:
        raise Refused(_("请写明异议的理由。"))
    row = Objection.objects.create(
        publication=publication, examinee=examinee, side=side, why=why[:1000], by=by, at=now
    )
    record("objection.made", row, by=by, side=side)
    if papers:
        evidence.attach(check, row, papers, by=by)
    return row


def _counting(objection):
    return outcomes_of([objection.examinee])[objection.examinee_id]


@transaction.atomic
def decide(objection, *, by, upheld, why, now=None, **fields):
    """Decide an objection as another than who published: dismissed, or upheld with another outcome, which needs signing and publishing anew."""
    now, why = now or timezone.now(), why.strip()
    check = locked(objection.publication.check_of)
    objection = Objection.objects.select_related("publication", "decision").get(pk=objection.pk)
    amended = set(objection.examinee.outcomes.filter(number__gt=1).values_list("by", flat=True))
    if reason := rules.why_not_decide(objection, by, hands_of(check) | amended):
        raise Refused(reason)
    if not why:
        raise Refused(_("请写明处理的理由。"))
    outcome = None
    if upheld:
        if not fields.get("conclusion"):
            raise Refused(_("异议成立的，请选择更正后的结论。"))
        if fields["conclusion"] in ("passed", "failed") and _counting(objection).points is None:
            raise Refused(_("此人没有成绩，不能更正为合格或不合格；请先安排补考或作废原结果。"))
        outcome = sittings.amend(objection.examinee, by=by, why=_("异议成立：%(why)s") % {"why": why}, now=now, **fields)  # fmt: skip
    row = ObjectionDecision.objects.create(
        objection=objection, upheld=upheld, outcome=outcome, why=why[:200], by=by, at=now
    )
    record("objection.decided", objection, by=by, upheld=upheld, why=why)
    return row
