"""Whoever can write to the tables and knows the public algorithm changes something; verification finds it, 1,000 times of 1,000."""

import json
import random
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import RecordEntry
from audit.append_only import AppendOnly
from audit.log import name_of, record
from audit.models import AuditEvent
from exams.actions import attempts, filing, interventions, regrading
from exams.actions.verifying import problems_of, vanished
from exams.engine import chain
from exams.models import (
    Attempt,
    Filing,
    Intervention,
    ItemRevision,
    PaperItem,
    Response,
    Result,
    Score,
    Signal,
)  # fmt: skip
from exams.queries import receipts
from exams.tests import test_scoring_acts as forging
from exams.tests.test_filing import answer_file, wrong_entries
from exams.tests.test_scoring_acts import change, later, less
from tests import build

TIMES = 1_000
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
OPEN_TABLES = (
    AuditEvent, Response, Intervention, Result, Score, Filing, Signal, PaperItem, ItemRevision, RecordEntry
)  # fmt: skip
ANYONE, OVER, RUNNING, WITNESSED = "any", "over", "running", "running, with a receipt"
CORRECTED, VOID = "regraded and filed", "void"


def unlock():
    """Take the append-only triggers away; the test's transaction brings them back."""
    with connection.cursor() as cursor:
        editor = SimpleNamespace(
            connection=connection,
            quote_name=connection.ops.quote_name,
            execute=lambda sql: cursor.execute(str(sql)),
        )
        for model in OPEN_TABLES:
            for constraint in model._meta.constraints:
                if isinstance(constraint, AppendOnly):
                    editor.execute(constraint.remove_sql(model, editor))


def sat(room, user, city):
    """A running attempt with two dozen events, time granted, a pause of a minute and another device."""
    attempt = build.begun(room, user)
    attempts.save(user, attempt.pk, build.right_entries(attempt, 0.8))
    door = Attempt.objects.filter(pk=attempt.pk)
    now = timezone.now()
    interventions.extend(door, minutes=5, why="停电", by=city, now=now)
    interventions.pause(door, why="疏散", by=city, now=now)
    interventions.resume(door, why="恢复", by=city, now=now + MINUTE)
    interventions.take_over(user, attempt.pk, device="another", now=now + MINUTE)
    last = Response.objects.filter(attempt=attempt).count()
    attempts.save(user, attempt.pk, build.right_entries(attempt, 0.5, first=last + 3), now=now + MINUTE)
    attempt.refresh_from_db()
    return attempt


def handed_in(room, user, city):
    """Such an attempt that is over."""
    attempt = sat(room, user, city)
    return attempts.hand_in(user, attempt.pk, by=user, now=timezone.now() + 2 * MINUTE)


@pytest.fixture
def hall(cast):
    """(two running attempts, two finished ones, one that was regraded and then filed over, a void one), all sound."""
    room = build.make_session(cast)
    people = (cast.officer, cast.director)
    other = build.make_session(cast, "other", exam=room.exam)
    over = [handed_in(room, user, cast.city) for user in people]
    running = [sat(other, user, cast.city) for user in people]
    corrected = handed_in(room, cast.principal, cast.city)
    regrading.regrade(corrected, why="复核", by=cast.city)
    wrong = wrong_entries(corrected)
    file = filing.read(answer_file(corrected, wrong), room)
    filing.accept(corrected, file, why="断网", by=cast.city)
    void = handed_in(other, cast.principal, cast.city)
    interventions.void(void, why="替考", by=cast.city)
    unlock()
    return [fresh(a) for a in running], [fresh(a) for a in over], fresh(corrected), fresh(void)


def fresh(attempt):
    return Attempt.objects.select_related("registration__session").get(pk=attempt.pk)


def found(*attempts, receipts=None):
    door = Attempt.objects.filter(pk__in=[a.pk for a in attempts])
    return dict(problems_of(door, receipts))


def copy_of(attempt):
    """The receipt that the candidate holds, as the command reads it."""
    told = Attempt.objects.select_related("registration__session", "registration__candidate", "paper")
    return {attempt.pk: receipts.receipt(told.get(pk=attempt.pk), with_payloads=False)}


# What a tamperer does: each takes (chance, attempt, another attempt). Nothing here may leave everything as it was.


def acts(attempt):
    return attempt.interventions.order_by("number")


def files(attempt):
    return attempt.filings.all()


def said(attempt):
    return list(Response.objects.filter(attempt=attempt).order_by("number"))


def of(rows, write):
    """Change one row of those that an attempt has, whichever."""

    def tamper(chance, attempt, other):
        row = chance.choice(list(rows(attempt)))
        change(row, **write(chance, row))

    return tamper


def other_payload(chance, row):
    return {"payload": {"options": [chance.choice("efghij")]}}


def rewrite(attempt):
    """Chain everything anew by the public algorithm."""
    rows, head, before = said(attempt), attempt.origin, 0
    Response.objects.filter(attempt=attempt).update(previous=None)
    for row in rows:
        facts = {
            name: getattr(row, name) for name in ("number", "position", "payload", "flagged", "saved_at")
        }
        head = chain.link(head, **facts)
        Response.objects.filter(pk=row.pk).update(previous=before, link=head)
        before = row.number


def rewritten(chance, attempt, other):
    row = chance.choice(said(attempt))
    change(row, **other_payload(chance, row))
    rewrite(attempt)


def rewritten_without_one(chance, attempt, other):
    Response.objects.filter(pk=chance.choice(said(attempt)).pk).delete()
    rewrite(attempt)


def rewritten_with_one_more(chance, attempt, other):
    add(chance, attempt, said(attempt)[-1].number + chance.randint(1, 5))
    rewrite(attempt)


def add(chance, attempt, number, **more):
    last = said(attempt)[-1]
    facts = {"position": 1, "payload": {"options": ["a"]}, "saved_at": last.saved_at, "link": "0" * 64}
    Response.objects.create(attempt=attempt, number=number, **facts | more)


def delete_at(where):
    def tamper(chance, attempt, other):
        rows = said(attempt)
        Response.objects.filter(pk=rows[where(chance, len(rows))].pk).delete()

    return tamper


def insert(chance, attempt, other):
    rows = said(attempt)
    free = sorted(set(range(1, rows[-1].number)) - {row.number for row in rows})
    add(chance, attempt, chance.choice(free), saved_at=rows[0].saved_at)


def swap_answers(chance, attempt, other):
    rows = said(attempt)
    one = chance.choice(rows)
    two = chance.choice([row for row in rows if row.payload != one.payload])
    change(one, payload=two.payload)
    change(two, payload=one.payload)


def reorder(chance, attempt, other):
    one, two = chance.sample(said(attempt), 2)
    change(one, number=10**6, previous=10**6)
    change(two, number=one.number, previous=one.previous)
    Response.objects.filter(pk=one.pk).update(number=two.number, previous=two.previous)


def move_away(chance, attempt, other):
    row = chance.choice(said(attempt)[:-1])
    change(row, attempt_id=other.pk, number=10**6 + row.number, previous=10**6)


def of_attempt(write):
    def tamper(chance, attempt, other):
        change(attempt, **write(chance, attempt, other))

    return tamper


def shifted(name):
    return of_attempt(
        lambda chance, attempt, other: {
            name: getattr(attempt, name)
            + chance.choice((-1, 1)) * timedelta(microseconds=10 ** chance.randint(0, 9))
        }
    )


def other_layout(chance, attempt, other):
    layout = json.loads(json.dumps(attempt.layout))
    key = chance.choice(sorted(layout)) if isinstance(layout, dict) else None
    part = layout[key] if key else layout
    if isinstance(part, list) and len(part) > 1:
        part[0], part[1] = part[1], part[0]
    else:
        layout = {"changed": layout}
    return {"layout": layout}


def other_paper(chance, attempt, other):
    papers = attempt.registration.session.papers.exclude(pk=attempt.paper_id)
    return {"paper_id": chance.choice(list(papers.values_list("pk", flat=True)))}


def insert_intervention(chance, attempt, other):
    """Minutes that nobody granted, chained rightly, with the deadline that follows."""
    last = attempt.interventions.order_by("number").last()
    seconds = chance.randint(1, 600)
    facts = {"number": last.number + 1, "kind": "extended", "seconds": seconds, "why": "停电", "at": last.at}
    link = chain.intervention(last.link, by=last.by_id, **facts)
    session = attempt.registration.session
    Intervention.objects.create(attempt=attempt, session=session, by_id=last.by_id, link=link, **facts)
    change(attempt, deadline=attempt.deadline + seconds * SECOND)


def insert_with_its_line(chance, attempt, other):
    """The same with a line of the log, and a seal that is made up or taken from elsewhere."""
    insert_intervention(chance, attempt, other)
    row = attempt.interventions.last()
    seals = ["", f"{chance.getrandbits(256):064x}", other.interventions.first().seal]
    change(row, seal=chance.choice(seals))
    record("attempt.extended", attempt, by=row.by, seconds=row.seconds, why=row.why)


def remove_last_with_its_line(chance, attempt, other):
    """Another device, taken back without a trace in the tables."""
    attempt.interventions.filter(number=4).delete()
    AuditEvent.objects.filter(target=name_of(attempt), action="attempt.taken_over").delete()


def longer_resume(chance, attempt, other):
    """More seconds than the pause took, by somebody who has even the key."""
    seconds = chance.randint(1, 600)
    before = attempt.interventions.get(number=2)
    for row in attempt.interventions.filter(number__gte=3).order_by("number"):
        row.seconds += seconds if row.number == 3 else 0
        facts = {name: getattr(row, name) for name in ("number", "kind", "seconds", "why", "at")}
        row.link = chain.intervention(before.link, by=row.by_id, **facts)
        change(row, link=row.link, seal=row.keyed(), seconds=row.seconds)
        before = row
    change(attempt, deadline=attempt.deadline + seconds * SECOND)


def response_in_the_pause(chance, attempt, other):
    """An answer given while nobody else could, chained rightly."""
    paused = attempt.interventions.get(kind="paused").at
    rows = said(attempt)
    row = chance.choice([one for one in rows if one.saved_at > paused + 10 * SECOND])
    change(row, saved_at=paused + chance.randint(10, 50) * SECOND)
    rewrite(attempt)


def delete_whole(chance, attempt, other):
    """An attempt with every row that hangs on it, the log left as it is."""
    Attempt.objects.filter(pk=attempt.pk).update(current_result=None)
    Score.objects.filter(result__attempt=attempt).delete()
    for model in (Intervention, Response, Filing, Signal, Result):
        model.objects.filter(attempt=attempt).delete()
    Attempt.objects.filter(pk=attempt.pk).delete()


KINDS = {
    "response: payload": (ANYONE, of(said, other_payload)),
    "response: flagged": (ANYONE, of(said, lambda chance, row: {"flagged": not row.flagged})),
    "response: saved_at": (ANYONE, of(said, lambda c, row: {"saved_at": row.saved_at + timedelta(microseconds=c.randint(1, 10**8))})),
    "response: position": (ANYONE, of(said, lambda c, row: {"position": row.position % 15 + 1})),
    "response: number": (ANYONE, of(said, lambda c, row: {"number": 10**5 + row.number})),
    "response: previous": (ANYONE, of(said, lambda c, row: {"previous": 10**5 + c.randint(1, 99)})),
    "response: link": (ANYONE, of(said, lambda c, row: {"link": f"{c.getrandbits(256):064x}"})),
    "response: first deleted": (ANYONE, delete_at(lambda c, n: 0)),
    "response: one in the middle deleted": (ANYONE, delete_at(lambda c, n: c.randrange(1, n - 1))),
    "response: last deleted (over)": (OVER, delete_at(lambda c, n: -1)),
    "response: newest deleted (running, receipt)": (WITNESSED, delete_at(lambda c, n: -1)),
    "response: inserted": (ANYONE, insert),
    "response: two answers swapped": (ANYONE, swap_answers),
    "response: two reordered": (ANYONE, reorder),
    "response: moved to another attempt": (ANYONE, move_away),
    "chain rewritten, one changed (over)": (OVER, rewritten),
    "chain rewritten, one removed (over)": (OVER, rewritten_without_one),
    "chain rewritten, one more (over)": (OVER, rewritten_with_one_more),
    "chain rewritten, one changed (running, receipt)": (WITNESSED, rewritten),
    "chain rewritten, one removed (running, receipt)": (WITNESSED, rewritten_without_one),
    "attempt: started_at": (ANYONE, shifted("started_at")),
    "attempt: deadline": (ANYONE, shifted("deadline")),
    "attempt: submitted_at": (OVER, shifted("submitted_at")),
    "attempt: ended_by": (OVER, of_attempt(lambda c, a, o: {"ended_by": "deadline"})),
    "attempt: paper": (ANYONE, of_attempt(other_paper)),
    "attempt: layout": (ANYONE, of_attempt(other_layout)),
    "attempt: origin": (ANYONE, of_attempt(lambda c, a, o: {"origin": f"{c.getrandbits(256):064x}"})),
    "attempt: origin blanked": (ANYONE, of_attempt(lambda c, a, o: {"origin": ""})),
    "attempt: seal": (OVER, of_attempt(lambda c, a, o: {"seal": c.choice(["", o.origin])})),
    "attempt: voided without an act": (OVER, of_attempt(lambda c, a, o: {"state": "voided"})),
    "attempt: paused without an act": (RUNNING, of_attempt(lambda c, a, o: {"paused_at": a.started_at})),
    "intervention: seconds": (ANYONE, of(acts, lambda c, row: {"seconds": row.seconds + 60})),
    "intervention: reason": (ANYONE, of(acts, lambda c, row: {"why": row.why + "了"})),
    "intervention: time": (ANYONE, of(acts, lambda c, row: {"at": row.at + SECOND})),
    "intervention: removed": (ANYONE, lambda c, a, o: acts(a).filter(number=c.randint(1, 4)).delete()),
    "intervention: last removed": (ANYONE, lambda c, a, o: acts(a).filter(number=4).delete()),
    "intervention: inserted": (ANYONE, insert_intervention),
    "result: points": (OVER, forging.of_result(points=less)),
    "result: percent": (OVER, forging.of_result(percent=less)),
    "result: passed": (OVER, forging.of_result(passed=lambda old: not old)),
    "score: fraction": (OVER, forging.of_score("fraction", Decimal("0.5"))),
    "score: points": (OVER, forging.of_score("points", Decimal("0.01"))),
    "score: most": (OVER, forging.of_score("max_points", Decimal("0.01"))),
    "score: removed": (OVER, forging.remove_score),
    "result: a second one without an act": (OVER, forging.regrade_silently),
    "result: scored_at": (OVER, forging.of_result(scored_at=later)),
    "result: reason": (OVER, forging.of_result(why=lambda old: old + "了")),
    "result: a second one with its line of the log": (OVER, forging.forge_regrade),
    "regraded: the first result": (CORRECTED, forging.of_result(1, points=less)),
    "regraded: reason": (CORRECTED, forging.of_result(2, why=lambda old: old + "了")),
    "regraded: scored_at": (CORRECTED, forging.of_result(2, scored_at=later)),
    "regraded: seal": (CORRECTED, forging.of_result(2, seal=lambda old: "0" * 64)),
    "regraded: the newest result": (CORRECTED, forging.of_result(3, scored_at=later)),
    "regraded: log removed": (CORRECTED, lambda c, a, o: AuditEvent.objects.filter(pk=c.choice(AuditEvent.objects.filter(target=name_of(a), action="attempt.regraded")).pk).delete()),
    "filed: forged whole": (OVER, forging.forge_filing),
    "filed: entries": (CORRECTED, of(files, forging.other_entries)),
    "filed: reason": (CORRECTED, of(files, lambda c, row: {"why": row.why + "了"})),
    "filed: made_at": (CORRECTED, of(files, lambda c, row: {"made_at": row.made_at + SECOND})),
    "filed: result": (CORRECTED, of(files, lambda c, row: {"result": None})),
    "filed: seal": (CORRECTED, of(files, lambda c, row: {"seal": "0" * 64})),
    "filed: removed": (CORRECTED, lambda c, a, o: a.filings.get().delete()),
    "filed: log removed": (CORRECTED, forging.no_line("attempt.filed_after")),
    "void: forged with its line of the log": (OVER, forging.forge_void),
    "void: reason": (VOID, forging.of_log("attempt.voided", why="别的原因")),
    "void: time": (VOID, shifted("voided_at")),
    "void: taken back": (VOID, of_attempt(lambda c, a, o: {"state": "submitted", "voided_at": None})),
    "attempt: deleted with its rows": (ANYONE, delete_whole),
    "attempt: its release blanked": (OVER, of_attempt(lambda c, a, o: {"released_at": None})),
    "file: other points": (OVER, lambda c, a, o: RecordEntry.objects.filter(subject=f"attempt:{a.pk}").update(facts={"points": "1.00"})),
    "intervention: seal": (ANYONE, of(acts, lambda c, row: {"seal": c.choice(["", "0" * 64])})),
    "intervention: inserted with its line of the log": (ANYONE, insert_with_its_line),
    "intervention: last removed with its line (running, receipt)": (WITNESSED, remove_last_with_its_line),
    "intervention: a resume longer than its pause": (RUNNING, longer_resume),
    "response: given in a pause, chained rightly": (RUNNING, response_in_the_pause),
    "paper: points of an item": (ANYONE, forging.item_points),
    "paper: another revision": (ANYONE, forging.item_revision),
    "log: start changed": (ANYONE, forging.of_log("attempt.started", origin="0" * 64)),
    "log: hand-in changed": (OVER, forging.of_log("attempt.submitted", seal="0" * 64)),
    "log: start removed": (ANYONE, forging.no_line("attempt.started")),
    "log: hand-in removed": (OVER, forging.no_line("attempt.submitted")),
    "log: an intervention removed": (ANYONE, forging.no_line("attempt.extended", "attempt.paused", "attempt.taken_over")),
}  # fmt: skip


class _Undo(Exception):
    pass


def is_found(tamper, chance, attempt, other, held):
    """Whether one tampering is found; it is undone afterwards."""
    verdict = None
    try:
        with transaction.atomic():
            tamper(chance, fresh(attempt), other)
            verdict = any(found(attempt, other, receipts=held).values()) or any(vanished())
            raise _Undo
    except _Undo:
        return verdict


@pytest.mark.once
def test_1000_of_1000_random_tamperings_are_found(hall):
    running, over, corrected, void = hall
    pools = {ANYONE: running + over, OVER: over, RUNNING: running, WITNESSED: running}
    pools |= {CORRECTED: [corrected], VOID: [void]}
    everything = [*running, *over, corrected, void]
    assert found(*everything) == {a.pk: [] for a in everything}
    assert list(vanished()) == []
    chance = random.Random(20261124)
    draws = [list(KINDS)[n % len(KINDS)] for n in range(TIMES)]
    seen, missed = Counter(), []
    for kind in draws:
        where, tamper = KINDS[kind]
        attempt = chance.choice(pools[where])
        other = chance.choice([a for a in running + over if a.pk != attempt.pk])
        held = copy_of(attempt) if where == WITNESSED else None
        if is_found(tamper, chance, attempt, other, held):
            seen[kind] += 1
        else:
            missed.append((kind, attempt.state))
    for kind in KINDS:
        print(f"{seen[kind]:4d} {kind}")
    assert missed == []
    assert sum(seen.values()) == TIMES and set(seen) == set(KINDS)
    assert found(*everything) == {a.pk: [] for a in everything}  # and all was undone


def test_newest_answers_taken_from_a_running_attempt_are_missed_by_the_receipt_only(hall):
    (attempt, _other), *_others = hall
    held = copy_of(attempt)
    said(attempt)[-1].delete()
    assert found(attempt) == {attempt.pk: []}
    assert found(attempt, receipts=held) == {attempt.pk: ["考生持有的回执中有系统里没有的作答。"]}


def test_an_attempt_without_a_chain_is_never_called_verified(hall):
    _running, (attempt, _other), *_others = hall
    Attempt.objects.filter(pk=attempt.pk).update(origin="", seal="")
    attempt.interventions.all().delete()
    Response.objects.filter(attempt=attempt).update(link="", previous=None)
    AuditEvent.objects.filter(target=name_of(attempt), action="attempt.started").update(data={})
    assert found(attempt) == {attempt.pk: None}


def test_a_receipt_is_compared_with_all_that_it_says(hall):
    _running, (attempt, _other), *_others = hall
    held = copy_of(attempt)
    assert found(attempt, receipts=held) == {attempt.pk: []}
    for name in ("origin", "started_at", "deadline", "submitted_at", "ended_by", "seal"):
        other = {attempt.pk: held[attempt.pk] | {name: "?"}}
        assert found(attempt, receipts=other) == {attempt.pk: ["考生持有的回执中的时间或封存码与系统不符。"]}


def run(*args, **options):
    out = StringIO()
    call_command("verify_attempt", *args, stdout=out, **options)
    return out.getvalue()


def test_the_command_counts_what_is_sound_and_fails_on_what_is_not(hall, tmp_path):
    running, _over, corrected, _void = hall
    assert "核验无误 6 份，有问题 0 份" in run(all=True)
    assert "核验无误 3 份" in run(session="other")
    attempt = running[0]
    file = tmp_path / "receipt.json"
    told = Attempt.objects.select_related("registration__session", "registration__candidate", "paper")
    facts = receipts.receipt(told.get(pk=attempt.pk), with_payloads=False)
    file.write_text(json.dumps(facts))
    assert "核验无误 1 份" in run(receipt=[file])
    said(attempt)[-1].delete()
    with pytest.raises(CommandError, match="1 份答卷有问题"):
        run(receipt=[file])
    file.write_text(json.dumps(facts | {"number": 2}))
    with pytest.raises(CommandError, match="不是本系统签发的"):
        run(receipt=[file])
    with pytest.raises(CommandError, match="1 份答卷有问题"):
        run("987654321")
    with pytest.raises(CommandError, match="请写明"):
        run()
    delete_whole(None, corrected, None)
    assert list(vanished()) == list(vanished("stories")) == [corrected.pk]
    assert list(vanished("other")) == []
    with pytest.raises(CommandError, match="1 份答卷有问题"):
        run(session="stories")
