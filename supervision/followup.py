"""What depends on state, person and time after a fail or an absence, as a reason or nothing; see supervision/rules.py."""

from django.utils.translation import gettext as _

from supervision import rules
from supervision.models import Decision, Outcome, Rectification, Retake, SpotCheck

State = Rectification.State
Case = SpotCheck.State
FOLLOWED = (Case.CONCLUDED, Case.PUBLISHED)


def why_not_issue(examinee, outcome, issued, kept):
    """Why no notice may be issued about an examinee: `outcome` counts, `issued` is the notice there is, `kept` her minutes."""
    if examinee.check_of.state not in FOLLOWED:
        return _("考核结束之后、归档之前才能发出整改通知书。")
    if outcome is None:
        return _("这一轮还没有考核结果。")
    if outcome.conclusion not in Outcome.NEEDS_RECTIFYING:
        return _("结果为“%(outcome)s”，不需要整改。") % {"outcome": outcome.get_conclusion_display()}
    if issued and issued.state != State.REVOKED:
        return _("%(serial)s已经发出，不再重复发出。") % {"serial": issued.serial}
    if not (kept and kept.confirms(outcome.pk)):
        return _("结果还没有确认：记录表由各方签字、或记明拒签之后才能发出整改通知书。")
    return ""


def is_over(check):
    """Whether nothing of a case may be followed up any more."""
    return check.state not in FOLLOWED


def _why_over(check):
    return _("这次抽查考核已归档或已终止，不再办理。") if is_over(check) else ""


def _why_revoked(rectification):
    if rectification.state != State.REVOKED:
        return ""
    return _("%(serial)s已经撤销，不再办理。") % {"serial": rectification.serial}


def why_ended(rectification):
    """Why nothing more is asked of a notice: it was revoked, or is to be."""
    if reason := _why_revoked(rectification):
        return reason
    if rectification.is_groundless:
        return _("考核结果已更改为“%(outcome)s”，%(serial)s不再有依据，等待撤销，不必再办理。") % {
            "outcome": rectification.came_to,
            "serial": rectification.serial,
        }
    return ""


def why_not_revoke(rectification, by):
    """Why somebody may not revoke a notice: it takes an outcome that was changed, and another person than who issued it."""
    if reason := _why_revoked(rectification):
        return reason
    if rectification.check_of.state == Case.ABANDONED:
        return _("这次抽查考核已终止，通知书随之失效，不必撤销。")
    if not rectification.is_groundless:
        return _("结果仍为“%(outcome)s”，%(serial)s有依据，不能撤销；结果更改为不需要整改之后才能撤销。") % {
            "outcome": rectification.came_to,
            "serial": rectification.serial,
        }
    if by.pk == rectification.issued_by_id:
        return _("签发通知书的人不能撤销它，请由另一位监管人员办理。")
    return ""


def why_not_serve(rectification):
    """Why a notice may not be noted as served."""
    if reason := why_ended(rectification):
        return reason
    if rectification.state != State.ISSUED:
        return _("%(serial)s的送达已经登记过。") % {"serial": rectification.serial}
    return _why_over(rectification.check_of)


def why_not_report(rectification):
    """Why an enterprise may not report."""
    if reason := why_ended(rectification):
        return reason
    if rectification.state == State.ISSUED:
        return _("请先确认收到整改通知书，再提交整改报告。")
    if rectification.state == State.REPORTED:
        return _("整改报告已提交，等待复查；被退回后可以再次提交。")
    if rectification.state not in (State.SERVED, State.RETURNED):
        return _("整改已经复查通过，不再提交报告。")
    return _why_over(rectification.check_of)


def why_not_recheck(rectification):
    """Why a report may not be judged."""
    if reason := why_ended(rectification):
        return reason
    if rectification.state != State.REPORTED:
        return _("没有等待复查的整改报告。")
    return _why_over(rectification.check_of)


def why_not_ask_for_time(rectification, open_request):
    """Why no more time may be asked for; `open_request` is one that was not ruled on."""
    if reason := why_ended(rectification):
        return reason
    if rectification.state not in (State.SERVED, State.RETURNED):
        return _("送达之后、提交报告之前才能申请延期。")
    if open_request:
        return _("上一次延期申请还没有答复。")
    return _why_over(rectification.check_of)


def why_not_strike_off(rectification, accepted_by, by):
    """Why a notice may not be struck off the list; that takes another person than who accepted the report."""
    if reason := why_ended(rectification):
        return reason
    if rectification.state != State.ACCEPTED:
        return _("复查通过后才能销号。")
    if accepted_by == by.pk:
        return _("复查的人不能销号，请由另一位监管人员办理。")
    return _why_over(rectification.check_of)


def why_not_call_retake(check, retakes, people):
    """Why no retake may be called; `people` are those who are to be examined again."""
    if is_over(check):
        return _("考核结束之后、归档之前才能安排补考。")
    if any(one.state == Retake.State.CALLED for one in retakes):
        return _("上一次补考还没有结束。")
    if people:
        return ""
    if len(retakes) >= check.profile.retakes:
        return _("按规则最多补考 %(most)s 次，已经用完。") % {"most": check.profile.retakes}
    return _("没有需要补考的人员。")


def why_not_conclude_retake(retake, examinees, sat, now):
    """Why a retake may not be concluded; `sat` tells by examinee what she sat."""
    if retake.state != Retake.State.CALLED:
        return _("这次补考已经结束。")
    if is_over(retake.check_of):
        return _why_over(retake.check_of)
    return rules.why_still_open(retake.session, examinees, sat, now)


def why_not_rule_on_time(rectification):
    """Why no request for more time is ruled on."""
    if reason := why_ended(rectification):
        return reason
    if is_over(rectification.check_of) or rectification.state == State.CLOSED:
        return _("通知书已经销号，或案件已经归档、终止，不再答复延期申请。")
    return ""


def why_not_decide(check, standing, kept, measure=""):
    """Why nothing, or not this measure, may be decided about somebody; `kept` are the newest minutes of each of her rounds."""
    if is_over(check):
        return _("考核结束之后、归档之前才能作出处理决定。")
    if not standing.why:
        return _("此人不在待处理名单上：已经合格，或还可以补考。")
    if measure == Decision.Measure.EXCUSED and not standing.is_owed:
        return _("最近一次准予缓考、还没有另行考核的人员，才能以准予缓考结案。")
    for examinee, outcome in standing.rounds:
        found = kept.get(examinee.pk)
        if outcome and not (found and found.confirms(outcome.pk)):
            return _("结果还没有确认：记录表由各方签字、或记明拒签之后才能作出处理决定。")
    return ""


def why_not_close(check, standings, notices, missing, handled, retakes, by, untold, disputes, until, today):
    """Why a case may not be closed, naming all that is missing.

    `notices` are those of the case, `missing` the people to whose enterprise none was sent, `handled` the keys of those who
    accepted reports or decided, `untold` the rounds whose confirmed results are not what is published, `disputes` what of
    objections and corrections waits, in words, `until` the last day on which somebody may object.
    """
    if check.state != Case.PUBLISHED:
        return _("结果公布之后才能归档。")
    left = []
    names = [one.examinee.registration.candidate.name for one in standings if not one.is_settled]
    if names:
        left.append(_("%(names)s 还没有合格，也没有处理决定") % {"names": _("、").join(names)})
    if any(one.state == Retake.State.CALLED for one in retakes):
        left.append(_("补考还没有结束"))
    if missing:
        left.append(
            _("%(names)s 的整改通知书还没有发出")
            % {"names": _("、").join(dict.fromkeys(one.registration.candidate.name for one in missing))}
        )
    groundless = [one.serial for one in notices if one.is_groundless]
    serials = [one.serial for one in notices if not one.is_groundless and one.state not in (State.CLOSED, State.REVOKED)]  # fmt: skip
    if serials:
        left.append(_("%(serials)s 还没有销号") % {"serials": _("、").join(serials)})
    if groundless:
        left.append(_("%(serials)s 已无依据，还没有撤销") % {"serials": _("、").join(groundless)})
    if untold:
        left.append(_("有一轮结果还没有确认并公布"))
    left += disputes
    if until and today <= until:
        left.append(_("异议期到 %(day)s 才结束") % {"day": f"{until:%Y-%m-%d}"})
    if left:
        return _("还不能归档：%(left)s。") % {"left": _("；").join(left)}
    if by.pk in {check.planned_by_id, check.changed_by_id, *handled}:
        return _("制定计划、复查整改或作出处理决定的人不能归档，请由另一位监管人员办理。")
    return ""
