"""Rooms with their seats and supervisors: a fixed number of queries, however many sit there."""

import re

from django.db.models import Prefetch, Q

from accounts.models import RoleGrant, User
from accounts.tree import upward
from exams.models import Registration, Room, RoomSupervisor, Seat
from exams.queries.sessions import RUNS


def rooms_of(session):
    """The rooms of a session with their seats, `all_seats`, and who looks after them, `all_supervisors`."""
    seats = Seat.objects.select_related("registration__candidate", "registration__post__enterprise__unit")
    supervisors = RoomSupervisor.objects.select_related("person")
    return list(
        Room.objects.filter(session=session)
        .order_by("pk")
        .prefetch_related(
            Prefetch("seats", seats.order_by("number"), "all_seats"),
            Prefetch("supervisors", supervisors.order_by("pk"), "all_supervisors"),
        )
    )


def unseated(session):
    """Who is registered and has no seat, by name."""
    return (
        Registration.objects.admitted()
        .filter(session=session, seat__isnull=True)
        .select_related("candidate", "post__enterprise__unit")
        .order_by("candidate__name", "pk")
    )


def named_to_supervise(session, text, on):
    """(people, names that mean nobody or several): who acts for the unit of a session, above or below it, by name or account."""
    names = [name for name in re.split(r"[、，,;；\s]+", text) if name]
    path = session.unit.path
    grants = RoleGrant.objects.current(on).filter(
        Q(unit__path__in=upward(path)) | Q(unit__path__startswith=path), role__in=RUNS
    )
    found = User.objects.filter(
        Q(name__in=names) | Q(username__in=names), pk__in=grants.values("user"), is_active=True
    )
    meant = {}
    for person in found.order_by("pk"):
        for name in {person.name, person.username} & set(names):
            meant.setdefault(name, []).append(person)
    unclear = [name for name in names if len(meant.get(name, ())) != 1]
    people = {rows[0].pk: rows[0] for name, rows in meant.items() if name not in unclear}
    return list(people.values()), unclear
