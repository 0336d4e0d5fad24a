"""Start, save, hand in: what is true after each, however often and however late it is done."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Post, PostKind, User
from audit.models import AuditEvent
from audit.transitions import Refused, move
from exams.actions import attempts, sessions
from exams.actions.attempts import Behind, Closed, Entry
from exams.models import Attempt, Registration, Response, Result
from exams.queries import papers, responses
from tests import build
from tests.people import APPOINTED

SECOND = timedelta(seconds=1)


@pytest.fixture
def room(cast):
    return build.make_session(cast)


@pytest.fixture
def attempt(cast, room):
    return build.begun(room, cast.officer)


def save(attempt, *entries, now=None):
    return attempts.save(build.own(attempt), attempt.pk, [Entry(*e) for e in entries], now=now).last


def hand_in(attempt, entries=(), now=None):
    return attempts.hand_in(
        build.own(attempt), attempt.pk, by=attempt.registration.candidate, entries=entries, now=now
    )


def stored(attempt):
    return list(Response.objects.filter(attempt=attempt).order_by("number").values_list("number", "position"))


def place_of(attempt, kind):
    return next(p for p in papers.places(attempt.paper).values() if p.type == kind)


def payload(attempt, kind="single", options=("a",)):
    return place_of(attempt, kind).position, {"options": list(options)}


# --- start -----------------------------------------------------------------------------------------------------------


def test_a_second_start_gives_the_same_attempt(cast, attempt):
    again = attempts.start(attempt.registration, by=cast.officer)
    assert (again.pk, again.number, again.deadline, again.layout) == (
        attempt.pk,
        1,
        attempt.deadline,
        attempt.layout,
    )
    assert Attempt.objects.count() == 1
    assert AuditEvent.objects.filter(action="attempt.started").count() == 1


def test_the_next_attempts_take_other_papers_until_all_were_had(cast):
    room = build.make_session(cast, max_attempts=0, papers_wanted=3)
    registration = build.admitted(room, cast.officer)
    seen = []
    for _time in range(4):
        attempt = attempts.start(registration, by=cast.officer)
        seen.append(attempt.paper.number)
        hand_in(attempt)
    assert (sorted(seen[:3]), seen[3]) == ([1, 2, 3], seen[0])
    assert list(registration.attempts.order_by("number").values_list("number", flat=True)) == [1, 2, 3, 4]


def test_neighbours_do_not_all_get_the_same_paper_first(cast):
    room = build.make_session(cast, papers_wanted=12)
    row = [
        Post.objects.create(
            person=User.objects.create_user(f"row-{k}"),
            enterprise=cast.jinhai,
            kind=PostKind.OFFICER,
            appointed_on=APPOINTED,
        )
        for k in range(12)
    ]
    firsts = [build.begun(room, post.person).paper.number for post in row]
    assert len(set(firsts)) > 1  # that chance alone gives all twelve the same is one in 12 to the eleventh


def test_the_layout_is_fixed_at_the_start_and_covers_the_paper(attempt):
    order, options = attempt.layout["order"], attempt.layout["options"]
    assert sorted(order) == list(range(1, 17))
    assert sorted(options, key=int) == [str(n) for n in range(1, 17)]
    places = papers.places(attempt.paper)
    assert {tuple(sorted(options[str(p.position)])) for p in places.values() if p.type == "single"} == {
        ("a", "b", "c", "d")
    }


def test_without_shuffling_everybody_sees_the_papers_own_order(cast):
    attempt = build.begun(build.make_session(cast, shuffle_items=False, shuffle_options=False), cast.officer)
    assert attempt.layout["order"] == list(range(1, 17))
    assert attempt.layout["options"][str(place_of(attempt, "single").position)] == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("terms", "extra", "minutes"),
    [
        ({"minutes": 40}, 0, 40),
        ({"minutes": 40}, 15, 55),
        ({"minutes": 40, "closes": 10}, 0, 10),  # the closing cuts the time short
        ({"minutes": 40, "closes": 10}, 15, 25),  # extra minutes are really given
    ],
)
def test_the_deadline(cast, terms, extra, minutes):
    attempt = build.begun(build.make_session(cast, **terms), cast.officer, extra_minutes=extra)
    assert round((attempt.deadline - attempt.started_at) / timedelta(minutes=1)) == minutes


def test_before_the_opening_nothing_begins(cast):
    registration = build.admitted(build.make_session(cast, opens=30), cast.officer)
    with pytest.raises(Refused, match="开考时间为"):
        attempts.start(registration, by=cast.officer)
    assert Attempt.objects.count() == 0


def test_a_start_after_the_deadline_of_the_last_closes_that_one_first(cast, room, attempt):
    build.answer_right(attempt, 0.25)
    deadline = build.move_clock(attempt, minutes=120).deadline
    second = attempts.start(attempt.registration, by=cast.officer)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.ended_by, attempt.submitted_at) == ("submitted", "deadline", deadline)
    assert (second.number, second.state) == (2, "in_progress")


def test_a_start_that_is_refused_has_closed_the_last_one_all_the_same(cast, room, attempt):
    build.answer_right(attempt)
    deadline = build.move_clock(attempt, minutes=120).deadline
    with pytest.raises(Refused, match="本场次已合格"):
        attempts.start(attempt.registration, by=cast.officer)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.submitted_at) == ("submitted", deadline)


def test_the_database_itself_allows_one_running_attempt(attempt):
    twin = Attempt.objects.get(pk=attempt.pk)
    twin.pk, twin.number = None, 2
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)


# --- save ------------------------------------------------------------------------------------------------------------


def test_a_save_appends_and_gives_the_highest_number(attempt):
    position, said = payload(attempt)
    assert save(attempt, (1, position, said), (2, position, {"options": ["b"]})) == 2
    assert stored(attempt) == [(1, position), (2, position)]


def test_a_repeated_send_changes_nothing(attempt):
    entry = (1, *payload(attempt))
    assert [save(attempt, entry), save(attempt, entry), save(attempt, entry)] == [1, 1, 1]
    assert stored(attempt) == [entry[:2]]


def test_a_send_that_is_half_repeated_appends_the_other_half(attempt):
    position, said = payload(attempt)
    save(attempt, (1, position, said))
    assert save(attempt, (1, position, said), (2, position, {})) == 2
    assert stored(attempt) == [(1, position), (2, position)]


def test_an_empty_send_tells_where_the_server_stands(attempt):
    assert save(attempt) == 0
    save(attempt, (7, *payload(attempt)))
    assert save(attempt) == 7


def test_the_highest_number_of_a_place_counts_in_whatever_order_they_came(attempt):
    position, _said = payload(attempt)
    save(attempt, (3, position, {"options": ["c"]}), (1, position, {"options": ["a"]}))
    counting, last = responses.latest(attempt)
    assert ({p: r.payload for p, r in counting.items()}, last) == ({position: {"options": ["c"]}}, 3)


def test_another_page_that_counted_on_is_told_so(attempt):
    position, said = payload(attempt)
    save(attempt, (1, position, said), (5, position, {"options": ["b"]}))
    for number in (1, 3, 5):  # taken by something else, skipped, taken
        with pytest.raises(Behind) as behind:
            save(attempt, (number, position, {"options": ["d"]}))
        assert behind.value.last == 5
    assert stored(attempt) == [(1, position), (5, position)]


def test_a_flag_alone_is_worth_keeping(attempt):
    position, said = payload(attempt)
    save(attempt, (1, position, said), (2, position, said, True))
    assert list(Response.objects.order_by("number").values_list("flagged", flat=True)) == [False, True]


FOREIGN = [
    (0, {}),
    (17, {}),
    (-1, {}),
    (10**9, {}),
    ("single", {"options": ["z"]}),
    ("single", {"options": ["a", "b"]}),
    ("single", {"value": True}),
    ("single", {"options": "a"}),
    ("single", ["a"]),
    ("single", "a"),
    ("single", {"options": [["a"]]}),
    ("single", {"options": [{"id": "a"}]}),
    ("single", {"options": ["a"], "score": 1}),
    ("multiple", {"options": ["a", "z"]}),
    ("multiple", {"options": {"a": 1}}),
    ("truefalse", {"value": 1}),
    ("truefalse", {"value": "maybe"}),
    ("truefalse", {"options": ["a"]}),
    ("blank", {"blanks": {"9": "x"}}),
    ("blank", {"blanks": ["x"]}),
    ("blank", {"blanks": {"1": 5}}),
    ("blank", {"blanks": {"1": "x" * 501}}),
    ("blank", {"blanks": {"1": "nul \0"}}),
    ("blank", {"blanks": {"1": "half a pair \ud800"}}),
    ("case", {"parts": {"9": {"options": ["a"]}}}),
    ("case", {"parts": {"1": {"value": True}}}),
    ("case", {"parts": [1]}),
    ("case", {"parts": {"1": {"options": ["z"]}}}),
]


@pytest.mark.parametrize(("where", "said"), FOREIGN, ids=lambda value: repr(value)[:40])
def test_what_does_not_belong_to_the_paper_is_refused_whole(attempt, where, said):
    good = (1, *payload(attempt))
    position = place_of(attempt, where).position if isinstance(where, str) else where
    with pytest.raises(Refused) as refused:
        save(attempt, good, (2, position, said))
    assert not isinstance(refused.value, Behind | Closed)
    assert stored(attempt) == []


@pytest.mark.parametrize("number", [0, -1, 2**31])
def test_a_number_that_cannot_be_counted_is_refused(attempt, number):
    with pytest.raises(Refused, match="作答不属于这份试卷"):
        save(attempt, (number, *payload(attempt)))
    assert stored(attempt) == []


def test_a_batch_has_an_end(attempt):
    position, said = payload(attempt)
    with pytest.raises(Refused, match="一次发送的作答过多"):
        save(attempt, *((n, position, said) for n in range(1, 202)))
    assert stored(attempt) == []
    assert save(attempt, *((n, position, said) for n in range(1, 201))) == 200


@pytest.mark.parametrize(
    ("late", "is_taken"), [(-SECOND, True), (0 * SECOND, True), (60 * SECOND, True), (61 * SECOND, False)]
)
def test_what_comes_within_the_grace_is_taken_and_later_refused(attempt, late, is_taken):
    entry = (1, *payload(attempt))
    if is_taken:
        assert save(attempt, entry, now=attempt.deadline + late) == 1
    else:
        with pytest.raises(Closed, match="考试时间已到"):
            save(attempt, entry, now=attempt.deadline + late)
    assert stored(attempt) == ([entry[:2]] if is_taken else [])


def test_after_the_hand_in_nothing_is_taken(attempt):
    hand_in(attempt)
    with pytest.raises(Closed, match="答卷已交"):
        save(attempt, (1, *payload(attempt)))
    assert stored(attempt) == []


def test_nobody_else_comes_through_the_door(cast, attempt):
    for someone in (cast.director, cast.manager, cast.city, cast.admin):
        with pytest.raises(Attempt.DoesNotExist):
            attempts.save(someone, attempt.pk, [Entry(1, *payload(attempt))])
        with pytest.raises(Attempt.DoesNotExist):
            attempts.hand_in(someone, attempt.pk, by=someone)
    attempt.refresh_from_db()
    assert (attempt.state, stored(attempt)) == ("in_progress", [])


# --- hand in ---------------------------------------------------------------------------------------------------------


def test_handing_in_twice_gives_one_result(attempt):
    build.answer_right(attempt)
    first, second = hand_in(attempt), hand_in(attempt)
    assert first.current_result_id == second.current_result_id
    assert (first.submitted_at, first.ended_by) == (second.submitted_at, "candidate")
    assert list(Result.objects.values_list("points", "max_points", "percent", "passed")) == [
        (32, 32, 100, True)
    ]
    assert AuditEvent.objects.filter(action="attempt.submitted").count() == 1


def test_handing_in_brings_the_last_answers_with_it(attempt):
    entries = build.right_entries(attempt)
    attempts.save(build.own(attempt), attempt.pk, entries[:5])
    done = hand_in(attempt, entries=entries)  # the first five are sent again
    assert (done.current_result.points, len(stored(attempt))) == (32, 16)


def test_a_hand_in_with_a_foreign_answer_is_refused_whole(attempt):
    with pytest.raises(Refused):
        hand_in(attempt, entries=[Entry(1, 99, {})])
    attempt.refresh_from_db()
    assert (attempt.state, Result.objects.count()) == ("in_progress", 0)


def test_a_hand_in_within_the_grace_counts_and_bears_the_deadlines_time(attempt):
    done = hand_in(attempt, entries=build.right_entries(attempt), now=attempt.deadline + 30 * SECOND)
    assert (done.current_result.points, done.ended_by, done.submitted_at) == (
        32,
        "deadline",
        attempt.deadline,
    )


def test_a_hand_in_after_the_grace_counts_only_what_was_saved(attempt):
    entries = build.right_entries(attempt)
    attempts.save(build.own(attempt), attempt.pk, entries[:8])
    deadline = attempt.deadline
    with pytest.raises(Closed, match="到得太晚，没有计入"):  # nothing is acknowledged that does not count
        hand_in(attempt, entries=entries, now=deadline + 61 * SECOND)
    attempt.refresh_from_db()
    assert (len(stored(attempt)), attempt.state) == (8, "submitted")
    assert (attempt.ended_by, attempt.submitted_at) == ("deadline", deadline)


def test_a_hand_in_that_brings_nothing_new_to_a_finished_attempt_is_welcome(attempt):
    entries = build.right_entries(attempt)
    first = hand_in(attempt, entries=entries)
    assert hand_in(attempt, entries=entries).current_result_id == first.current_result_id
    assert hand_in(attempt).current_result_id == first.current_result_id
    with pytest.raises(Closed, match="到得太晚，没有计入"):
        hand_in(attempt, entries=[Entry(99, *payload(attempt))])
    assert (len(stored(attempt)), Result.objects.count()) == (16, 1)


def test_the_database_refuses_a_second_result_of_the_same_number(attempt):
    result = hand_in(attempt).current_result
    with pytest.raises(IntegrityError), transaction.atomic():
        Result.objects.create(attempt=attempt, number=1, points=1, max_points=1, percent=100, passed=True)
    assert list(Result.objects.all()) == [result]


# --- late closing ----------------------------------------------------------------------------------------------------


def test_an_attempt_that_nobody_closed_ends_at_its_deadline(attempt):
    build.answer_right(attempt, 0.5)
    build.move_clock(attempt, minutes=60 * 24)
    closed = attempts.close_if_due(attempt)
    assert (closed.state, closed.ended_by, closed.submitted_at) == ("submitted", "deadline", attempt.deadline)
    assert closed.current_result.max_points == 32
    assert attempts.close_if_due(closed) is closed
    event = AuditEvent.objects.get(action="attempt.submitted")
    assert (event.actor_id, event.data["after"]) == (None, "submitted")


def test_within_deadline_and_grace_nothing_is_closed(attempt):
    for now in (attempt.started_at, attempt.deadline, attempt.deadline + 60 * SECOND):
        assert attempts.close_if_due(attempt, now=now).state == "in_progress"


def test_the_sweep_closes_what_is_due_and_nothing_else(cast, room, attempt):
    other = build.begun(room, cast.director)
    build.move_clock(attempt, minutes=90)
    assert attempts.close_all_due() == 1
    assert attempts.close_all_due() == 0
    assert dict(Attempt.objects.values_list("pk", "state")) == {
        attempt.pk: "submitted",
        other.pk: "in_progress",
    }


# --- rules on every write ------------------------------------------------------------------------------------------


def test_a_cancelled_session_admits_nobody_any_more_and_what_was_sat_stays(cast, room, attempt):
    done = build.handed_in(attempt)
    sessions.cancel(room, by=cast.city, why="停电")
    with pytest.raises(Refused, match="尚未发布或已结束"):
        attempts.start(done.registration, by=cast.officer)
    with pytest.raises(Refused, match="尚未发布或已结束"):
        build.admitted(room, cast.director)
    assert list(Attempt.objects.values_list("state", flat=True)) == ["submitted"]


def test_registering_again_changes_nothing(cast, room):
    first = build.admitted(room, cast.officer)
    second = sessions.register(
        room, cast.officer.posts.get(), by=cast.officer, source=Registration.Source.SELF
    )
    assert (second.pk, second.source) == (first.pk, "manager")
    assert AuditEvent.objects.filter(action="registration.made").count() == 1


# --- states ----------------------------------------------------------------------------------------------------------

STAMPS = {"in_progress": {"submitted_at": None}, "submitted": {}, "voided": {}}
ALLOWED = {("in_progress", "submitted"), ("submitted", "voided")}


@pytest.mark.parametrize("before", STAMPS)
@pytest.mark.parametrize("after", STAMPS)
def test_only_the_moves_of_the_table_are_made(cast, attempt, before, after):
    stamp = None if before == "in_progress" else timezone.now()
    Attempt.objects.filter(pk=attempt.pk).update(state=before, submitted_at=stamp)
    attempt.refresh_from_db()
    if (before, after) in ALLOWED:
        move(attempt, to=after, by=cast.city, submitted_at=timezone.now())
    else:
        with pytest.raises(Refused):
            move(attempt, to=after, by=cast.city, submitted_at=timezone.now())
    attempt.refresh_from_db()
    assert attempt.state == (after if (before, after) in ALLOWED else before)
    assert AuditEvent.objects.filter(action=f"attempt.{after}").count() == ((before, after) in ALLOWED)


@pytest.mark.parametrize(("state", "stamp"), [("submitted", None), ("in_progress", "now"), ("voided", None)])
def test_the_database_ties_the_stamp_to_the_state(attempt, state, stamp):
    with pytest.raises(IntegrityError), transaction.atomic():
        Attempt.objects.filter(pk=attempt.pk).update(state=state, submitted_at=stamp and timezone.now())
