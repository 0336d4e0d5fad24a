"""Terminating a running attempt: what the candidate is told, what counts, what the chain and the log say, and who wins a race."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import RoleGrant, User
from audit.models import AuditEvent
from audit.transitions import Refused
from certificates.models import Certificate
from exams.actions import attempts, sessions, terminations
from exams.actions.attempts import Closed, Waiting
from exams.actions.verifying import problems_of
from exams.models import Attempt, ExamSession, Intervention, Termination
from exams.queries import terminations as queries
from exams.tests.together import counted, together
from tests import build
from tests.people import APPOINTED

MINUTE = timedelta(minutes=1)


@pytest.fixture
def room(cast):
    return build.make_session(cast)


@pytest.fixture
def attempt(cast, room):
    found = build.begun(room, cast.officer)
    build.answer_right(found)
    return found


def fresh(attempt):
    return Attempt.objects.select_related("registration__session").get(pk=attempt.pk)


def terminated(cast, attempt):
    terminations.propose(attempt, why="夹带资料", by=cast.station)
    terminations.confirm(attempt, why="查看属实", by=cast.city)
    return fresh(attempt)


def is_whole(attempt):
    return list(problems_of(Attempt.objects.filter(pk=attempt.pk))) == [(attempt.pk, [])]


def test_a_proposal_stops_the_clock_and_its_withdrawal_gives_the_time_back(cast, attempt):
    now = attempt.started_at + MINUTE
    terminations.propose(attempt, why="夹带资料", by=cast.station, now=now)
    with pytest.raises(Waiting):
        attempts.hand_in(cast.officer, attempt.pk, by=cast.officer, now=now + MINUTE)
    terminations.withdraw(attempt, why="是准考证", by=cast.city, now=now + 3 * MINUTE)
    after = fresh(attempt)
    assert (after.paused_at, after.deadline) == (None, attempt.deadline + 3 * MINUTE)
    assert list(attempt.terminations.order_by("number").values_list("kind", "by")) == [
        ("proposed", cast.station.pk),
        ("withdrawn", cast.city.pk),
    ]
    assert is_whole(attempt)


def test_a_terminated_attempt_is_scored_and_sealed_and_counts_for_nothing(cast, attempt):
    build.make_scheme(exam=attempt.registration.session.exam)
    ended = terminated(cast, attempt)
    assert (ended.state, ended.ended_by, ended.paused_at) == ("submitted", "terminated", None)
    assert ended.current_result.passed and ended.released_at is None
    assert not Certificate.objects.exists()
    assert list(Intervention.objects.order_by("number").values_list("kind", flat=True)) == [
        "paused",
        "terminated",
    ]
    assert is_whole(attempt)
    with pytest.raises(Closed, match="监考人员已终止这次考试"):
        attempts.save(cast.officer, attempt.pk, [attempts.Entry(99, 1, {"options": ["a"]})])
    with pytest.raises(Closed, match="监考人员已终止这次考试"):
        attempts.hand_in(
            cast.officer, attempt.pk, by=cast.officer, entries=[attempts.Entry(99, 1, {"options": ["a"]})]
        )


def test_the_candidate_is_told_why_while_she_waits_and_what_came_of_it(cast, attempt, client):
    terminations.propose(attempt, why="夹带资料", by=cast.station)
    client.force_login(cast.officer)
    told = client.get(reverse("exams:check", args=[attempt.pk])).json()
    assert told["paused"] is True
    assert "终止您的考试" in told["why"] and "夹带资料" in told["why"]
    terminations.confirm(attempt, why="查看属实", by=cast.city)
    page = client.get(reverse("exams:result", args=[attempt.pk])).content.decode()
    assert "监考人员已终止这次考试" in page and "夹带资料；查看属实" in page
    assert "再考一次" not in page


def test_a_third_person_reverses_it_and_the_score_counts(cast, attempt, client):
    build.make_scheme(exam=attempt.registration.session.exam)
    terminated(cast, attempt)
    terminations.reverse(attempt, why="物品是计算器，允许携带", by=cast.admin)
    after = fresh(attempt)
    assert (after.state, after.released_at is not None) == ("submitted", True)
    assert Certificate.objects.filter(attempt=attempt).count() == 1
    assert is_whole(attempt)
    client.force_login(cast.officer)
    assert "合格" in client.get(reverse("exams:result", args=[attempt.pk])).content.decode()


def test_or_voids_it_so_that_she_may_sit_again_while_the_session_is_open(cast, room, attempt):
    terminated(cast, attempt)
    now = timezone.now()
    with transaction.atomic():
        ExamSession.objects.filter(pk=room.pk).update(closes_at=now - MINUTE)
        with pytest.raises(Refused, match="考试场次已经结束"):
            terminations.reverse(attempt, why="误判", by=cast.admin, voids=True)
        transaction.set_rollback(True)
    terminations.reverse(attempt, why="误判", by=cast.admin, voids=True)
    assert fresh(attempt).state == "voided"
    assert attempts.start(attempt.registration, by=cast.officer).number == 2
    assert is_whole(attempt)


def test_the_table_itself_numbers_the_steps_and_asks_for_a_reason(cast, attempt):
    terminations.propose(attempt, why="夹带资料", by=cast.station)
    for wrong in ({"number": 1, "why": "再次"}, {"number": 2, "why": ""}):
        with pytest.raises(Exception, match="termination"), transaction.atomic():
            Termination.objects.create(attempt=attempt, kind="confirmed", by=cast.city, **wrong)


# --- pages ------------------------------------------------------------------------------------------------------------


def page(attempt):
    return reverse("exams:terminate", args=[attempt.pk])


def inspector(cast):
    """A third regulator of the city."""
    other = User.objects.create_user("inspector", name="郝察")
    RoleGrant.objects.create(user=other, role="regulator", unit=cast.city_organ, starts_on=APPOINTED)
    return other


def send(client, attempt, step, why="夹带资料", **more):
    data = {"step": step, "why": why, "sure": "on", "outcome": "counts"} | more
    return client.post(page(attempt), data, follow=True)


def told(answer):
    return [str(one) for one in answer.context["messages"]]


def test_two_people_terminate_on_the_board_and_a_third_one_reverses(cast, room, attempt, as_user):
    client = as_user(cast.city)
    board = reverse("exams:session_live", args=[room.code])
    assert page(attempt) in client.get(board).content.decode()
    assert told(send(client, attempt, "propose"))[0].startswith("已登记终止建议")
    text = client.get(board).content.decode()
    assert "等待第二人确认" in text and "夹带资料" in text
    assert "建议人不能确认" in told(send(client, attempt, "confirm"))[0]
    client = as_user(cast.admin)
    assert told(send(client, attempt, "confirm"))[0].startswith("考试已终止")
    assert fresh(attempt).ended_by == "terminated"
    assert "建议人和确认人不能撤销" in told(send(client, attempt, "reverse"))[0]
    other = inspector(cast)
    assert told(send(as_user(other), attempt, "reverse"))[0].startswith("终止已撤销")
    story = as_user(other).get(reverse("exams:attempt_seen", args=[attempt.pk])).context["story"]
    assert [entry["title"] for entry in story] == ["暂停", "建议终止", "终止考试", "已撤销终止"]


@pytest.mark.parametrize("missing", [{"why": " "}, {"sure": ""}])
def test_each_step_wants_a_reason_and_a_tick(cast, attempt, as_user, missing):
    answer = send(as_user(cast.city), attempt, "propose", **missing)
    assert told(answer) == ["请写明原因，并勾选确认。"]
    assert not Termination.objects.exists()


def test_who_does_not_run_the_session_finds_nothing(cast, attempt, as_user):
    for user, status in ((cast.station, 404), (cast.manager, 404), (cast.officer, 403)):
        assert as_user(user).get(page(attempt)).status_code == status
    own = sessions.plan(
        attempt.registration.session.exam, by=cast.manager, code="own", name="本企业场次", unit=cast.jinhai.unit,
        opens_at=timezone.now() - MINUTE, closes_at=timezone.now() + 60 * MINUTE,
    )  # fmt: skip
    mine = build.begun(sessions.publish(own, by=cast.manager), cast.director)
    send(as_user(cast.manager), mine, "propose")
    terminations.confirm(mine, why="属实", by=cast.city)
    assert "由监管人员" in told(send(as_user(cast.manager), mine, "reverse"))[0]


# --- at the same moment ------------------------------------------------------------------------------------------------

races = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite takes turns by itself")


def tried(act):
    """What came of an act, in a word."""
    try:
        act()
    except Refused:
        return "refused"
    return "done"


@races
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("n", [8])
def test_of_many_who_confirm_at_once_one_does(cast, room, attempt, n):
    terminations.propose(attempt, why="夹带资料", by=cast.station)
    row = Attempt.objects.filter(pk=attempt.pk)
    people = (cast.city, cast.admin)
    came = together(
        n, lambda k: tried(lambda: terminations.confirm(attempt, why="属实", by=people[k % 2])), behind=row
    )
    assert counted(came) == {"done": 1, "refused": n - 1}
    assert list(attempt.terminations.values_list("kind", flat=True)) == ["proposed", "confirmed"]
    assert AuditEvent.objects.filter(action="attempt.submitted").count() == 1
    assert is_whole(attempt)


@races
@pytest.mark.django_db(transaction=True)
def test_a_proposal_and_a_hand_in_at_once_leave_one_of_both(cast, room, attempt):
    row = Attempt.objects.filter(pk=attempt.pk)

    def act(k):
        if k % 2:
            return tried(lambda: terminations.propose(attempt, why="夹带资料", by=cast.station))
        return tried(lambda: attempts.hand_in(cast.officer, attempt.pk, by=cast.officer))

    came = together(8, act, behind=row)
    after = fresh(attempt)
    if after.state == "submitted":
        assert (after.ended_by, attempt.terminations.count()) == ("candidate", 0)
    else:
        assert (after.paused_at is None, attempt.terminations.count()) == (False, 1)
    assert came.count("done") in (1, 4)  # a hand-in is safe to repeat
    assert is_whole(attempt)


@races
@pytest.mark.django_db(transaction=True)
def test_confirming_and_withdrawing_and_saving_at_once_leave_a_whole_chain(cast, room, attempt):
    terminations.propose(attempt, why="夹带资料", by=cast.station)
    number = attempt.responses.count()

    def act(k):
        if k % 3 == 0:
            return tried(lambda: terminations.confirm(attempt, why="属实", by=cast.city))
        if k % 3 == 1:
            return tried(lambda: terminations.withdraw(attempt, why="误会", by=cast.city))
        with suppress(attempts.Behind):
            entry = attempts.Entry(number + k, 1, {"options": ["a"]})
            return tried(lambda: attempts.save(cast.officer, attempt.pk, [entry]))
        return "behind"

    together(9, act)
    last = queries.last_of([attempt])[attempt.pk]
    assert last.number == 2
    assert (fresh(attempt).ended_by == "terminated") == (last.kind == "confirmed")
    assert is_whole(attempt)
