"""How what follows a fail or an absence is told on pages and on paper."""

from datetime import datetime, time, timedelta

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import printing, scope
from accounts.models import Role
from exams.rules import minute
from supervision import calendar, followup
from supervision.forms.failures import DecisionForm, RetakeForm
from supervision.models import Rectification, Retake, SpotCheck
from supervision.presenting import OUTCOME_TONES
from supervision.queries import failures as queries
from supervision.queries import minutes

TONES = {
    "issued": "warn", "served": "info", "reported": "info", "returned": "stop", "accepted": "ok", "closed": "",
    "revoked": "",
}  # fmt: skip
WHY = {
    queries.LAST: gettext_lazy("补考机会已用完，仍未合格"),
    queries.REPEATED: gettext_lazy("在规定期间内再次不合格"),
    queries.LEFT: gettext_lazy("未合格，且已离任"),
    queries.OWED: gettext_lazy("准予缓考，还没有参加考核：请另定日期，或说明理由结案"),
}
LATE = {
    queries.SERVE: gettext_lazy("整改通知未按期送达"),
    queries.REPORT: gettext_lazy("整改报告逾期"),
    queries.RECHECK: gettext_lazy("复查逾期"),
    queries.RETAKE: gettext_lazy("补考未按期安排"),
    queries.PUBLISH: gettext_lazy("结果未按期公布"),
}


def badge(rectification, on, organ=True):
    """How far a notice has come: label and colour; what is late (to the enterprise only its own) or to be revoked stands out."""
    label, owed, ended, overdue = rectification.get_state_display(), _("待撤销"), _("案件终止"), _("逾期")
    if rectification.is_groundless:
        return f"{label} · {owed}", "warn"
    if rectification.check_of.state == SpotCheck.State.ABANDONED:
        return f"{label} · {ended}", ""
    late = queries.late_of(rectification, on)
    late = late if organ or (late and late.what == queries.REPORT) else None
    return (f"{label} · {overdue}", "stop") if late else (label, TONES[rectification.state])


def rows(rectifications, on, organ=True):
    """Notices for a list."""
    return [{"it": one, "badge": badge(one, on, organ)} for one in rectifications]


def facts(one, unit):
    """A notice in pairs of label and words."""
    return [
        (_("文号"), one.serial),
        (_("发出机关"), unit.name),
        (_("企业"), one.enterprise.unit.name),
        (
            _("有关人员"),
            _("%(name)s（%(kind)s）")
            % {"name": one.person.name, "kind": one.examinee.registration.post.get_kind_display()},
        ),
        (_("抽查考核"), f"{one.check_of.serial} {one.check_of.name}"),
        (_("发出时间"), minute(one.issued_at)),
        (_("整改期限"), one.due_on.isoformat()),
        (_("联系人及电话"), one.contact),
    ]


def revocation_of(one):
    """The revocation of a notice, or None."""
    return getattr(one, "revocation", None)


def timeline(one, service, reports, extensions):
    """What happened to a notice, the newest first."""
    found = [(one.issued_at, _("发出整改通知书"), "", one.issued_by)]
    if service:
        found.append(
            (service.at, _("送达：%(how)s") % {"how": service.get_how_display()}, service.note, service.by)
        )
    for row in reports:
        found.append((row.at, _("提交整改报告"), "", row.by))
        if hasattr(row, "recheck"):
            title = _("复查通过") if row.recheck.is_accepted else _("退回整改报告")
            found.append((row.recheck.at, title, row.recheck.found, row.recheck.by))
    for row in extensions:
        found.append((row.at, _("申请延期至 %(day)s") % {"day": row.until}, row.why, row.by))
        if hasattr(row, "ruling"):
            title = _("同意延期") if row.ruling.is_granted else _("不同意延期")
            found.append((row.ruling.at, title, row.ruling.why, row.ruling.by))
    if one.closed_at:
        found.append((one.closed_at, _("销号"), "", one.closed_by))
    if row := revocation_of(one):
        found.append((row.at, _("撤销整改通知书"), row.why, row.by))
    return [
        {"at": at, "title": title, "text": text, "sub": f"{minute(at)}　{who.name}"}
        for at, title, text, who in sorted(found, key=lambda row: row[0], reverse=True)
    ]  # fmt: skip


def case(check, people, outcomes, sat, user, now):
    """What the page of a check says of what follows; nothing before it is concluded."""
    if check.state not in (*followup.FOLLOWED, SpotCheck.State.CLOSED):
        return {}
    on = timezone.localdate(now)
    standings = queries.standings(check, people, outcomes)
    notices, retakes, kept = queries.of_check(check), queries.retakes(check), minutes.of_check(check)
    again = queries.to_retake(standings, on)
    due, _remark = calendar.due(timezone.localdate(check.concluded_at), check.profile.retake_days)
    opens = timezone.make_aware(datetime.combine(on + timedelta(days=7), time(9)))
    running = next((one for one in retakes if one.state == Retake.State.CALLED), None)
    called = [one for one in people if running and one.round == running.round]
    return {
        "followed": [_line(one, notices, kept, on) for one in standings if not one.is_done or len(one.rounds) > 1 or one.why],
        "passed": sum(one.is_done and len(one.rounds) == 1 and not one.why for one in standings),
        "retakes": retakes,
        "running": running,
        "why_not_conclude_retake": followup.why_not_conclude_retake(running, called, sat, now) if running else "",
        "again": len(again),
        "retake_due": due,
        "retake_form": RetakeForm(auto_id="retake-%s", initial={"opens_at": opens, "closes_at": opens + timedelta(hours=3)}),
        "why_not_retake": followup.why_not_call_retake(check, retakes, again),
        "may_follow": not followup.is_over(check),
        "why_not_close": queries.why_not_close(check, user, people, outcomes, standings, notices, retakes) if check.state == SpotCheck.State.PUBLISHED else "",
    }  # fmt: skip


def _line(one, notices, kept, on):
    """One person whom something follows: her rounds with their notices, and what was decided."""
    return {
        "standing": one,
        "person": one.examinee.registration.candidate,
        "enterprise": one.examinee.registration.post.enterprise,
        "rounds": [
            {
                "examinee": examinee,
                "label": outcome.get_conclusion_display() if outcome else _("待考"),
                "tone": OUTCOME_TONES[outcome.conclusion] if outcome else "",
                "notice": notices.get(examinee.pk),
                "badge": badge(notices[examinee.pk], on) if examinee.pk in notices else None,
                "may_issue": not followup.why_not_issue(
                    examinee, outcome, notices.get(examinee.pk), kept.get(examinee.pk)
                ),
            }
            for examinee, outcome in one.rounds
        ],
        "why": WHY.get(one.why, ""),
    }


def examinee(one, outcome):
    """What the page of an examinee says of what follows."""
    check = one.check_of
    standing = (
        next((row for row in queries.standings(check) if row.examinee.pk == one.pk), None)
        if check.state in (*followup.FOLLOWED, SpotCheck.State.CLOSED)
        else None
    )
    notices = list(Rectification.objects.filter(examinee=one).told().order_by("-pk"))
    notice = notices[0] if notices else None
    return {
        "notices": rows(notices, timezone.localdate()),
        "may_issue": not followup.why_not_issue(one, outcome, notice, minutes.newest_of(one)),
        "decide_why": WHY.get(standing.why, "") if standing else "",
        "decisions": standing.decisions if standing else [],
        "decision_form": DecisionForm(auto_id="decide-%s", standing=standing)
        if standing and standing.why and not followup.is_over(check)
        else None,
        "why_not_decide": queries.why_not_decide(check, standing) if standing and standing.why else "",
    }


def late(found):
    """What is late, for a list."""
    return [
        {
            "late": one,
            "label": LATE[one.what],
            "url": reverse("supervision:rectification", args=[one.rectification.pk])
            if one.rectification
            else reverse("supervision:check", args=[one.check.code]),
        }
        for one in found
    ]


def sides(user, one):
    """What somebody is to a notice: (regulator of its check, manager of the enterprise)."""
    enterprise = one.enterprise.unit.path
    regulates = any(one.check_of.unit.path.startswith(path) for path in scope.paths(user, Role.REGULATOR))
    manages = any(enterprise.startswith(path) for path in scope.paths(user, Role.MANAGER))
    return regulates, manages


# --- On paper ----------------------------------------------------------------------------------------------------------

NOTICE, REVOCATION = "supervision/pdf/rectification.html", "supervision/pdf/revocation.html"


def day(value):
    """A day as documents write it."""
    return f"{value.year}年{value.month}月{value.day}日"


def notice(one, service, *, printed_by, now):
    """The notice with its proof of service as PDF; in Chinese whatever language its reader has chosen."""
    with translation.override("zh-hans"):
        context = {
            "it": one,
            "organ": one.check_of.unit.name,
            "enterprise": one.enterprise,
            "person": one.person,
            "post": one.examinee.registration.post.get_kind_display(),
            "missed": "、".join(one.missed),
            "demands": one.demands.splitlines(),
            "facts": one.facts.splitlines(),
            "issued_on": day(timezone.localdate(one.issued_at)),
            "due_on": day(one.due_on),
            "service": service,
            "served_at": minute(service.served_at) if service else "",
            "blank_day": "　　　　年　　月　　日",
            "printed_at": minute(now),
            "printed_by": printed_by,
        }
        return printing.document(NOTICE, context)


def revocation(one, *, printed_by, now):
    """The notice that a notice was revoked as PDF; in Chinese as the first was."""
    row = one.revocation
    with translation.override("zh-hans"):
        context = {
            "it": row,
            "one": one,
            "organ": one.check_of.unit.name,
            "enterprise": one.enterprise,
            "person": one.person,
            "post": one.examinee.registration.post.get_kind_display(),
            "before": one.outcome.get_conclusion_display(),
            "after": row.outcome.get_conclusion_display(),
            "issued_on": day(timezone.localdate(one.issued_at)),
            "revoked_on": day(timezone.localdate(row.at)),
            "blank_day": "　　　　年　　月　　日",
            "printed_at": minute(now),
            "printed_by": printed_by,
        }
        return printing.document(REVOCATION, context)
