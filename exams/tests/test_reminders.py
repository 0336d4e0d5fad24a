"""Candidates are reminded of a session that opens or closes soon, as long as there is something to sit."""

from datetime import timedelta

import pytest
from django.utils import timezone

from exams import reminders
from exams.actions import sessions
from exams.models import ExamSession, Registration
from messaging.actions import planning
from messaging.models import Message
from tests import build


def at(day, hour=9):
    """A moment on the clock on the wall, so many days from today."""
    today = timezone.localtime().replace(hour=hour, minute=0, second=0, microsecond=0)
    return today + timedelta(days=day)


def between(session, opens, closes):
    """Put the session's edges."""
    ExamSession.objects.filter(pk=session.pk).update(opens_at=opens, closes_at=closes)
    session.refresh_from_db()


def told():
    return sorted(Message.objects.values_list("kind", "recipient__username", "facts__days"))


@pytest.mark.parametrize(
    ("opens", "closes", "expected"),
    [
        (4, 9, []),
        (3, 9, [("session.opens", "officer", 3)]),
        (1, 2, [("session.opens", "officer", 1)]),
        (-5, 4, []),
        (-5, 3, [("session.closes", "officer", 3)]),
        (-5, 1, [("session.closes", "officer", 1)]),
        (-5, -1, []),
    ],
)
def test_a_session_is_reminded_of_three_days_and_one_day_before_its_edges(cast, opens, closes, expected):
    session = build.make_session(cast)
    build.admitted(session, cast.officer)
    between(session, at(opens), at(closes, 17))
    planning.plan(timezone.localdate())
    assert told() == expected


def test_each_edge_is_told_twice_at_most_and_anew_when_the_session_is_moved(cast):
    session = build.make_session(cast)
    build.admitted(session, cast.officer)
    between(session, at(5), at(9))
    for day in range(11):
        planning.plan(timezone.localdate() + timedelta(days=day))
    assert [kind for kind, *_more in told()] == ["session.closes"] * 2 + ["session.opens"] * 2
    between(session, at(5), at(14))
    for day in range(11, 16):
        planning.plan(timezone.localdate() + timedelta(days=day))
    assert [kind for kind, *_more in told()] == ["session.closes"] * 4 + ["session.opens"] * 2


def test_nobody_is_reminded_who_passed_withdrew_or_was_drawn_for_a_spot_check(cast):
    session = build.make_session(cast)
    build.certified(cast, cast.officer, session=session)
    withdrawn = build.admitted(session, cast.director)
    Registration.objects.filter(pk=withdrawn.pk).update(withdrawn_at=timezone.now(), withdrawn_why="调岗")
    spot = build.make_session(cast, "spot", exam=build.make_exam(cast, "spot", kind="spot_check"))
    build.admitted(spot, cast.principal)
    waiting = build.admitted(session, cast.principal)
    for one in (session, spot):
        between(one, at(-1), at(1))
    planning.plan(timezone.localdate())
    assert told() == [("session.closes", "principal", 1)]
    assert reminders.still_open({f"registration:{waiting.pk}", f"registration:{withdrawn.pk}"}) == {
        f"registration:{waiting.pk}"
    }
    sessions.cancel(session, by=cast.city, why="停电")
    assert reminders.still_open({f"registration:{waiting.pk}"}) == set()
