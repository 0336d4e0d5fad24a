"""Of what learners and their managers are reminded: a day that comes near, a day that is over, and once a week who is late."""

from collections import defaultdict
from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.models import Role, RoleGrant
from courses.models import Enrolment
from messaging import sources
from messaging.engine.steps import step, week
from messaging.kinds import Kind
from messaging.sources import Reminder

STEPS = (14, 3, 1)  # days before
WEEKS = 12  # so long somebody is reminded of a day that is over
NAMED = 20  # people in a digest


def _key(subject):
    return int(subject.partition(":")[2])


def still_studied(subjects):
    """Of which enrolments nobody is through with the course, nor is it taken back."""
    active = Enrolment.objects.filter(pk__in=map(_key, subjects), state=Enrolment.State.ACTIVE)
    return {f"enrolment:{pk}" for pk in active.values_list("pk", flat=True)}


def _studied(**days):
    found = Enrolment.objects.filter(state=Enrolment.State.ACTIVE, person__is_active=True, **days)
    return found.select_related("course").only("person_id", "due_on", "course__code", "course__name")


def near(on):
    """Learners whose day comes near."""
    for one in sources.paged(_studied(due_on__range=(on, on + timedelta(days=max(STEPS))))):
        before = step(one.due_on, on, STEPS)
        facts = _facts(one) | {"days": (one.due_on - on).days}
        yield Reminder(one.person_id, f"enrolment:{one.pk}", f"{before}:{one.due_on}", facts)


def late(on):
    """Learners whose day is over, once in each week after it."""
    since = on - timedelta(days=7 * WEEKS)
    for one in sources.paged(_studied(due_on__gte=since, due_on__lt=on)):
        number = week(one.due_on, on, WEEKS)
        facts = _facts(one) | {"days": (on - one.due_on).days}
        yield Reminder(one.person_id, f"enrolment:{one.pk}", f"week{number}:{one.due_on}", facts)


def _facts(one):
    return {"course": one.course.name, "due": one.due_on.isoformat(), "args": [one.course.code]}


# --- To managers ----------------------------------------------------------------------------------------------------------


def digest(on):
    """Once in a week: to each manager of an enterprise who was late there on the week's day; told later where nobody planned then."""
    day = on - timedelta(days=on.isoweekday() - settings.DIGEST_WEEKDAY)
    if on < day:
        return
    year, number, _weekday = on.isocalendar()
    found = _late_by_unit(day)
    grants = RoleGrant.objects.current(on).filter(
        role=Role.MANAGER, user__is_active=True, unit__in=found, user__merged_into=None
    )
    told = set()
    for user, unit, name in grants.order_by("pk").values_list("user", "unit", "unit__name"):
        if (user, unit) in told:  # her own role, and the same lent to her
            continue
        told.add((user, unit))
        rows = found[unit]
        facts = {
            "enterprise": name,
            "count": len({person for person, *_more in rows}),
            "courses": len(rows),
            "days": max(days for *_more, days in rows),
            "late": [[who, course, days] for _person, who, course, days in rows[:NAMED]],
            "query": "?state=late",
        }
        yield Reminder(user, f"unit:{unit}", f"{year}-W{number:02}", facts)


def _late_by_unit(on):
    """{unit: [(person, her name, course, days)]}, the longest first."""
    rows = Enrolment.objects.filter(
        state=Enrolment.State.ACTIVE, due_on__lt=on, person__is_active=True
    ).order_by("due_on", "pk")
    found = defaultdict(list)
    for unit, person, name, course, due in rows.values_list(
        "post__enterprise__unit", "person", "person__name", "course__name", "due_on"
    ):
        found[unit].append((person, name, course, (on - due).days))
    return dict(found)


def named(facts):
    """Who is late, for the manager's own page."""
    return [LATE_LINE % {"name": who, "course": course, "days": days} for who, course, days in facts["late"]]


LATE_LINE = ngettext_lazy(
    "%(name)s · %(course)s · 已逾期 %(days)s 天", "%(name)s · %(course)s · 已逾期 %(days)s 天", "days"
)
NEAR = Kind(
    code="learning.near",
    label=_("课程期限临近"),
    title=ngettext_lazy(
        "课程“%(course)s”还有 %(days)s 天到期", "课程“%(course)s”还有 %(days)s 天到期", "days"
    ),
    text=_("请在 %(due)s 前学完课程“%(course)s”；学完后自动登记考试。"),
    example={"course": "两个规定与产品质量法", "days": 3, "due": "2026-12-01", "args": ["general"]},
    place="courses:course",
    act=_("去学习"),
    sms=("learning_near", "course", "days", "due"),
    still=still_studied,
)
LATE = Kind(
    code="learning.late",
    label=_("课程已逾期"),
    title=ngettext_lazy("课程“%(course)s”已逾期 %(days)s 天", "课程“%(course)s”已逾期 %(days)s 天", "days"),
    text=_(
        "课程“%(course)s”应在 %(due)s 前学完，现在仍可学习。每周提醒一次，直到学完；企业管理员能看到逾期。"
    ),
    example={"course": "两个规定与产品质量法", "days": 8, "due": "2026-11-20", "args": ["general"]},
    place="courses:course",
    act=_("去学习"),
    asks=True,
    sms=("learning_late", "course", "days", "due"),
    still=still_studied,
)
DIGEST = Kind(
    code="learning.digest",
    label=_("每周逾期汇总"),
    title=ngettext_lazy(
        "%(enterprise)s：%(count)s 人的课程已逾期", "%(enterprise)s：%(count)s 人的课程已逾期", "count"
    ),
    text=ngettext_lazy(
        "共 %(courses)s 项课程过了完成期限，最久的已 %(days)s 天。姓名见平台内的消息和培训进度。",
        "共 %(courses)s 项课程过了完成期限，最久的已 %(days)s 天。姓名见平台内的消息和培训进度。",
        "courses",
    ),
    example={
        "enterprise": "示例电动车有限公司",
        "count": 2,
        "courses": 3,
        "days": 12,
        "late": [["张三", "两个规定与产品质量法", 12]],
        "query": "?state=late",
    },
    place="courses:team",
    act=_("查看培训进度"),
    inside=named,
)


def join():
    """Let them be planned; done once, when the floor is ready."""
    sources.add(NEAR, near)
    sources.add(LATE, late)
    sources.add(DIGEST, digest)
