"""Reads of messages: one's own, and the ledger of those who answer for it."""

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from messaging.models import OUTSIDE, Batch, LedgerLine, Message, What, has_line
from operations.days import midnight

SILENT_AFTER = timezone.timedelta(hours=2)
SILENT_DAYS = 7  # for so long a silent batch is pointed out
MOST_UNREAD = 100
MOST_BATCHES = 14


def inbox(user, only=""):
    """One's own messages, the newest first."""
    found = Message.objects.of(user)
    return (found.unread() if only == "unread" else found).order_by("-arrived_at", "-pk")


def newest_unread(user):
    """What waits to be read, as far as a first screen counts."""
    rows = Message.objects.of(user).unread().order_by("-arrived_at", "-pk")
    return list(rows.defer("said")[:MOST_UNREAD])


def search(user, *, q="", kind="", what="", channel="", since=None, until=None):
    """The messages in an administrator's reach, the newest first."""
    found = Message.objects.seen_by(user).select_related("recipient").order_by("-planned_at", "-pk")
    if q:
        found = found.filter(Q(recipient__name__icontains=q) | Q(recipient__username=q) | Q(subject=q))
    if kind:
        found = found.filter(kind=kind)
    if what:
        found = found.filter(has_line(what))
    if channel:
        found = found.filter(channel=channel)
    if since:
        found = found.filter(planned_at__gte=midnight(since))
    if until:
        found = found.filter(planned_at__lt=midnight(until) + timezone.timedelta(days=1))
    return found


def batches():
    """The newest batches in which something was planned, with what became of it."""
    rows = Batch.objects.filter(Q(planned__gt=0) | Q(finished_at=None))
    return rows.annotate(
        arrived=Count("messages", filter=Q(messages__arrived_at__isnull=False)),
        sent=Count("messages", filter=Q(messages__sent_at__isnull=False)),
        read=Count("messages", filter=Q(messages__read_at__isnull=False)),
    )[:MOST_BATCHES]


def silent_batches(now, *, is_test):
    """Batches that planned something of which nothing came: nobody got any of it, or nothing of what was to go out went out; or
    whose planning never ended.

    In test mode nothing is to go out.
    """
    over = Batch.objects.filter(
        day__gt=timezone.localdate(now) - timezone.timedelta(days=SILENT_DAYS), due_at__lt=now - SILENT_AFTER
    )
    of = Message.objects.filter(batch=OuterRef("pk"))
    nothing = Q(~Exists(of.filter(arrived_at__isnull=False)), Exists(of.filter(next_at__isnull=False)))
    if not is_test:
        outward = Exists(of.filter(channel__in=OUTSIDE))
        nothing |= Q(outward, ~Exists(of.filter(sent_at__isnull=False)))
    return over.filter(Q(finished_at=None) | (Q(planned__gt=0) & nothing))


def figures(now, *, is_test):
    """What an operator must know: how many wait, how many failed in a day, which batches are silent."""
    day = now - timezone.timedelta(days=1)
    seen = Message.objects.order_by().aggregate(
        waiting=Count("pk", filter=Q(next_at__isnull=False)),
        late=Count("pk", filter=Q(next_at__lt=now - timezone.timedelta(minutes=30))),
        arrived=Count("pk", filter=Q(arrived_at__gte=day)),
        sent=Count("pk", filter=Q(sent_at__gte=day)),
    )
    failed = LedgerLine.objects.filter(what=What.FAILED, at__gte=day).count()
    return seen | {
        "failed": failed,
        "silent": silent_batches(now, is_test=is_test).count(),
        "is_test": is_test,
    }
