"""Rooms of a session, and who sits where. Every act takes the session's turn, so two who seat at once seat nobody twice."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.append import append
from audit.log import record, record_many
from audit.transitions import Refused
from exams.engine import seating
from exams.models import ExamSession, Registration, Room, RoomSupervisor, Seat
from exams.queries import rooms as queries
from exams.rules import why_not_seat
from exams.signals import seats_changed


def _turn(session, now):
    """The session under its lock, if its seats may still be changed."""
    session = ExamSession.objects.select_for_update(of=("self",), no_key=True).select_related("unit").get(pk=session.pk)  # fmt: skip
    if reason := why_not_seat(session, now or timezone.now()):
        raise Refused(reason)
    return session


@transaction.atomic
def add(session, *, by, name, capacity, width=6, supervisors=(), now=None):
    """Add a room with all its seats and those who look after it."""
    session = _turn(session, now)
    if session.rooms.filter(name=name).exists():
        raise Refused(_("本场次已有“%(name)s”，请换一个名称。") % {"name": name})
    room = Room.objects.create(session=session, name=name, capacity=capacity, width=width, made_by=by)
    append(Seat(room_id=room.pk, number=number) for number in range(1, capacity + 1))
    append(RoomSupervisor(room_id=room.pk, person_id=person.pk) for person in supervisors)
    record("room.added", room, by=by, session=session.code, capacity=capacity, supervisors=[p.name for p in supervisors])  # fmt: skip
    return room


@transaction.atomic
def remove(room, *, by, now=None):
    """Remove a room in which nobody has a seat."""
    _turn(room.session, now)
    if taken := room.seats.filter(registration__isnull=False).count():
        raise Refused(
            _("“%(name)s”已安排 %(count)s 人，请先为他们调换座位。") % {"name": room.name, "count": taken}
        )
    record("room.removed", room, by=by, session=room.session.code, capacity=room.capacity)
    room.delete()


@transaction.atomic
def seat_all(session, *, by, now=None):
    """Seat everybody who is registered and has no seat, by the rule of `engine.seating`; gives how many. Nobody else moves."""
    session = _turn(session, now)
    waiting = list(queries.unseated(session).order_by("post__enterprise__uscc", "pk"))
    if not waiting:
        return 0
    rooms = queries.rooms_of(session)
    seats = {(room.pk, seat.number): seat for room in rooms for seat in room.all_seats}
    free = [place for place, seat in seats.items() if seat.registration_id is None]
    if len(free) < len(waiting):
        raise Refused(
            _("还有 %(people)s 人没有座位，空座只有 %(seats)s 个，没有安排任何人。请增加考场。")
            % {"people": len(waiting), "seats": len(free)}
        )
    taken = {
        place: seat.registration.post.enterprise_id for place, seat in seats.items() if seat.registration_id
    }
    people = {one.pk: one for one in waiting}
    found = seating.plan(
        free,
        {room.pk: room.width for room in rooms},
        taken,
        [(one.pk, one.post.enterprise_id) for one in waiting],
    )
    filled = []
    for person, place in found.items():
        seats[place].registration = people[person]
        filled.append(seats[place])
    Seat.objects.bulk_update(filled, ["registration"], batch_size=300)
    names = {room.pk: room.name for room in rooms}
    record_many(
        [
            ("seat.given", people[person], {"room": names[room], "seat": number})
            for person, (room, number) in found.items()
        ],
        by=by,
    )
    seats_changed.send(Seat, registrations=list(people), why="", by=by)
    return len(found)


@transaction.atomic
def move(registration, seat, *, by, why, now=None):
    """Give somebody another seat that is free, with the reason; on the seat that she has already, nothing changes."""
    session, why = _turn(registration.session, now), why.strip()
    row = Registration.objects.admitted().filter(session=session, pk=registration.pk).first()
    seat = Seat.objects.select_related("room").filter(room__session=session, pk=seat.pk).first()
    if row is None or seat is None:
        raise Refused(_("名单或座位刚刚变动，没有调换，请刷新后再试。"))
    if seat.registration_id == row.pk:
        return seat
    if not why:
        raise Refused(_("请写明调换座位的理由。"))
    if seat.registration_id:
        raise Refused(_("%(seat)s 已有人，没有调换。") % {"seat": seat.label})
    before = Seat.objects.select_related("room").filter(registration=row).first()
    if before:
        Seat.objects.filter(pk=before.pk).update(registration=None)
    Seat.objects.filter(pk=seat.pk).update(registration=row)
    seat.registration = row
    record("seat.changed", row, by=by, why=why, before=str(before or ""), after=str(seat))
    seats_changed.send(Seat, registrations=[row.pk], why=why, by=by)
    return seat
