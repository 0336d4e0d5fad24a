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

from audit.append_only import AppendOnly
from audit.log import name_of
from audit.models import AuditEvent
from exams.actions import attempts, interventions, regrading
from exams.actions.verifying import problems_of
from exams.engine import chain
from exams.models import Attempt, Intervention, ItemRevision, PaperItem, Response, Result, Score
from exams.queries import receipts, responses
from tests import build

TIMES = 1_000
SECOND = timedelta(seconds=1)
OPEN_TABLES = (AuditEvent, Response, Intervention, Result, Score, PaperItem, ItemRevision)
ANYONE, OVER, RUNNING, WITNESSED = "any", "over", "running", "running, with a receipt"


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
    """A running attempt with two dozen events, time granted, a pause and another device."""
    attempt = build.begun(room, user)
    attempts.save(user, attempt.pk, build.right_entries(attempt, 0.8))
    door = Attempt.objects.filter(pk=attempt.pk)
    now = timezone.now()
    interventions.extend(door, minutes=5, why="停电", by=city, now=now)
    interventions.pause(door, why="疏散", by=city, now=now)
    interventions.resume(door, why="恢复", by=city, now=now + SECOND)
    interventions.take_over(user, attempt.pk, device="another", now=now + SECOND)
    last = Response.objects.filter(attempt=attempt).count()
    attempts.save(user, attempt.pk, build.right_entries(attempt, 0.5, first=last + 3))
    attempt.refresh_from_db()
    return attempt


@pytest.fixture
def hall(cast):
    """(two running attempts, two finished ones), all sound."""
    room = build.make_session(cast)
    people = (cast.officer, cast.director)
    other = build.make_session(cast, "other", exam=room.exam)
    over = [sat(room, user, cast.city) for user in people]
    for attempt in over:
        attempts.hand_in(build.own(attempt), attempt.pk, by=build.own(attempt))
    running = [sat(other, user, cast.city) for user in people]
    unlock()
    return [fresh(a) for a in running], [fresh(a) for a in over]


def fresh(attempt):
    return Attempt.objects.select_related("registration__session").get(pk=attempt.pk)


def found(*attempts, receipts=None):
    door = Attempt.objects.filter(pk__in=[a.pk for a in attempts])
    return dict(problems_of(door, receipts))


def copy_of(attempt):
    return {attempt.pk: [(e.number, e.link) for e in responses.events(attempt)]}


# What a tamperer does: each takes (chance, attempt, another attempt). Nothing here may leave everything as it was.


def said(attempt):
    return list(Response.objects.filter(attempt=attempt).order_by("number"))


def change(row, **facts):
    assert any(getattr(row, name) != value for name, value in facts.items())
    type(row)._base_manager.filter(pk=row.pk).update(**facts)


def of_response(write):
    """Change one response, whichever."""

    def tamper(chance, attempt, other):
        row = chance.choice(said(attempt))
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


def of_intervention(write):
    def tamper(chance, attempt, other):
        row = chance.choice(list(attempt.interventions.order_by("number")))
        change(row, **write(chance, row))

    return tamper


def remove_intervention(chance, attempt, other):
    attempt.interventions.filter(number=chance.randint(1, 4)).delete()


def remove_last_intervention(chance, attempt, other):
    attempt.interventions.filter(number=4).delete()


def insert_intervention(chance, attempt, other):
    """Minutes that nobody granted, chained rightly, with the deadline that follows."""
    last = attempt.interventions.order_by("number").last()
    seconds = chance.randint(1, 600)
    facts = {"number": last.number + 1, "kind": "extended", "seconds": seconds, "why": "停电", "at": last.at}
    link = chain.intervention(last.link, by=last.by_id, **facts)
    session = attempt.registration.session
    Intervention.objects.create(attempt=attempt, session=session, by_id=last.by_id, link=link, **facts)
    change(attempt, deadline=attempt.deadline + seconds * SECOND)


def of_result(**write):
    def tamper(chance, attempt, other):
        row = attempt.results.get(number=1)
        change(row, **{name: turn(getattr(row, name)) for name, turn in write.items()})

    return tamper


def of_score(name, least):
    def tamper(chance, attempt, other):
        row = chance.choice(list(Score.objects.filter(result__attempt=attempt)))
        old = getattr(row, name)
        change(row, **{name: old - least if old >= least else old + least})

    return tamper


def remove_score(chance, attempt, other):
    Score.objects.filter(pk=chance.choice(list(Score.objects.filter(result__attempt=attempt))).pk).delete()


def regrade_silently(chance, attempt, other):
    old = attempt.results.get(number=1)
    scores = list(old.scores.all())
    full = {"points": old.max_points, "max_points": old.max_points, "percent": Decimal(100), "passed": True}
    new = Result.objects.create(attempt=attempt, number=2, **full)
    Score.objects.bulk_create(
        Score(result=new, position=s.position, fraction=1, points=s.max_points, max_points=s.max_points)
        for s in scores
    )
    change(attempt, current_result=new)


def item_points(chance, attempt, other):
    row = chance.choice(list(PaperItem.objects.filter(paper=attempt.paper_id)))
    change(row, points=row.points + chance.randint(1, 5))


def item_revision(chance, attempt, other):
    rows = list(PaperItem.objects.filter(paper=attempt.paper_id))
    row = chance.choice(rows)
    spare = ItemRevision.objects.exclude(pk__in=[one.revision_id for one in rows])
    change(row, revision_id=chance.choice(list(spare.values_list("pk", flat=True))))


def of_log(action, **facts):
    def tamper(chance, attempt, other):
        line = AuditEvent.objects.get(target=name_of(attempt), action=action)
        change(line, data=line.data | facts)

    return tamper


def no_line(*actions):
    def tamper(chance, attempt, other):
        AuditEvent.objects.filter(target=name_of(attempt), action=chance.choice(actions)).delete()

    return tamper


def less(old):
    return old - Decimal("0.01")


KINDS = {
    "response: payload": (ANYONE, of_response(other_payload)),
    "response: flagged": (ANYONE, of_response(lambda chance, row: {"flagged": not row.flagged})),
    "response: saved_at": (
        ANYONE,
        of_response(lambda c, row: {"saved_at": row.saved_at + timedelta(microseconds=c.randint(1, 10**8))}),
    ),
    "response: position": (ANYONE, of_response(lambda c, row: {"position": row.position % 15 + 1})),
    "response: number": (ANYONE, of_response(lambda c, row: {"number": 10**5 + row.number})),
    "response: previous": (ANYONE, of_response(lambda c, row: {"previous": 10**5 + c.randint(1, 99)})),
    "response: link": (ANYONE, of_response(lambda c, row: {"link": f"{c.getrandbits(256):064x}"})),
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
    "attempt: paused without an act": (
        RUNNING,
        of_attempt(lambda c, a, o: {"paused_at": a.started_at}),
    ),
    "intervention: seconds": (ANYONE, of_intervention(lambda c, row: {"seconds": row.seconds + 60})),
    "intervention: reason": (ANYONE, of_intervention(lambda c, row: {"why": row.why + "了"})),
    "intervention: time": (ANYONE, of_intervention(lambda c, row: {"at": row.at + SECOND})),
    "intervention: removed": (ANYONE, remove_intervention),
    "intervention: last removed": (ANYONE, remove_last_intervention),
    "intervention: inserted": (ANYONE, insert_intervention),
    "result: points": (OVER, of_result(points=less)),
    "result: percent": (OVER, of_result(percent=less)),
    "result: passed": (OVER, of_result(passed=lambda old: not old)),
    "score: fraction": (OVER, of_score("fraction", Decimal("0.5"))),
    "score: points": (OVER, of_score("points", Decimal("0.01"))),
    "score: most": (OVER, of_score("max_points", Decimal("0.01"))),
    "score: removed": (OVER, remove_score),
    "result: a second one without an act": (OVER, regrade_silently),
    "paper: points of an item": (ANYONE, item_points),
    "paper: another revision": (ANYONE, item_revision),
    "log: start changed": (ANYONE, of_log("attempt.started", origin="0" * 64)),
    "log: hand-in changed": (OVER, of_log("attempt.submitted", seal="0" * 64)),
    "log: start removed": (ANYONE, no_line("attempt.started")),
    "log: hand-in removed": (OVER, no_line("attempt.submitted")),
    "log: an intervention removed": (
        ANYONE,
        no_line("attempt.extended", "attempt.paused", "attempt.taken_over"),
    ),
}


class _Undo(Exception):
    pass


def is_found(tamper, chance, attempt, other, held):
    """Whether one tampering is found; it is undone afterwards."""
    verdict = None
    try:
        with transaction.atomic():
            tamper(chance, fresh(attempt), other)
            verdict = any(found(attempt, other, receipts=held).values())
            raise _Undo
    except _Undo:
        return verdict


def test_1000_of_1000_random_tamperings_are_found(hall):
    running, over = hall
    pools = {ANYONE: running + over, OVER: over, RUNNING: running, WITNESSED: running}
    assert found(*running, *over) == {a.pk: [] for a in running + over}
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
    assert found(*running, *over) == {a.pk: [] for a in running + over}  # and all was undone


def test_newest_answers_taken_from_a_running_attempt_are_missed_by_the_receipt_only(hall):
    (attempt, _other), _over = hall
    held = copy_of(attempt)
    said(attempt)[-1].delete()
    assert found(attempt) == {attempt.pk: []}
    assert found(attempt, receipts=held) == {attempt.pk: ["考生持有的回执中有系统里没有的作答。"]}


def test_a_regraded_and_a_voided_attempt_are_sound_and_one_without_a_chain_is_never_called_verified(
    hall, cast
):
    _running, (first, second) = hall
    regrading.regrade(first, why="复核", by=cast.city)
    interventions.void(fresh(second), why="替考", by=cast.city)
    assert found(first, second) == {first.pk: [], second.pk: []}
    Attempt.objects.filter(pk=first.pk).update(origin="", seal="")
    first.interventions.all().delete()
    Response.objects.filter(attempt=first).update(link="", previous=None)
    AuditEvent.objects.filter(target=name_of(first), action="attempt.started").update(data={})
    assert found(first) == {first.pk: None}


def run(*args, **options):
    out = StringIO()
    call_command("verify_attempt", *args, stdout=out, **options)
    return out.getvalue()


def test_the_command_counts_what_is_sound_and_fails_on_what_is_not(hall, tmp_path):
    running, _over = hall
    assert "核验无误 4 份，有问题 0 份" in run(all=True)
    assert "核验无误 2 份" in run(session="other")
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
