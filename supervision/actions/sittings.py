"""From the day of the exam to the outcome of each: inspectors come, people sit, the check is concluded."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.append import append
from audit.log import record, record_many
from audit.transitions import Refused, move
from exams.queries import sitting, terminations
from supervision import rules
from supervision.actions import minutes, notices
from supervision.actions.checks import locked
from supervision.engine.verdict import verdict
from supervision.models import Attendance, Examinee, Outcome, SpotCheck
from supervision.queries import draws, sittings


def call(check, registrations, *, round=0, now=None):
    """Make examinees of those on the list who were registered: {person: registration}. A second time changes nothing."""
    known = set(Examinee.objects.filter(check_of=check, round=round).values_list("drawn_id", flat=True))
    people = {one.candidate_id: one for one in registrations}
    rows = [
        Examinee(
            check_of_id=check.pk,
            drawn_id=one.pk,
            round=round,
            registration_id=people[one.line.person_id].pk,
            at=now or timezone.now(),
        )
        for one in draws.listed(draws.counting(check))
        if one.pk not in known and one.line.person_id in people
    ]
    return append(rows)


@transaction.atomic
def begin(check, *, by, badges, now=None):
    """Begin the assessment: the inspectors who came show their badges, {person: number of the badge}. It takes two of the drawn."""
    now, check = now or timezone.now(), locked(check)
    badges = {person: badge.strip() for person, badge in badges.items() if badge.strip()}
    if reason := rules.why_not_begin(check, badges):
        raise Refused(reason)
    sent = {one.person_id for one in draws.counting(check).inspectors.all()}
    if {person.pk for person in badges} - sent:
        raise Refused(_("只有抽中的检查人员可以登记到场。"))
    append(
        Attendance(check_of_id=check.pk, person_id=person.pk, badge=badge[:40], at=now, by_id=by.pk)
        for person, badge in badges.items()
    )
    facts = {"inspectors": _("、").join(person.name for person in badges)}
    return move(check, to=SpotCheck.State.UNDER_WAY, by=by, under_way_at=now, facts=facts)


@transaction.atomic
def conclude(check, *, by, now=None):
    """Conclude the assessment: everybody who was called gets a provisional outcome. Refused while somebody sits, or still may."""
    now, check = now or timezone.now(), locked(check)
    called = list(sittings.examinees(check, round=0))
    known = sittings.sat(called)
    if reason := rules.why_not_conclude(check, called, known, now):
        raise Refused(reason)
    settle(check, called, known, by=by, now=now)
    return move(check, to=SpotCheck.State.CONCLUDED, by=by, concluded_at=now)


def settle(check, called, known, *, by, now):
    """The first outcome of each examinee who has none yet, from what she sat; who is excused can begin no more. Gives the new rows."""
    settled = sittings.outcomes_of(called)
    ended = terminations.standing([known[one.pk].attempt for one in called if known[one.pk].attempt])
    rows = []
    for one in called:
        if one.pk not in settled:
            facts = {"why": ""} | _found(known[one.pk], ended)
            rows.append(Outcome(examinee_id=one.pk, number=1, by_id=by.pk, at=now, **facts))
    append(rows)
    excused = {row.examinee_id for row in rows if row.conclusion == Outcome.Conclusion.EXCUSED}
    notices.dismiss(check, [one for one in called if one.pk in excused], by=by, now=now)
    told = [{"conclusion": row.conclusion, "form": row.form} for row in rows]
    record_many([("outcome.settled", row, data) for row, data in zip(rows, told, strict=True)], by=by)
    return rows


def _found(seen, ended):
    """What an outcome says of what was sat; `ended` holds the terminations that stand, by attempt."""
    attempt = seen.attempt
    if attempt and (termination := ended.get(attempt.pk)):
        why = _("监考终止：%(why)s") % {"why": termination.grounds[:180]}
        return _from_attempt(attempt, None) | {"conclusion": Outcome.Conclusion.CANCELLED.value, "why": why}
    if seen.paper_state == "confirmed":
        return _from_paper(seen.paper)
    if attempt is None and seen.excused:
        return {"conclusion": Outcome.Conclusion.EXCUSED.value, "why": seen.excused.why}
    return _from_attempt(attempt, attempt.current_result if attempt else None)


def _from_attempt(attempt, result):
    return {
        "conclusion": verdict(result),
        "form": Outcome.Form.ONLINE,
        "attempt_id": attempt.pk if attempt else None,
        "points": result.points if result else None,
        "max_points": result.max_points if result else None,
        "percent": result.percent if result else None,
        "missed": missed(attempt) if attempt else [],
    }


def _from_paper(written):
    return {
        "conclusion": verdict(written),
        "form": Outcome.Form.PAPER,
        "attempt_id": None,
        "points": written.points,
        "max_points": written.max_points,
        "percent": written.percent,
        "missed": written.missed,
    }


def missed(attempt):
    """The topics in which points were lost, the weakest first."""
    return sittings.lost(sitting.by_topic(attempt))


@transaction.atomic
def amend(examinee, *, by, why, now=None, **fields):
    """Put another outcome above the one that counts, with the reason; what was before stays, and minutes get their next version."""
    now, why = now or timezone.now(), why.strip()
    locked(examinee.check_of)
    before = sittings.outcomes_of([examinee]).get(examinee.pk)
    if before is None:
        raise Refused(_("还没有考核结果，不能更改。"))
    if not why:
        raise Refused(_("请写明更改的原因。"))
    kept = {
        name: getattr(before, name)
        for name in ("conclusion", "form", "attempt_id", "points", "max_points", "percent", "missed")
    }
    row = Outcome.objects.create(
        examinee=examinee, number=before.number + 1, why=why[:200], by=by, at=now, **(kept | fields)
    )
    record("outcome.amended", row, by=by, before=before.conclusion, after=row.conclusion, why=why)
    minutes.follow(examinee, row, by=by, now=now)
    return row
