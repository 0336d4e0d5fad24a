"""How minutes and publications are told on pages."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exams.rules import minute
from supervision import amending, rules
from supervision.actions.publishing import hands_of
from supervision.engine import minutes as engine
from supervision.forms.amending import AmendRulingForm
from supervision.forms.minutes import CorrectForm, DecisionForm, ReasonForm, RoundForm, WithdrawForm
from supervision.models import Minutes, Outcome, Side, SpotCheck
from supervision.presenting import OUTCOME_TONES
from supervision.queries import amending as corrections
from supervision.queries import minutes
from supervision.queries import publishing as queries

State = SpotCheck.State
LATER = (State.CONCLUDED, State.PUBLISHED, State.CLOSED, State.ABANDONED)


def conclusion_of(code):
    """A conclusion in words and tone."""
    return Outcome.Conclusion(code).label, OUTCOME_TONES[code]


def in_words(cells):
    """Cells of a published line for the reader's language: what the house has words for is told in them, names stay."""
    return [_(cell) if cell else cell for cell in cells]


def wanted(standing):
    """Who is still missing, in words."""
    told = []
    for side in standing.missing:
        if side == engine.INSPECTOR:
            count = standing.inspectors_missing
            told.append(ngettext("%(count)s 名考核人员", "%(count)s 名考核人员", count) % {"count": count})
        elif side in standing.claimed:
            told.append(_("%(side)s（拒签待第二人确认）") % {"side": Side(side).label})
        else:
            told.append(str(Side(side).label))
    return _("、").join(told)


def state_of(standing):
    """How far minutes are, in words and tone."""
    if standing.is_confirmed:
        return _("已确认"), "ok"
    return _("待签字"), "warn"


def fields(facts):
    """The fields of minutes in groups: [(title, pairs of label and value)]; the values stay as they were frozen."""
    paper, person, enterprise = facts["paper"], facts["person"], facts["enterprise"]
    retakes = "；".join(f"{one['on']} {one['conclusion']}".strip() for one in facts["retake"])
    return [
        (
            _("考核"),
            [
                (_("编号"), facts["serial"]),
                (_("考核单位"), facts["organ"]),
                (_("抽查考核"), f"{facts['check']['name']}（{facts['check']['serial']}）"),
                (_("考核人员"), "；".join(f"{one['name']}（执法证号 {one['badge']}）" for one in facts["inspectors"])),
                (_("考核日期"), facts["on"]),
                (_("考核地点"), facts["place"]),
                (_("考核方式"), facts["mode"]),
            ],
        ),
        (
            _("被考核单位"),
            [
                (_("名称"), enterprise["name"]),
                (_("统一社会信用代码"), enterprise["uscc"]),
                (_("生产或销售"), enterprise["trade"]),
                (_("产品类别"), enterprise["categories"]),
                (_("风险等级"), enterprise["risk"]),
            ],
        ),
        (
            _("被考核人"),
            [
                (_("姓名"), person["name"]),
                (_("证件号码"), person["id_mask"]),
                (_("岗位"), person["post"]),
                (_("任职时间"), person["appointed_on"]),
                (_("抽取方式"), facts["draw"]["how"]),
                (_("抽取代码"), facts["draw"]["code"]),
            ],
        ),
        (
            _("考核结果"),
            [
                (_("试卷编号"), paper["number"]),
                (_("题量"), paper["questions"]),
                (_("总分"), paper["max_points"]),
                (_("合格分"), paper["cut"]),
                (_("得分"), facts["points"]),
                (_("结论"), facts["conclusion_text"]),
                (_("错题知识点"), "、".join(facts["missed"])),
                (_("整改要求与期限"), facts["rectify"]),
                (_("补考日期与结果"), retakes),
                (_("备注"), facts["remarks"]),
                (_("附件"), "；".join(one["name"] for one in facts["attachments"])),
            ],
        ),
    ]  # fmt: skip


def clock(check, today):
    """By when the results of a check that waits for it are to be published, and whether that is past."""
    if check.state != State.CONCLUDED:
        return {}
    day, _remark = minutes.due_of(check)
    return {"due": day, "is_overdue": day < today}


def round_title(number):
    """A round in words."""
    return _("补考 %(number)s") % {"number": number} if number else _("首次考核")


def results(check, people, user):
    """How far the results of each round of a check are, and what may be done next."""
    if check.state not in LATER or not people:
        return []
    hands, told = hands_of(check), []
    waiting = list(queries.waiting(check).select_related("examinee__registration__candidate"))
    proposed = list(corrections.waiting(check).select_related("examinee__registration__candidate"))
    for one in queries.rounds(check, people):
        shown = queries.shown(one.publication) if one.publication else None
        told.append(
            {
                "number": one.number,
                "title": round_title(one.number),
                "count": len(one.examinees),
                "confirmed": len(one.examinees) - len(one.unsettled) - len(one.unconfirmed),
                "due": len(one.due),
                "waiting": [
                    {
                        "examinee": row,
                        "minutes": one.kept[row.pk].row if row.pk in one.kept else None,
                        "missing": wanted(one.kept[row.pk].standing)
                        if row.pk in one.kept and row not in one.due
                        else "",
                    }
                    for row in one.unconfirmed
                ],
                "objections": [row for row in waiting if row.examinee.round == one.number],
                "proposals": [row for row in proposed if row.examinee.round == one.number],
                "publication": one.publication,
                "shown": shown,
                "may_draw_up": bool(one.due) and not rules.why_not_draw_up(check),
                "may_publish": not one.publication
                and not one.due
                and not rules.why_not_publish_yet(check, one.number),
                "why_not_publish": rules.why_not_publish(one, user, hands),
                "is_behind": one.is_behind and check.state == State.PUBLISHED,
                "why_not_correct": rules.why_not_correct(check, one, user, hands) if one.is_behind else "",
                "forms": _forms(one, shown),
            }
        )
    return told  # fmt: skip


def _forms(one, shown):
    tag, start = f"round{one.number}", {"round": one.number}
    lines = [
        (str(line.examinee), f"{line.row['enterprise']} {line.row['name']} {line.row['conclusion']}")
        for line in (shown.lines if shown else ())
        if not line.withdrawal
    ]
    return {
        "publish": RoundForm(auto_id=f"{tag}-publish-%s", initial=start),
        "correct": CorrectForm(auto_id=f"{tag}-correct-%s", initial=start),
        "withdraw": WithdrawForm(auto_id=f"{tag}-withdraw-%s", initial=start, lines=lines),
    }


def objections(rows, user, hands, files):
    """Objections with what was decided, or the form to decide and why it may not be sent."""
    return [
        {
            "objection": one,
            "side": Side(one.side).label,
            "decision": getattr(one, "decision", None),
            "why_not": rules.why_not_decide(one, user, hands),
            "form": DecisionForm(auto_id=f"objection{one.pk}-%s"),
            "files": files.get(one.pk, ()),
        }
        for one in rows
    ]


def panel(examinee, user):
    """What the page of one examinee shows of her minutes, and of what was said against them."""
    rows = list(Minutes.objects.filter(examinee=examinee).select_related(*minutes.RELATED, "by"))
    if not rows:
        return {}
    found = minutes.newest_of(examinee)
    said = list(queries.objections([examinee]))
    return {
        "minutes": {
            "newest": found,
            "state": state_of(found.standing),
            "wanted": wanted(found.standing),
            "versions": rows,
            "form": ReasonForm(auto_id="renew-%s"),
            "may_renew": not rules.why_not_draw_up(examinee.check_of),
        },
        "objections": objections(said, user, hands_of(examinee.check_of), queries.files_of(said)),
    }


# --- Corrections ------------------------------------------------------------------------------------------------------


def amendable(check, examinee, outcome, score):
    """What a correction would correct, in pairs of label and words."""
    told = (
        f"{outcome.points.normalize():f} / {outcome.max_points.normalize():f}"
        if outcome.points is not None
        else ""
    )
    now = f"{score.points.normalize():f} / {score.max_points.normalize():f}" if score else _("没有成绩")
    return [
        (_("姓名"), examinee.registration.candidate.name),
        (_("企业"), examinee.registration.post.enterprise.unit.name),
        (_("轮次"), round_title(examinee.round)),
        (_("结论"), outcome.get_conclusion_display()),
        (_("登记的得分"), told),
        (_("现有评分"), now),
        (_("登记时间"), f"{minute(outcome.at)}　{outcome.by.name if outcome.by else ''}".strip()),
        (_("原因"), outcome.why),
    ]


def amendments(examinee, outcome, user):
    """What was proposed about an examinee of the organ's own accord, what was ruled, and what the visitor may do."""
    found = list(corrections.proposals_of([examinee]))
    waits = any(not hasattr(one, "ruling") for one in found)
    hands = hands_of(examinee.check_of) | corrections.amenders(examinee) if waits else set()
    files = queries.files_of(found)
    return {
        "amendments": [
            {
                "proposal": one,
                "before": one.outcome.get_conclusion_display(),
                "after": conclusion_of(one.conclusion),
                "ruling": getattr(one, "ruling", None),
                "files": files.get(one.pk, ()),
                "form": AmendRulingForm(auto_id=f"amend{one.pk}-%s"),
                "why_not_confirm": amending.why_not_confirm(one, outcome, user, hands),
                "why_not_decline": amending.why_not_decline(one),
                "decline": _("撤回") if one.by_id == user.pk else _("不予确认"),
            }
            for one in found
        ],
        "amendment_waits": waits,
        "may_amend": not amending.why_not_propose(examinee.check_of, outcome, waits),
    }
