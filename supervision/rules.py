"""What depends on state, person and time, as a reason or nothing: the page shows it, the button greys by it, the act raises it."""

from django.utils.translation import gettext as _

from exams.models import ExamSession
from exams.rules import minute
from supervision.engine.minutes import sides_of
from supervision.models import AbsenceDecision, Draw, Side, SpotCheck

State = SpotCheck.State
SHORTEST_REASON = 4


def why_not_change(check):
    """Why a plan may not be changed."""
    return "" if check.state == State.PLANNED else _("计划批准后不再改动；如需改变，请终止后另立一件。")


def why_not_approve(check, by):
    """Why somebody may not approve a plan."""
    if check.state != State.PLANNED:
        return _("该计划已经处理过。")
    if by.pk in (check.planned_by_id, check.changed_by_id):
        return _("制定或修改计划的人不能批准，请由另一位监管人员批准。")
    return ""


def why_not_hold(check, survey, labels):
    """Why what a plan reaches does not bear it: the quotas by stratum."""
    if not check.wanted:
        return _("请至少为一层填写抽取人数。")
    for code, wanted in check.quotas.items():
        count = survey.counts[code]
        if count.most < wanted:
            return _(
                "“%(stratum)s”一层要抽 %(wanted)s 人，可抽的只有 %(most)s 人。请减少人数或放宽范围。"
            ) % {
                "stratum": labels[code],
                "wanted": wanted,
                "most": count.most,
            }
    return ""


def is_void(draw):
    """Whether a draw was voided."""
    return hasattr(draw, "voiding")


def is_revealed(draw):
    """Whether its seed is known."""
    return hasattr(draw, "reveal")


def why_not_freeze(check, draw):
    """Why the frame of a check may not be frozen; `draw` is the one that counts."""
    if check.state != State.APPROVED:
        return _("计划批准后、抽取之前才能冻结名单。")
    if draw:
        return _("名单已于 %(time)s 冻结，不能再次冻结。") % {"time": minute(draw.frozen_at)}
    return ""


def why_not_reveal(draw, now):
    """Why the public half may not be entered."""
    if is_void(draw):
        return _("这次抽取已经作废。")
    if is_revealed(draw):
        return _("这次抽取已于 %(time)s 完成，结果不会再变。") % {"time": minute(draw.reveal.at)}
    if now < draw.source_at:
        return _("公开数要到 %(time)s 才产生，请届时再录入。") % {"time": minute(draw.source_at)}
    return ""


def why_not_void(check, draw, by):
    """Why somebody may not void a draw."""
    if is_void(draw):
        return _("这次抽取已经作废。")
    if by.pk == draw.frozen_by_id or (is_revealed(draw) and by.pk == draw.reveal.by_id):
        return _("冻结名单或录入公开数的人不能作废这次抽取，请由另一位监管人员办理。")
    if check.state not in (State.APPROVED, State.DRAWN):
        return _("考核已经开始，抽取不能再作废。")
    return ""


def why_not_replace(check):
    """Why nobody on the list may be replaced."""
    if check.state not in (State.DRAWN, State.UNDER_WAY):
        return _("抽取之后、考核结束之前才能替补。")
    return ""


def why_not_register(check):
    """Why the drawn may not be registered."""
    if check.session_id:
        return _("抽中人员已经登记。")
    return "" if check.state == State.DRAWN else _("抽取完成后才能登记抽中人员。")


def why_not_begin(check, badges):
    """Why an assessment may not begin; `badges` are the inspectors who showed theirs."""
    if check.state != State.DRAWN or not check.session_id:
        return _("登记抽中人员之后、考核结束之前才能开始考核。")
    if len(badges) < check.profile.inspectors_least:
        return _("到场并出示执法证件的检查人员不得少于 %(least)s 名，考核没有开始。") % {
            "least": check.profile.inspectors_least
        }
    return ""


def why_not_conclude(check, examinees, sat, now):
    """Why an assessment may not be concluded; `sat` tells by examinee what she sat."""
    if check.state != State.UNDER_WAY:
        return _("考核开始后才能结束。")
    return why_still_open(check.session, examinees, sat, now)


def why_still_open(session, examinees, sat, now):
    """Why what a session asked of these people is not over: somebody sits, asked and has no answer, has a sheet unchecked, may yet come."""
    sitting = [one.registration.candidate.name for one in examinees if sat[one.pk].is_sitting]
    if sitting:
        return _("%(names)s 还在答题，考核没有结束。") % {"names": _("、").join(sitting)}
    asking = [one.registration.candidate.name for one in examinees if sat[one.pk].asks]
    if asking:
        return _("%(names)s 的缓考申请还没有答复，请先逐份答复，考核没有结束。") % {
            "names": _("、").join(asking)
        }
    unchecked = [
        one.registration.candidate.name
        for one in examinees
        if sat[one.pk].paper_state in ("waiting", "returned")
    ]
    if unchecked:
        return _("%(names)s 的纸质成绩还没有复核一致，考核没有结束。") % {"names": _("、").join(unchecked)}
    waiting = [
        one
        for one in examinees
        if sat[one.pk].attempt is None and not sat[one.pk].excused and not sat[one.pk].paper_state
    ]
    if waiting and now < session.closes_at:
        return _("还有 %(count)s 人没有作答，考试 %(time)s 截止后才能按缺考结束。") % {
            "count": len(waiting),
            "time": minute(session.closes_at),
        }
    return ""


def why_not_draw_up(check):
    """Why no minutes may be drawn up."""
    return (
        "" if check.state in (State.CONCLUDED, State.PUBLISHED) else _("考核结束后、归档前才能制作记录表。")
    )


def why_not_sign(check, row, newest, side, own, attendance, by):
    """Why somebody may not sign a version; `own` are her sides in her own name, `newest` what is known of the version that counts."""
    if reason := why_not_draw_up(check):
        return reason
    if newest.row.pk != row.pk:
        return _("记录表有了新版本，请签新版本。")
    if side == Side.INSPECTOR:
        if Side.INSPECTOR not in own:
            return _("只有到场的考核人员本人可以签字。")
        if any(one.attendance_id == attendance.pk for one in newest.signatures):
            return _("您已经签过这一版本。")
        return ""
    if side not in sides_of(row.outcome.conclusion):
        return _("这份记录表不需要这一方签字。")
    if side in newest.standing.signed:
        return _("这一方已经签过这一版本。")
    if side not in own and Side.INSPECTOR not in own:
        return _("请由本人登录签字，或在到场考核人员的设备上当面签字。")
    return ""


def why_not_refuse(check, row, newest, side, attendance):
    """Why an inspector may not write down that somebody refused to sign."""
    if reason := why_not_draw_up(check):
        return reason
    if newest.row.pk != row.pk:
        return _("记录表有了新版本，拒签应记在新版本上。")
    if attendance is None:
        return _("拒签由到场的考核人员记录。")
    if side not in sides_of(row.outcome.conclusion):
        return _("这份记录表不需要这一方签字。")
    if side in newest.standing.signed:
        return _("这一方已经签过这一版本。")
    if any(one.side == side and one.attendance_id == attendance.pk for one in newest.refusals):
        return _("您已记录这一方拒签，还需另一位考核人员确认。")
    return ""


def why_not_publish_yet(check, round):
    """Why the results of a round may not be published in this state."""
    if round == 0:
        return "" if check.state == State.CONCLUDED else _("考核结束后、公布之前才能公布结果。")
    return "" if check.state == State.PUBLISHED else _("首次考核的结果公布之后、归档之前才能公布补考结果。")


def why_not_publish(found, by, hands):
    """Why somebody may not publish a round; `hands` are those who signed as inspectors or entered the outcomes."""
    if found.publication:
        return _("这一轮的结果已经公布。")
    if reason := _why_unconfirmed(found):
        return reason
    if by.pk in hands:
        return _("登记结果或以考核人员身份签字的人不能公布，请由另一位监管人员办理。")
    return ""


def why_not_correct(check, found, by, hands):
    """Why somebody may not publish a correction of a round."""
    if check.state != State.PUBLISHED or not found.publication:
        return _("公布之后、归档之前才能更正。")
    if not found.is_behind:
        return _("公布的内容与记录表一致，无需更正。")
    if reason := _why_unconfirmed(found):
        return reason
    if by.pk in hands:
        return _("登记结果或以考核人员身份签字的人不能公布，请由另一位监管人员办理。")
    return ""


def _why_unconfirmed(found):
    waiting = [*found.unsettled, *found.unconfirmed]
    if not found.is_confirmed:
        return _("还有 %(count)s 人的结果没有确认：%(names)s。全部确认后才能公布。") % {
            "count": len(waiting),
            "names": _("、").join(one.registration.candidate.name for one in waiting),
        }
    return ""


def why_not_object(examinee, publication, side, own, today):
    """Why somebody may not object; `own` are her sides."""
    if publication is None or publication.check_of.state != State.PUBLISHED:
        return _("结果公布之后、归档之前才能提出异议。")
    if side not in own or side not in (Side.EXAMINEE, Side.ENTERPRISE):
        return _("异议由被考核人本人或其企业提出。")
    if today > publication.objections_until:
        return _("异议期已于 %(day)s 结束。") % {"day": f"{publication.objections_until:%Y-%m-%d}"}
    if any(one.side == side for one in examinee.objections.all()):
        return _("您已经提出过异议，请等待处理结果。")
    return ""


def why_not_decide(objection, by, hands):
    """Why somebody may not decide an objection."""
    if hasattr(objection, "decision"):
        return _("这项异议已经处理。")
    if objection.publication.check_of.state != State.PUBLISHED:
        return _("案件已经归档或终止，不再处理异议。")
    if by.pk == objection.publication.by_id:
        return _("公布结果的人不能处理异议，请由另一位监管人员办理。")
    if by.pk in hands:
        return _("登记结果或以考核人员身份签字的人不能处理异议，请由另一位监管人员办理。")
    return ""


def why_not_enter_paper(examinee, sat, outcome):
    """Why no result on paper may be entered for an examinee; `outcome` is the one that counts, or None."""
    check = examinee.check_of
    if outcome:
        return _("考核结果已经登记，不能再录入纸质成绩；如有差错，请按更改结果办理。")
    if check.state not in (
        State.UNDER_WAY,
        *((State.CONCLUDED, State.PUBLISHED) if examinee.is_retake else ()),
    ):
        return _("考核开始之后、结束之前才能录入纸质成绩。")
    if examinee.registration.withdrawn_at:
        return _("此人的登记已撤销，不再录入成绩。")
    if sat.attempt:
        return _("%(name)s 已有上机答卷，不能再录入纸质成绩。") % {
            "name": examinee.registration.candidate.name
        }
    return ""


def why_not_review_paper(result, newest, outcome, by):
    """Why somebody may not check a result on paper; `newest` is the one that is meant now."""
    if outcome:
        return _("考核结果已经登记，纸质成绩不再复核。")
    if newest.pk != result.pk:
        return _("这份成绩已被更正，请复核最新的一份。")
    if hasattr(result, "review"):
        return _("这份成绩已经复核过。")
    if by.pk == result.by_id:
        return _("录入成绩的人不能复核，请由另一位监管人员办理。")
    return ""


def why_not_print_key(session, why, now):
    """Why the key may not be printed: before the exam opens it takes a reason."""
    if now < session.opens_at and len(why) < SHORTEST_REASON:
        return _("考试 %(time)s 才开放；此前打印标准答案须写明理由，至少 4 个字。") % {
            "time": minute(session.opens_at)
        }
    return ""


def why_not_abandon(check):
    """Why a check may not be abandoned."""
    return "" if State.ABANDONED in check.MOVES[check.state] else _("已归档或已终止的抽查考核不能再终止。")


def public_state(draw: Draw):
    """How a stranger may know a draw: code, words, tone."""
    if is_void(draw):
        return "void", _("已作废"), "stop"
    if is_revealed(draw):
        return "drawn", _("已抽取"), "ok"
    return "frozen", _("已冻结，待公开数"), "info"


# --- Notices and absences ---------------------------------------------------------------------------------------------


def is_to_come(check, examinee, now):
    """Whether the sitting of an examinee of this check is still to come: her session takes place and is not over."""
    session = examinee.registration.session
    if examinee.registration.withdrawn_at:
        return False
    if not examinee.is_retake and check.state not in (State.DRAWN, State.UNDER_WAY):
        return False
    return session.state == ExamSession.State.PUBLISHED and session.closes_at > now


def why_not_notify(check, people):
    """Why no notices may be issued; `people` are the examinees whose sitting is to come."""
    if check.state in (State.PLANNED, State.APPROVED) or not check.session_id:
        return _("登记抽中人员之后才能发出通知书。")
    if check.state in (State.CLOSED, State.ABANDONED) or not people:
        return _("没有待考的人员，不需要发出通知书。")
    return ""


def why_not_reschedule(check):
    """Why a check may not be moved to another time or place; whether its session has opened, the session knows."""
    if check.state != State.DRAWN or not check.session_id:
        return _("登记抽中人员之后、考核开始之前才能改期或改地点。")
    return ""


def why_not_ask(examinee, requests, now):
    """Why nobody may ask for an examinee's absence; `requests` are those that were asked before."""
    registration = examinee.registration
    if registration.withdrawn_at or registration.session.state != ExamSession.State.PUBLISHED:
        return _("不需要参加这次考核，不必申请。")
    if now >= registration.session.opens_at:
        return _("考试已于 %(time)s 开放，缓考应在此前申请。") % {
            "time": minute(registration.session.opens_at)
        }
    for one in requests:
        if not hasattr(one, "decision"):
            return _("已有一份申请待处理，请等候答复。")
        if one.decision.is_granted:
            return _("已准予缓考，不必再申请。")
    return _("考核结果已登记，不能再申请缓考。") if examinee.outcomes.exists() else ""


def why_not_rule_on_absence(request):
    """Why an absence may not be decided."""
    if AbsenceDecision.objects.filter(request=request).exists():
        return _("这份申请已经答复过，答复不再改动。")
    if request.examinee.outcomes.exists():
        return _("考核结果已登记，申请不能再答复；如需更改，请更改考核结果。")
    return ""


def why_not_note_incident(check):
    """Why no incident may be noted: they belong to the day, and to the days in which its outcome is not settled for good."""
    if check.state in (State.UNDER_WAY, State.CONCLUDED) or (check.state == State.DRAWN and check.session_id):
        return ""
    return _("登记抽中人员之后、公布结果之前才能登记考场事件。")
