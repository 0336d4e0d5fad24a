"""Of what candidates are reminded: a session that opens or closes soon and that they have not passed.

A spot check tells those whom it meets by its own notices, which know place and time; it is not reminded of here.
"""

from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from exams.models import Attempt, Exam, ExamSession, Registration
from messaging import sources
from messaging.engine.steps import step
from messaging.kinds import Kind
from messaging.sources import Reminder
from operations.days import midnight

STEPS = (3, 1)  # days before


def open_registrations():
    """Admitted to a published session and not passed there, as far as results are released."""
    passed = Attempt.objects.filter(
        registration=OuterRef("pk"), released_at__isnull=False, current_result__passed=True
    )
    return (
        Registration.objects.admitted()
        .filter(~Exists(passed), session__state=ExamSession.State.PUBLISHED, candidate__is_active=True)
        .exclude(session__exam__kind=Exam.Kind.SPOT_CHECK)
    )


def still_open(subjects):
    """Of which registrations there is still something to sit."""
    keys = [int(one.partition(":")[2]) for one in subjects]
    found = open_registrations().filter(pk__in=keys, session__closes_at__gt=timezone.now())
    return {f"registration:{pk}" for pk in found.values_list("pk", flat=True)}


def opening(on):
    """Candidates whose session opens soon."""
    yield from _soon(on, "opens_at")


def closing(on):
    """Candidates whose session closes soon; one that opens only then was told already."""
    yield from _soon(on, "closes_at", session__opens_at__lt=midnight(on))


def _soon(on, edge, **more):
    between = (midnight(on), midnight(on + timedelta(days=max(STEPS) + 1)) - timedelta.resolution)
    found = open_registrations().filter(**{f"session__{edge}__range": between}, **more)
    for one in sources.paged(found.select_related("session")):
        at = timezone.localtime(getattr(one.session, edge))
        facts = {
            "session": one.session.name,
            "at": f"{at:%Y-%m-%d %H:%M}",
            "days": (at.date() - on).days,
            "args": [one.session.code],
        }
        before = step(at.date(), on, STEPS)
        yield Reminder(one.candidate_id, f"registration:{one.pk}", f"{before}:{at:%Y-%m-%dT%H:%M}", facts)


EXAMPLE = {"session": "通用知识考试（第 12 期）", "at": "2026-12-01 09:00", "days": 3, "args": ["general"]}
OPENS = Kind(
    code="session.opens",
    label=_("考试即将开放"),
    title=ngettext_lazy(
        "考试“%(session)s”还有 %(days)s 天开放", "考试“%(session)s”还有 %(days)s 天开放", "days"
    ),
    text=_("考试“%(session)s”%(at)s 开放。请提前看好考试规则，准备好证件和网络。"),
    example=EXAMPLE,
    place="exams:session",
    act=_("看考试说明"),
    sms=("session_opens", "session", "at"),
    still=still_open,
)
CLOSES = Kind(
    code="session.closes",
    label=_("考试即将截止"),
    title=ngettext_lazy(
        "考试“%(session)s”还有 %(days)s 天截止", "考试“%(session)s”还有 %(days)s 天截止", "days"
    ),
    text=_("考试“%(session)s”%(at)s 截止，您还没有合格。请在此之前完成。"),
    example=EXAMPLE,
    place="exams:session",
    act=_("去考试"),
    sms=("session_closes", "session", "at"),
    still=still_open,
)


def join():
    """Let them be planned; done once, when the floor is ready."""
    sources.add(OPENS, opening)
    sources.add(CLOSES, closing)
