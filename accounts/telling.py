"""Codes in words and colours, and lines of the personnel file as a page draws them."""

import json
from collections import Counter
from contextlib import suppress

from django.apps import apps
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import alerts as rules
from accounts import delegating, staffing
from accounts import likeness as resemblance
from accounts.desks import address
from accounts.models import Enterprise, PostKind, User
from audit.labels import LABELS, label_of

STANDINGS = {
    staffing.GOOD: (_("有效"), "ok"),
    staffing.ENDING: (_("即将到期"), "warn"),
    staffing.BY_OFFICE: (_("在任"), "ok"),
    staffing.EXPIRED: (_("证明已过期"), "stop"),
    staffing.SUSPENDED: (_("证明已暂停"), "stop"),
    staffing.MISSING: (_("未取得证明"), "stop"),
}
STATES = {
    staffing.VALID: (_("在岗有效"), "ok"),
    staffing.UNQUALIFIED: (_("有人无证"), "warn"),
    staffing.VACANT: (_("有空缺"), "stop"),
}
PLACE_STATES = {
    **STATES,
    staffing.VACANT: (_("空缺"), "stop"),
    staffing.UNQUALIFIED: (_("无有效证明"), "warn"),
}
ALERTS = {
    staffing.VACANT: _("岗位空缺"),
    staffing.UNQUALIFIED: _("无有效证明"),
    rules.ENDING: _("60 天内到期"),
    rules.MANY: _("多家任职"),
}
ALERT_TONES = {
    staffing.VACANT: "stop",
    staffing.UNQUALIFIED: "stop",
    rules.ENDING: "warn",
    rules.MANY: "warn",
}
OF_HIGHER_FLOORS = {}  # {what: (why, way)}


def add_alert(what, label, tone, *, why, way):
    """Make another sort of alert known, after those that are: `why(alert, name, on)` is a sentence, `way(alert)` a pair of
    address and words.
    """
    ALERTS[what], ALERT_TONES[what], OF_HIGHER_FLOORS[what] = label, tone, (why, way)


CERTIFICATE_STATES = {
    "in_force": (_("有效"), "ok"),
    "expired": (_("已过期"), "warn"),
    "suspended": (_("已暂停"), "stop"),
    "revoked": (_("已撤销"), "stop"),
}


def idle(limit) -> str:
    """Why somebody has to sign in again who was silent for longer than her time."""
    hours, rest = divmod(round(limit.total_seconds() / 60), 60)
    time = (
        ngettext("{minutes} 分钟", "{minutes} 分钟", 60 * hours + rest).format(minutes=60 * hours + rest)
        if rest or hours < 2
        else ngettext("{hours} 小时", "{hours} 小时", hours).format(hours=hours)
    )
    return gettext("您超过 {time}没有操作，为安全起见已退出登录。请重新登录。").format(time=time)


BROWSERS = {
    "dingtalk": _("钉钉"),
    "wecom": _("企业微信"),
    "wechat": _("微信"),
    "qq": _("QQ 浏览器"),
    "uc": _("UC 浏览器"),
    "huawei": _("华为浏览器"),
    "edge": "Edge",
    "opera": "Opera",
    "firefox": "Firefox",
    "chrome": "Chrome",
    "safari": "Safari",
}
SYSTEMS = {
    "harmony": "HarmonyOS",
    "iphone": "iPhone",
    "ipad": "iPad",
    "android": "Android",
    "windows": "Windows",
    "mac": "macOS",
    "linux": "Linux",
}


def browser(code) -> str:
    """A code of `accounts.devices` in words."""
    app, _slash, system = code.partition("/")
    words = [str(words) for words in (BROWSERS.get(app), SYSTEMS.get(system)) if words]
    return " · ".join(words) or gettext("未知浏览器")


# How far an import has come: in words, and in hundredths of the time that it takes.
STEPS = {
    "": (_("等待后台处理"), 0),
    "read": (_("读取文件"), 5),
    "plan": (_("与已有数据核对"), 20),
    "enterprises": (_("登记企业"), 30),
    "people": (_("登记人员"), 45),
    "posts": (_("登记任职"), 60),
    "audit": (_("写入审计记录"), 85),
    "undoing": (_("正在撤销这次导入"), None),  # how far nobody knows
}


def sentence(problem) -> str:
    """A problem of an import in the reader's language."""
    return gettext(problem.message).format(**problem.params)


def likeness(reasons) -> str:
    """Why two people may be one, in the reader's language."""
    return gettext("；").join(gettext(resemblance.REASONS[reason][1]) for reason in reasons)


# What may have happened since an import, beside acts and new rows of a table, which have words of their own.
SINCE = {
    "posts_taken": _("同一岗位的新任职"),
    "contacts_taken": _("改由他人使用的手机号或邮箱"),
    "audit.AuditEvent": _("本人的操作"),
}
MOST_TOLD = 4


def built_upon(since) -> str:
    """Why an import is not taken back, from counts by code, the greatest first."""
    told = gettext("、").join(
        gettext("{what} {count} 项").format(what=_happened(code), count=count)
        for code, count in list(since.items())[:MOST_TOLD]
    )
    if len(since) > MOST_TOLD:
        told = gettext("{items}等").format(items=told)
    return gettext("导入之后已有新的变化（{items}），为免丢失，什么都没有撤销。请逐项更正。").format(
        items=told
    )


def _happened(code):
    with suppress(LookupError):
        return SINCE.get(code) or LABELS.get(code) or apps.get_model(code)._meta.verbose_name
    return code


def keep(since) -> str:
    """The counts that are told, and one more as a sign that there are more, as a short text."""
    return json.dumps(dict(list(since.items())[: MOST_TOLD + 1]))


def refusal(kept) -> str:
    """Why an import was not carried out or not taken back, in the reader's language, from what was kept of it."""
    return built_upon(json.loads(kept)) if kept.startswith("{") else gettext(kept) if kept else ""


def standing(found):
    """A standing for a page: label, colour, last day; nothing for a post that is over."""
    if found is None:
        return None
    label, tone = STANDINGS[found.code]
    return {"label": label, "tone": tone, "until": "" if found.until == staffing.FOREVER else found.until}


def posts(pairs):
    """Posts with their standings for a page."""
    return [{"post": post, "standing": standing(found)} for post, found in pairs]


READ_BY = {
    "person.revealed": _("查看了完整手机号和证件号码"),
    "person.data_viewed": _("本人查看了完整号码"),
    "person.data_exported": _("本人导出了含完整号码的数据"),
}


def reader(event):
    """Who read somebody's full numbers, as she herself is told: not why, which may concern a running inspection."""
    return {"at": event.at, "act": READ_BY[event.action], "name": event.who}


DELEGATIONS = {
    "coming": (_("尚未开始"), ""),
    "current": (_("生效中"), "ok"),
    "over": (_("已结束"), ""),
}


def delegation(given, on):
    """A lent role for a page."""
    code = delegating.stands(given, on)
    label, tone = DELEGATIONS[code]
    # What was ended on its first day held for some hours of that day.
    last = max(given.starts_on, given.last_day)
    return {"given": given, "last": last, "label": label, "tone": tone, "is_over": code == "over"}


def acted_for(begun, ended, done):
    """Who acted for somebody, as she herself is told: from when to when at most, why, and what was done."""
    acts = Counter(str(label_of(line.action)) for line in done)
    return {
        "at": begun.at,
        "until": ended.at if ended else parse_datetime(begun.data["until"]),
        "name": begun.actor_name,
        "why": begun.data.get("why", ""),
        "acts": gettext("、").join(
            f"{label} ×{count}" if count > 1 else label for label, count in acts.items()
        ),
    }


def places(found):
    """The owed posts of an enterprise for a page."""
    return [
        {
            "kind": PostKind(place.kind).label,
            "code": place.kind,
            "because": gettext(place.because),
            "gap": gettext(place.gap) if place.gap else "",
            "label": PLACE_STATES[place.state][0],
            "tone": PLACE_STATES[place.state][1],
            "holders": [{"holder": h, "standing": standing(h.standing)} for h in place.holders],
        }
        for place in found.places
    ]


def entry(line, on):
    """A line of the personnel file for a timeline."""
    told = {
        "at": line.occurred_on,
        "title": line.title,
        "sub": line.get_kind_display(),
        "text": "",
        "badge": "",
    }
    teller = TELLERS.get(line.kind)
    return told | (teller(line.facts, on) if teller else {})


def _certificate(facts, on):
    state = facts.get("state", "in_force")
    if state == "in_force" and facts.get("expires_on", staffing.FOREVER) < on.isoformat():
        state = "expired"
    label, tone = CERTIFICATE_STATES.get(state, (state, ""))
    text = gettext("编号 {number}，有效期至 {day}").format(
        number=facts.get("number", ""), day=facts.get("expires_on", "")
    )
    return {"badge": label, "tone": tone, "text": text}


def _result(facts, on):
    label, tone = (_("合格"), "ok") if facts.get("passed") else (_("不合格"), "stop")
    text = gettext("{points} / {max_points} 分，第 {number} 次").format(
        points=facts.get("points", ""),
        max_points=facts.get("max_points", ""),
        number=facts.get("attempt_number", 1),
    )
    return {"badge": label, "tone": tone, "text": text}


def _post(facts, on):
    paper = facts.get("end_paper") or facts.get("paper")
    told = [gettext("任命文件：{paper}").format(paper=paper)] if paper else []
    if reason := facts.get("end_reason"):
        told.append(gettext("离任原因：{reason}").format(reason=reason))
    return {"text": " · ".join(told)}


SPOT_CHECKS = {
    "passed": (_("合格"), "ok"),
    "failed": (_("不合格"), "stop"),
    "absent": (_("缺考"), "warn"),
    "excused": (_("准予缓考"), "info"),
    "cancelled": (_("取消成绩"), "stop"),
}


def _spot_check(facts, on):
    label, tone = SPOT_CHECKS.get(facts.get("conclusion"), ("", ""))
    told = [facts[name] for name in ("organ", "serial") if facts.get(name)]
    return {"badge": label, "tone": tone, "text": " · ".join(told)}


def _training(facts, on):
    minutes = facts.get("minutes", 0)
    text = ngettext("核定学时 {minutes} 分钟", "核定学时 {minutes} 分钟", minutes).format(minutes=minutes)
    return {"badge": _("已完成"), "tone": "ok", "text": text} if "minutes" in facts else {}


TELLERS = {
    "training": _training,
    "certificate": _certificate,
    "result": _result,
    "post": _post,
    "spot_check": _spot_check,
}


def names_in(found, notes):
    """The enterprises and people whom alerts and notes of a page name: ({pk: enterprise}, {pk: name}); two queries."""
    people = {alert.person for alert in found} | {rules.read_code(note.code)[2] for note in notes}
    enterprises = Enterprise.objects.select_related("unit__region").in_bulk({a.enterprise for a in found})
    return enterprises, dict(User.objects.filter(pk__in=people - {None}).values_list("pk", "name"))


def alerts(found, names, since, on):
    """Alerts for a page: where, what, why, since when, and the way to mend it."""
    enterprises, people = names
    return [
        {
            "enterprise": enterprises[alert.enterprise],
            "label": ALERTS[alert.what],
            "tone": ALERT_TONES[alert.what],
            "why": _why(alert, people.get(alert.person, ""), on),
            "since": since.get((alert.enterprise, alert.code)),
            **_way(alert, enterprises[alert.enterprise]),
        }
        for alert in found
    ]


def _why(alert, name, on):
    if further := OF_HIGHER_FLOORS.get(alert.what):
        return further[0](alert, name, on)
    if alert.what == rules.ENDING:
        days = staffing.days_left(alert.until, on)
        return ngettext(
            "{name}（{kind}）的合格证明有效期至 {day}，还有 {days} 天。",
            "{name}（{kind}）的合格证明有效期至 {day}，还有 {days} 天。",
            days,
        ).format(name=name, kind=PostKind(alert.kind).label, day=alert.until.isoformat(), days=days)
    if alert.what == rules.MANY:
        return gettext("{name} 同时在 {count} 家企业任职，请核实能否履行职责。").format(
            name=name, count=alert.employers
        )
    return gettext(staffing.GAPS[alert.kind, alert.what])


def _way(alert, enterprise):
    if further := OF_HIGHER_FLOORS.get(alert.what):
        return dict(zip(("url", "act"), further[1](alert), strict=True))
    if alert.what == staffing.VACANT:
        return {
            "url": address("people:appoint", enterprise.uscc) + f"?kind={alert.kind}",
            "act": gettext("去任命"),
        }
    if alert.what == rules.MANY:
        return {"url": address("people:person", alert.person), "act": gettext("查看任职")}
    return {"url": address("exams:sessions"), "act": gettext("安排考试")}


def ended(notes, names):
    """Alerts that are over, for a page."""
    told = []
    for note in notes:
        what, kind, person = rules.read_code(note.code)
        about = [str(PostKind(kind).label)] if kind else []
        about += [names[1][person]] if person in names[1] else []
        told.append({"note": note, "label": ALERTS[what], "about": gettext("、").join(about)})
    return told
