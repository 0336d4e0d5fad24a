"""What was learned elsewhere: entered with evidence, confirmed or sent back by a second person, taken back by who entered it."""

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import records
from accounts.models import RecordKind
from audit.append import append
from audit.log import record
from audit.transitions import Refused, move
from courses import rules_classes
from courses.models import OutsideEvidence, OutsideTraining

State = OutsideTraining.State
MOST_FILES = 10
FIELDS = ("organiser", "title", "begins_on", "ends_on", "minutes")


def locked(training):
    """The entry as it is now; whoever else decides waits."""
    found = OutsideTraining.objects.select_for_update(of=("self",), no_key=True)
    return found.select_related("person", "entered_by", "post__enterprise__unit").get(pk=training.pk)


@transaction.atomic
def submit(training, paper, *, by, now=None):
    """Enter a training with its evidence; it waits for a second person."""
    now = now or timezone.now()
    if reason := rules_classes.why_not_submit(training, timezone.localdate(now)):
        raise Refused(reason)
    training.entered_by, training.entered_at, training.state = by, now, State.SUBMITTED
    _saved(training)
    _keep(training, paper, by, now)
    record("outside.entered", training, by=by, minutes=training.minutes)
    return training


@transaction.atomic
def mend(training, paper=None, *, by, now=None, **said):
    """Write anew what was sent back, with further evidence if there is any; it waits again."""
    now, kept = now or timezone.now(), locked(training)
    if reason := rules_classes.why_not_mend(kept, by=by):
        raise Refused(reason)
    for name in FIELDS:
        setattr(kept, name, said.get(name, getattr(kept, name)))
    if reason := rules_classes.why_not_submit(kept, timezone.localdate(now)):
        raise Refused(reason)
    _saved(kept)
    if paper is not None:
        _keep(kept, paper, by, now)
    return move(kept, to=State.SUBMITTED, by=by, facts={"minutes": kept.minutes})


def _saved(training):
    try:
        with transaction.atomic():
            training.save()
    except IntegrityError:
        raise Refused(_("已经登记过同一次培训（举办单位、名称和开始日期相同）。")) from None


def _keep(training, paper, by, now):
    kept = list(training.evidence.order_by("number"))
    if any(one.digest == paper.digest for one in kept):
        return
    if len(kept) >= MOST_FILES:
        raise Refused(_("一次培训最多保存 %(most)s 份材料。") % {"most": MOST_FILES})
    if not default_storage.exists(paper.path):
        default_storage.save(paper.path, ContentFile(paper.data))
    append(
        [
            OutsideEvidence(
                training=training,
                number=len(kept) + 1,
                name=paper.name,
                kind=paper.kind,
                size=len(paper.data),
                digest=paper.digest,
                by=by,
                at=now,
            )
        ]
    )


@transaction.atomic
def confirm(training, *, by, now=None):
    """The second person has seen the evidence: the minutes count and stand in the file."""
    now, training = now or timezone.now(), locked(training)
    if reason := rules_classes.why_not_decide(training, by=by):
        raise Refused(reason)
    move(
        training,
        to=State.CONFIRMED,
        by=by,
        facts={"minutes": training.minutes},
        decided_by=by,
        decided_at=now,
        returned_why="",
    )
    post = training.post
    records.enter(
        training.person,
        f"outside:{training.pk}",
        kind=RecordKind.TRAINING,
        occurred_on=training.ends_on,
        title=training.title,
        facts={
            "name": training.title,
            "organiser": training.organiser,
            "minutes": training.minutes,
            "begun_on": training.begins_on.isoformat(),
            "ended_on": training.ends_on.isoformat(),
            "enterprise": post.enterprise.unit.name,
            "post": post.get_kind_display(),
            "entered_by": str(training.entered_by),
            "confirmed_by": str(by),
            "evidence": [one.digest for one in training.evidence.order_by("number")],
        },
        by=by,
    )
    return training


@transaction.atomic
def send_back(training, *, by, why, now=None):
    """The second person is not convinced, and says why."""
    now, training, why = now or timezone.now(), locked(training), why.strip()[:200]
    if reason := rules_classes.why_not_decide(training, by=by):
        raise Refused(reason)
    if len(why) < 2:
        raise Refused(_("请写明退回理由。"))
    return move(training, to=State.RETURNED, by=by, why=why, decided_by=by, decided_at=now, returned_why=why)


@transaction.atomic
def withdraw(training, *, by):
    """Who entered it takes it back before it was confirmed."""
    training = locked(training)
    if reason := rules_classes.why_not_withdraw(training, by=by):
        raise Refused(reason)
    return move(training, to=State.WITHDRAWN, by=by)
