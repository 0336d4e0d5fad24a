"""What this floor puts on pages of the floors below: what waits to be read, the switch on one's own page, the data export."""

from django.utils import timezone

from accounts import oneself, panels, privacy
from messaging import presenting
from messaging.models import MailChoice, Message
from messaging.queries import ledger

MOST = 3


def unread(request, unit_id=None, **about):
    """How many messages wait, and the newest of them; nothing where none does."""
    rows = ledger.newest_unread(request.user)
    if not rows:
        return None
    count = len(rows)
    return {
        "count": f"{count - 1}+" if count == ledger.MOST_UNREAD else count,
        "rows": [presenting.row(one) for one in rows[:MOST]],
    }


def switch(request):
    """Whether she gets messages by e-mail."""
    declined = MailChoice.objects.filter(person=request.user, by_mail=False).exists()
    return {"is_on": not declined, "email": request.user.email}


def chapter(person):
    """What is kept of messages to a person, for the export of her data."""
    rows = Message.objects.filter(recipient__in=oneself.ids_of(person)).order_by("planned_at", "pk")
    return [
        {
            "kind": one.kind,
            "about": one.subject,
            "said": one.said,
            "planned_at": _moment(one.planned_at),
            "arrived_at": _moment(one.arrived_at),
            "channel": one.channel,
            "sent_at": _moment(one.sent_at),
            "read_at": _moment(one.read_at),
            "confirmed_at": _moment(one.confirmed_at),
        }
        for one in rows
    ]


def _moment(at):
    return timezone.localtime(at).isoformat(timespec="seconds") if at else ""


def join():
    """Put everything in its place; done once, when the floor is ready."""
    for place in (panels.OFFICER, panels.MANAGER, panels.REGULATOR, panels.DESK):
        panels.add(place, "messaging/panels/unread.html", unread)
    panels.add(panels.ME, "messaging/panels/switch.html", switch)
    privacy.CHAPTERS["messages"] = chapter
