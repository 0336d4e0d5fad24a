"""From answers to a result, and from a result to what is known of it."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import RecordEntry
from audit.log import name_of, record
from audit.models import AuditEvent
from certificates.models import Certificate
from exams.actions import attempts, regrading, release, scoring
from exams.actions.attempts import Entry
from exams.actions.verifying import problems_of
from exams.engine import chain
from exams.models import Attempt, Exam, Filing, ItemRevision, PaperItem, Result, Score
from exams.queries import papers, sitting
from exams.signals import result_released
from tests import build


def answered(cast, said, counts=None, **terms):
    """The attempt after this was said: {type: payload of the first place of that type}."""
    attempt = build.begun(
        build.make_session(cast, counts=counts or dict.fromkeys(said, 1), **terms), cast.officer
    )
    entries = []
    for number, (position, place) in enumerate(papers.places(attempt.paper).items(), start=1):
        payload = said.get(place.type)
        entries.append(Entry(number, position, payload(place) if callable(payload) else payload))
    attempts.hand_in(build.own(attempt), attempt.pk, by=cast.officer, entries=entries)
    attempt.refresh_from_db()
    return attempt


def all_right(place):
    return build.right(place.type, place.body, place.key)


def half_of(place):
    return {"options": place.key["options"][:1]}


def half_the_blanks(place):
    return {"blanks": {"1": f"　{place.key['blanks']['1'][0]} "}}


def three_of_four_parts(place):
    said = all_right(place)
    del said["parts"]["2"]
    return said


@pytest.mark.parametrize(
    ("said", "terms", "points"),
    [
        ({"single": all_right}, {}, 2),
        ({"single": {}}, {}, 0),
        ({"truefalse": all_right}, {}, 2),
        ({"blank": all_right}, {}, 2),
        ({"blank": half_the_blanks}, {}, 1),
        ({"case": all_right}, {}, 2),
        ({"case": three_of_four_parts}, {}, "1.5"),
        ({"multiple": all_right}, {}, 2),
        ({"multiple": half_of}, {}, 0),
        ({"multiple": half_of}, {"policy": "subset_part"}, 1),
        ({"multiple": half_of}, {"policy": "subset_fixed", "policy_fixed": Decimal("0.3")}, "0.6"),
        ({"multiple": {"options": ["a", "b", "c", "d"]}}, {"policy": "subset_part"}, 0),
    ],
)
def test_points_follow_from_what_was_said_under_the_sessions_policy(cast, said, terms, points):
    result = answered(cast, said, **terms).current_result
    assert (result.points, result.max_points) == (Decimal(points), 2)


@pytest.mark.parametrize(("cut", "passed"), [("50", True), ("50.01", False), ("49.99", True), ("0", True)])
def test_at_the_cut_score_one_has_passed(cast, cut, passed):
    attempt = answered(cast, {"single": all_right, "truefalse": {}}, cut_score=Decimal(cut))
    assert (attempt.current_result.percent, attempt.current_result.passed) == (50, passed)


def test_every_place_gets_its_score_and_they_add_up(cast):
    attempt = build.handed_in(build.begun(build.make_session(cast), cast.officer), 0.5)
    rows = list(Score.objects.filter(result=attempt.current_result).order_by("position"))
    assert [row.position for row in rows] == list(range(1, 17))
    assert [row.fraction for row in rows] == [1] * 8 + [0] * 8
    assert sum(row.points for row in rows) == attempt.current_result.points == 16
    assert sum(row.max_points for row in rows) == attempt.current_result.max_points == 32


def test_the_last_word_on_a_question_counts(cast):
    attempt = build.begun(build.make_session(cast, counts={"truefalse": 1}), cast.officer)
    (place,) = papers.places(attempt.paper).values()
    right, wrong = {"value": place.key["value"]}, {"value": not place.key["value"]}
    for number, payload in enumerate((right, wrong, {}, right, wrong), start=1):
        attempts.save(build.own(attempt), attempt.pk, [Entry(number, 1, payload)])
    assert scoring.judge_attempt(attempt)[1].fraction == 0
    attempts.save(build.own(attempt), attempt.pk, [Entry(6, 1, right)])
    assert scoring.judge_attempt(attempt)[1].fraction == 1
    assert Result.objects.count() == 0  # judging writes nothing


def test_a_later_revision_of_an_item_does_not_touch_a_paper(cast):
    attempt = build.begun(build.make_session(cast, counts={"truefalse": 1}), cast.officer)
    build.answer_right(attempt)
    item = attempt.paper.items.get().revision.item
    build.revise(item, key={"value": not item.current.key["value"]})
    papers._places.cache_clear()
    assert scoring.judge_attempt(attempt)[1].fraction == 1


def test_topics_and_what_to_learn_name_what_was_missed_and_nothing_else(cast):
    attempt = build.handed_in(build.begun(build.make_session(cast), cast.officer), 0.5)
    rows = sitting.by_topic(attempt)
    assert sum(row["points"] for row in rows) == 16
    assert sum(row["max_points"] for row in rows) == 32
    assert [row["percent"] for row in rows] == sorted(row["percent"] for row in rows)
    places = papers.places(attempt.paper)
    missed = {f"{places[n].basis} {places[n].clause}" for n in range(9, 17)}
    learn = sitting.to_learn(attempt)
    assert len(learn) == 3
    assert {row["provision"] for row in learn} <= missed


# --- release -------------------------------------------------------------------------------------------------------


def lines(kind="result"):
    return list(RecordEntry.objects.filter(kind=kind).order_by("pk"))


def test_a_pass_enters_the_file_and_earns_a_certificate_once(cast):
    build.make_scheme()
    attempt = build.handed_in(build.begun(build.make_session(cast), cast.officer))
    stamp = attempt.released_at
    for _time in range(3):
        assert release.release(attempt).released_at == stamp
    (line,) = lines()
    assert line.facts == {
        "exam": "电动自行车培训考试",
        "exam_kind": "self_training",
        "points": "32.00",
        "max_points": "32.00",
        "percent": "100.00",
        "passed": True,
        "attempt_number": 1,
        "enterprise": "津海电动车有限公司",
        "uscc": cast.jinhai.uscc,
        "post_kind": "officer",
    }
    assert (line.person, line.title, line.number) == (cast.officer, "场次stories", 1)
    assert line.occurred_on == timezone.localdate(attempt.submitted_at)
    assert (Certificate.objects.count(), len(lines("certificate"))) == (1, 1)
    assert AuditEvent.objects.filter(action="certificate.issued").count() == 1


def test_a_fail_enters_the_file_and_earns_nothing(cast):
    build.make_scheme()
    attempt = build.handed_in(build.begun(build.make_session(cast), cast.officer), 0.5)
    assert [line.facts["passed"] for line in lines()] == [False]
    assert (attempt.released_at is not None, Certificate.objects.count()) == (True, 0)


@pytest.mark.parametrize(
    ("terms", "is_released"),
    [
        ({}, True),
        ({"disclosure": "score_only"}, True),
        ({"disclosure": "after_close"}, True),
        ({"disclosure": "after_release"}, False),
        ({"disclosure": "nothing"}, False),
        ({"kind": Exam.Kind.PRACTICE}, False),
        ({"kind": Exam.Kind.SPOT_CHECK}, False),
    ],
)
def test_only_self_training_whose_terms_allow_it_is_released_at_once(cast, terms, is_released):
    build.make_scheme()
    attempt = build.handed_in(build.begun(build.make_session(cast, **terms), cast.officer))
    assert (attempt.released_at is not None, len(lines()), Certificate.objects.count()) == (
        is_released,
        is_released,
        is_released,
    )


def test_a_running_attempt_is_never_released(cast):
    attempt = build.begun(build.make_session(cast), cast.officer)
    assert release.release(attempt).released_at is None
    assert lines() == []


def test_what_failed_after_the_commit_is_made_good_by_the_result_page(
    cast, as_user, django_capture_on_commit_callbacks
):
    build.make_scheme()
    attempt = build.begun(build.make_session(cast), cast.officer)
    build.answer_right(attempt)

    def broken(**kwargs):
        raise OSError("the disk was full")

    result_released.connect(broken)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            attempts.hand_in(build.own(attempt), attempt.pk, by=cast.officer)
    finally:
        result_released.disconnect(broken)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.released_at, lines(), Certificate.objects.count()) == (
        "submitted",
        None,
        [],
        0,
    )
    for _time in range(2):
        assert as_user(cast.officer).get(reverse("exams:result", args=[attempt.pk])).status_code == 200
        attempt.refresh_from_db()
        assert attempt.released_at is not None
        assert (len(lines()), Certificate.objects.count(), len(lines("certificate"))) == (1, 1, 1)


def test_after_the_commit_the_result_is_known_without_any_page(cast, django_capture_on_commit_callbacks):
    build.make_scheme()
    attempt = build.begun(build.make_session(cast), cast.officer)
    build.answer_right(attempt)
    with django_capture_on_commit_callbacks(execute=True):
        attempts.hand_in(build.own(attempt), attempt.pk, by=cast.officer)
    assert Attempt.objects.get(pk=attempt.pk).released_at is not None
    assert Certificate.objects.get().attempt_id == attempt.pk


# --- later results -------------------------------------------------------------------------------------------------


def test_a_regrade_that_changes_points_because_the_engine_was_mended_is_sound(cast, monkeypatch):
    attempt = build.handed_in(build.begun(build.make_session(cast), cast.officer))
    door = Attempt.objects.filter(pk=attempt.pk)
    real = scoring.engine.judge

    def mended(*args, **more):
        verdict = real(*args, **more)
        return type(verdict)(**vars(verdict) | {"fraction": Decimal(0)})

    monkeypatch.setattr(scoring.engine, "judge", mended)
    assert list(problems_of(door)) == [(attempt.pk, ["得分与按作答重新评分的结果不符。"])]
    done = regrading.regrade(attempt, why="裁定", by=cast.city)
    assert (done.before.points > 0, done.result.points) == (True, 0)
    assert list(problems_of(door)) == [(attempt.pk, [])]


# --- what whoever can write to the tables does to results, papers and the log: test_verify.py tries whether it is found
# Each takes (chance, attempt, another attempt).


def change(row, **facts):
    assert any(getattr(row, name) != value for name, value in facts.items())
    type(row)._base_manager.filter(pk=row.pk).update(**facts)


def less(old):
    return old - Decimal("0.01")


def later(old):
    return old + timedelta(seconds=1)


def of_result(number=1, **write):
    def tamper(chance, attempt, other):
        row = attempt.results.get(number=number)
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
    """Full marks by plain inserts: a second result, its scores, and the pointer."""
    old = attempt.results.get(number=1)
    scores = list(old.scores.all())
    full = {"points": old.max_points, "max_points": old.max_points, "percent": Decimal(100), "passed": True}
    new = Result.objects.create(attempt=attempt, number=2, why="复核", **full)
    Score.objects.bulk_create(
        Score(result=new, position=s.position, fraction=1, points=s.max_points, max_points=s.max_points)
        for s in scores
    )
    change(attempt, current_result=new)
    return new


def forge_regrade(chance, attempt, other):
    """The same points once more or full marks, with the line of the log, an entry in the file, and somebody else's seal."""
    new = regrade_silently(chance, attempt, other)
    seal = chance.choice(["", f"{chance.getrandbits(256):064x}", attempt.seal, other.seal])
    change(new, why="重新评分", seal=seal)
    record("attempt.regraded", attempt, by=None, number=2, after=str(new.points), seal=seal)
    entry = RecordEntry.objects.get(subject=f"attempt:{attempt.pk}")
    told = {"points": str(new.points), "percent": "100.00", "passed": True}
    RecordEntry.objects.filter(pk=entry.pk).update(facts=entry.facts | told)


def forge_void(chance, attempt, other):
    """Void, with the line of the log that belongs to it but for the seal."""
    change(attempt, state="voided", voided_at=timezone.now())
    seal = chance.choice([{}, {"seal": f"{chance.getrandbits(256):064x}"}, {"seal": attempt.seal}])
    record("attempt.voided", attempt, by=None, before="submitted", after="voided", why="替考", **seal)


def forge_filing(chance, attempt, other):
    """A file that nobody brought, with everything that would follow from it but the seals."""
    forge_regrade(chance, attempt, other)
    result, at = attempt.results.get(number=2), timezone.now()
    entries = [
        {
            "number": e.number,
            "position": e.position,
            "payload": e.payload,
            "flagged": False,
            "at": chain.stamp(at),
        }
        for e in build.right_entries(attempt)
    ]
    facts = {"number": 1, "result": result, "why": "断网", "by": build.own(attempt), "seal": other.seal}
    Filing.objects.create(attempt=attempt, digest="0" * 64, made_at=at, entries=entries, **facts)
    record("attempt.filed_after", attempt, by=None, number=1, seal=other.seal)


def other_entries(chance, row):
    entries = json.loads(json.dumps(row.entries))
    chance.choice(entries)["payload"] = {"options": ["x"]}
    return {"entries": entries}


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
