"""Notices to those who are examined: issued for all at once, anew when something changes, cancelled; and that they were read."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from audit.append import append
from audit.context import acting
from audit.log import record, record_many
from audit.transitions import Refused
from exams.actions import sessions
from exams.models import ExamSession
from supervision import rules
from supervision.actions import checks  # the module, for it cancels notices in its turn
from supervision.models import Examinee, NoticeReading, Numbering, SpotCheck, SpotNotice
from supervision.queries import notices as queries
from supervision.queries import sittings

SERIES = "spot_notice"
# Reasons that a notice gives by itself, in Chinese like the document, whatever the language of whoever acts.
SEATED, MOVED, REPLACED = "安排座位", "座位变动：{why}", "由后备人员替补：{why}"
DISMISSED = gettext_noop("准予缓考，本场考核已经结束；另定日期后再通知")
Kind = SpotNotice.Kind


@transaction.atomic
def issue(check, *, by, bring, contact, why="", now=None):
    """Issue a notice to everybody whose sitting is still to come; gives the new rows.

    Who has been told the same already gets none, who was told otherwise gets the next version with the reason.
    """
    now, check, why = now or timezone.now(), checks.locked(check), why.strip()
    people = [one for one in sittings.examinees(check) if rules.is_to_come(check, one, now)]
    if reason := rules.why_not_notify(check, people):
        raise Refused(reason)
    return _issue(check, people, by=by, now=now, why=why, words=(bring.strip(), contact.strip()))


def _issue(check, people, *, by, now, why, words=None, kind=Kind.SUMMONS):
    """The next version for each of these people of whom something is another now; without `words` those of the last version stay."""
    # Whoever gives seats holds the session as well, so that versions of one examinee are written one after the other.
    held = ExamSession.objects.select_for_update(no_key=True).filter(pk__in={one.registration.session_id for one in people})  # fmt: skip
    held = {row.pk: row for row in held.order_by("pk")}
    known, seats = queries.notices_of(people), queries.seats_of(people)
    rows = []
    for one in people:
        before = known.get(one.pk)
        told = _told(one, held, seats, before, words, kind)
        if (
            before
            and before.kind == kind
            and all(getattr(before, name) == told[name] for name in before.TOLD)
        ):
            continue
        if before and not why:
            raise Refused(
                _("%(name)s 已有通知书，内容有变，请写明变更的理由；没有发出任何通知。")
                % {"name": one.registration.candidate.name}
            )
        rows.append(
            SpotNotice(
                examinee_id=one.pk, number=before.number + 1 if before else 1, kind=str(kind), unit_id=check.unit_id,
                subject=_subject(check, one, held), legal_basis=check.profile.legal_basis, why=why[:200] if before else "",
                by_id=by.pk, at=now, **told,
            )
        )  # fmt: skip
    year = timezone.localtime(now).year
    for row, number in zip(rows, _numbers(check.unit, year, len(rows)), strict=True):
        row.year, row.serial_number = year, number
    append(rows)
    said = [(row, {"version": row.number} | ({"why": row.why} if row.why else {})) for row in rows]
    if kind == Kind.CANCELLED:
        record_many([("notice.cancelled", row, data) for row, data in said], by=by)
    else:
        record_many([("notice.issued", row, data) for row, data in said], by=by)
    return rows


def _subject(check, one, held):
    """The name of the check; a retake is called one, so that nobody takes it for the first sitting that she has read of."""
    return held[one.registration.session_id].name[:120] if one.is_retake else check.name


def _told(one, held, seats, before, words, kind):
    """What changes between versions; a cancellation repeats what it cancels."""
    if kind == Kind.CANCELLED:
        return {name: getattr(before, name) for name in SpotNotice.TOLD}
    session, seat = held[one.registration.session_id], seats.get(one.registration_id)
    bring, contact = words or (before.bring, before.contact)
    return {
        "opens_at": session.opens_at,
        "closes_at": session.closes_at,
        "place": session.place,
        "room": seat.room.name if seat else "",
        "seat": seat.number if seat else None,
        "bring": bring,
        "contact": contact,
    }


def _numbers(unit, year, count):
    """So many numbers of the organ's series, without gaps."""
    if not count:
        return range(0)
    first = checks.next_number(SERIES, unit, year)
    Numbering.objects.filter(series=SERIES, unit=unit, year=year).update(last=F("last") + count - 1)
    return range(first, first + count)


def renew(check, people, *, by, why, now=None):
    """The next version for those of these people who hold a summons, with the reason; the others are told when all are."""
    known = queries.notices_of(people)
    people = [one for one in people if one.pk in known and not known[one.pk].is_cancelled]
    return _issue(check, people, by=by, now=now or timezone.now(), why=why)


def cancel(check, people, *, by, why, now=None):
    """Tell those of these people who hold a summons for a time to come that they need not come, with the reason."""
    now, known = now or timezone.now(), queries.notices_of(people)
    people = [
        one
        for one in people
        if one.pk in known and not known[one.pk].is_cancelled and known[one.pk].closes_at > now
    ]
    return _issue(check, people, by=by, now=now, why=why, kind=Kind.CANCELLED)


def follow(check, out, into, *, by, why, now):
    """Where one was told to come, tell her that another stands in for her, and tell that other to come."""
    if cancel(check, out, by=by, why=REPLACED.format(why=why), now=now):
        _issue(check, into, by=by, now=now, why="", words=queries.last_words(check))


def dismiss(check, people, *, by, now):
    """Those who were excused begin nothing any more once the sitting is concluded: their registrations end, and they are told."""
    if people:
        sessions.withdraw_many(
            [one.registration for one in people], by=by, why=DISMISSED, now=now, keeper=check
        )
        cancel(check, people, by=by, why=DISMISSED, now=now)


@transaction.atomic
def reschedule(check, *, by, opens_at, closes_at, place, why, now=None):
    """Move a check that has not opened to another time or place, with the reason; whoever was told gets the next version."""
    now, check, why = now or timezone.now(), checks.locked(check), why.strip()
    if reason := rules.why_not_reschedule(check):
        raise Refused(reason)
    if closes_at <= opens_at:
        raise Refused(_("截止时间应晚于开放时间。"))
    place = " ".join(place.split())
    check.session = sessions.reschedule(
        check.session,
        by=by,
        opens_at=opens_at,
        closes_at=closes_at,
        place=place,
        why=why,
        now=now,
        keeper=check,
    )
    days = [timezone.localdate(opens_at), timezone.localdate(closes_at)]
    SpotCheck.objects.filter(pk=check.pk).update(place=place, starts_on=days[0], ends_on=days[1])
    check.place, (check.starts_on, check.ends_on) = place, days
    record("spotcheck.rescheduled", check, by=by, why=why, place=place, starts=str(days[0]), ends=str(days[1]))  # fmt: skip
    renew(check, list(sittings.examinees(check, round=0)), by=by, why=why, now=now)
    return check


def seats_moved(registrations, *, by, why):
    """Whoever was told her seat, or that she has none yet, is told the new one."""
    people = Examinee.objects.filter(registration__in=registrations).counting()
    people = people.select_related("check_of__unit", "check_of__profile", "registration__candidate")
    found = {}
    for one in people.order_by("pk"):
        found.setdefault(one.check_of, []).append(one)
    for check, theirs in found.items():
        renew(check, theirs, by=by, why=why)


@transaction.atomic
def read(notice, *, by, now=None):
    """Write down that the examinee, or her enterprise's manager, opens this version for the first time; others leave no trace."""
    rows = []
    for side in queries.sides_of(by, notice):
        row, is_new = NoticeReading.objects.get_or_create(
            notice=notice, side=side, defaults={"by": by, "at": now or timezone.now(), "address": acting().address}
        )  # fmt: skip
        if is_new:
            record("notice.read", notice, by=by, side=str(side), version=notice.number)
            rows.append(row)
    return rows
