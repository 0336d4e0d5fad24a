"""Stories of many who do the same thing at the same moment; each gives what is true afterwards.

The tests tell them on PostgreSQL. On SQLite those of `STORIES` (the others are about waiting for one row) need a database of
their own, a file: `python -m exams.tests.racing N` makes one in VAR_DIR, tells them with N threads and prints what came out as JSON.
"""

import itertools
import json
import os
import sys
import time

from exams.tests.racing_changes import (
    cancelled_meanwhile,
    closed_meanwhile,
    cooled_meanwhile,
    crossing,
    ended_meanwhile,
    used_up_meanwhile,
)
from exams.tests.together import browser, counted, together


def starts(cast, n):
    """So many presses of 报名并开始考试 by one person."""
    from accounts.models import User
    from audit.models import AuditEvent
    from exams.models import Attempt, Registration
    from tests import build

    room, client = build.make_session(cast, "starts"), browser(cast.officer)
    answers = together(
        n,
        lambda _n: client().post(f"/exams/sessions/{room.code}/start/").url,
        behind=User.objects.filter(pk=cast.officer.pk),
    )
    attempt = Attempt.objects.get(registration__session=room)
    return {
        "answers": counted([url == f"/exams/attempts/{attempt.pk}/" for url in answers]),
        "registrations": Registration.objects.filter(session=room).count(),
        "started in audit": AuditEvent.objects.filter(
            action="attempt.started", target=f"exams.attempt:{attempt.pk}"
        ).count(),
    }


def hand_ins(cast, n):
    """So many hand-ins of one attempt, each with all the answers."""
    from accounts.models import RecordEntry
    from certificates.models import Certificate
    from exams.models import Attempt, Response, Result
    from tests import build

    attempt = build.begun(build.make_session(cast, "hand-ins"), cast.officer)
    build.make_scheme("hand-ins", exam=attempt.registration.session.exam)
    entries = build.sent(attempt, build.right_entries(attempt))
    client, address = browser(cast.officer), f"/exams/attempts/{attempt.pk}/hand-in/"
    body = json.dumps({"entries": entries})
    answers = together(
        n,
        lambda _n: client().post(address, body, content_type="application/json").status_code,
        behind=Attempt.objects.filter(pk=attempt.pk),
    )
    attempt = Attempt.objects.get(pk=attempt.pk)
    return {
        "answers": counted(answers),
        "state": attempt.state,
        "responses": Response.objects.filter(attempt=attempt).count(),
        "results": [str(r.points) for r in Result.objects.filter(attempt=attempt)],
        "lines of the file": RecordEntry.objects.filter(subject=f"attempt:{attempt.pk}").count(),
        "certificates": Certificate.objects.filter(attempt=attempt).count(),
    }


def issues(cast, n):
    """So many issues of one certificate."""
    from accounts.models import RecordEntry
    from certificates import actions
    from certificates.models import Certificate
    from exams.models import Attempt
    from tests import build

    attempt = build.handed_in(build.begun(build.make_session(cast, "issues"), cast.director))
    scheme = build.make_scheme("issues", exam=attempt.registration.session.exam)
    row = Attempt.objects.filter(pk=attempt.pk)
    numbers = together(n, lambda _n: actions.issue(row.get(), scheme).number, behind=row)
    made = Certificate.objects.filter(attempt=attempt, scheme=scheme)
    return {
        "numbers given": len(set(numbers)),
        "certificates": made.count(),
        "lines of the file": RecordEntry.objects.filter(subject=f"certificate:{numbers[0]}").count(),
    }


def registrations(cast, n):
    """So many registrations of one person."""
    from audit.models import AuditEvent
    from exams.actions import sessions
    from exams.models import Registration
    from tests import build

    room, post = build.make_session(cast, "registrations"), cast.post(cast.principal)
    made = together(
        n, lambda _n: sessions.register(room, post, by=cast.principal, source=Registration.Source.SELF).pk
    )
    return {
        "registrations given": len(set(made)),
        "registrations": Registration.objects.filter(session=room).count(),
        "lines of the audit": AuditEvent.objects.filter(
            action="registration.made", target=f"exams.registration:{made[0]}"
        ).count(),
    }


def at_the_door(cast, n):
    """Devices send the same and other notes about one person at the same moment; then everybody presses 宣布开考."""
    from contextlib import suppress
    from uuid import uuid4

    from audit.models import AuditEvent
    from audit.transitions import Refused
    from exams.actions import arrivals
    from exams.models import Arrival, ExamSession, Registration
    from tests import build

    hall = build.make_session(cast, "hall", is_held=True)
    registration, same = build.admitted(hall, cast.officer), uuid4()

    def note(k):
        one = arrivals.Note(same if k % 2 else uuid4(), registration.pk, Arrival.Outcome.PRESENT)
        return len(arrivals.note(hall, [one], by=cast.city, device=f"{k % 3}"))

    together(n, note, behind=Registration.objects.filter(pk=registration.pk))

    def say_the_word(_k):
        with suppress(Refused):
            arrivals.go(hall, by=cast.city)

    together(n, say_the_word, behind=ExamSession.objects.filter(pk=hall.pk))
    rows = Arrival.objects.filter(registration=registration)
    return {
        "notes": rows.count(),
        "of the one that came several times": rows.filter(key=same).count(),
        "numbers without a gap": sorted(rows.values_list("number", flat=True))
        == list(range(1, rows.count() + 1)),
        "let go": AuditEvent.objects.filter(action="session.let_go").count(),
    }


def limits(cast, n):
    """So many who begin and hand in, again and again, where two attempts are allowed."""
    from audit.transitions import Refused
    from exams.actions import attempts
    from exams.models import Attempt
    from tests import build

    room = build.make_session(cast, "limits", max_attempts=2)
    registration = build.admitted(room, cast.officer)

    def act(_n):
        try:
            attempt = attempts.start(registration, by=cast.officer)
        except Refused:
            return "refused"
        attempts.hand_in(build.own(attempt), attempt.pk, by=cast.officer)
        return "sat"

    answers = together(n, act)
    return {
        "attempts": list(
            Attempt.objects.filter(registration=registration)
            .order_by("number")
            .values_list("number", "state")
        ),
        "was refused": "refused" in answers,
    }


def saves(cast, n):
    """So many saves of two pages of one attempt, in the midst of them a hand-in; what was acknowledged must count."""
    from exams.actions import attempts, scoring
    from exams.models import Attempt, Response, Score
    from tests import build

    attempt = build.begun(build.make_session(cast, "saves", counts={"truefalse": 4}), cast.officer)
    door, numbers = build.own(attempt), itertools.count(1)
    acknowledged, refused = [], []

    def act(turn):
        if turn == n // 2:
            attempts.hand_in(door, attempt.pk, by=cast.officer)
            return
        number = next(numbers)
        time.sleep(number % 3 / 500)  # so that they do not arrive in the order of their numbers
        entry = attempts.Entry(number, number % 4 + 1, {"value": number % 8 < 4})
        try:
            attempts.save(door, attempt.pk, [entry])
            acknowledged.append(number)
        except attempts.Closed:
            refused.append("closed")
        except attempts.Behind:
            refused.append("behind")

    together(n, act)
    attempt = Attempt.objects.get(pk=attempt.pk)
    rows = list(Response.objects.filter(attempt=attempt).order_by("pk").values_list("number", flat=True))
    scored = dict(Score.objects.filter(result=attempt.current_result).values_list("position", "fraction"))
    return {
        "all answered": len(acknowledged) + len(refused) == n - 1,
        "stored is what was acknowledged": sorted(rows) == sorted(acknowledged),
        # No answer was acknowledged that a higher number, stored before, already outweighed.
        "in the order in which they came": rows == sorted(rows),
        "scored is what was stored": scored
        == {p: s.fraction for p, s in scoring.judge_attempt(attempt).items()},
    }


def late_readers(cast, n):
    """So many readers of the result of an attempt whose time is over and which nobody has closed yet."""
    from accounts.models import RecordEntry
    from certificates.models import Certificate
    from exams.models import Attempt, Result
    from tests import build

    attempt = build.begun(build.make_session(cast, "late-readers"), cast.director)
    build.make_scheme("late-readers", exam=attempt.registration.session.exam)
    build.answer_right(attempt)
    deadline = build.move_clock(attempt, minutes=90).deadline
    client = browser(cast.director)
    answers = together(n, lambda _n: client().get(f"/exams/attempts/{attempt.pk}/result/").status_code)
    attempt = Attempt.objects.get(pk=attempt.pk)
    return {
        "answers": counted(answers),
        "ended at the deadline": (attempt.state, attempt.submitted_at) == ("submitted", deadline),
        "results": Result.objects.filter(attempt=attempt).count(),
        "lines of the file": RecordEntry.objects.filter(subject=f"attempt:{attempt.pk}").count(),
        "certificates": Certificate.objects.filter(attempt=attempt).count(),
    }


def regrades(cast, n):
    """So many regrades of one attempt."""
    from exams.actions import regrading
    from exams.models import Attempt, Result
    from tests import build

    attempt = build.handed_in(build.begun(build.make_session(cast, "regrades"), cast.director))
    numbers = together(n, lambda k: regrading.regrade(attempt, why=f"第 {k} 次", by=cast.city).result.number)
    attempt = Attempt.objects.get(pk=attempt.pk)
    return {
        "numbers given": sorted(numbers) == list(range(2, n + 2)),
        "results": list(
            Result.objects.filter(attempt=attempt).order_by("number").values_list("number", flat=True)
        )
        == list(range(1, n + 2)),
        "the last one counts": attempt.current_result.number == n + 1,
    }


def regrade_and_hand_in(cast, n):
    """Regrades that race the hand-in: before it they are refused, after it each is the next result."""
    from audit.transitions import Refused
    from exams.actions import attempts, regrading
    from exams.models import Attempt, Result
    from tests import build

    attempt = build.begun(build.make_session(cast, "regrade-and-hand-in"), cast.director)
    build.answer_right(attempt)

    def act(turn):
        if turn % 4 == 1:
            attempts.hand_in(build.own(attempt), attempt.pk, by=cast.director)
            return "handed in"
        try:
            regrading.regrade(attempt, why="裁定", by=cast.city)
        except Refused:
            return "refused"
        return "regraded"

    answers = together(n, act)
    found = Attempt.objects.get(pk=attempt.pk)
    numbers = list(Result.objects.filter(attempt=found).order_by("number").values_list("number", flat=True))
    return {
        "state": found.state,
        "each regrade is a result": numbers == list(range(1, answers.count("regraded") + 2)),
        "the last one counts": found.current_result.number == numbers[-1],
    }


def interruptions(cast, n):
    """Saves that race pauses, resumes, extensions and at last a hand-in: the chain tells of all that was acknowledged."""
    from audit.transitions import Refused
    from exams.actions import attempts, interventions
    from exams.actions.verifying import problems_of
    from exams.models import Attempt, Response
    from tests import build

    attempt = build.begun(build.make_session(cast, "interruptions", counts={"truefalse": 4}), cast.officer)
    own, door = build.own(attempt), Attempt.objects.filter(pk=attempt.pk)
    numbers, acknowledged, granted = itertools.count(1), [], []

    def act(turn):
        try:
            if turn == n - n // 8:
                interventions.resume(door, why="交卷前恢复", by=cast.city)
            elif turn == n - n // 8 + 1:
                attempts.hand_in(own, attempt.pk, by=cast.officer)
            elif turn % 9 == 3:
                interventions.pause(door, why="疏散", by=cast.city)
            elif turn % 9 == 5:
                interventions.resume(door, why="归位", by=cast.city)
            elif turn % 9 == 7:
                granted.append(len(interventions.extend(door, minutes=1, why="补时", by=cast.city)))
            else:
                number = next(numbers)
                attempts.save(own, attempt.pk, [attempts.Entry(number, number % 4 + 1, {"value": True})])
                acknowledged.append(number)
        except Refused:
            pass

    together(n, act)
    attempt = Attempt.objects.get(pk=attempt.pk)
    if attempt.state == Attempt.State.IN_PROGRESS:  # the hand-in met a pause
        if attempt.paused_at:
            interventions.resume(door, why="归位", by=cast.city)
        attempts.hand_in(own, attempt.pk, by=cast.officer)
    rows = list(Response.objects.filter(attempt=attempt).order_by("pk").values_list("number", flat=True))
    kinds = list(attempt.interventions.order_by("number").values_list("kind", flat=True))
    clockwise = [kind for kind in kinds if kind != "extended"]
    return {
        "stored is what was acknowledged": rows == sorted(acknowledged),
        "each extension stands once": kinds.count("extended") == sum(granted),
        "pause and resume take turns": all(
            kind == ("paused", "resumed")[place % 2] for place, kind in enumerate(clockwise)
        ),
        "the chain and the deadline agree": list(problems_of(door)) == [(attempt.pk, [])],
    }


def suspended(cast, n):
    """So many starts and saves of people whom a rule keeps out: a cancelled session, a post ended, attempts used up, a cool-down."""
    from datetime import timedelta

    from django.utils import timezone

    from accounts.models import Post
    from audit.transitions import Refused
    from exams.actions import attempts, sessions
    from exams.models import Attempt
    from tests import build

    bank = build.make_bank(cast, "suspended")
    counts = {"truefalse": 2}

    def room(code, **terms):
        return build.make_session(cast, f"suspended-{code}", bank=bank, counts=counts, **terms)

    cancelled, ended = room("cancelled"), room("ended")
    used, cooling = room("used", max_attempts=1), room("cooling", cool_down_minutes=60, max_attempts=0)
    held = [build.admitted(one, cast.principal) for one in (cancelled, ended, used, cooling)]
    for registration in held[2:]:
        attempt = attempts.start(registration, by=cast.principal)
        attempts.hand_in(cast.principal, attempt.pk, by=cast.principal)
    sessions.cancel(cancelled, by=cast.city, why="改期")
    post = Post.objects.filter(person=cast.principal)
    post.update(ended_on=timezone.localdate() - timedelta(days=1))
    before = Attempt.objects.filter(registration__in=held).count()

    def act(turn):
        try:
            attempts.start(held[turn % 4], by=cast.principal)
        except Refused:
            return "refused"
        return "started"

    answers = counted(together(n, act))
    post.update(ended_on=None)
    still = counted(together(n, lambda turn: act(2 + turn % 2)))
    return {
        "answers": answers,
        "with the post": still,
        "attempts more": Attempt.objects.filter(registration__in=held).count() - before,
    }


def two_devices(cast, n):
    """Two devices that take the attempt from one another and save, all at once: each saves only while it is the one."""
    from audit.transitions import Refused
    from exams.actions import attempts, interventions
    from exams.actions.verifying import problems_of
    from exams.models import Attempt, Response
    from tests import build

    attempt = build.begun(build.make_session(cast, "two-devices", counts={"truefalse": 4}), cast.officer)
    own, numbers, acknowledged = build.own(attempt), itertools.count(1), []

    def act(turn):
        device = "ab"[turn % 2] * 32
        if turn % 5 == 0:
            interventions.take_over(own, attempt.pk, device=device)
            return
        number = next(numbers)
        entry = attempts.Entry(number, number % 4 + 1, {"value": turn % 2 == 0})
        try:
            attempts.save(own, attempt.pk, [entry], device=device)
            acknowledged.append(number)
        except Refused:
            pass

    together(n, act)
    rows = list(Response.objects.filter(attempt=attempt).order_by("pk").values_list("number", flat=True))
    return {
        "stored is what was acknowledged": rows == sorted(acknowledged),
        "the chain is whole": list(problems_of(Attempt.objects.filter(pk=attempt.pk))) == [(attempt.pk, [])],
    }


STORIES = (
    starts,
    hand_ins,
    issues,
    registrations,
    at_the_door,
    limits,
    saves,
    late_readers,
    regrades,
    regrade_and_hand_in,
    interruptions,
    two_devices,
    suspended,
    cancelled_meanwhile,
    ended_meanwhile,
    closed_meanwhile,
    used_up_meanwhile,
    cooled_meanwhile,
    crossing,
)


def main(n):
    """Tell every story on a database of its own."""
    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    django.setup()
    setup_test_environment()
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    call_command("migrate", verbosity=0)
    from tests.people import make_cast

    cast = make_cast()
    print(json.dumps({story.__name__: story(cast, n) for story in STORIES}))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    main(int(sys.argv[1]))
