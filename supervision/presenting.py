"""How cases and draws are told on pages."""

import json
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exams.rules import minute
from supervision import rules, universe
from supervision.models import PrintedForm, RuleProfile, SpotCheck
from supervision.queries import draws as queries
from supervision.queries import paper
from supervision.queries.packages import path_of

State = SpotCheck.State
TONES = {
    "planned": "warn", "approved": "info", "drawn": "info", "under_way": "info", "concluded": "info", "published": "ok",
    "closed": "", "abandoned": "stop",
}  # fmt: skip


@dataclass(frozen=True)
class Step:
    """The one thing to do next: which form stands there, and in which words."""

    code: str
    title: str
    text: str


def step(check, draw, now, user):
    """What comes next for a case."""
    if check.state == State.PLANNED:
        return Step(
            "approve",
            _("下一步：批准计划"),
            _("由制定人以外的监管人员核对范围和人数后批准；批准后计划不再改动。"),
        )
    if check.state == State.APPROVED and not draw:
        return Step(
            "freeze",
            _("下一步：冻结名单"),
            _("冻结时公布名单的摘要和密值的承诺。请约定一个将来才会产生的公开数，它和密值共同决定抽取结果。"),
        )
    if check.state == State.APPROVED:
        if draw.source_at > now:
            return Step(
                "wait",
                _("下一步：等待公开数"),
                _("%(source)s，%(time)s 产生。") % {"source": draw.source, "time": minute(draw.source_at)},
            )
        return Step(
            "reveal",
            _("下一步：录入公开数并抽取"),
            _("来源：%(source)s。录入后立即抽取，结果不会再变。") % {"source": draw.source},
        )
    if check.state == State.DRAWN and not check.session_id:
        return Step(
            "register",
            _("下一步：登记抽中人员"),
            _("安排考试场次并登记名单上的人员；登记之前，企业和本人看不到这次抽查。"),
        )
    if check.state == State.DRAWN:
        return Step(
            "begin",
            _("下一步：开始考核"),
            _("抽中人员已登记，考试 %(time)s 开放。检查人员到场、出示执法证件后开始。")
            % {"time": minute(check.session.opens_at)},
        )
    if check.state == State.UNDER_WAY:
        return Step(
            "conclude",
            _("下一步：结束考核"),
            _("所有人交卷、或考试截止后结束：每人登记一个结果，没有作答的记为缺考。"),
        )
    if check.state == State.CONCLUDED:
        return Step(
            "results",
            _("下一步：签字确认并公布"),
            _("制作记录表，由被考核人、企业负责人和考核人员签字；全部确认后由另一位监管人员公布。"),
        )
    if check.state == State.PUBLISHED:
        return Step(
            "follow",
            _("下一步：整改、补考，然后归档"),
            _("对不合格、缺考的发出整改通知书，安排补考；全部办结以后，由另一位监管人员归档。"),
        )
    if check.state == State.ABANDONED:
        return Step("", _("已终止"), check.abandoned_why)
    return Step("", check.get_state_display(), "")  # fmt: skip


def facts(check):
    """The terms of a plan in pairs of label and words."""
    profile = check.profile
    return [
        (_("编号"), check.serial),
        (_("组织机构"), check.unit.name),
        (_("年度计划"), check.annual_plan and _("%(plan)s，目标 %(target)s%%") % {"plan": check.annual_plan, "target": check.annual_plan.target}),
        (_("考核规则"), str(profile)),
        (_("组卷蓝图"), check.blueprint.name),
        (_("方式"), check.get_mode_display()),
        (_("地点"), check.place),
        (_("日期"), f"{check.starts_on:%Y-%m-%d}" if check.starts_on == check.ends_on else f"{check.starts_on:%Y-%m-%d} — {check.ends_on:%Y-%m-%d}"),
        (_("检查人员"), _("%(count)s 名，同一种子抽取") % {"count": check.inspectors}),
        (_("每家企业最多人数"), check.per_enterprise or _("不限")),
    ]  # fmt: skip


def strata(plan, reached):
    """The table of strata of a plan: label, counts, quota, and where the quota is more than there are."""
    labels = universe.stratum_labels(plan.strata_by, reached.counts)
    return [
        {
            "code": code,
            "label": labels[code],
            "count": count,
            "quota": plan.quotas.get(code, 0),
            "is_short": plan.quotas.get(code, 0) > count.most,
        }
        for code, count in reached.counts.items()
    ]


def timeline(check, draws):
    """What happened to a case, the newest first."""
    found = [(check.planned_at, _("制定计划"), "", check.planned_by, "")]
    if check.changed_at > check.planned_at:
        found.append((check.changed_at, _("修改计划"), "", check.changed_by, ""))
    if check.approved_at:
        found.append((check.approved_at, _("批准计划"), "", check.approved_by, ""))
    for draw in draws:
        address = reverse("supervision:public_draw", args=[draw.code])
        found.append(
            (
                draw.frozen_at,
                _("冻结名单"),
                _("摘要 %(digest)s…") % {"digest": draw.digest[:16]},
                draw.frozen_by,
                address,
            )
        )
        if rules.is_revealed(draw):
            found.append(
                (
                    draw.reveal.at,
                    _("完成抽取"),
                    _("公开数 %(public)s") % {"public": draw.reveal.public},
                    draw.reveal.by,
                    address,
                )
            )
        if rules.is_void(draw):
            found.append((draw.voiding.at, _("作废抽取"), draw.voiding.why, draw.voiding.by, address))
    if check.session_id:
        found.append((check.session.published_at, _("登记抽中人员"), check.session.name, None, ""))
    steps = (
        (check.under_way_at, _("抽查考核开始")),
        (check.concluded_at, _("抽查考核结束")),
        (check.published_at, _("公布抽查考核结果")),
        (check.closed_at, _("归档")),
    )
    found += [(at, title, "", None, "") for at, title in steps if at]
    if check.abandoned_at:
        found.append((check.abandoned_at, _("终止"), check.abandoned_why, None, ""))
    return [
        {"at": at, "title": title, "text": text, "sub": f"{minute(at)}　{who.name if who else ''}".strip(), "url": url}
        for at, title, text, who, url in sorted(found, key=lambda one: one[0], reverse=True)
    ]  # fmt: skip


# --- Draws ------------------------------------------------------------------------------------------------------------


def head_of(draw):
    """The head of a frozen frame, and how many may be drawn and sent."""
    first, _sep, rest = draw.frozen.partition("\n")
    head = json.loads(first)
    labels = labels_of(draw)
    for stratum in head["strata"]:
        stratum["label"] = labels[stratum["code"]]
    head["people"] = sum(stratum["frame"] for stratum in head["strata"])
    head["pool"] = rest.count("\nI|") + rest.startswith("I|")
    return head


def labels_of(draw):
    """{code of a stratum: label} in the language of the page; the frame itself holds them in Chinese."""
    codes = [stratum["code"] for stratum in json.loads(draw.frozen.partition("\n")[0])["strata"]]
    return universe.stratum_labels(draw.check_of.strata_by, codes)


def published(draw):
    """The list in keys as strangers see it: [(label, stratum's places)]."""
    if not rules.is_revealed(draw):
        return []
    found = {}
    for stratum, rank, role, key in json.loads(draw.reveal.dossier)["drawn"]:
        found.setdefault(stratum, []).append((rank, role, key))
    return [(label, found[code]) for code, label in labels_of(draw).items() if code in found]


def places(draw, labels):
    """The list with names: [(label, [(place, who stands in for whom)])]."""
    found = {}
    for one in queries.everybody(draw):
        found.setdefault(one.stratum, []).append(
            {
                "place": one,
                "replaced": getattr(one, "replaced", None),
                "stands_in": getattr(one, "stands_in", None),
                "is_on": not hasattr(one, "replaced")
                and (one.role == one.Role.CHOSEN or hasattr(one, "stands_in")),
            }
        )
    return [(labels[code], rows) for code, rows in found.items()]


def chances(told, labels):
    """Probabilities in words: [(label, people, chosen, [(weight, people, percent)])]."""
    return [
        (
            labels[stratum],
            people,
            chosen,
            [(weight, count, f"{probability * 100:.1f}") for weight, count, probability in classes],
        )
        for stratum, people, chosen, classes in told
        if chosen
    ]


def profiles(rows):
    """Versions by profile, the newest first: [(newest, [(version, pairs of label and value)])]."""
    found = {}
    for row in rows:
        told = [
            (RuleProfile._meta.get_field(name).verbose_name, getattr(row, name))
            for name in RuleProfile.numbers()
        ]
        found.setdefault(row.code, []).append((row, told))
    return [(versions[0][0], versions) for versions in found.values()]  # fmt: skip


OUTCOME_TONES = {"passed": "ok", "failed": "stop", "absent": "warn", "excused": "info", "cancelled": "stop"}


PAPER_STATES = {
    "waiting": (gettext_lazy("纸质成绩待复核"), "warn"),
    "confirmed": (gettext_lazy("纸质成绩已复核"), "info"),
    "returned": (gettext_lazy("纸质成绩已退回"), "stop"),
    "set_aside": (gettext_lazy("纸质成绩不予采用"), ""),
}


def standing_of(outcome, sat):
    """Where an examinee stands, in words and tone: the outcome if there is one, else what she is doing."""
    if outcome:
        return outcome.get_conclusion_display(), OUTCOME_TONES[outcome.conclusion]
    if sat.paper_state:
        return PAPER_STATES[sat.paper_state]
    if sat.is_sitting:
        return _("答题中"), "info"
    if sat.attempt:
        return _("已交卷"), "info"
    if sat.excused:
        return _("准予缓考"), "info"
    if sat.arrival:
        return (
            sat.arrival.get_outcome_display(),
            "ok" if sat.arrival.outcome in sat.arrival.LETS_IN else "warn",
        )
    return _("待考"), ""


def examinee_rows(examinees, sat, outcomes):
    """The table of those who were called: examinee, outcome, standing."""
    return [
        {
            "examinee": one,
            "outcome": outcomes.get(one.pk),
            "state": standing_of(outcomes.get(one.pk), sat[one.pk]),
        }
        for one in examinees
    ]


def examinee_facts(examinee, sat):
    """Who is examined where, in pairs of label and words."""
    post = examinee.registration.post
    return [
        (_("企业"), post.enterprise.unit.name),
        (_("岗位"), post.get_kind_display()),
        (
            _("轮次"),
            _("补考 %(number)s") % {"number": examinee.round} if examinee.is_retake else _("首次考核"),
        ),
        (_("考试场次"), examinee.registration.session.name),
        (_("形式"), _("纸质") if sat.paper_state else ""),
        (_("签到"), sat.arrival and f"{sat.arrival.get_outcome_display()} {minute(sat.arrival.noted_at)}"),
        (_("开始时间"), sat.attempt and minute(sat.attempt.started_at)),
        (_("交卷时间"), sat.attempt and sat.attempt.submitted_at and minute(sat.attempt.submitted_at)),
    ]


def paper_of(examinee, sat, outcome, user):
    """What was entered from paper for an examinee, each with state, scans and why the visitor may not check it, and the ways in."""
    versions = paper.versions(examinee)
    scans = paper.scans_of(versions)
    ways = []
    if not rules.why_not_enter_paper(examinee, sat, outcome):
        forms = PrintedForm.objects.filter(session=examinee.registration.session)
        kinds = [(form.get_letter_display(), form.letter) for form in forms] + [(_("校外总分"), "total")]
        code = examinee.check_of.code
        ways = [
            (
                _("录入 %(what)s") % {"what": label},
                reverse("supervision:paper_enter", args=[code, examinee.pk, kind]),
            )
            for label, kind in kinds
        ]
    return {
        "versions": [
            (
                one,
                PAPER_STATES[paper.state_of(one)],
                scans[one.pk],
                rules.why_not_review_paper(one, versions[0], outcome, user),
            )
            for one in versions
        ],
        "ways": ways,
    }


PACKAGE_TONES = {"waiting": "info", "done": "ok", "failed": "stop"}


def packages(rows):
    """Evidence packages with their tone, and whether the file is still there: [(package, tone, whether it is kept)]."""
    return [(one, PACKAGE_TONES[one.state], path_of(one) is not None) for one in rows]
