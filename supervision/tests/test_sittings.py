"""The day of a check: inspectors come, people sit, everybody gets an outcome; what came before stays."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.models import AuditEvent
from audit.transitions import Refused
from exams.actions import attempts
from supervision.actions import draws, sittings
from supervision.models import Attendance, Examinee, Outcome
from supervision.queries import draws as draw_queries
from supervision.queries import sittings as queries
from supervision.tests import stories
from tests import build

HOUR = timedelta(hours=1)


@pytest.fixture
def house(cast):
    """A crowd in Jinhai, enough who may be sent, and a small blueprint."""
    stories.crowd(cast, 6)
    cast.sent = stories.inspectors(cast)
    bank = build.make_bank(cast, "spot", truefalse=8, each=0)
    cast.blueprint = build.make_blueprint(cast, bank, {"truefalse": 4}, "spot")
    return cast


def called(house, people=2):
    return stories.called(house, **stories.lean(house.blueprint, people))


def badges(check, n=2):
    return {one.person: f"津执 {one.rank}" for one in draw_queries.counting(check).inspectors.all()[:n]}


def test_whoever_is_registered_is_called_once_and_her_substitute_with_her(house):
    check = called(house)
    first, second = queries.examinees(check)
    assert {one.round for one in (first, second)} == {0}
    draws.replace(first.drawn, by=house.district, why="住院")
    now = list(queries.examinees(check))
    assert len(now) == 2 and first not in now and second in now
    assert Examinee.objects.filter(check_of=check).count() == 3
    sittings.call(check, [one.registration for one in now])
    assert Examinee.objects.filter(check_of=check).count() == 3


def test_it_takes_two_of_the_drawn_inspectors_with_their_badges(house):
    check = called(house)
    one, other = badges(check)
    with pytest.raises(Refused, match="不得少于 2 名"):
        sittings.begin(check, by=house.district, badges={one: "津执 1", other: " "})
    stranger = next(p for p in (*house.sent, house.district, house.city) if p not in (one, other))
    with pytest.raises(Refused, match="只有抽中的检查人员"):
        sittings.begin(check, by=house.district, badges={one: "津执 1", stranger: "津执 9"})
    assert not Attendance.objects.exists()
    check = sittings.begin(check, by=house.district, badges=badges(check))
    assert check.state == "under_way"
    assert set(queries.attendances(check).values_list("person", "badge")) == {(one.pk, "津执 1"), (other.pk, "津执 2")}  # fmt: skip


def test_nothing_is_concluded_while_somebody_sits_or_still_may(house):
    check = stories.begun(house, called(house))
    one, _other = queries.examinees(check)
    attempt = attempts.start(one.registration, by=one.registration.candidate)
    with pytest.raises(Refused, match="还在答题"):
        sittings.conclude(check, by=house.district, now=check.session.closes_at + HOUR)
    build.handed_in(attempt)
    with pytest.raises(Refused, match="还有 1 人没有作答"):
        sittings.conclude(check, by=house.district, now=timezone.now())
    assert not Outcome.objects.exists()


def test_everybody_gets_an_outcome_once(house):
    check = stories.concluded(house, (1, 0, None), called(house, 3))
    assert check.state == "concluded"
    told = [queries.outcomes_of([one])[one.pk] for one in queries.examinees(check)]
    assert [row.conclusion for row in told] == ["passed", "failed", "absent"]
    assert [row.percent for row in told] == [100, 0, None]
    assert told[0].missed == [] and told[1].missed[0]["points"] == "0.00"
    assert AuditEvent.objects.filter(action="outcome.settled").count() == 3
    with pytest.raises(Refused, match="考核开始后才能结束"):
        sittings.conclude(check, by=house.district)
    called_again = list(queries.examinees(check))
    assert (
        sittings.settle(check, called_again, queries.sat(called_again), by=house.district, now=timezone.now())
        == []
    )


def test_an_outcome_is_amended_with_a_reason_and_the_one_before_stays(house):
    check = stories.concluded(house, (1, 0), called(house))
    first, _second = queries.examinees(check)
    with pytest.raises(Refused, match="写明更改的原因"):
        sittings.amend(first, by=house.city, why=" ", conclusion="cancelled")
    sittings.amend(first, by=house.city, why="查实由他人代考", conclusion="cancelled")
    assert list(first.outcomes.values_list("number", "conclusion")) == [(2, "cancelled"), (1, "passed")]
    with pytest.raises(IntegrityError), transaction.atomic():
        Outcome.objects.create(examinee=first, number=2, conclusion="passed", why="再次", points=1, max_points=1, percent=1)  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Outcome.objects.create(examinee=first, number=3, conclusion="passed", why="没有分数")


def test_the_pages_of_the_day(house):
    check = called(house)
    sent = badges(check)
    answer = stories.posted(house.district, "begin", check, **{f"badge-{p.pk}": b for p, b in sent.items()})
    assert answer.status_code == 302
    check.refresh_from_db()
    assert check.state == "under_way"
    one, other = queries.examinees(check)
    for examinee, share in ((one, 1), (other, 0)):
        stories.sat(examinee, share)
    stories.posted(house.district, "conclude", check)
    check.refresh_from_db()
    assert check.state == "concluded"
    page = stories.seen(house.district, "check", check.code)
    assert "不合格" in page and one.registration.candidate.name in page
    assert "失分的知识点" in stories.seen(house.district, "examinee", check.code, other.pk)
