"""Stories of many who do the same thing at the same moment; each gives what is true afterwards.

The tests tell them on PostgreSQL. On SQLite they need a database of their own, a file: `python -m exams.tests.racing N`
makes one in VAR_DIR, tells every story with N threads and prints what came out as JSON.
"""

import itertools
import json
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

CONNECTIONS = 40  # a database server has a hundred at most


def together(n, act):
    """Do an act n times from as many threads as there may be connections, all let go at once; give what came back."""
    from django.db import connections

    workers = min(n, CONNECTIONS)
    gate, numbers = threading.Barrier(workers), itertools.count()

    def work():
        came = []
        gate.wait()
        try:
            while (number := next(numbers)) < n:
                came.append(act(number))
        finally:
            connections.close_all()
        return came

    with ThreadPoolExecutor(workers) as pool:
        return [one for share in [pool.submit(work) for _worker in range(workers)] for one in share.result()]


def browser(user):
    """A client that is signed in, for each thread its own, with one and the same cookie."""
    from django.test import Client

    first = Client()
    first.force_login(user)

    def copy():
        client = Client()
        client.cookies = first.cookies.copy()
        return client

    return copy


def counted(answers):
    """How often each answer came."""
    return {str(one): answers.count(one) for one in sorted(set(answers), key=str)}


def starts(cast, n):
    """So many presses of 报名并开始考试 by one person."""
    from audit.models import AuditEvent
    from exams.models import Attempt, Registration
    from tests import build

    room, client = build.make_session(cast, "starts"), browser(cast.officer)
    answers = together(n, lambda _n: client().post(f"/exams/sessions/{room.code}/start/").url)
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
    entries = [vars(entry) for entry in build.right_entries(attempt)]
    client, address = browser(cast.officer), f"/exams/attempts/{attempt.pk}/hand-in/"
    body = json.dumps({"entries": entries})
    answers = together(
        n, lambda _n: client().post(address, body, content_type="application/json").status_code
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
    numbers = together(n, lambda _n: actions.issue(Attempt.objects.get(pk=attempt.pk), scheme).number)
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


STORIES = (starts, hand_ins, issues, registrations, limits, saves, late_readers)


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
