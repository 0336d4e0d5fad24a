"""An outcome corrected of the organ's own accord: one proposes, another confirms, and the outcome is amended as after an objection."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from audit.transitions import Refused
from supervision import amending as rules
from supervision.actions import evidence, sittings
from supervision.actions.checks import locked
from supervision.actions.publishing import hands_of
from supervision.models import AmendmentProposal, AmendmentRuling
from supervision.queries import amending as queries
from supervision.queries.sittings import outcomes_of


def _score(examinee, outcome, conclusion, points):
    """What the outcome would tell of the sitting; points are typed in only where she wrote on paper."""
    score = queries.score_of(examinee, outcome)
    if points is None:
        return score
    if conclusion not in rules.SAT:
        raise Refused(_("只有结论为合格或不合格时才填写得分。"))
    if outcome.attempt_id:
        raise Refused(_("上机成绩以评分为准，不能手工填写；试题有误的，请先作试题裁定并重新评分。"))
    if score is None:
        raise Refused(_("此人没有成绩，不能更正为合格或不合格；请安排补考。"))
    if not 0 <= points <= score.max_points:
        raise Refused(_("得分须在 0 与满分之间。"))
    return queries.rescored(score, points, examinee.registration.session.cut_score)


@transaction.atomic
def propose(examinee, *, by, conclusion, why, points=None, papers=(), now=None):
    """Propose another outcome of the organ's own accord, with the reason and files; nothing changes before another confirms it."""
    now, check, why = now or timezone.now(), locked(examinee.check_of), why.strip()
    outcome = outcomes_of([examinee]).get(examinee.pk)
    if reason := rules.why_not_propose(check, outcome, queries.waiting(check).filter(examinee=examinee).exists()):  # fmt: skip
        raise Refused(reason)
    if not why:
        raise Refused(_("请写明更正的理由。"))
    score = _score(examinee, outcome, conclusion, points)
    if reason := rules.why_not_become(outcome, conclusion, score, queries.is_terminated(outcome)):
        raise Refused(reason)
    row = AmendmentProposal.objects.create(
        examinee=examinee,
        number=examinee.proposals.count() + 1,
        outcome=outcome,
        conclusion=conclusion,
        points=score.points if conclusion in rules.SAT else None,
        why=why[:180],
        by=by,
        at=now,
    )
    record("amendment.proposed", row, by=by, before=outcome.conclusion, after=conclusion, why=why)
    if papers:
        evidence.attach(check, row, papers, by=by)
    return row


def _held(proposal):
    """A proposal as it is now, under the lock of its case, and that case."""
    check = locked(proposal.examinee.check_of)
    found = queries.proposals_of([proposal.examinee_id]).get(pk=proposal.pk)
    found.examinee.check_of = check
    return found, check


@transaction.atomic
def confirm(proposal, *, by, why, now=None):
    """Confirm a correction as another than who proposed it: the outcome is amended, its minutes get their next version."""
    now, why = now or timezone.now(), why.strip()
    proposal, check = _held(proposal)
    examinee = proposal.examinee
    outcome = outcomes_of([examinee])[examinee.pk]
    if reason := rules.why_not_confirm(proposal, outcome, by, hands_of(check) | queries.amenders(examinee)):
        raise Refused(reason)
    if not why:
        raise Refused(_("请写明核对意见。"))
    score = _score(examinee, outcome, proposal.conclusion, None if outcome.attempt_id else proposal.points)
    if reason := rules.why_not_become(outcome, proposal.conclusion, score, queries.is_terminated(outcome)):
        raise Refused(reason)
    told = score if proposal.conclusion in rules.SAT else None
    if told and told.points != proposal.points:
        raise Refused(_("提出更正之后重新评过分，得分已不同；请不予确认，需要时重新提出。"))
    amended = sittings.amend(
        examinee,
        by=by,
        why=_("依职权更正：%(why)s") % {"why": proposal.why},
        now=now,
        conclusion=proposal.conclusion,
        points=told.points if told else None,
        max_points=told.max_points if told else None,
        percent=told.percent if told else None,
        missed=told.missed if told else [],
    )
    AmendmentRuling.objects.create(
        proposal=proposal, is_confirmed=True, outcome=amended, why=why[:200], by=by, at=now
    )
    record("amendment.confirmed", proposal, by=by, why=why)
    return amended


@transaction.atomic
def decline(proposal, *, by, why, now=None):
    """Decline a correction, or take back one's own, with the reason; the outcome stays as it is."""
    now, why = now or timezone.now(), why.strip()
    proposal, _check = _held(proposal)
    if reason := rules.why_not_decline(proposal):
        raise Refused(reason)
    if not why:
        raise Refused(_("请写明核对意见。"))
    row = AmendmentRuling.objects.create(proposal=proposal, is_confirmed=False, why=why[:200], by=by, at=now)
    record("amendment.declined", proposal, by=by, why=why)
    return row
