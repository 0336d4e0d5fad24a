"""Training files in words: for their pages, and for paper and sheets, which are Chinese always."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Enterprise, PostKind
from accounts.staffing import FOREVER
from accounts.telling import CERTIFICATE_STATES, PLACE_STATES, SPOT_CHECKS
from exams.templatetags.exam_words import plain

REPLACED = gettext_lazy("已换发")
EXAM_TONES = {True: "ok", False: "stop"}
KINDS = {"classroom": gettext_lazy("集中培训"), "outside": gettext_lazy("外部培训")}


def span(row):
    """From when until when, the end open where it is not over."""
    if not row["to"]:
        return _("%(first)s 至今") % {"first": row["from"]}
    return _("%(first)s 至 %(last)s") % {"first": row["from"], "last": row["to"]}


def hours(minutes):
    """Minutes as hours with one decimal, which is how plans and rules count."""
    return f"{minutes / 60:.1f}"


def percent(part, whole):
    """A share as a whole per cent, or a dash where there is nothing to share."""
    return f"{round(part * 100 / whole)}%" if whole else "—"


def told(facts):
    """The facts of one file with words beside the codes; nothing is left out and nothing is added."""
    return facts | {
        "hours": hours(facts["minutes"]),
        "posts": [row | {"label": PostKind(row["kind"]).label, "span": span(row)} for row in facts["posts"]],
        "courses": [_course(row) for row in facts["courses"]],
        "trainings": [
            row | {"label": str(KINDS.get(row["kind"], row["kind"]))} for row in facts["trainings"]
        ],
        "exams": [_exam(row) for row in facts["exams"]],
        "spot_checks": [_spot_check(row) for row in facts["spot_checks"]],
        "certificates": [_certificate(row) for row in facts["certificates"]],
    }


def _course(row):
    state, tone = (_("已完成"), "ok") if row["to"] else (_("学习中"), "info")
    return row | {"state": state, "tone": tone, "span": span(row)}


def _exam(row):
    row = row | {"points": _plain(row["points"]), "max_points": _plain(row["max_points"])}
    if row["void"]:
        return row | {"state": _("已作废"), "tone": ""}
    return row | {"state": _("合格") if row["passed"] else _("不合格"), "tone": EXAM_TONES[row["passed"]]}


def _spot_check(row):
    label, tone = SPOT_CHECKS.get(row["conclusion"], ("", ""))
    return row | {"state": str(label), "tone": tone, "points": _plain(row["points"])}


def _plain(points):
    """Points without needless zeros; they were kept as texts."""
    return plain(points) if points else ""


def _certificate(row):
    label, tone = CERTIFICATE_STATES.get(
        row["state"], (REPLACED if row["state"] == "replaced" else row["state"], "")
    )
    until = _("长期") if row["to"] == FOREVER else row["to"]
    return row | {"state": str(label), "tone": tone, "until": until}


def line(person, facts, confirmed):
    """One person in the list of an enterprise; `confirmed` says whether she confirmed what the file says now, or something older."""
    exams = [row for row in facts["exams"] if not row["void"]]
    label, tone = {"now": (_("本人已确认"), "ok"), "before": (_("有更新，待确认"), "warn")}.get(
        confirmed, (_("未确认"), "")
    )
    return {
        "person": person,
        "posts": _("、").join(dict.fromkeys(str(PostKind(row["kind"]).label) for row in facts["posts"])),
        "minutes": facts["minutes"],
        "completed": sum(bool(row["to"]) for row in facts["courses"]),
        "running": sum(not row["to"] for row in facts["courses"]),
        "sat": len(exams),
        "passed": sum(row["passed"] for row in exams),
        "label": label,
        "tone": tone,
    }


def cover(facts):
    """The facts of an enterprise's cover in words."""
    enterprise = facts["enterprise"]
    trades = [
        word
        for held, word in ((enterprise["produces"], "生产单位"), (enterprise["sells"], "销售单位"))
        if held
    ]
    return facts | {
        "rows": [
            ("企业", enterprise["name"]),
            ("统一社会信用代码", enterprise["uscc"]),
            ("监管机构", enterprise["organ"]),
            ("地址", enterprise["address"]),
            ("生产/销售", "、".join(trades)),
            ("规模", Enterprise.Size(enterprise["size"]).label if enterprise["size"] else ""),
            ("产品类别", "、".join(enterprise["categories"])),
        ],
        "posts": [
            {
                "kind": PostKind(row["kind"]).label,
                "state": PLACE_STATES[row["state"]][0],
                "holders": "、".join(row["holders"]),
            }
            for row in facts["posts"]
        ],
        "sums": _paired(_sums(facts["sums"])),
    }


def _sums(sums):
    each = sums["minutes"] / sums["people"] if sums["people"] else 0
    share, checked = (
        percent(sums["people_passed"], sums["people_sat"]),
        percent(sums["checks_passed"], sums["checked"]),
    )
    return [
        ("本年度任职人数", f"{sums['people']} 人"),
        ("参加培训人数", f"{sums['trained']} 人"),
        ("培训学时合计", f"{hours(sums['minutes'])} 小时（{sums['minutes']} 分钟）"),
        ("人均学时", f"{hours(each)} 小时"),
        ("学完的课程", f"{sums['completed']} 人次"),
        ("学习中的课程", f"{sums['running']} 人次"),
        ("参加考试", f"{sums['people_sat']} 人，{sums['sat']} 人次"),
        ("考试合格", f"{sums['people_passed']} 人，合格率 {share}"),
        ("监管抽查考核", f"{sums['checked']} 人次，合格率 {checked}"),
    ]


def _paired(cells):
    """Two figures share a row."""
    return [cells[start : start + 2] for start in range(0, len(cells), 2)]
