"""Classes, outside training and rules of hours: what may not be done now, as a sentence or nothing."""

from datetime import timedelta

from django.utils.translation import gettext as _

from courses.models import ClassMeeting, ClassSign, OutsideTraining

OPENS_BEFORE = timedelta(minutes=60)  # signing in may be opened so long before the class
STAYS_OPEN = timedelta(minutes=60)  # and people may still leave so long after its planned end
MOST_A_DAY = 12 * 60  # minutes of outside training on one day
OLDEST = timedelta(days=3 * 366)  # what was learned longer ago is not entered any more


def why_not_change(meeting):
    """Why what was planned of a class may not be changed."""
    if meeting.state == ClassMeeting.State.PLANNED:
        return ""
    return _("课堂%(state)s，不能再修改。") % {"state": meeting.get_state_display()}


def why_not_begin(meeting, now):
    """Why signing in may not be opened."""
    if meeting.state != ClassMeeting.State.PLANNED:
        return _("课堂%(state)s，不能开始签到。") % {"state": meeting.get_state_display()}
    if now < meeting.begins_at - OPENS_BEFORE:
        return _("最早在开始前 60 分钟开始签到。")
    if now >= meeting.ends_at:
        return _("已过计划的结束时间；没有举办的请取消，另行安排。")
    return ""


def why_not_end(meeting):
    """Why a class may not be ended."""
    if meeting.state == ClassMeeting.State.UNDER_WAY:
        return ""
    return _("课堂没有在进行中。")


def why_not_cancel(meeting):
    """Why a class may not be cancelled."""
    if meeting.state in (ClassMeeting.State.PLANNED, ClassMeeting.State.UNDER_WAY):
        return ""
    return _("课堂%(state)s，不能取消。") % {"state": meeting.get_state_display()}


def why_not_sign(meeting, now):
    """Why nobody may sign in or out by herself."""
    if meeting.state == ClassMeeting.State.PLANNED:
        return _("还没有开始签到。")
    if meeting.state == ClassMeeting.State.CANCELLED:
        return _("课堂已取消：%(why)s") % {"why": meeting.cancelled_why}
    if meeting.state == ClassMeeting.State.ENDED or now > meeting.ends_at + STAYS_OPEN:
        return _("课堂已结束，签到签退已关闭。")
    return ""


def why_not_enter(meeting, person, *, by, at, why, now):
    """Why the organiser may not enter that somebody came or left."""
    if meeting.state != ClassMeeting.State.UNDER_WAY:
        return _("只有进行中的课堂可以登记签到。")
    if person.pk == by.pk:
        return _("不能为自己登记，请扫码或请另一位组织者登记。")
    if len(why) < 2:
        return _("请写明没有扫码的理由。")
    if at > now:
        return _("时间不能晚于现在。")
    if at < meeting.begun_at:
        return _("时间不能早于开始签到的时间。")
    return ""


def why_not_next(last, direction, at):
    """Why a sign may not follow the one before; `last` is that one, or None."""
    if direction == ClassSign.Direction.LEFT and last is None:
        return _("还没有签到，不能签退。")
    if last is not None and at < last.at:
        return _("时间不能早于上一次签到或签退。")
    return ""


# --- outside training --------------------------------------------------------------------------------------------------


def why_not_submit(training, today):
    """Why an outside training may not be entered as it is written."""
    if training.ends_on < training.begins_on:
        return _("结束日期不能早于开始日期。")
    if training.ends_on > today:
        return _("培训还没有结束，不能登记。")
    if training.ends_on < today - OLDEST:
        return _("三年以前的培训不再登记。")
    days = (training.ends_on - training.begins_on).days + 1
    if training.minutes > days * MOST_A_DAY:
        return _("学时超过了这些天可能的时间（每天最多 12 小时）。")
    if training.post.ended_on and training.post.ended_on <= today:
        return _("该任职已于 %(date)s 结束。") % {"date": training.post.ended_on}
    return ""


def _is_hers(account, by):
    """Whether an account is somebody's own, or was merged into hers."""
    return by.pk in (account.pk, account.merged_into_id)


def why_not_decide(training, *, by):
    """Why somebody may not confirm or send back: it is always a second person, and never about herself."""
    if training.state != OutsideTraining.State.SUBMITTED:
        return _("这条记录不在待核对状态。")
    if _is_hers(training.person, by):
        return _("不能核对自己的外部培训。")
    if _is_hers(training.entered_by, by):
        return _("登记的人不能自己核对，请另一位企业管理员或监管人员核对。")
    return ""


def why_not_mend(training, *, by):
    """Why somebody may not change what was sent back, or take it back: who entered it does."""
    if training.entered_by_id != by.pk:
        return _("由登记的人修改。")
    if training.state != OutsideTraining.State.RETURNED:
        return _("只有退回的记录可以修改。")
    return ""


def why_not_withdraw(training, *, by):
    """Why somebody may not take an entry back."""
    if training.entered_by_id != by.pk:
        return _("由登记的人撤回。")
    if training.state not in (OutsideTraining.State.SUBMITTED, OutsideTraining.State.RETURNED):
        return _("这条记录已经%(state)s，不能撤回。") % {"state": training.get_state_display()}
    return ""


# --- rules of hours ----------------------------------------------------------------------------------------------------


def why_not_end_rule(rule, ends_on, why):
    """Why a rule may not be ended on a day."""
    if hasattr(rule, "end"):
        return _("这条规则已经终止。")
    if ends_on <= rule.starts_on:
        return _("失效日期应晚于施行日期。")
    if rule.ends_on and ends_on >= rule.ends_on:
        return _("规则本来就在 %(date)s 失效。") % {"date": rule.ends_on}
    if len(why.strip()) < 2:
        return _("请写明终止理由。")
    return ""
