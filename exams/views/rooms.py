"""Rooms and seats of a session: the plan as a grid, which is also what is printed for the door."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.doors import holding
from audit.transitions import Refused
from exams.actions import rooms as acts
from exams.forms.rooms import ReseatForm, RoomForm
from exams.models import ExamSession, Room
from exams.queries import rooms as queries
from exams.queries import sessions as session_queries
from exams.rules import why_not_seat

for_desk = holding(*session_queries.RUNS)


def _run(request, code):
    """A session that the visitor runs and that people may be registered in."""
    sessions = ExamSession.objects.run_by(request.user).select_related("unit", "exam")
    found = get_object_or_404(sessions, code=code)
    if found.state == ExamSession.State.DRAFT:
        raise Http404
    return found


@for_desk
@require_http_methods(["GET", "HEAD", "POST"])
def rooms(request, code):
    """The rooms with who sits where; sent, another room."""
    session, now = _run(request, code), timezone.now()
    form = RoomForm(request.POST or None, session=session, on=timezone.localdate(now))
    if request.method == "POST" and form.is_valid():
        try:
            room = acts.add(session, by=request.user, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(
                request,
                ngettext("%(name)s 已增加，%(count)s 个座位。", "%(name)s 已增加，%(count)s 个座位。", room.capacity)
                % {"name": room.name, "count": room.capacity},
            )  # fmt: skip
            return redirect("exams:rooms", code)
    found = queries.rooms_of(session)
    waiting = list(queries.unseated(session))
    free = sum(seat.registration_id is None for room in found for seat in room.all_seats)
    return render(
        request,
        "exams/rooms/rooms.html",
        {
            "session": session,
            "rooms": [_told(room) for room in found],
            "waiting": waiting,
            "free": free,
            "form": form,
            "reseat_form": ReseatForm(session=session) if found else None,
            "why_not": why_not_seat(session, now),
        },
        status=422 if form.errors else 200,
    )


def _told(room):
    seats = room.all_seats
    return {
        "room": room,
        "rows": [seats[at : at + room.width] for at in range(0, len(seats), room.width)],
        "taken": sum(seat.registration_id is not None for seat in seats),
        "supervisors": _("、").join(one.person.name for one in room.all_supervisors),
    }


def _answer(request, code, act, sentence):
    """Do one act and go back to the plan; `sentence` takes what came of it."""
    try:
        done = act()
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, sentence(done))
    return redirect("exams:rooms", code)


@for_desk
@require_POST
def seat_all(request, code):
    """Seat everybody who has no seat."""
    session = _run(request, code)
    return _answer(
        request,
        code,
        lambda: acts.seat_all(session, by=request.user),
        lambda count: (
            ngettext("已安排 %(count)s 人的座位。", "已安排 %(count)s 人的座位。", count) % {"count": count}
            if count
            else _("所有考生都已有座位。")
        ),
    )


@for_desk
@require_POST
def reseat(request, code):
    """Give one person another seat."""
    session = _run(request, code)
    form = ReseatForm(request.POST, session=session)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, errors[0])
        return redirect("exams:rooms", code)
    said = form.cleaned_data
    return _answer(
        request,
        code,
        lambda: acts.move(said["registration"], said["seat"], by=request.user, why=said["why"]),
        lambda seat: _("%(name)s 的座位：%(seat)s。") % {"name": said["registration"].candidate.name, "seat": seat.label},
    )  # fmt: skip


@for_desk
@require_POST
def room_remove(request, code, pk):
    """Remove a room in which nobody sits."""
    room = get_object_or_404(Room.objects.select_related("session"), session=_run(request, code), pk=pk)
    return _answer(
        request,
        code,
        lambda: acts.remove(room, by=request.user),
        lambda _done: _("%(name)s 已删除。") % {"name": room.name},
    )
