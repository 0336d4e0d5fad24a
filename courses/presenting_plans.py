"""How plans, their lines and the places in them are told on pages and in workbooks."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses import rules_plans
from courses.models import PlanOutcome, TrainingPlan
from courses.queries import plans as queries

State = TrainingPlan.State
TONES = {State.DRAFT: "", State.IN_FORCE: "info", State.CLOSED: "ok", State.DROPPED: ""}
WORDS = {"done": "ok", "late": "warn", "open": "stop", "left": ""}
MEMBERS_HEADER = [
    gettext_lazy("姓名"),
    gettext_lazy("岗位"),
    gettext_lazy("企业"),
    gettext_lazy("内容"),
    gettext_lazy("完成期限"),
    gettext_lazy("结果"),
    gettext_lazy("完成日期"),
]


def entry(one, counts, now):
    """One line of a plan with its figures; in force also how many still wait and why nothing is given."""
    told = {
        "one": one,
        "title": " + ".join(one.things),
        "who": whom(one),
        "people": 0,
        "done": 0,
        "behind": 0,
        "waiting": 0,
        "why_not": "",
    } | (counts or {})
    today = timezone.localdate(now)
    if one.plan.state == State.DRAFT:
        told["fitting"] = queries.fitting(one, today).order_by().values("person").distinct().count()
    elif one.plan.state == State.IN_FORCE:
        found = queries.missing(one, today)
        told["waiting"] = found.order_by().values("person").distinct().count()
        if told["waiting"]:
            told["why_not"] = rules_plans.why_not_give(one, found.first(), now)
    return told


def whom(one):
    """For whom a line is, in words."""
    if names := [post.person.name for post in one.named.all()]:
        shown = _("、").join(names[:5])
        return (
            shown
            if len(names) <= 5
            else _("%(names)s 等 %(count)s 人") % {"names": shown, "count": len(names)}
        )
    return _("、").join(one.kinds) if one.kinds else _("所有岗位")


def past(one):
    """A line that ended: by whom, when, why, and what took its place."""
    after = one.replaced_by.first()
    return {
        "title": f"{one.number}. {' + '.join(one.things)}（{one.due_on}）",
        "text": _("由第 %(number)s 项代替") % {"number": after.number} if after else _("已终止"),
        "why": one.end.why,
        "by": one.end.by,
        "at": one.end.at,
    }


def initial(one):
    """What a form begins with that changes a line."""
    return {
        "course": one.course_id,
        "session": one.session_id,
        "post_kinds": one.post_kinds,
        "named": [post.pk for post in one.named.all()],
        "due_on": one.due_on,
        "days": one.days,
    }


def outcomes(counts):
    """How a closed plan ended, word by word."""
    return [
        (word.value, word.label, counts.get(word.value, 0), WORDS[word.value]) for word in PlanOutcome.Word
    ]


def member(row, plan, today):
    """One place of a plan in the list."""
    outcome = getattr(row, "outcome", None)
    day = outcome.done_on if outcome else queries.done_on(row)
    if outcome:
        label, tone = outcome.get_word_display(), WORDS[outcome.word]
    elif day:
        label, tone = (_("逾期完成"), "warn") if day > row.due_on else (_("已完成"), "ok")
    elif row.due_on < today:
        label, tone = _("已逾期"), "stop"
    else:
        label, tone = _("未完成"), "info"
    return {"it": row, "title": " + ".join(row.entry.things), "done_on": day, "label": label, "tone": tone}


def member_cells(row, plan, today):
    """The same as a row of a workbook."""
    told = member(row, plan, today)
    return [
        row.post.person.name,
        row.post.get_kind_display(),
        row.post.enterprise.unit.name,
        told["title"],
        row.due_on.isoformat(),
        told["label"],
        told["done_on"].isoformat() if told["done_on"] else "",
    ]
