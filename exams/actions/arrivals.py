"""At the door of a held session: who came, who has typed the code on the wall, and now everybody may begin."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import vault
from audit.append import append
from audit.log import record, record_many
from audit.models import AuditEvent, Outcome
from audit.transitions import Refused
from exams.engine import startcode
from exams.models import Arrival, ExamSession, Registration
from exams.queries import arrivals as queries
from exams.rules import why_not_go

MOST = 500  # notes in one sending
AHEAD = timedelta(minutes=5)  # so far a device's clock may run ahead before it is no longer believed
MOST_TRIES, LOCKED_FOR = 5, timedelta(minutes=5)
Kind = Arrival.Outcome


@dataclass(frozen=True)
class Note:
    """What a device noted about one person; the key is the device's own, so the same note counts once."""

    key: UUID
    registration: int
    outcome: str
    how: str = Arrival.How.LIST
    noted_at: datetime | None = None
    why: str = ""


def secret_of(session):
    """From what the session's codes follow."""
    return vault.derived(f"start code:{session.pk}")


@transaction.atomic
def note(session, notes, *, by, device="", now=None):
    """Keep what a device noted, each note once; gives the rows that are new.

    Several devices may note the same person, and one without network tells it later: every note is kept, the one that was
    noted last counts, whenever it arrives, and the list shows that there are several. Raises Refused, and keeps nothing, where
    a note is of nobody.
    """
    now = now or timezone.now()
    _readable(session, notes)
    known = set(Arrival.objects.filter(key__in=[one.key for one in notes]).values_list("key", flat=True))
    fresh = {one.key: one for one in notes if one.key not in known}
    fresh = sorted(fresh.values(), key=lambda one: (one.noted_at or now, str(one.key)))
    if not fresh:
        return []
    people = _held(session, {one.registration for one in fresh})
    # Whoever waited for these people behind another sending of the same notes finds them kept by now.
    known = set(Arrival.objects.filter(key__in=[one.key for one in fresh]).values_list("key", flat=True))
    rows = [
        _row(session, people[one.registration], one, by, device, now) for one in fresh if one.key not in known
    ]
    append(rows)
    for row in rows:
        people[row.registration_id].notes.append(row)
    touched = {row.registration_id for row in rows if row.outcome != Kind.WRONG_SESSION}
    for pk in touched:
        counts = queries.counting(people[pk].notes)
        people[pk].arrived_at = counts.noted_at if counts.outcome in Arrival.LETS_IN else None
    Registration.objects.bulk_update([people[pk] for pk in touched], ["arrived_at"], batch_size=500)
    record_many(
        [
            (
                "arrival.noted",
                people[row.registration_id],
                {"session": session.code, "outcome": str(row.outcome), "how": str(row.how), "device": device}
                | ({"why": row.why} if row.why else {}),
            )
            for row in rows
        ],
        by=by,
    )
    return rows


def _readable(session, notes):
    if not session.is_held or session.state != ExamSession.State.PUBLISHED:
        raise Refused(_("该场次不在现场签到中，没有登记。"))
    if len(notes) > MOST:
        raise Refused(_("一次发送的签到过多，请分批发送。"))
    ours = set(
        session.registrations.admitted()
        .filter(pk__in=[one.registration for one in notes])
        .values_list("pk", flat=True)
    )
    for one in notes:
        if one.outcome not in Kind.values or one.how not in Arrival.How.values:
            raise Refused(_("签到结果无法识别，没有登记。"))
        if one.outcome == Kind.WRONG_SESSION and one.registration in ours:
            raise Refused(_("这名考生属于本场次，没有登记为走错场次。"))
        if one.outcome == Kind.SUBSTITUTE and not one.why.strip():
            raise Refused(_("请写明身份不符的情况。"))


def _held(session, keys):
    """The registrations, locked in one order, with their notes so far: {pk: registration}.

    One of another session is known as well, for who came to the wrong room.
    """
    # What waits for the lock reads the notes afterwards, when the other's are there.
    locked = list(
        Registration.objects.admitted()
        .filter(pk__in=keys)
        .select_for_update(no_key=True)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    if len(locked) < len(keys):
        raise Refused(_("名单中没有这名考生，没有登记。请刷新名单后再试。"))
    found = {
        r.pk: r for r in Registration.objects.filter(pk__in=locked).select_related("session", "candidate")
    }
    for registration in found.values():
        registration.notes, registration.last_note = [], 0
    for row in Arrival.objects.filter(registration__in=locked).order_by("number"):
        found[row.registration_id].notes.append(row)
        found[row.registration_id].last_note = row.number
    return found


def _row(session, registration, one, by, device, now):
    registration.last_note += 1
    is_ours = registration.session_id == session.pk
    at = one.noted_at or now
    return Arrival(
        session=session,
        registration=registration,
        number=registration.last_note,
        outcome=str(one.outcome) if is_ours else Kind.WRONG_SESSION.value,
        how=str(one.how),
        why=one.why.strip()[:200],
        noted_at=at if at <= now + AHEAD else now,
        at=now,
        by=by,
        device=device[:20],
        key=one.key,
    )


def enter(registration, typed, *, by, now=None):
    """The candidate types the code on the wall. Raises Refused for a wrong one, and for any after five wrong ones."""
    now = now or timezone.now()
    session = registration.session
    if not session.is_held or registration.code_at:
        return registration
    if _wrong_tries(registration, now) >= MOST_TRIES:
        raise Refused(_("口令连续输错 5 次，请 5 分钟后再试，或请监考人员帮助。"))
    if not startcode.accepts(secret_of(session), typed, now):
        record("arrival.code_refused", registration, by=by, outcome=Outcome.REFUSED, session=session.code)
        raise Refused(_("口令不对。口令每分钟更换，请按现场当前显示的输入。"))
    with transaction.atomic():
        if Registration.objects.filter(pk=registration.pk, code_at__isnull=True).update(code_at=now):
            record("arrival.entered", registration, by=by, session=session.code)
    registration.code_at = now
    return registration


def _wrong_tries(registration, now):
    target = f"{registration._meta.label_lower}:{registration.pk}"
    return AuditEvent.objects.filter(
        action="arrival.code_refused", target=target, at__gt=now - LOCKED_FOR
    ).count()


@transaction.atomic
def go(session, *, by, now=None):
    """Let everybody begin who was checked in and has typed the code; whoever does so later begins then."""
    now = now or timezone.now()
    session = ExamSession.objects.select_for_update(no_key=True).get(pk=session.pk)
    if reason := why_not_go(session, now):
        raise Refused(reason)
    session.go_at = now
    session.save(update_fields=["go_at"])
    ready = session.registrations.admitted().filter(arrived_at__isnull=False, code_at__isnull=False).count()
    record("session.let_go", session, by=by, ready=ready)
    return session
