"""The log of acts as an inspection asks it: each search is one walk along an index, newest first.

Person, act, exact object and what was refused have an index that ends in the time. An address and words of a name have none: they are
looked for among the rows of at most a month, or of a person or an object. There is no count, for counting reads everything.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.backends import FAILED
from accounts.identifiers import mask_id_number, mask_phone
from accounts.models import User
from audit.labels import label_of
from audit.models import AuditEvent, Outcome
from operations.days import midnight

PER_PAGE = 50
MOST_PEOPLE = 50  # whose name may fit what was typed
LONGEST = timedelta(days=31)
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
EXACT = re.compile(r"[a-z_]+\.[a-z]+:\S+")
ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])")
PHONE = re.compile(r"(?<![0-9A-Za-z])(?:\+?86)?1[3-9]\d{9}(?![0-9A-Za-z])")
WORDS = {
    "before": gettext_lazy("原状态"),
    "after": gettext_lazy("新状态"),
    "why": gettext_lazy("理由"),
    "number": gettext_lazy("编号"),
    "rows": gettext_lazy("行数"),
    "count": gettext_lazy("数量"),
    "role": gettext_lazy("角色"),
    "unit": gettext_lazy("单位"),
    "filters": gettext_lazy("筛选条件"),
    "searched": gettext_lazy("有检索词"),
    "until": gettext_lazy("至"),
    "place": gettext_lazy("页面"),
    "first": gettext_lazy("首日"),
    "last": gettext_lazy("末日"),
    "delegated_by": gettext_lazy("委托人"),
    "new_enterprises": gettext_lazy("新企业"),
    "changed_enterprises": gettext_lazy("更新的企业"),
    "new_people": gettext_lazy("新人员"),
    "changed_people": gettext_lazy("更新的人员"),
    "new_posts": gettext_lazy("新任职"),
    "ended_posts": gettext_lazy("离任"),
    "unchanged_posts": gettext_lazy("没有变化的任职"),
    "problems": gettext_lazy("问题"),
    "expires_on": gettext_lazy("有效期至"),
    "scopes": gettext_lazy("可读取"),
}


class Place(NamedTuple):
    """A place in the log: what comes after it is older."""

    at: datetime
    key: int

    def __str__(self):
        return f"{(self.at - EPOCH) // MICROSECOND}-{self.key}"


def place_of(text):
    """The place that an address names, or None."""
    if not re.fullmatch(r"[0-9]{1,17}-[0-9]{1,18}", text, re.ASCII):
        return None
    micros, key = map(int, text.split("-"))
    try:
        return Place(EPOCH + micros * MICROSECOND, key)
    except OverflowError:
        return None


def search(*, person="", on_behalf="", action="", object="", since=None, until=None, address="", outcome=""):
    """(rows newest first, or None) and why not, in a sentence."""
    found, why = AuditEvent.objects.order_by("-at", "-pk"), ""
    exact = bool(EXACT.fullmatch(object))
    for column, typed in (("actor_id", person), ("on_behalf_id", on_behalf)):
        keys = _people(typed) if typed else []
        if len(keys) > MOST_PEOPLE:
            return None, _("叫这个名字的人太多，请写得更准确，或写用户名。")
        if typed:
            found = found.filter(**({column: keys[0]} if len(keys) == 1 else {f"{column}__in": keys}))
    if action:
        codes = action.split(",")
        found = found.filter(action=codes[0]) if len(codes) == 1 else found.filter(action__in=codes)
    if object:
        found = found.filter(target=object) if exact else found.filter(target_label__icontains=object)
    if since:
        found = found.filter(at__gte=midnight(since))
    if until:
        found = found.filter(at__lt=midnight(until + timedelta(days=1)))
    if address:
        found = found.filter(address=address)
    if outcome:
        found = found.filter(outcome=outcome)
    if (address or (object and not exact)) and not (person or on_behalf or exact or _is_short(since, until)):
        why = _("按来源地址或对象名称查找，请同时写明不超过 31 天的起止日期，或写明操作人。")
    return (None if why else found), why


def after(found, place):
    """The rows that are older than a place."""
    return found.filter(at__lte=place.at).filter(Q(at__lt=place.at) | Q(pk__lt=place.key)) if place else found


def page_of(found, place):
    """(rows of the page, the place from which the next one goes on, or None)."""
    rows = list(after(found, place)[: PER_PAGE + 1])
    more = Place(rows[PER_PAGE - 1].at, rows[PER_PAGE - 1].pk) if len(rows) > PER_PAGE else None
    return rows[:PER_PAGE], more


def told(event):
    """A row in words; no number by which a person could be known stands in clear."""
    return {
        "at": event.at,
        "who": masked(event.actor_name) or (_("未登录") if event.action == FAILED else _("系统")),
        "on_behalf": masked(event.on_behalf_name),
        "act": label_of(event.action),
        "is_refused": event.outcome == Outcome.REFUSED,
        "outcome": event.get_outcome_display(),
        "object": masked(event.target_label),
        "target": masked(event.target),
        "address": event.address,
        "details": details(event.data),
    }


def details(data):
    """What the line says besides: [(word, value)]."""
    if not isinstance(data, dict):
        return [("", masked(str(data)))] if data else []
    return [
        (WORDS.get(name, name), _value(value))
        for name, value in data.items()
        if value not in ("", None, [], {})
    ]


def _value(value):
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, dict):
        value = [f"{name}={one}" for name, one in value.items()]
    if isinstance(value, list):
        value = "、".join(map(str, value))
    return masked(str(value))


def masked(text):
    """A text whose ID numbers and phones are masked, wherever they came from."""
    text = ID_NUMBER.sub(lambda found: mask_id_number(found[0]), text)
    return PHONE.sub(lambda found: mask_phone(found[0][-11:]), text)


def _people(typed):
    """The keys of those who are called so; whoever administers the whole tree may ask for anybody."""
    named = User.objects.filter(Q(username__iexact=typed) | Q(name__icontains=typed))
    return list(named.order_by("pk").values_list("pk", flat=True)[: MOST_PEOPLE + 1])


def _is_short(since, until):
    return bool(since and until and until - since < LONGEST)
