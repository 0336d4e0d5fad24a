"""Kinds of messages: the words of each in both languages, where it leads, by what it may go. Each floor registers its own."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise

KINDS = {}


@dataclass(frozen=True)
class Kind:
    """One template. Its words are lazy and take their gaps from a message's facts by `%`, so that a plural follows its number.

    `inside` gives further lines for the message's own page, which may name people; they never leave the house. `still` takes
    subjects and gives those of which the message is still true: it is asked right before a message arrives or goes out.
    """

    code: str
    label: str | Promise
    title: str | Promise
    text: str | Promise
    example: dict
    place: str = ""  # the name of an address; its arguments are the facts' `args`
    act: str | Promise = ""  # what one does there
    asks: bool = False  # to be confirmed by whoever reads it
    goes_out: bool = True
    sms: tuple = ()  # the gateway's template and its parameters; without it no short message
    still: Callable | None = None
    inside: Callable | None = None


@dataclass(frozen=True)
class Letter:
    """A message as a channel carries it."""

    title: str
    text: str
    url: str
    template: str = ""
    parameters: dict = field(default_factory=dict)

    @property
    def whole(self):
        """Title and text in one."""
        return f"{self.title}\n\n{self.text}"


def register(kind):
    """Add a kind; a code is given once."""
    if KINDS.setdefault(kind.code, kind) is not kind:
        raise ValueError(f"kind {kind.code} is registered twice")
    return kind


def address(kind, facts):
    """Where a message leads; empty where nowhere."""
    return reverse(kind.place, args=facts.get("args", ())) + facts.get("query", "") if kind.place else ""


def letter(kind, facts, language=""):
    """A message in words, in a language or in the one that is active."""
    with translation.override(language or translation.get_language()):
        where = address(kind, facts)
        return Letter(
            title=str(kind.title % facts),
            text=str(kind.text % facts),
            url=settings.BASE_URL + where if where else "",
            template=kind.sms[0] if kind.sms else "",
            parameters={name: str(facts[name]) for name in kind.sms[1:]},
        )
