"""Codes in words and colours, and lines of the personnel file as a page draws them."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import staffing
from accounts.models import PostKind

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
CERTIFICATE_STATES = {
    "in_force": (_("有效"), "ok"),
    "expired": (_("已过期"), "warn"),
    "suspended": (_("已暂停"), "stop"),
    "revoked": (_("已撤销"), "stop"),
}


def sentence(problem) -> str:
    """A problem of an import in the reader's language."""
    return gettext(problem.message).format(**problem.params)


def standing(found):
    """A standing for a page: label, colour, last day; nothing for a post that is over."""
    if found is None:
        return None
    label, tone = STANDINGS[found.code]
    return {"label": label, "tone": tone, "until": "" if found.until == staffing.FOREVER else found.until}


def posts(pairs):
    """Posts with their standings for a page."""
    return [{"post": post, "standing": standing(found)} for post, found in pairs]


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
    return {"text": gettext("任命文件：{paper}").format(paper=paper) if paper else ""}


TELLERS = {"certificate": _certificate, "result": _result, "post": _post}
