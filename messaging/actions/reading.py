"""What somebody does with her own messages."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.append import append
from audit.log import record
from audit.transitions import Refused
from messaging import kinds
from messaging.actions.lines import write
from messaging.models import Channel, LedgerLine, MailChoice, Message, What

MOST_AT_ONCE = 500


def shown(messages, *, now=None):
    """Those of a list that was put before her stand there for the first time: delivered."""
    return _note([one.pk for one in messages if one.shown_at is None], What.DELIVERED, "shown_at", now)


def read_all(user, *, now=None):
    """Mark everything as read that asks for nothing; gives how many that were."""
    waiting = Message.objects.of(user).unread().exclude(kind__in=asking()).order_by("pk")
    keys = list(waiting.values_list("pk", flat=True)[:MOST_AT_ONCE])
    done = _note(keys, What.READ, "read_at", now)
    if done:
        record("messages.read", user, by=user, count=done)
    return done


def asking():
    """The kinds that are to be confirmed, each by itself."""
    return [code for code, kind in kinds.KINDS.items() if kind.asks]


@transaction.atomic
def _note(keys, what, stamp, now):
    """The same line for several messages that have no such stamp yet."""
    if not keys:
        return 0
    now = now or timezone.now()
    free = Message.objects.select_for_update().filter(pk__in=keys, **{stamp: None}).order_by("pk")
    rows = list(free.only("pk", "lines", stamp))
    for row in rows:
        row.lines, row.last, row.last_at = row.lines + 1, what, now
        setattr(row, stamp, now)
    append(
        LedgerLine(message_id=row.pk, number=row.lines, what=what, channel=Channel.IN_APP, at=now)
        for row in rows
    )
    Message.objects.bulk_update(rows, [stamp, "lines", "last", "last_at"], batch_size=250)
    return len(rows)


def read(message, *, now=None):
    """She opened it; the first time counts."""
    if message.read_at is None:
        _note([message.pk], What.READ, "read_at", now)
        message.refresh_from_db()
    return message


def why_not_confirm(message):
    """Why a message cannot be confirmed, in a sentence; empty when it can."""
    if not kinds.KINDS[message.kind].asks:
        return _("这条消息不需要确认。")
    if message.confirmed_at:
        return _("您已经确认过这条消息。")
    return ""


@transaction.atomic
def confirm(message, *, by, now=None):
    """Say that one knows what a message says."""
    now = now or timezone.now()
    message = Message.objects.select_for_update().get(pk=message.pk)
    if why := why_not_confirm(message):
        raise Refused(why)
    read(message, now=now)
    write(message, What.CONFIRMED, way=Channel.IN_APP, now=now, confirmed_at=now)
    record("message.confirmed", message, by=by, kind=message.kind)
    return message


@transaction.atomic
def choose_mail(user, *, on):
    """Have messages by e-mail, or have them no more."""
    chosen, is_new = MailChoice.objects.get_or_create(person=user, defaults={"by_mail": on})
    if chosen.by_mail != on:
        MailChoice.objects.filter(pk=chosen.pk).update(by_mail=on)
    if chosen.by_mail != on or (is_new and not on):
        record("person.message_mail", user, by=user, on=on)
    return on
