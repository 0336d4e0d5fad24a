"""Being there: a visit, its beats, the checks that come at moments nobody outside knows, and what an answer verifies."""

import hmac
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import vault
from audit.transitions import Refused
from courses import rules
from courses.actions.completing import settle
from courses.engine import hours
from courses.models import (
    Beat,
    Course,
    Credit,
    Enrolment,
    LessonRevision,
    PresenceAnswer,
    PresenceCheck,
    Visit,
)
from courses.queries.progress import progress_of, unmet_of


@dataclass(frozen=True)
class Pulse:
    """What a beat is answered: whether it was this page's turn, how much is verified and waits, and the check if one is open."""

    seconds: int
    needed: int
    pending: int
    is_done: bool
    is_elsewhere: bool = False
    is_complete: bool = False
    check: PresenceCheck | None = None
    missed: int = 0  # the number of the last check if nobody answered it


def locked(enrolment):
    """The enrolment as it is now; whoever else beats or answers in it waits."""
    return (
        Enrolment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("course__session__exam", "edition", "person", "post__enterprise__unit")
        .get(pk=enrolment.pk)
    )


@transaction.atomic
def open_visit(enrolment, revision, *, now=None):
    """A lesson page is there and will beat; from now on no other page of this person does."""
    enrolment = locked(enrolment)
    if reason := rules.why_not_study(enrolment, unmet_of(enrolment)):
        raise Refused(reason)
    if reason := rules.why_not_beat(revision):
        raise Refused(reason)
    return Visit.objects.create(enrolment=enrolment, revision=revision, at=now or timezone.now())


@transaction.atomic
def beat(visit, *, number, is_visible, place=0, now=None):
    """Write a sign of life and ask whether somebody is there when it is time; what comes twice, too fast or from an older page is
    not written.
    """
    now, enrolment = now or timezone.now(), locked(visit.enrolment)
    if enrolment.state == Enrolment.State.ACTIVE and enrolment.course.state == Course.State.WITHDRAWN:
        raise Refused(rules.why_not_given(enrolment.course))
    newest = Visit.objects.filter(enrolment__person=enrolment.person_id).order_by("-pk")
    if newest.values_list("pk", flat=True).first() != visit.pk:
        return pulse(enrolment, visit, now, is_elsewhere=True)
    if enrolment.state != Enrolment.State.ACTIVE:
        return pulse(enrolment, visit, now)
    last = visit.beats.order_by("-number").first()
    if not _is_fresh(last, number, is_visible, now):
        return pulse(enrolment, visit, now)
    Beat.objects.create(visit=visit, number=number, is_visible=is_visible, place=place, at=now)
    return pulse(enrolment, visit, now, may_ask=is_visible)


def _is_fresh(last, number, is_visible, now):
    if last is None:
        return True
    hurried = (now - last.at).total_seconds() < rules.rhythm().least and is_visible == last.is_visible
    return number > last.number and not hurried


@transaction.atomic
def answer(check, *, token, now=None):
    """Take the tap for a check, once and in time: what was pending before it is verified, and the course perhaps complete."""
    now, enrolment = now or timezone.now(), locked(check.enrolment)
    if reason := rules.why_not_answer(check, PresenceAnswer.objects.filter(check_of=check).exists(), now):
        raise Refused(reason)
    if not hmac.compare_digest(token.encode(), token_of(check).encode()):
        raise Refused(_("这不是这次确认的应答。"))
    before = enrolment.checks.filter(number__lt=check.number).order_by("-number").first()
    made = PresenceAnswer.objects.create(check_of=check, at=now)
    present = hours.presence(_stretch(enrolment, before, check), check.apart)
    Credit.objects.bulk_create(
        Credit(answer=made, enrolment=enrolment, revision_id=revision, seconds=int(seconds))
        for revision, seconds in sorted(present.items())
        if seconds >= 1
    )
    settle(enrolment, now=now)
    return pulse(enrolment, check.visit, now)


def pulse(enrolment, visit, now, *, is_elsewhere=False, may_ask=False):
    """How things stand, with the next check where it may be asked and is due."""
    progress = progress_of([enrolment])[enrolment.pk]
    step = progress.of(visit.revision)
    last = enrolment.checks.select_related("answer", "visit").order_by("-number").first()
    is_answered = last is not None and hasattr(last, "answer")
    present = hours.presence(_stretch(enrolment, last), rules.rhythm().apart)
    standing = last if last and not is_answered and now <= last.until else None
    if may_ask and standing is None and enrolment.state == Enrolment.State.ACTIVE:
        standing = _ask(enrolment, visit, last, present, progress, now)
        present = {} if standing else present
    return Pulse(
        seconds=step.seconds,
        needed=step.revision.seconds,
        pending=int(present.get(visit.revision_id, 0)),
        is_done=step.is_done,
        is_elsewhere=is_elsewhere,
        is_complete=enrolment.state == Enrolment.State.COMPLETED,
        check=None if is_elsewhere else standing,
        missed=last.number if last and not is_answered and now > last.until else 0,
    )


def _ask(enrolment, visit, last, present, progress, now):
    """The next check, if its moment has come."""
    rhythm, number = rules.rhythm(), last.number + 1 if last else 1
    gap = rhythm.gap(_chance(enrolment, number))
    needs = {step.revision.pk: step.revision.seconds for step in progress.steps}
    seconds = {step.revision.pk: step.seconds for step in progress.steps}
    if not hours.is_due(present, gap, seconds, needs):
        return None
    return PresenceCheck.objects.create(
        enrolment=enrolment,
        number=number,
        visit=visit,
        gap=gap,
        apart=rhythm.apart,
        at=now,
        until=now + timedelta(seconds=rhythm.answer_within),
    )


def _chance(enrolment, number):
    """A number that only the house can know beforehand; what came of it is written on the check."""
    return int.from_bytes(_keyed(f"gap:{enrolment.pk}:{number}"), "big")


def token_of(check):
    """What the page must send back for this check: known to nobody before it is shown, and good for nothing afterwards."""
    return _keyed(f"answer:{check.pk}").hex()


def _keyed(text):
    return blake2b(text.encode(), digest_size=16, key=vault.derived("presence checks")).digest()


def _stretch(enrolment, since, until=None):
    """The beats between two checks as the engine takes them, in the order in which they were written."""
    rows = Beat.objects.filter(visit__enrolment=enrolment)
    if since:
        rows = rows.filter(at__gte=since.at)
    if until:
        rows = rows.filter(at__lte=until.at)
    columns = ("at", "visit", "visit__revision", "is_visible")
    return [
        hours.Beat(at.timestamp(), visit, revision, is_visible)
        for at, visit, revision, is_visible in rows.order_by("pk").values_list(*columns)
    ]


def verified_again(enrolment):
    """The verified seconds by lesson, folded anew from every beat and check; what an auditor compares with the credits."""
    checks = enrolment.checks.select_related("answer").order_by("number")
    told = [hours.Check(one.at.timestamp(), hasattr(one, "answer"), one.apart) for one in checks]
    return hours.verified(_stretch(enrolment, None), told)


def revision_in(enrolment, pk) -> LessonRevision | None:
    """A lesson of the edition that somebody studies."""
    found = LessonRevision.objects.select_related("lesson", "file", "captions").prefetch_related(
        "provisions__document"
    )
    return found.filter(places__edition=enrolment.edition_id, pk=pk).first()
