"""Ways out of the house. A channel says whether it reaches somebody, and hands a letter over or tells how it went wrong."""

from dataclasses import dataclass
from types import ModuleType

from django.conf import settings

from messaging.channels import email, sms, wecom
from messaging.channels.problems import Never, NotNow, Unknown, Withheld
from messaging.models import Channel

CHANNELS: dict[str, ModuleType] = {Channel.WECOM: wecom, Channel.EMAIL: email, Channel.SMS: sms}

__all__ = ["CHANNELS", "Never", "NotNow", "Route", "Unknown", "Withheld", "hand_over", "order"]


@dataclass(frozen=True)
class Route:
    """What decides by which channels somebody is reached."""

    person: object
    by_mail: bool
    has_template: bool  # the gateway knows such a short message


def order(route):
    """The channels that reach somebody, the first to be tried first; in the order of the settings."""
    return [code for code in settings.MESSAGE_CHANNELS if code in CHANNELS and CHANNELS[code].reaches(route)]


def hand_over(code, person, letter):
    """Give a letter to a channel. This is the only way out, and in test mode it is shut."""
    if settings.MESSAGES_TEST:
        raise Withheld
    CHANNELS[code].send(person, letter)
