"""Why a training plan may not be changed, put into force or closed, as a sentence or nothing."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.models import TrainingPlan
from courses.rules import why_not_given
from exams.rules import minute, why_not_register

State = TrainingPlan.State


def why_not_write(plan):
    """Why lines can be neither added nor ended."""
    if plan.state == State.CLOSED:
        return _("计划已经总结，不能再修改。")
    if plan.state == State.DROPPED:
        return _("计划已作废，不能再修改。")
    return ""


def why_not_entry(entry, posts, now):
    """Why a line may not stand in its plan; `posts` are those for whom it would be."""
    if entry.course is None and entry.session is None:
        return _("请选择课程或考试场次。")
    if entry.course and (reason := why_not_given(entry.course)):
        return reason
    today = timezone.localdate(now)
    if entry.due_on < today:
        return _("完成期限不能早于今天。")
    if entry.session and entry.due_on < timezone.localdate(entry.session.opens_at):
        return _("考试 %(time)s 才开放，完成期限不能更早。") % {"time": minute(entry.session.opens_at)}
    if entry.session and now > entry.session.closes_at:
        return _("该场次已于 %(time)s 截止。") % {"time": minute(entry.session.closes_at)}
    if not posts:
        return _("没有符合条件的在任人员，请检查岗位和人员。")
    return ""


def why_not_give(entry, post, now):
    """Why nothing can be given by a line any more: its course was withdrawn, its session is over. `post` is somebody who fits."""
    if entry.course and (reason := why_not_given(entry.course)):
        return reason
    if entry.session and post:
        return why_not_register(entry.session, post, now, by_herself=False)
    return ""


def why_not_put_in_force(plan, entries, now):
    """Why a draft may not become the plan."""
    if plan.state != State.DRAFT:
        return _("只有草稿可以生效。")
    if not entries:
        return _("计划里还没有内容，请先添加。")
    over = [one.number for one in entries if one.due_on < timezone.localdate(now)]
    if over:
        return _("第 %(numbers)s 项的完成期限已过，请先修改。") % {"numbers": _("、").join(map(str, over))}
    for one in entries:
        if one.course and (reason := why_not_given(one.course)):
            return _("第 %(number)s 项：%(reason)s") % {"number": one.number, "reason": reason}
    return ""


def why_not_close(plan, entries, counts, on):
    """Why a plan may not be closed: while somebody still has time, its result is not known."""
    if plan.state != State.IN_FORCE:
        return _("只有执行中的计划可以总结。")
    for one in entries:
        told = counts.get(one.pk, {"people": 0, "done": 0})
        left = told["people"] - told["done"]
        if left and one.due_on >= on:
            return ngettext(
                "第 %(number)s 项 %(day)s 才到期，还有 %(count)s 人未完成；要提前总结，请先终止这一项并写明理由。",
                "第 %(number)s 项 %(day)s 才到期，还有 %(count)s 人未完成；要提前总结，请先终止这一项并写明理由。",
                left,
            ) % {"number": one.number, "day": one.due_on, "count": left}
    return ""
