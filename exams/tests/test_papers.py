"""Papers: they match their blueprint, follow from their seeds, and are there before the doors open."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.transitions import Refused
from exams.actions import attempts, blueprints, papers, sessions
from exams.engine import blueprint as engine
from exams.models import Attempt, ExamSession, Paper, PaperItem
from tests import build

SEEDS = ["cafe", "beef", "0123"]


def digests(session, seeds=SEEDS):
    return [paper.digest for paper in papers.compose(session, len(seeds), seeds=seeds)]


def planned(cast, **more):
    return build.make_session(cast, published=False, **more)


def test_a_thousand_papers_match_their_blueprint_exactly_and_hold_no_item_twice(cast):
    exam = planned(cast).exam
    lines = blueprints.lines(exam.blueprint)
    items = {one.code: one for one in blueprints.candidates(exam.blueprint, timezone.localdate())}
    seen = set()
    for seed in range(1000):
        pairs = engine.compose(lines, items.values(), str(seed))
        codes = [code for _line, code in pairs]
        assert len(set(codes)) == len(codes) == 16
        assert Counter(items[code].type for code in codes) == build.MIXED
        assert all(engine.accepts(line, items[code]) for line, code in pairs)
        assert engine.max_points(lines) == sum(line.points for line, _code in pairs) == 32
        seen.add(tuple(codes))
    assert len(seen) > 990  # chance, not one paper a thousand times


def test_composed_papers_lie_whole_in_the_database(cast):
    session = planned(cast)
    composed = papers.compose(session, 40)
    for paper in composed:
        rows = list(
            PaperItem.objects.filter(paper=paper).select_related("revision__item").order_by("position")
        )
        assert [row.position for row in rows] == list(range(1, 17))
        assert Counter(row.revision.item.type for row in rows) == build.MIXED
        assert [[row.section, row.revision.item.type] for row in rows] == [
            place[:2] for place in paper.outline
        ]
        assert len({row.revision.item_id for row in rows}) == 16
        assert sum(row.points for row in rows) == paper.max_points == 32
    assert [paper.number for paper in composed] == list(range(1, 41))
    assert len({paper.digest for paper in composed}) == 40


def test_the_outline_of_a_paper_holds_no_text(cast):
    (paper,) = papers.compose(planned(cast), 1)
    told = str(paper.outline)
    assert [
        word for word in (build.STEM, build.RATIONALE, build.SPELLING, build.BASIS, "选项 ") if word in told
    ] == []


def test_the_same_seeds_give_the_same_papers_again(cast):
    session = planned(cast)
    first, again = digests(session), digests(session)
    assert first == again
    assert len(set(first)) == 3
    assert digests(session, ["other"])[0] not in first


def test_the_order_in_which_items_were_entered_does_not_matter(cast):
    from django.db import transaction

    made = []
    for backwards in (False, True):
        with transaction.atomic():
            bank = build.make_bank(cast, backwards=backwards)
            exam = build.make_exam(cast, bank=bank)
            made.append(digests(planned(cast, exam=exam)))
            transaction.set_rollback(True)
    assert made[0] == made[1]


def test_a_changed_text_changes_the_digest_of_every_paper_that_holds_it(cast):
    session = planned(cast)
    before = digests(session)
    of_first = PaperItem.objects.get(paper__number=1, position=1).revision.item
    holding = set(PaperItem.objects.filter(revision__item=of_first).values_list("paper__number", flat=True))
    build.revise(of_first, stem=of_first.current.stem + "（修订）")
    after = digests(session)
    assert {
        n for n, (old, new) in enumerate(zip(before, after, strict=True), start=1) if old != new
    } == holding


def test_a_session_whose_blueprint_cannot_be_filled_is_not_published_and_says_what_is_missing(cast):
    bank = build.make_bank(cast, each=5, case=1)
    session = planned(cast, exam=build.make_exam(cast, bank=bank))
    with pytest.raises(Refused) as refused:
        sessions.publish(session, by=cast.city)
    assert str(refused.value) == "第 5 行共需要 2 道试题，符合条件的只有 1 道"
    session.refresh_from_db()
    assert (session.state, Paper.objects.count()) == (ExamSession.State.DRAFT, 0)


def test_publishing_twice_composes_once(cast):
    session = planned(cast)
    stale = ExamSession.objects.get(pk=session.pk)
    sessions.publish(session, by=cast.city)
    for again in (session, stale):
        with pytest.raises(Refused):
            sessions.publish(again, by=cast.city)
    assert Paper.objects.filter(session=session).count() == 3


def test_papers_exist_before_the_opening(cast):
    session = build.make_session(cast, opens=60)
    assert session.papers.count() == session.papers_wanted
    assert session.papers.exclude(composed_at__lt=session.opens_at - timedelta(minutes=10)).count() == 0


def test_renewed_papers_are_for_new_attempts_and_old_attempts_keep_theirs(cast):
    session = build.make_session(cast)
    before = build.begun(session, cast.officer)
    kept = before.paper_id, before.paper.digest, before.layout
    sessions.renew_papers(session, by=cast.city)
    after = build.begun(session, cast.director)
    again = Attempt.objects.select_related("paper").get(pk=before.pk)
    assert (again.paper_id, again.paper.digest, again.layout) == kept
    assert before.paper.number in (1, 2, 3)
    assert after.paper.number in (4, 5, 6)


def test_only_a_published_session_gets_fresh_papers(cast):
    session = planned(cast)
    with pytest.raises(Refused):
        sessions.renew_papers(session, by=cast.city)
    assert Paper.objects.count() == 0


def test_a_start_writes_two_rows_and_draws_nothing(cast):
    registration = build.admitted(build.make_session(cast), cast.officer)
    with CaptureQueriesContext(
        connection,
    ) as context:
        attempts.start(registration, by=cast.officer)
    written = [
        q["sql"].split('"')[1] for q in context.captured_queries if q["sql"].startswith(("INSERT", "UPDATE"))
    ]
    assert written == ["exams_attempt", "audit_auditevent"]
