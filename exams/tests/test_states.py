"""Every act in every standing: what it does, or the refusal, and a refusal leaves no trace in any table."""

from datetime import timedelta
from functools import cache
from hashlib import sha256

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone

from audit.models import AuditEvent
from audit.transitions import Refused
from exams.actions import attempts, interventions, regrading, release, sessions, terminations
from exams.actions.attempts import Closed, Entry, Waiting
from exams.engine import standing
from exams.models import Attempt, ExamSession
from tests import build

HOUR = timedelta(hours=1)
DONE, SAME, NOBODY = "done", "same", Attempt.DoesNotExist


@cache
def tables():
    """The question for all rows of each table of the house; asked hundreds of times, so written once."""
    quote = connection.ops.quote_name
    return {
        model._meta.db_table: f"SELECT * FROM {quote(model._meta.db_table)} ORDER BY {quote(model._meta.pk.column)}"
        for model in apps.get_models()
        if model._meta.managed and not model._meta.proxy
    }


def snapshot():
    """{table: (rows, digest of all their values)} of the whole house."""
    found = {}
    with connection.cursor() as cursor:
        for table, question in tables().items():
            rows = cursor.execute(question).fetchall()
            found[table] = (len(rows), sha256(repr(rows).encode()).hexdigest())
    return found


class Case:
    """A registration in a standing, with what an act needs."""

    def __init__(self, cast, registration, attempt=None):
        self.cast, self.registration = cast, registration
        self.pk = attempt.pk if attempt else 0

    @property
    def attempt(self):
        return Attempt.objects.select_related("registration__session").get(pk=self.pk)

    @property
    def door(self):
        return Attempt.objects.filter(pk=self.pk)

    def standing(self):
        session = ExamSession.objects.get(pk=self.registration.session_id)
        window = standing.Window(session.state, session.opens_at, session.closes_at, session.grace_seconds)
        attempt = self.door.first()
        sitting = attempt and standing.Sitting(
            attempt.state, attempt.deadline, attempt.paused_at, attempt.ended_by
        )
        return standing.of(window, sitting, timezone.now())


def registered(cast, **more):
    return Case(cast, build.admitted(build.make_session(cast, max_attempts=0, **more), cast.officer))


def begun(cast):
    case = registered(cast)
    case.pk = attempts.start(case.registration, by=cast.officer, device="a" * 32).pk
    return case


def paused(cast):
    case = begun(cast)
    interventions.pause(case.door, why="疏散", by=cast.city)
    return case


def unreleased(case):
    case.door.update(released_at=None)
    return case


def handed_in(cast):
    case = begun(cast)
    attempts.hand_in(cast.officer, case.pk, by=cast.officer)
    return unreleased(case)


def timed_out(cast):
    case = begun(cast)
    attempts.close_if_due(case.attempt, now=case.attempt.deadline + HOUR)
    return unreleased(case)


def terminated(cast):
    case = begun(cast)
    terminations.propose(case.attempt, why="夹带", by=cast.city)
    terminations.confirm(case.attempt, why="属实", by=cast.admin)
    return case


def voided(cast):
    case = handed_in(cast)
    interventions.void(case.attempt, why="代考", by=cast.city)
    return case


def absent(cast):
    case = registered(cast)
    now = timezone.now()
    ExamSession.objects.filter(pk=case.registration.session_id).update(
        opens_at=now - 2 * HOUR, closes_at=now - HOUR
    )
    return case


def cancelled(cast):
    case = registered(cast)
    sessions.cancel(case.registration.session, by=cast.city, why="改期")
    return case


STANDINGS = {
    standing.PLANNED: lambda cast: registered(cast, opens=60),
    standing.OPEN: registered,
    standing.RUNNING: begun,
    standing.PAUSED: paused,
    standing.SUBMITTED: handed_in,
    standing.AUTO_SUBMITTED: timed_out,
    standing.TERMINATED: terminated,
    standing.VOIDED: voided,
    standing.ABSENT: absent,
    standing.CANCELLED: cancelled,
}

ACTS = {
    "start": lambda c: attempts.start(c.registration, by=c.cast.officer),
    "save": lambda c: attempts.save(c.cast.officer, c.pk, [Entry(1, 1, {"options": ["a"]})]),
    "hand in": lambda c: attempts.hand_in(c.cast.officer, c.pk, by=c.cast.officer),
    "close when due": lambda c: attempts.close_all_due(now=timezone.now() + 48 * HOUR),
    "extend": lambda c: interventions.extend(c.door, minutes=5, why="断网", by=c.cast.city),
    "pause": lambda c: interventions.pause(c.door, why="疏散", by=c.cast.city),
    "resume": lambda c: interventions.resume(c.door, why="归位", by=c.cast.city),
    "take over": lambda c: interventions.take_over(c.cast.officer, c.pk, device="b" * 32),
    "void": lambda c: interventions.void(c.attempt, why="代考", by=c.cast.city),
    "regrade": lambda c: regrading.regrade(c.attempt, why="裁定", by=c.cast.city),
    "release": lambda c: release.release(c.attempt),
}

WITHOUT = {
    "start": Refused, "save": NOBODY, "hand in": NOBODY, "close when due": SAME, "extend": Refused, "pause": Refused,
    "resume": Refused, "take over": Refused, "void": NOBODY, "regrade": NOBODY, "release": NOBODY,
}  # fmt: skip
OVER = {
    "start": DONE, "save": Closed, "hand in": SAME, "close when due": SAME, "extend": Refused, "pause": Refused,
    "resume": Refused, "take over": Refused, "void": DONE, "regrade": DONE, "release": DONE,
}  # fmt: skip
MATRIX = {
    standing.PLANNED: WITHOUT,
    standing.OPEN: WITHOUT | {"start": DONE},
    standing.RUNNING: {
        "start": SAME, "save": DONE, "hand in": DONE, "close when due": DONE, "extend": DONE, "pause": DONE,
        "resume": Refused, "take over": DONE, "void": Refused, "regrade": Refused, "release": SAME,
    },
    standing.PAUSED: {
        "start": SAME, "save": Waiting, "hand in": Waiting, "close when due": SAME, "extend": DONE, "pause": Refused,
        "resume": DONE, "take over": DONE, "void": Refused, "regrade": Refused, "release": SAME,
    },
    standing.SUBMITTED: OVER,
    standing.AUTO_SUBMITTED: OVER,
    standing.TERMINATED: OVER | {"start": Refused, "release": SAME},
    standing.VOIDED: OVER | {"void": Refused, "regrade": Refused, "release": SAME},
    standing.ABSENT: WITHOUT,
    standing.CANCELLED: WITHOUT,
}  # fmt: skip

# What a done act says in the log, and who; the house itself is nobody.
LINES = {
    "start": ("attempt.started", "王雨晨", False),
    "hand in": ("attempt.submitted", "王雨晨", False),
    "close when due": ("attempt.submitted", "", False),
    "extend": ("attempt.extended", "冯城", True),
    "pause": ("attempt.paused", "冯城", True),
    "resume": ("attempt.resumed", "冯城", True),
    "take over": ("attempt.taken_over", "王雨晨", False),
    "void": ("attempt.voided", "冯城", True),
    "regrade": ("attempt.regraded", "冯城", True),
}


def outcome(case, act):
    """What comes of an act: done, the same as before, or the exception; then everything is put back."""
    before, last = snapshot(), AuditEvent.objects.order_by("-pk").first()
    with transaction.atomic():
        try:
            ACTS[act](case)
        except (Refused, Attempt.DoesNotExist) as refusal:
            came = type(refusal)
        else:
            came = SAME if snapshot() == before else DONE
        after = snapshot()
        new = list(
            AuditEvent.objects.filter(pk__gt=last.pk, action__startswith="attempt.").values_list(
                "action", "actor_name", "data"
            )
        )
        transaction.set_rollback(True)
    if came != DONE:
        assert after == before
    return came, new


def test_the_table_names_every_standing_and_every_act():
    assert set(MATRIX) == set(STANDINGS) == set(standing.LABELS)
    assert {act for row in MATRIX.values() for act in row} == set(ACTS)
    assert all(set(row) == set(ACTS) for row in MATRIX.values())


@pytest.mark.parametrize("name", STANDINGS)
def test_every_act_is_done_or_refused_as_the_table_says_and_a_refusal_changes_no_table(cast, name):
    case = STANDINGS[name](cast)
    assert case.standing() == name
    seen, lines = {}, {}
    for act in ACTS:
        seen[act], lines[act] = outcome(case, act)
    assert seen == MATRIX[name]
    for act, new in lines.items():
        expected = [LINES[act]] if seen[act] == DONE and act in LINES else []
        assert [(action, who, bool(data.get("why"))) for action, who, data in new] == expected


def test_a_running_attempt_whose_time_is_over_is_told_as_what_its_reader_will_find(cast):
    case = begun(cast)
    attempt = case.attempt
    window = standing.Window("published", attempt.started_at, attempt.deadline + HOUR, 60)
    sitting = standing.Sitting("in_progress", attempt.deadline)
    last = attempt.deadline + timedelta(seconds=60)
    assert standing.of(window, sitting, last) == standing.RUNNING
    assert standing.of(window, sitting, last + timedelta(microseconds=1)) == standing.AUTO_SUBMITTED
    stopped = standing.Sitting("in_progress", attempt.deadline, paused_at=attempt.started_at)
    assert standing.of(window, stopped, last + HOUR) == standing.PAUSED


@pytest.mark.parametrize(
    ("state", "now", "expected"),
    [
        ("draft", 0, standing.PLANNED),
        ("published", -61, standing.PLANNED),
        ("published", -60, standing.OPEN),
        ("published", 59, standing.OPEN),
        ("published", 60, standing.ABSENT),
        ("released", 0, standing.ABSENT),
        ("cancelled", -61, standing.CANCELLED),
        ("cancelled", 60, standing.CANCELLED),
    ],
)
def test_who_has_not_begun_stands_where_the_session_stands(state, now, expected):
    noon = timezone.now()
    window = standing.Window(state, noon - HOUR, noon + HOUR)
    assert standing.of(window, None, noon + timedelta(minutes=now)) == expected
