"""Stories of what changes in the middle of a race, and of acts that cross each other; told by `exams.tests.racing`."""

import itertools
import time
from concurrent.futures import ThreadPoolExecutor

from exams.tests.together import counted, crowd, halfway, together, waiting


def _suspended_meanwhile(cast, n, code, suspend):
    """So many who begin, each her own, while they are suspended; and others who sit already, who save and hand in all the same.

    `suspend` gives the moment from which on nobody may begin, or nothing where that is the moment of its commit.
    """
    from django.utils import timezone

    from audit.transitions import Refused
    from exams.actions import attempts, sessions
    from exams.models import Attempt, Registration
    from tests import build

    room = build.make_session(cast, code, counts={"truefalse": 2})
    posts = crowd(cast, n, code)
    held = sessions.register_many(room, posts, by=None, source=Registration.Source.MANAGER)
    sitting = {turn: attempts.start(held[turn], by=None) for turn in range(1, n, 2)}
    changed_at = []

    def change():
        changed_at.append(suspend(room, posts) or timezone.now())

    def act(turn):
        if turn in sitting:
            person, pk = posts[turn].person, sitting[turn].pk
            attempts.save(person, pk, [attempts.Entry(1, 1, {"value": True})])
            return attempts.hand_in(person, pk, by=person).state
        try:
            return attempts.start(held[turn], by=posts[turn].person).state
        except Refused:
            return "refused"

    told = halfway(n, act, change)
    began = [t for t, _when, came in told if t not in sitting and came == "in_progress"]
    made = Attempt.objects.filter(registration__session=room).exclude(pk__in=[a.pk for a in sitting.values()])
    return {
        "before": counted([came for t, when, came in told if t not in sitting and when == "before"]),
        "after": sorted({came for t, when, came in told if t not in sitting and when == "after"}),
        "attempts are those that were let in": sorted(made.values_list("registration", flat=True))
        == sorted(held[turn].pk for turn in began),
        "none began after it": not made.filter(started_at__gte=changed_at[0]).exists(),
        "who sat": sorted({(when, came) for t, when, came in told if t in sitting and when != "meanwhile"}),
        "who sat and was kept from it": [t for t, _w, came in told if t in sitting and came != "submitted"],
    }


def cancelled_meanwhile(cast, n):
    """Starts while the session is cancelled."""
    from exams.actions import sessions

    def cancel(room, _posts):
        sessions.cancel(room, by=cast.city, why="改期")

    return _suspended_meanwhile(cast, n, "cancelled-meanwhile", cancel)


def ended_meanwhile(cast, n):
    """Starts while the posts of all of them end."""
    from django.utils import timezone

    from accounts.models import Post

    def end(_room, posts):
        Post.objects.filter(pk__in=[p.pk for p in posts]).update(ended_on=timezone.localdate())

    return _suspended_meanwhile(cast, n, "ended-meanwhile", end)


def closed_meanwhile(cast, n):
    """Starts while the window closes: the closing moment comes in the midst of them."""
    from datetime import timedelta

    from django.utils import timezone

    from exams.models import ExamSession

    def close(room, _posts):
        closes_at = timezone.now() + timedelta(milliseconds=50)
        ExamSession.objects.filter(pk=room.pk).update(closes_at=closes_at)
        while timezone.now() < closes_at:
            time.sleep(0.005)
        return closes_at

    return _suspended_meanwhile(cast, n, "closed-meanwhile", close)


def _again_meanwhile(cast, n, code, allowed, change, **terms):
    """So many who begin and hand in the one registration, in the midst of them something changes; at last she tries alone."""
    from audit.transitions import Refused
    from exams.actions import attempts
    from exams.models import Attempt
    from tests import build

    room = build.make_session(cast, code, counts={"truefalse": 2}, **terms)
    registration = build.admitted(room, cast.officer)
    rows = Attempt.objects.filter(registration=registration).order_by("number")
    counts = []

    def act(_turn):
        try:
            attempt = attempts.start(registration, by=cast.officer)
        except Refused:
            return "refused"
        return attempts.hand_in(cast.officer, attempt.pk, by=cast.officer).state

    def count_and_change():
        counts.append(rows.count())
        change(rows)

    told = halfway(n, act, count_and_change)
    alone = [act(0) for _time in range(4)]
    return {
        "before it no more than allowed": 1 <= counts[0] <= allowed,
        "attempts": list(rows.values_list("number", "state")),
        "what came": sorted({came for _turn, _when, came in told}),
        "at last": alone[-1],
    }


def used_up_meanwhile(cast, n):
    """Two attempts are allowed; in the midst of them the first is voided, which gives one back."""
    from exams.actions import interventions

    def void(rows):
        interventions.void(rows.first(), why="代考", by=cast.city)

    return _again_meanwhile(cast, n, "used-up-meanwhile", 2, void, max_attempts=2)


def cooled_meanwhile(cast, n):
    """An hour must lie between two attempts; in the midst of them that hour passes."""
    from datetime import timedelta

    from django.db.models import F

    hour = timedelta(minutes=61)

    def wait(rows):
        rows.filter(number=1).update(started_at=F("started_at") - hour, submitted_at=F("submitted_at") - hour)

    return _again_meanwhile(cast, n, "cooled-meanwhile", 1, wait, max_attempts=0, cool_down_minutes=60)


def crossing(cast, n):
    """Acts upon a whole session that race saves, hand-ins, closings, regrades and replacements of the same attempts taken backwards."""
    from datetime import timedelta

    from django.db import OperationalError

    from audit.transitions import Refused
    from certificates import actions as certificates
    from certificates.models import Certificate
    from exams.actions import attempts, interventions, regrading, sessions
    from exams.actions.verifying import problems_of
    from exams.models import Attempt, Registration, Result
    from tests import build

    room = build.make_session(cast, "crossing", counts={"truefalse": 4})
    build.make_scheme("crossing", exam=room.exam)
    posts = crowd(cast, n, "crossing")
    held = sessions.register_many(room, posts, by=None, source=Registration.Source.MANAGER)
    sat = [attempts.start(one, by=None) for one in held]
    for attempt in sat:
        build.answer_right(attempt)
    door = Attempt.objects.filter(registration__session=room)
    due = [
        attempt.pk for attempt in sat[::7]
    ]  # their time is over, so whoever acts upon the session closes them
    door.filter(pk__in=due).update(deadline=sat[0].started_at - timedelta(minutes=5))
    numbers = itertools.count(100)

    def act(turn):
        attempt = sat[-1 - turn]
        person = build.own(attempt)
        acts = {
            0: lambda: interventions.extend(door, minutes=1, why="断网", by=cast.city),
            1: lambda: attempts.hand_in(person, attempt.pk, by=person),
            2: lambda: attempts.save(person, attempt.pk, [attempts.Entry(next(numbers), 1, {"value": True})]),
            3: lambda: interventions.pause(door, why="疏散", by=cast.city),
            4: lambda: attempts.hand_in(person, attempt.pk, by=person),
            5: lambda: interventions.resume(door, why="归位", by=cast.city),
            6: lambda: regrading.regrade(
                sat[1 - turn], why="裁定", by=cast.city
            ),  # handed in two turns before
            7: lambda: [
                certificates.replace(one, by=cast.city, why="更正")
                for one in Certificate.objects.filter(attempt__in=sat).order_by("-pk")[:1]
            ],
            8: lambda: attempts.close_all_due(door.order_by("-pk")),
        }
        try:
            acts[turn % 9]()
        except Refused:
            return "refused"
        except OperationalError as error:
            return getattr(error.__cause__, "sqlstate", str(error))
        return "done"

    answers = counted(together(n, act))
    ended = door.filter(state=Attempt.State.SUBMITTED)
    return {
        "answers": sorted(answers),
        "everything ended has results": ended.count()
        == Result.objects.filter(attempt__in=ended, number=1).count(),
        "not released": ended.filter(released_at__isnull=True).count(),  # a deadlock in there is swallowed
        "whose time was over is closed": ended.filter(pk__in=due).count() == len(due),
        "problems": [(pk, problems) for pk, problems in problems_of(door) if pk not in due and problems],
    }


def waiting_starts(cast, n):
    """So many starts that wait for the registration while the session is cancelled: what they read before is no longer true."""
    from audit.transitions import Refused
    from exams.actions import attempts, sessions
    from exams.models import Attempt, Registration
    from tests import build

    room = build.make_session(cast, "waiting-starts", counts={"truefalse": 2})
    registration = build.admitted(room, cast.officer)

    def act(_turn):
        try:
            attempts.start(registration, by=cast.officer)
        except Refused:
            return "refused"
        return "started"

    answers = together(
        n,
        act,
        behind=Registration.objects.filter(pk=registration.pk),
        meanwhile=lambda: sessions.cancel(room, by=cast.city, why="改期"),
    )
    return {
        "answers": counted(answers),
        "attempts": Attempt.objects.filter(registration=registration).count(),
    }


def replace_and_issue(cast, n):
    """A replacement of one certificate of an attempt, and the first issue of another: both want a number and the attempt's row."""
    from django.db import OperationalError, connection, connections, transaction

    from certificates import actions
    from certificates.models import Certificate, Numbering
    from exams.models import Attempt
    from tests import build

    certificate = build.certified(cast, cast.director, session=build.make_session(cast, "replace-and-issue"))
    later = build.make_scheme("replace-and-issue")

    def work(act):
        try:
            return act()
        except OperationalError as error:
            return getattr(error.__cause__, "sqlstate", str(error))
        finally:
            connections.close_all()

    acts = [
        lambda: actions.replace(Certificate.objects.get(pk=certificate.pk), by=cast.city, why="更正").state,
        lambda: actions.issue(Attempt.objects.get(pk=certificate.attempt_id), later, by=cast.city).state,
    ]
    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            list(Numbering.objects.select_for_update())
            came = []
            for count, act in enumerate(acts, start=1):
                came.append(pool.submit(work, act))
                while connection.vendor == "postgresql" and waiting() < count:
                    time.sleep(0.02)
        answers = [one.result() for one in came]
    return {
        "answers": answers,
        "certificates": Certificate.objects.filter(attempt=certificate.attempt).count(),
    }


def retries(cast, n):
    """So many starts, then hand-ins, in transactions that fail where they cannot be put in a row, each repeated until it is done."""
    from django.db import IntegrityError, OperationalError, connection

    from accounts.models import RecordEntry
    from certificates.models import Certificate
    from exams.actions import attempts, release
    from exams.models import Attempt, Registration, Result
    from tests import build

    room = build.make_session(cast, "retries", counts={"truefalse": 4})
    build.make_scheme("retries", exam=room.exam)
    registration, failed = build.admitted(room, cast.officer), []

    def persistently(act):
        def repeated(turn):
            with connection.cursor() as cursor:
                cursor.execute("SET default_transaction_isolation TO 'serializable'")
            for tried in range(n):
                try:
                    return act()
                except (OperationalError, IntegrityError) as error:
                    if error.__cause__.sqlstate not in ("40001", "40P01", "23505"):
                        raise
                    failed.append(error.__cause__.sqlstate)
                    time.sleep((turn + tried) % 7 / 500)
            raise AssertionError("never done")

        return repeated

    started = together(
        n,
        persistently(lambda: attempts.start(registration, by=cast.officer).pk),
        behind=Registration.objects.filter(pk=registration.pk),
    )
    attempt = Attempt.objects.get(registration=registration)
    failed_starts, failed[:] = len(failed), []
    entries = build.right_entries(attempt)
    row = Attempt.objects.filter(pk=attempt.pk)
    states = together(
        n,
        persistently(
            lambda: attempts.hand_in(cast.officer, attempt.pk, by=cast.officer, entries=entries).state
        ),
        behind=row,
    )
    release.release(row.get())  # what failed there is repeated by whoever looks
    return {
        "attempts": sorted(set(started)) == [attempt.pk],
        "states": counted(states),
        "some had to be repeated": (failed_starts > 0, len(failed) > 0),
        "results": list(Result.objects.filter(attempt=attempt).values_list("number", flat=True)),
        "responses": attempt.responses.count(),
        "lines of the file": RecordEntry.objects.filter(subject=f"attempt:{attempt.pk}").count(),
        "certificates": Certificate.objects.filter(attempt=attempt).count(),
    }
