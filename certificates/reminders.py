"""Of what holders are reminded: a certificate in force that expires soon and that no later one has replaced."""

from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.models import Post
from certificates.models import Certificate
from messaging import sources
from messaging.engine.steps import step
from messaging.kinds import Kind
from messaging.sources import Reminder

STEPS = (60, 30, 7)  # days before


def last_ones():
    """In force, held in a post that lasts, and the one that lasts longest there."""
    later = Certificate.objects.filter(
        holder=OuterRef("holder"), post=OuterRef("post"), scheme=OuterRef("scheme"),
        state=Certificate.State.IN_FORCE, expires_on__gt=OuterRef("expires_on"),
    )  # fmt: skip
    lasting = Post.objects.filter(
        Q(ended_on=None) | Q(ended_on__gt=OuterRef("expires_on")), pk=OuterRef("post")
    )
    return Certificate.objects.filter(
        ~Exists(later),
        Exists(lasting),
        state=Certificate.State.IN_FORCE,
        replaced_by=None,
        holder__is_active=True,
    )


def still_last(subjects):
    """Which of them still are."""
    keys = [int(one.partition(":")[2]) for one in subjects]
    return {f"certificate:{pk}" for pk in last_ones().filter(pk__in=keys).values_list("pk", flat=True)}


def ending(on):
    """Holders whose certificate expires soon."""
    soon = last_ones().filter(expires_on__range=(on, on + timedelta(days=max(STEPS))))
    for one in sources.paged(soon.annotate(title=F("scheme__title"))):
        facts = {
            "title": one.title,
            "number": one.number,
            "until": one.expires_on.isoformat(),
            "days": (one.expires_on - on).days,
            "args": [one.number],
        }
        before = step(one.expires_on, on, STEPS)
        yield Reminder(one.holder_id, f"certificate:{one.pk}", f"{before}:{one.expires_on}", facts)


ENDING = Kind(
    code="certificate.ending",
    label=_("合格证明即将到期"),
    title=ngettext_lazy(
        "您的%(title)s还有 %(days)s 天到期", "您的%(title)s还有 %(days)s 天到期", "days"
    ),
    text=_("%(title)s %(number)s 有效期至 %(until)s。到期后在岗不再有效，请在此之前参加考试；合格后自动换发。"),
    example={
        "title": "培训考核合格证明", "number": "TJ-2026-000001", "until": "2026-12-26", "days": 30,
        "args": ["TJ-2026-000001"],
    },
    place="certificates:certificate",
    act=_("查看证明"),
    asks=True,
    sms=("certificate_ending", "title", "days", "until"),
    still=still_last,
)  # fmt: skip


def join():
    """Let them be planned; done once, when the floor is ready."""
    sources.add(ENDING, ending)
