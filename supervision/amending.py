"""When an outcome may be corrected of the organ's own accord, and to what, as a reason or nothing; see supervision/rules.py."""

from django.utils.translation import gettext as _

from supervision import followup
from supervision.models import Outcome

PASSED, FAILED = Outcome.Conclusion.PASSED, Outcome.Conclusion.FAILED
SAT = (PASSED, FAILED)


def why_not_propose(check, outcome, waiting):
    """Why no correction may be proposed: `outcome` counts, `waiting` is a proposal that nobody has ruled on."""
    if followup.is_over(check):
        return _("考核结束之后、归档之前才能更正结果。")
    if outcome is None:
        return _("这一轮还没有考核结果。")
    if waiting:
        return _("已有一项更正等待另一位监管人员确认。")
    return ""


def why_not_become(outcome, conclusion, score, is_terminated):
    """Why an outcome may not become this one: `score` is what was sat, or None; a termination that stands keeps it cancelled."""
    if conclusion in SAT:
        if is_terminated:
            return _("监考终止仍然有效，不能更正为合格或不合格；请先在答卷页撤销终止。")
        if score is None:
            return _("此人没有成绩，不能更正为合格或不合格；请安排补考。")
        if score.passed != (conclusion == PASSED):
            return _("得分 %(points)s（满分 %(most)s）对应的结论是“%(right)s”，与所选结论不符。") % {
                "points": f"{score.points.normalize():f}",
                "most": f"{score.max_points.normalize():f}",
                "right": (PASSED if score.passed else FAILED).label,
            }
    points = score.points if score and conclusion in SAT else None
    told = outcome.points if outcome.conclusion in SAT else None
    if (conclusion, points) == (outcome.conclusion, told):
        return _("更正后的结论和得分与现在相同，没有需要更正的内容。")
    return ""


def why_not_confirm(proposal, outcome, by, hands):
    """Why somebody may not confirm a proposal: `outcome` counts now, `hands` are those who made or signed what it stands on."""
    if reason := why_not_decline(proposal):
        return reason
    if by.pk == proposal.by_id:
        return _("提出更正的人不能确认，请由另一位监管人员办理。")
    if by.pk in hands:
        return _("登记结果或以考核人员身份签字的人不能确认更正，请由另一位监管人员办理。")
    if outcome.pk != proposal.outcome_id:
        return _("提出更正之后，结果已经另有更改；请不予确认，需要时重新提出。")
    return ""


def why_not_decline(proposal):
    """Why a proposal may not be declined, or taken back by whoever proposed it."""
    if hasattr(proposal, "ruling"):
        return _("这项更正已经处理。")
    if followup.is_over(proposal.examinee.check_of):
        return _("案件已经归档或终止，不再处理更正。")
    return ""
