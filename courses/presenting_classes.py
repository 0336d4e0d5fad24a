"""How classes, outside trainings and hours are told on pages."""

from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from courses import rules_classes
from courses.models import ClassMeeting
from courses.queries import classes, shortfalls
from courses.queries.yearly import Hours, hours_of

TONES = {"planned": "info", "under_way": "warn", "ended": "ok", "cancelled": ""}
OUTSIDE_TONES = {"submitted": "warn", "returned": "stop", "confirmed": "ok", "withdrawn": ""}
SHOWN = 5


def when(meeting):
    """Day and hours of a class in one line."""
    begins, ends = timezone.localtime(meeting.begins_at), timezone.localtime(meeting.ends_at)
    if begins.date() == ends.date():
        return f"{begins:%Y-%m-%d %H:%M}–{ends:%H:%M}"
    return f"{begins:%Y-%m-%d %H:%M} – {ends:%Y-%m-%d %H:%M}"


def link(meeting):
    """The address of a live class where its host is one that this house allows, else nothing: then it is shown as text."""
    parts = urlsplit(meeting.address)
    return meeting.address if parts.scheme == "https" and parts.hostname in settings.LIVE_HOSTS else ""


def meeting(one, now):
    """A class in a list or at the head of its page."""
    return {
        "it": one,
        "when": when(one),
        "where": one.place or one.get_kind_display(),
        "link": link(one),
        "tone": TONES[one.state],
        "is_over": one.state == ClassMeeting.State.PLANNED and one.ends_at <= now,
    }


def meetings(rows, now):
    """Several."""
    return [meeting(one, now) for one in rows]


def facts(one):
    """What is known of a class, for its page."""
    lesson = one.lesson and f"{one.lesson.course.name} · {one.lesson}"
    told = [
        (_("时间"), when(one)),
        (_("地点"), one.place),
        (_("直播网址"), one.address),
        (_("授课人"), one.teacher),
        (_("举办单位"), one.unit.name),
        (_("所属课时"), lesson),
        (_("最多计入"), _("%(minutes)s 分钟") % {"minutes": one.minutes}),
        (_("人数上限"), pgettext("课堂", "%(count)s 人") % {"count": one.capacity}),
        (_("取消理由"), one.cancelled_why),
    ]
    return [(label, value) for label, value in told if value]


def in_hours(minutes):
    """Minutes as hours of sixty minutes, as a rule counts them: 90 is 1.5."""
    return f"{minutes / 60:.1f}".rstrip("0").rstrip(".")


def hours(told: Hours):
    """The hours of a year for its panel."""
    return {
        "total": in_hours(told.total),
        "rows": [
            (_("课程核定学时"), _("%(minutes)s 分钟") % {"minutes": told.course}),
            (_("课堂"), _("%(minutes)s 分钟") % {"minutes": told.classes}),
            (_("已确认的外部培训"), _("%(minutes)s 分钟") % {"minutes": told.outside}),
        ],
    }


def year_row(row):
    """A person's year under a rule."""
    year = row.year
    return {
        "it": row,
        "owed": in_hours(year.owed),
        "done": in_hours(year.done),
        "carried": in_hours(year.carried),
        "short": in_hours(year.short),
        "onward": in_hours(year.onward),
        "tone": "ok" if year.is_met else "stop",
        "label": _("已达到") if year.is_met else _("还差 %(hours)s 小时") % {"hours": in_hours(year.short)},
    }


def for_learner(user, now):
    """What the page of a learner's courses says besides: the next classes, and her hours of this year."""
    today = timezone.localdate(now)
    return {
        "classes": meetings(classes.coming(user, now)[:SHOWN], now),
        "year": today.year,
        "hours": hours(hours_of([user], today.year).get(user.pk, Hours())),
        "owed": [year_row(row) for row in shortfalls.of_person(user, today.year, today)],
    }


def outside(training, user):
    """An outside training with what its reader may do."""
    return {
        "it": training,
        "tone": OUTSIDE_TONES[training.state],
        "hours": in_hours(training.minutes),
        "why_not_decide": rules_classes.why_not_decide(training, by=user),
        "why_not_mend": rules_classes.why_not_mend(training, by=user),
        "why_not_withdraw": rules_classes.why_not_withdraw(training, by=user),
    }
