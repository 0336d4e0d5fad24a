"""Sending: what is due arrives in the inbox, many at a time, and goes out by the first channel that takes it, one at a time.

The line that something is being handed over is committed before it is: a worker that dies over it leaves that line, and nobody sends
it again, for nobody knows what arrived.
"""

import logging
import time
from collections import defaultdict

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from messaging import bulk, channels, kinds
from messaging.actions.lines import insist, write
from messaging.actions.planning import out_of_quiet
from messaging.models import Channel, LedgerLine, MailChoice, Message, What

CHUNK = 1000
LINE = {"message": bulk.KEY, "number": bulk.KEY, "what": bulk.TEXT, "channel": bulk.TEXT, "note": bulk.TEXT}
FEW = 50
WAITS = tuple(timezone.timedelta(minutes=n) for n in (5, 30, 180, 720))  # between tries on one channel
LOST_AFTER = timezone.timedelta(minutes=15)
N_ = lambda text: text  # noqa: E731 - marks a sentence for translation, which the page of the ledger does
UNKNOWN = N_("交付中断，结果不明，不再重发")
GONE, UNTRUE, CLOSED = N_("已没有这种消息"), N_("事项已办结或已改变"), N_("账号已停用")
log = logging.getLogger("messaging")


def send_due(*, seconds=20):
    """Work off what is due for so many seconds; `more` says that there is still something."""
    told, until = {"arrived": 0, "carried": 0, "more": False}, time.monotonic() + seconds
    given_up()
    while out_of_quiet(timezone.now()) <= timezone.now():
        arrived, carried = arrive(timezone.now()), carry(timezone.now(), until)
        told["arrived"] += arrived
        told["carried"] += carried
        if not arrived + carried:
            break
        if time.monotonic() >= until:
            told["more"] = True
            break
    return told


# --- Into the inbox -----------------------------------------------------------------------------------------------------


@transaction.atomic
def arrive(now):
    """Let the next messages that are due arrive, as far as they are still true; gives how many were seen to."""
    due = Message.objects.filter(arrived_at=None, next_at__lte=now).order_by("next_at", "pk")
    rows = list(due.select_for_update(skip_locked=True, of=("self",)).select_related("recipient")[:CHUNK])
    if not rows:
        return 0
    untrue = _untrue(rows)
    declined = set(
        MailChoice.objects.filter(person__in={row.recipient_id for row in rows}, by_mail=False).values_list(
            "person", flat=True
        )
    )
    lines, ends, said = [], defaultdict(list), []
    for row in rows:
        if why := untrue.get(row.pk):
            lines.append([row.pk, row.lines + 1, What.WITHDRAWN, "", why])
            ends[What.WITHDRAWN, row.lines + 1, "", False].append(row.pk)
            continue
        kind = kinds.KINDS[row.kind]
        said.append([row.pk, kinds.letter(kind, row.facts, _language(row)).whole])
        lines.append([row.pk, row.lines + 1, What.SENT, Channel.IN_APP, ""])
        first, is_held = _first(row, kind, row.recipient_id not in declined), settings.MESSAGES_TEST
        if first and is_held:
            lines.append([row.pk, row.lines + 2, What.HELD, first, ""])
        ends[lines[-1][2], lines[-1][1], first, bool(first) and not is_held].append(row.pk)
    bulk.insert(LedgerLine, LINE, lines, at=now)
    bulk.update(Message, "said", said)
    for (last, number, first, goes_on), keys in ends.items():
        Message.objects.filter(pk__in=keys).update(
            last=last, last_at=now, lines=number, channel=first, next_at=now if goes_on else None,
            arrived_at=None if last == What.WITHDRAWN else now,
        )  # fmt: skip
    return len(rows)


def _first(row, kind, by_mail, after=""):
    """The first channel outside, or the one that comes after another."""
    if not kind.goes_out:
        return ""
    ways = channels.order(channels.Route(row.recipient, by_mail, bool(kind.sms)))
    if after:
        ways = ways[ways.index(after) + 1 :] if after in ways else []
    return ways[0] if ways else ""


def _language(row):
    return row.recipient.language or settings.LANGUAGE_CODE


def _untrue(rows):
    """Of which messages there is no longer anything to say, and why: {key: reason}."""
    by_kind = defaultdict(list)
    for row in rows:
        by_kind[row.kind].append(row)
    found = {}
    for code, some in by_kind.items():
        kind = kinds.KINDS.get(code)
        still = kind and kind.still and kind.still({row.subject for row in some})
        for row in some:
            if kind is None:
                found[row.pk] = GONE
            elif not row.recipient.is_active:
                found[row.pk] = CLOSED
            elif kind.still and row.subject not in still:
                found[row.pk] = UNTRUE
    return found


# --- Out of the house ---------------------------------------------------------------------------------------------------


def carry(now, until=None):
    """Hand the next letters to their channels; gives how many were tried."""
    due = Message.objects.filter(arrived_at__isnull=False, next_at__lte=now).order_by("next_at", "pk")
    tried = 0
    for row in due.select_related("recipient")[:FEW]:
        tried += _carry(row)
        if until is not None and time.monotonic() >= until:
            break
    return tried


def _carry(row):
    """One letter by one channel; gives whether it was ours to try."""
    if why := _untrue([row]).get(row.pk):
        return write(row, What.WITHDRAWN, note=why, next_at=None)
    way, kind, now = row.channel, kinds.KINDS[row.kind], timezone.now()
    if not write(row, What.HANDED, way=way, now=now, next_at=None, handed_at=now):
        return False
    try:
        channels.hand_over(way, row.recipient, kinds.letter(kind, row.facts, _language(row)))
    except channels.Withheld:
        insist(row, What.HELD, way=way, handed_at=None)
    except channels.Never as why:
        _failed(row, kind, str(why))
    except channels.Unknown as why:
        insist(row, What.FAILED, way=way, note=f"{UNKNOWN}：{why}", handed_at=None)
    except channels.NotNow as why:
        _postpone(row, kind, str(why))
    except Exception as problem:  # a fault of ours must not lose the letter, nor stop those behind it
        log.exception("message %s could not be handed to %s", row.pk, way)
        _postpone(row, kind, type(problem).__name__)
    else:
        now = timezone.now()
        insist(row, What.SENT, way=way, now=now, sent_at=now, handed_at=None)
    return True


def _postpone(row, kind, why):
    if row.tries >= len(WAITS):
        _failed(row, kind, why)
        return
    again = out_of_quiet(timezone.now() + WAITS[row.tries])
    insist(row, What.POSTPONED, way=row.channel, note=why, next_at=again, tries=row.tries + 1, handed_at=None)


def _failed(row, kind, why):
    """It will not go by this channel; the next one takes its turn."""
    by_mail = not MailChoice.objects.filter(person=row.recipient_id, by_mail=False).exists()
    way, more = row.channel, {}
    if following := _first(row, kind, by_mail, after=way):
        more = {"channel": following, "tries": 0, "next_at": timezone.now()}
    insist(row, What.FAILED, way=way, note=why, handed_at=None, **more)


def given_up(*, now=None):
    """What was being handed over when its worker died: nobody knows what arrived, so it is told and not sent again."""
    now = now or timezone.now()
    for row in Message.objects.filter(handed_at__lt=now - LOST_AFTER)[:CHUNK]:
        write(row, What.FAILED, way=row.channel, note=UNKNOWN, now=now, handed_at=None)
