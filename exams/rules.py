"""What depends on state and time, as a reason or nothing: the page shows it, the button greys by it, the act raises it."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exams.engine import clock
from exams.models import Attempt, Blueprint, Exam, ExamSession, Termination
from exams.queries import terminations


def minute(moment):
    """A moment as people read it, on the wall clock."""
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M")


def why_not_publish(session, now):
    """Why a planned session may not be published."""
    if session.state != ExamSession.State.DRAFT:
        return _("该场次已经发布过。")
    if session.exam.blueprint.state != Blueprint.State.PUBLISHED:
        return _("组卷蓝图尚未发布，不能据此组卷。")
    if clock.phase(session.opens_at, session.closes_at, now) == clock.CLOSED:
        return _("截止时间 %(time)s 已过，不能再发布。") % {"time": minute(session.closes_at)}
    return ""


def why_not_register(session, post, now, *, by_herself):
    """Why a post-holder may not be registered for a session."""
    if session.state != ExamSession.State.PUBLISHED:
        return _("该场次尚未发布或已结束。")
    if by_herself and not session.self_registration:
        return _("该场次不接受自行报名，请联系本企业管理员。")
    if clock.phase(session.opens_at, session.closes_at, now) == clock.CLOSED:
        return _("该场次已于 %(time)s 截止。") % {"time": minute(session.closes_at)}
    kinds = session.exam.post_kinds
    if kinds and post.kind not in kinds:
        return _("该考试不适用于%(post)s岗位。") % {"post": post.get_kind_display()}
    if post.ended_on and post.ended_on <= timezone.localdate(now):
        return _("该任职已于 %(date)s 结束。") % {"date": post.ended_on}
    return ""


def why_not_start(registration, attempts, now):
    """Why a candidate may not begin a new attempt now; `attempts` are her attempts of this registration so far."""
    session = registration.session
    if registration.withdrawn_at:
        return _("您在本场次的登记已撤销：%(why)s") % {"why": _(registration.withdrawn_why)}
    if registration.on_paper:
        return _("您在本场次用纸质试卷作答，成绩由监考人员录入，不能再上机。")
    if session.state != ExamSession.State.PUBLISHED:
        return _("该场次尚未发布或已结束。")
    window = clock.phase(session.opens_at, session.closes_at, now)
    if window == clock.BEFORE:
        return _("开考时间为 %(time)s。") % {"time": minute(session.opens_at)}
    if window == clock.CLOSED:
        return _("该场次已于 %(time)s 截止。") % {"time": minute(session.closes_at)}
    if registration.post.ended_on and registration.post.ended_on <= timezone.localdate(now):
        return _("报名时的任职已于 %(date)s 结束。") % {"date": registration.post.ended_on}
    if reason := why_not_yet(registration):
        return reason
    counted = [a for a in attempts if a.state != Attempt.State.VOIDED]
    if terminations.standing(counted):
        return _("您在本场次的考试已被监考终止；终止撤销之前不能再考。")
    if session.exam.kind != Exam.Kind.PRACTICE and any(
        a.released_at and a.current_result.passed for a in counted
    ):
        return _("本场次已合格，无需再考。")
    if session.max_attempts and len(counted) >= session.max_attempts:
        most = session.max_attempts
        return ngettext(
            "最多可考 %(count)s 次，已全部用完。", "最多可考 %(count)s 次，已全部用完。", most
        ) % {"count": most}
    if session.cool_down_minutes and counted:
        ended = [a.submitted_at for a in counted if a.submitted_at]
        again_at = max(ended) + timedelta(minutes=session.cool_down_minutes) if ended else now
        if now < again_at:
            return _("两次考试须间隔 %(minutes)s 分钟，%(time)s 后可再考。") % {
                "minutes": session.cool_down_minutes,
                "time": minute(again_at),
            }
    return ""


def why_not_yet(registration):
    """Why a candidate of a held session has still to wait; what she can do herself comes first."""
    session = registration.session
    if not session.is_held:
        return ""
    if not registration.arrived_at:
        return _("请先到监考人员处签到。")
    if not registration.code_at:
        return _("请输入现场公布的口令。")
    return "" if session.go_at else _("请等候监考人员宣布开考。")


def why_not_go(session, now):
    """Why a session may not be let go now."""
    if not session.is_held:
        return _("该场次不需要现场放行。")
    if session.state != ExamSession.State.PUBLISHED:
        return _("该场次尚未发布或已结束。")
    if session.go_at:
        return _("已于 %(time)s 放行。") % {"time": minute(session.go_at)}
    window = clock.phase(session.opens_at, session.closes_at, now)
    if window == clock.BEFORE:
        return _("开考时间为 %(time)s。") % {"time": minute(session.opens_at)}
    if window == clock.CLOSED:
        return _("该场次已于 %(time)s 截止。") % {"time": minute(session.closes_at)}
    return ""


def why_not_reschedule(session, opens_at, now):
    """Why a session may not be moved to that time."""
    if session.state != ExamSession.State.PUBLISHED:
        return _("该场次尚未发布或已结束。")
    if now >= session.opens_at or session.go_at:
        return _("该场次已于 %(time)s 开放，时间和地点不能再改。") % {"time": minute(session.opens_at)}
    if opens_at <= now:
        return _("新的开放时间应晚于现在。")
    return ""


def why_not_seat(session, now):
    """Why rooms and seats of a session may not be changed."""
    if session.state != ExamSession.State.PUBLISHED:
        return _("该场次尚未发布或已结束。")
    if clock.phase(session.opens_at, session.closes_at, now) == clock.CLOSED:
        return _("该场次已于 %(time)s 截止。") % {"time": minute(session.closes_at)}
    return ""


def attempts_left(registration, attempts):
    """How many attempts remain, or None where they are not limited."""
    if not registration.session.max_attempts:
        return None
    used = sum(a.state != Attempt.State.VOIDED for a in attempts)
    return max(registration.session.max_attempts - used, 0)


def why_not_oneself(attempt, by):
    """Why somebody may not act upon this attempt from outside: it is her own."""
    return _("本人的答卷须由他人办理。") if attempt.registration.candidate_id == by.pk else ""


def why_not_propose(attempt, before, by, now):
    """Why somebody may not propose to terminate an attempt; `before` is the step that counts, or None."""
    if reason := why_not_oneself(attempt, by):
        return reason
    if attempt.state != Attempt.State.IN_PROGRESS:
        return _("答卷已交，不能再终止。")
    if clock.is_over(attempt.deadline, attempt.registration.session.grace_seconds, now, attempt.paused_at):
        return _("考试时间已到，不能再终止。")
    if before and before.kind == Termination.Kind.PROPOSED:
        return _("已有终止建议，正在等待另一名监考人员确认。")
    return ""


def why_not_withdraw(attempt, before, by):
    """Why somebody may not withdraw a proposal."""
    if reason := why_not_oneself(attempt, by):
        return reason
    if before is None or before.kind != Termination.Kind.PROPOSED:
        return _("没有待确认的终止建议，可能已有人处理。")
    return ""


def why_not_confirm(attempt, before, by):
    """Why somebody may not confirm a termination: it takes a second person."""
    if reason := why_not_withdraw(attempt, before, by):
        return reason
    if before.by_id == by.pk:
        return _("建议人不能确认自己的建议，请由另一名监考人员确认。")
    return ""


def why_not_reverse(attempt, before, by, proposer, voids, now):
    """Why somebody may not reverse a termination: it takes a third person, and to sit again an open session."""
    if before is None or before.kind != Termination.Kind.CONFIRMED:
        return _("这份答卷没有生效的终止决定。")
    if attempt.state != Attempt.State.SUBMITTED:
        return _("答卷已作废，不能再撤销终止。")
    if by.pk in (before.by_id, proposer):
        return _("建议人和确认人不能撤销终止，请由另一名监管人员办理。")
    session = attempt.registration.session
    is_open = clock.phase(session.opens_at, session.closes_at, now) == clock.OPEN
    if voids and not (is_open and session.state == ExamSession.State.PUBLISHED):
        return _("考试场次已经结束，不能作废后重考；可以撤销终止，按已有作答计成绩。")
    return ""
