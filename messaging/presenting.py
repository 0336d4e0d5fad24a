"""How messages are told on pages."""

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from messaging import kinds
from messaging.models import Channel, What

TONES = {
    What.SENT: "info",
    What.DELIVERED: "info",
    What.READ: "ok",
    What.CONFIRMED: "ok",
    What.FAILED: "stop",
    What.POSTPONED: "warn",
    What.HELD: "warn",
    What.WITHDRAWN: "",
    What.PLANNED: "",
    What.HANDED: "",
}


def label_of(code):
    """A kind in words; one that is no longer registered stands for itself."""
    kind = kinds.KINDS.get(code)
    return kind.label if kind else code


def words(message):
    """Title and text for whoever reads now; of a kind that there is no longer what was said then."""
    kind = kinds.KINDS.get(message.kind)
    if kind is None:
        title, _gap, text = message.said.partition("\n\n")
        return kinds.Letter(title or message.kind, text, "")
    return kinds.letter(kind, message.facts)


def row(message):
    """A message in one's inbox."""
    return {
        "it": message,
        "title": words(message).title,
        "label": label_of(message.kind),
        "is_unread": message.read_at is None,
        "waits": _waits(message),
    }


def _waits(message):
    kind = kinds.KINDS.get(message.kind)
    return bool(kind and kind.asks and not message.confirmed_at)


def page(message):
    """A message on its own page."""
    kind = kinds.KINDS.get(message.kind)
    told = words(message)
    return {
        "it": message,
        "title": told.title,
        "text": told.text,
        "label": label_of(message.kind),
        "inside": kind.inside(message.facts) if kind and kind.inside else [],
        "url": kinds.address(kind, message.facts) if kind else "",
        "act": kind.act if kind else "",
        "waits": _waits(message),
    }


def line(one):
    """A line of the ledger for a timeline, with its second."""
    head, _gap, rest = one.note.partition("：")
    note = (_(head) + (f"：{rest}" if rest else "")) if head else ""
    return {
        "at": one.at,
        "title": one.get_what_display(),
        "badge": one.get_channel_display(),
        "tone": TONES[one.what],
        "text": note,
    }


def listed(message):
    """A message in the ledger's list."""
    return {
        "it": message,
        "label": label_of(message.kind),
        "title": words(message).title,
        "what": message.get_last_display(),
        "tone": TONES[message.last],
        "url": reverse("messaging:proof", args=[message.pk]),
    }


def preview(kind):
    """A kind with its example, in both languages."""
    return {
        "it": kind,
        "letters": [(code, name, kinds.letter(kind, kind.example, code)) for code, name in _languages()],
        "ways": [label for code, label in Channel.choices if _may_go(kind, code)],
        "sms": ", ".join(kind.sms[1:]),
    }


def _languages():
    for code in ("zh-hans", "en"):
        with translation.override(code):
            yield code, {"zh-hans": "中文", "en": "English"}[code]


def _may_go(kind, code):
    if code == Channel.IN_APP:
        return True
    return kind.goes_out and (code != Channel.SMS or bool(kind.sms))
