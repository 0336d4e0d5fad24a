"""Who may register and begin, and the sentence for who may not."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from accounts.models import Post, PostKind
from exams.actions import attempts
from exams.models import Attempt, Exam, ExamSession, Registration
from exams.rules import attempts_left, why_not_register, why_not_start
from tests import build

OPENS = datetime(2026, 5, 4, 1, 0, tzinfo=UTC)  # nine in the morning in Tianjin
CLOSES = OPENS + timedelta(hours=2)
NOON = OPENS + timedelta(hours=1)
SECOND = timedelta(seconds=1)
PASSED = "本场次已合格，无需再考。"
PUBLISHED = ExamSession.State.PUBLISHED


def session(state=PUBLISHED, post_kinds=(), kind=Exam.Kind.SELF_TRAINING, **terms):
    exam = Exam(post_kinds=list(post_kinds), kind=kind)
    return ExamSession(exam=exam, state=state, opens_at=OPENS, closes_at=CLOSES, **terms)


def post(kind=PostKind.OFFICER, ended_on=None):
    return Post(kind=kind, ended_on=ended_on)


def sat(submitted_at=None, state=Attempt.State.SUBMITTED, passed=False, released_at=OPENS):
    result = SimpleNamespace(passed=passed)
    return SimpleNamespace(
        state=state,
        submitted_at=submitted_at,
        released_at=released_at,
        current_result=result,
        ended_by=Attempt.EndedBy.CANDIDATE,
    )


CLOSED = "该场次已于 2026-05-04 11:00 截止。"
NOT_OPEN = "该场次尚未发布或已结束。"


@pytest.mark.parametrize(
    ("terms", "holder", "now", "by_herself", "reason"),
    [
        ({}, post(), NOON, True, ""),
        ({}, post(), OPENS - timedelta(days=3), True, ""),  # one may register before the doors open
        ({}, post(), CLOSES - SECOND, True, ""),
        ({}, post(), CLOSES, True, CLOSED),
        ({}, post(), CLOSES, False, CLOSED),
        ({"state": ExamSession.State.DRAFT}, post(), NOON, False, NOT_OPEN),
        ({"state": ExamSession.State.CANCELLED}, post(), NOON, False, NOT_OPEN),
        ({"state": ExamSession.State.RELEASED}, post(), NOON, True, NOT_OPEN),
        ({"self_registration": False}, post(), NOON, True, "该场次不接受自行报名，请联系本企业管理员。"),
        ({"self_registration": False}, post(), NOON, False, ""),
        ({"post_kinds": ["officer", "director"]}, post(), NOON, True, ""),
        ({"post_kinds": ["director"]}, post(), NOON, False, "该考试不适用于质量安全员岗位。"),
        ({}, post(ended_on=NOON.date()), NOON, True, "该任职已于 2026-05-04 结束。"),
        ({}, post(ended_on=NOON.date() + timedelta(days=1)), NOON, True, ""),
    ],
)
def test_why_not_register(terms, holder, now, by_herself, reason):
    assert str(why_not_register(session(**terms), holder, now, by_herself=by_herself)) == reason


USED_UP = "最多可考 2 次，已全部用完。"
TOO_SOON = "两次考试须间隔 30 分钟，2026-05-04 10:10 后可再考。"
ENDED = NOON - timedelta(minutes=20)
COOL = {"cool_down_minutes": 30, "max_attempts": 0}


@pytest.mark.parametrize(
    ("terms", "holder", "past", "now", "reason"),
    [
        ({}, post(), [], NOON, ""),
        ({}, post(), [], OPENS - SECOND, "开考时间为 2026-05-04 09:00。"),
        ({}, post(), [], OPENS, ""),
        ({}, post(), [], CLOSES - SECOND, ""),
        ({}, post(), [], CLOSES, CLOSED),
        ({"state": ExamSession.State.CANCELLED}, post(), [], NOON, NOT_OPEN),
        ({"state": ExamSession.State.DRAFT}, post(), [], NOON, NOT_OPEN),
        ({}, post(ended_on=NOON.date()), [], NOON, "报名时的任职已于 2026-05-04 结束。"),
        ({}, post(ended_on=NOON.date() + timedelta(days=1)), [], NOON, ""),
        ({"max_attempts": 2}, post(), [sat(ENDED)], NOON, ""),
        ({"max_attempts": 2}, post(), [sat(ENDED), sat(ENDED)], NOON, USED_UP),
        ({"max_attempts": 2}, post(), [sat(ENDED), sat(ENDED, Attempt.State.VOIDED)], NOON, ""),
        ({"max_attempts": 2}, post(), [sat(ENDED), sat(None, Attempt.State.IN_PROGRESS)], NOON, USED_UP),
        ({"max_attempts": 0}, post(), [sat(ENDED)] * 50, NOON, ""),
        (COOL, post(), [], NOON, ""),
        (COOL, post(), [sat(ENDED)], NOON, TOO_SOON),
        (COOL, post(), [sat(ENDED)], ENDED + timedelta(minutes=30) - SECOND, TOO_SOON),
        (COOL, post(), [sat(ENDED)], ENDED + timedelta(minutes=30), ""),
        (COOL, post(), [sat(ENDED), sat(OPENS)], NOON, TOO_SOON),
        (COOL, post(), [sat(ENDED, Attempt.State.VOIDED)], NOON, ""),
        ({}, post(), [sat(ENDED, passed=True)], NOON, PASSED),
        ({"max_attempts": 0}, post(), [sat(ENDED, passed=True), sat(ENDED)], NOON, PASSED),
        ({}, post(), [sat(ENDED, Attempt.State.VOIDED, passed=True)], NOON, ""),
        ({}, post(), [sat(ENDED, passed=True, released_at=None)], NOON, ""),
        ({"kind": Exam.Kind.PRACTICE}, post(), [sat(ENDED, passed=True)], NOON, ""),
    ],
)
def test_why_not_start(terms, holder, past, now, reason):
    registration = Registration(session=session(**terms), post=holder)
    assert str(why_not_start(registration, past, now)) == reason


@pytest.mark.parametrize(("most", "used", "left"), [(0, 9, None), (3, 0, 3), (3, 2, 1), (3, 3, 0), (3, 4, 0)])
def test_attempts_left(most, used, left):
    registration = Registration(session=session(max_attempts=most), post=post())
    assert attempts_left(registration, [sat(NOON)] * used) == left


def test_a_voided_attempt_gives_its_chance_back():
    registration = Registration(session=session(max_attempts=1), post=post())
    assert attempts_left(registration, [sat(NOON, Attempt.State.VOIDED)]) == 1


def test_the_act_asks_the_same_rules_as_the_page(cast):
    room = build.make_session(cast, max_attempts=1)
    first = build.handed_in(build.begun(room, cast.officer), share=0)
    registration = first.registration
    reason = why_not_start(registration, list(registration.attempts.all()), timezone.now())
    with pytest.raises(attempts.Refused) as refused:
        attempts.start(registration, by=cast.officer)
    assert str(refused.value) == str(reason) == "最多可考 1 次，已全部用完。"
    assert registration.attempts.count() == 1
