"""Each reminder is one row, whoever plans, how often, and whatever dies meanwhile."""

import signal
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import User
from audit.models import AuditEvent
from exams.tests.together import together
from messaging import kinds, sources
from messaging.actions import planning
from messaging.models import Batch, LedgerLine, Message
from messaging.sources import Reminder
from messaging.tests.stories import PLAIN, lines, planned
from operations.tests.houses import House
from operations.tests.test_beside import soon

KIND = "learning.near"
DAY = date(2026, 5, 6)
NIGHT = timezone.make_aware(timezone.datetime(2026, 5, 6, 23, 15))
MORNING = timezone.make_aware(timezone.datetime(2026, 5, 7, 7, 30))
PEOPLE = 900


def teach(monkeypatch, *rows, kind=KIND):
    """Let a kind be due for these."""
    monkeypatch.setitem(sources.TELLERS, kind, lambda on: iter(rows))


def one(person, subject="enrolment:1", occasion="3:2026-05-09"):
    return Reminder(person.pk, subject, occasion, kinds.KINDS[KIND].example)


def plan(now=NIGHT, on=DAY):
    return planning.plan_kind(kinds.KINDS[KIND], on, now=now)


def test_what_is_due_becomes_a_message_with_the_first_line_of_its_ledger(cast, monkeypatch):
    teach(monkeypatch, one(cast.officer), one(cast.director))
    assert plan() == 2
    batch = Batch.objects.get()
    assert (batch.planned, batch.finished_at is not None, batch.due_at) == (2, True, MORNING)
    rows = list(Message.objects.order_by("pk"))
    assert [(row.recipient, row.batch, row.due_at, row.next_at) for row in rows] == [
        (cast.officer, batch, MORNING, MORNING),
        (cast.director, batch, MORNING, MORNING),
    ]
    assert [lines(row) for row in rows] == [[("planned", "")]] * 2
    assert list(AuditEvent.objects.values_list("action", "data")) == [("messages.planned", {"count": 2})]


def test_a_day_that_is_planned_is_not_asked_again_and_the_next_one_adds_only_what_is_new(cast, monkeypatch):
    teach(monkeypatch, one(cast.officer))
    assert [plan(), plan()] == [1, 0]
    teach(monkeypatch, one(cast.officer), one(cast.officer, occasion="1:2026-05-09"), one(cast.director))
    assert [plan(), plan(on=DAY + timedelta(days=1))] == [0, 2]
    assert Message.objects.count() == LedgerLine.objects.count() == 3


def test_two_of_the_same_cannot_be(cast, monkeypatch):
    found = planned(cast.officer).get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(
            kind=PLAIN, subject=found.subject, recipient=cast.officer, occasion=found.occasion, facts={},
            planned_at=NIGHT, due_at=NIGHT, last_at=NIGHT,
        )  # fmt: skip


def test_a_teller_that_dies_midway_leaves_what_was_written_and_the_next_goes_on(cast, monkeypatch):
    monkeypatch.setattr(planning, "CHUNK", 1)

    def broken(on):
        yield one(cast.officer)
        raise RuntimeError("no luck")

    monkeypatch.setattr(sources, "TELLERS", {KIND: broken, PLAIN: lambda on: [one(cast.manager)]})
    with pytest.raises(planning.Unplanned, match=KIND):
        planning.plan(DAY, now=NIGHT)
    assert Batch.objects.get(kind=KIND).finished_at is None
    assert Message.objects.filter(kind=PLAIN).count() == 1  # one that fails silences no other
    monkeypatch.setattr(
        sources, "TELLERS", {KIND: lambda on: [one(cast.officer), one(cast.director)], PLAIN: broken}
    )
    assert planning.plan(DAY, now=NIGHT) == {KIND: 1, PLAIN: 0}
    assert sorted(Message.objects.filter(kind=KIND).values_list("recipient", flat=True)) == sorted(
        [cast.officer.pk, cast.director.pk]
    )


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite takes turns by itself")
@pytest.mark.django_db(transaction=True)
def test_several_who_plan_at_once_write_each_once(cast, monkeypatch):
    monkeypatch.setattr(planning, "CHUNK", 3)
    teach(
        monkeypatch,
        *(one(person, f"enrolment:{n}") for n in range(7) for person in cast.everybody().values()),
    )
    told = together(4, lambda n: plan(), threads=4)
    assert sum(told) == Message.objects.count() == LedgerLine.objects.count() == 7 * len(cast.everybody())


SLOWLY = """
import time
from datetime import date
from django.utils import timezone
from accounts.models import User
from messaging import kinds, sources
from messaging.actions import planning
planning.CHUNK, kind = 50, kinds.KINDS["learning.near"]
def teller(on):
    for n, pk in enumerate(User.objects.order_by("pk").values_list("pk", flat=True)):
        if n % 50 == 0:
            time.sleep(0.1)
        yield sources.Reminder(pk, "enrolment:1", "story", kind.example)
sources.TELLERS[kind.code] = teller
print(planning.plan_kind(kind, date(2026, 5, 6), now=timezone.now()))
"""


@pytest.mark.django_db(transaction=True)
def test_a_planner_that_is_killed_three_times_leaves_each_reminder_exactly_once(tmp_path):
    User.objects.bulk_create(User(username=f"p{n}", name=f"人{n}") for n in range(PEOPLE))
    house = House(tmp_path / "var")

    def written():
        return house.rows("SELECT count(*) FROM messaging_message")[0][0]

    try:
        seen = [0]
        for _turn in range(3):
            process = house.begin("-c", SLOWLY)
            assert soon(lambda one=process: written() > seen[-1] or one.poll() is not None, 120)
            process.send_signal(signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL
            process.communicate()
            seen.append(written())
        assert 0 < seen[1] < seen[2] < seen[3] < PEOPLE
        assert house.rows("SELECT planned, finished_at FROM messaging_batch") == [(0, None)]
        code, said = house.run("-c", SLOWLY)
        assert (code, said.strip()) == (0, str(PEOPLE - seen[3]))
        assert house.rows("SELECT count(*), count(DISTINCT recipient_id) FROM messaging_message") == [
            (PEOPLE, PEOPLE)
        ]
        assert house.rows(
            "SELECT count(*), count(DISTINCT message_id), min(number), max(number) FROM messaging_ledgerline"
        ) == [(PEOPLE, PEOPLE, 1, 1)]
        assert house.rows("SELECT planned FROM messaging_batch WHERE finished_at IS NOT NULL") == [(PEOPLE,)]
    finally:
        house.close()
