"""The retake, what is decided about those who do not pass in the end, and the end of the case."""

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import records
from accounts.models import RecordKind
from audit.log import record
from audit.transitions import Refused, move
from exams.actions import sessions
from exams.models import Registration
from supervision import followup
from supervision.actions.checks import locked
from supervision.actions.sittings import call, settle
from supervision.models import Decision, Retake, SpotCheck
from supervision.queries import failures, sittings


@transaction.atomic
def call_retake(check, *, by, opens_at, closes_at, place="", papers_wanted=12, now=None):
    """Call everybody who has not passed to one retake: a session with other papers is published and they are registered."""
    now, check = now or timezone.now(), locked(check)
    before = failures.retakes(check)
    people = failures.to_retake(failures.standings(check), timezone.localdate(now))
    if reason := followup.why_not_call_retake(check, before, people):
        raise Refused(reason)
    if closes_at <= opens_at or closes_at <= now:
        raise Refused(_("补考的截止时间应晚于开始时间和现在。"))
    number = len(before) + 1
    session = sessions.plan(
        check.exam,
        by=by,
        code=f"spot-{check.code}-r{number}",
        name=f"{check.name}（补考 {number}）",
        unit=check.unit,
        opens_at=opens_at,
        closes_at=closes_at,
        place=place.strip()[:120] or check.place,
        papers_wanted=papers_wanted,
        passed_over=failures.items_had([one.examinee for one in people]),
    )
    sessions.publish(session, by=by, now=now)
    posts = [one.examinee.registration.post for one in people]
    registered = sessions.register_many(session, posts, by=by, source=Registration.Source.REGULATOR, now=now)
    call(check, registered, round=number, now=now)
    retake = Retake.objects.create(check_of=check, round=number, session=session, called_by=by, called_at=now)
    record("retake.called", retake, by=by, session=session.code, people=len(people))
    return retake


@transaction.atomic
def conclude_retake(retake, *, by, now=None):
    """Conclude a retake: everybody who was called to it gets an outcome; her file tells it once it is confirmed. Refused while somebody may sit."""
    now, check = now or timezone.now(), locked(retake.check_of)
    retake = Retake.objects.select_related("session").get(pk=retake.pk)
    retake.check_of = check
    called = list(sittings.examinees(check, round=retake.round))
    known = sittings.sat(called)
    if reason := followup.why_not_conclude_retake(retake, called, known, now):
        raise Refused(reason)
    settle(check, called, known, by=by, now=now)
    return move(retake, to=Retake.State.CONCLUDED, by=by, concluded_by=by, concluded_at=now)


@transaction.atomic
def decide(examinee, *, by, measure, why, now=None):
    """Decide, with the reason, about somebody who failed the last retake, failed again, left before one, or was excused."""
    now, check, why = now or timezone.now(), locked(examinee.check_of), why.strip()
    standing = next(
        (one for one in failures.standings(check) if one.examinee.drawn_id == examinee.drawn_id), None
    )
    if standing is None:
        raise Refused(_("此人已不在名单上。"))
    if reason := failures.why_not_decide(check, standing, measure):
        raise Refused(reason)
    if not why:
        raise Refused(_("请写明处理的理由。"))
    last = standing.examinee
    made = Decision.objects.create(
        check_of=check,
        examinee=last,
        number=last.decisions.count() + 1,
        measure=measure,
        why=why[:500],
        by=by,
        at=now,
    )
    record("outcome.decided", made, by=by, measure=measure, why=why)
    with translation.override("zh-hans"):
        title = f"{check.serial}处理决定：{made.get_measure_display()}"
    records.enter(
        last.registration.candidate,
        f"decision:{made.pk}",
        kind=RecordKind.SPOT_CHECK,
        occurred_on=timezone.localdate(now),
        title=title,
        facts={"measure": measure, "why": made.why, "check": check.serial},
        by=by,
    )
    return made


@transaction.atomic
def close(check, *, by, now=None):
    """Close a published case when nobody may object any more, all passed or were decided about, each notice is struck off or revoked."""
    now, check = now or timezone.now(), locked(check)
    if reason := failures.why_not_close(check, by, today=timezone.localdate(now)):
        raise Refused(reason)
    return move(check, to=SpotCheck.State.CLOSED, by=by, closed_at=now)
