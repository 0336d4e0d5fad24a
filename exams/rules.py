"""What depends on state and time, as a reason or nothing: the page shows it, the button greys by it, the act raises it."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from exams.engine import clock
from exams.models import Attempt, Blueprint, Exam, ExamSession


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
    if session.state != ExamSession.State.PUBLISHED:
        return _("该场次尚未发布或已结束。")
    window = clock.phase(session.opens_at, session.closes_at, now)
    if window == clock.BEFORE:
        return _("开考时间为 %(time)s。") % {"time": minute(session.opens_at)}
    if window == clock.CLOSED:
        return _("该场次已于 %(time)s 截止。") % {"time": minute(session.closes_at)}
    if registration.post.ended_on and registration.post.ended_on <= timezone.localdate(now):
        return _("报名时的任职已于 %(date)s 结束。") % {"date": registration.post.ended_on}
    counted = [a for a in attempts if a.state != Attempt.State.VOIDED]
    if session.exam.kind != Exam.Kind.PRACTICE and any(
        a.released_at and a.current_result.passed for a in counted
    ):
        return _("本场次已合格，无需再考。")
    if session.max_attempts and len(counted) >= session.max_attempts:
        return _("最多可考 %(count)s 次，已全部用完。") % {"count": session.max_attempts}
    if session.cool_down_minutes and counted:
        ended = [a.submitted_at for a in counted if a.submitted_at]
        again_at = max(ended) + timedelta(minutes=session.cool_down_minutes) if ended else now
        if now < again_at:
            return _("两次考试须间隔 %(minutes)s 分钟，%(time)s 后可再考。") % {
                "minutes": session.cool_down_minutes,
                "time": minute(again_at),
            }
    return ""


def attempts_left(registration, attempts):
    """How many attempts remain, or None where they are not limited."""
    if not registration.session.max_attempts:
        return None
    used = sum(a.state != Attempt.State.VOIDED for a in attempts)
    return max(registration.session.max_attempts - used, 0)
