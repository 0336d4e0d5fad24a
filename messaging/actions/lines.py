"""The one way to the next line of a ledger: compare and swap on the number of the last one, in the line's own transaction."""

from django.db import transaction
from django.utils import timezone

from audit.append import append
from messaging.models import LedgerLine, Message


@transaction.atomic
def write(message, what, *, way="", note="", now=None, **changed):
    """Append a line and change what the message keeps of it; gives whether nobody else was quicker."""
    now, number = now or timezone.now(), message.lines + 1
    told = {"last": what, "last_at": now, "lines": number, **changed}
    if not Message.objects.filter(pk=message.pk, lines=message.lines).update(**told):
        return False
    append(
        [LedgerLine(message_id=message.pk, number=number, what=what, channel=way, note=note[:200], at=now)]
    )
    for name, value in told.items():
        setattr(message, name, value)
    return True


def insist(message, what, **told):
    """The same for what has happened and must be written, whoever wrote a line meanwhile; a message that is gone needs none."""
    while not write(message, what, **told):
        found = Message.objects.filter(pk=message.pk).values_list("lines", flat=True).first()
        if found is None:
            return
        message.lines = found
