"""What may be done to a spot check, by whom and when; what is refused changes nothing."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Post, PostKind, User
from audit.models import AuditEvent
from audit.transitions import Refused
from exams.actions import sessions
from exams.models import ExamSession, Registration
from supervision.actions import checks, draws, standing
from supervision.models import (
    Draw,
    DrawnCandidate,
    Exclusion,
    FrameLine,
    Replacement,
    Reveal,
    RuleProfile,
    SpotCheck,
)
from supervision.queries import coverage
from supervision.queries import draws as queries
from supervision.queries.inspectors import INTEREST, LAST_TIME, POST, conflicts_of, pool_of
from supervision.queries.universe import survey
from supervision.tests import stories

HOUR = timedelta(hours=1)


@pytest.fixture
def house(cast):
    """A crowd in Jinhai, and enough who may be sent."""
    cast.crowd = stories.crowd(cast, 8)
    cast.sent = stories.inspectors(cast)
    return cast


def names(listed):
    return [one.line.person.name for one in listed]


# --- Plans ------------------------------------------------------------------------------------------------------------


def test_numbers_run_by_organ_and_year(house):
    blueprint = stories.blueprint(house)
    told = [
        stories.planned(house, blueprint=blueprint).code,
        stories.planned(house, blueprint=blueprint).code,
        stories.planned(house, by=house.city, unit=house.city_organ, blueprint=blueprint).code,
    ]
    year = (timezone.localdate() + timedelta(days=7)).year
    assert told == [f"tj-xq-{year}-001", f"tj-xq-{year}-002", f"tj-{year}-001"]


def test_the_rules_bind_the_plan(house):
    with pytest.raises(Refused, match="要求不少于 50 题，所选蓝图只有 30 题"):
        stories.planned(house, profile=stories.profile("industrial"))
    with pytest.raises(Refused, match="检查人员不得少于 2 名"):
        stories.planned(house, inspectors=1, blueprint=house and stories.blueprint(house, "other"))
    assert not SpotCheck.objects.exists()


def test_neither_who_planned_nor_who_changed_it_last_approves(house):
    check = stories.planned(house)
    with pytest.raises(Refused, match="不能批准"):
        checks.approve(check, by=house.district)
    told = {name: getattr(check, name) for name in stories.fields(house, blueprint=check.blueprint)}
    checks.change(check, by=house.city, **told)
    with pytest.raises(Refused, match="不能批准"):
        checks.approve(check, by=house.city)
    checks.approve(check, by=house.sent[0])
    check.refresh_from_db()
    assert (check.state, check.approved_by) == ("approved", house.sent[0])
    exam = check.exam
    assert (exam.kind, exam.cut_score, exam.minutes, exam.max_attempts, exam.self_registration) == (
        "spot_check", 90, 60, 1, False,
    )  # fmt: skip
    with pytest.raises(Refused, match="不再改动"):
        checks.change(check, by=house.district, **told)
    with pytest.raises(Refused, match="不再改动"):
        checks.exclude(check, by=house.district, person=house.officer, why="出国")


def test_whoever_leaves_somebody_out_has_changed_the_plan(house):
    check = stories.planned(house)
    checks.exclude(check, by=house.city, person=house.officer, why="长期病假")
    with pytest.raises(Refused, match="不能批准"):
        checks.approve(check, by=house.city)


def test_a_plan_that_asks_for_more_than_there_are_is_not_approved(house):
    check = stories.planned(house, quotas={"": 99})
    with pytest.raises(Refused, match="要抽 99 人，可抽的只有 10 人"):
        checks.approve(check, by=house.city)
    limited = stories.planned(house, blueprint=check.blueprint, quotas={"": 2}, per_enterprise=1)
    with pytest.raises(Refused, match="可抽的只有 1 人"):
        checks.approve(limited, by=house.city)
    empty = stories.planned(house, blueprint=check.blueprint, quotas={})
    with pytest.raises(Refused, match="至少为一层"):
        checks.approve(empty, by=house.city)


def test_the_database_knows_that_nobody_approves_her_own_plan(house):
    check = stories.approved(house)
    with pytest.raises(IntegrityError), transaction.atomic():
        SpotCheck.objects.filter(pk=check.pk).update(approved_by=house.district)


def test_an_abandoned_check_keeps_its_reason_and_cancels_its_session(house):
    draw = stories.drawn(house)
    check = draws.register(draw.check_of, by=house.district, opens_at=timezone.now() + HOUR, closes_at=timezone.now() + 3 * HOUR, papers_wanted=1)  # fmt: skip
    with pytest.raises(Refused, match="请写明"):
        checks.abandon(check, by=house.district, why=" ")
    checks.abandon(check, by=house.district, why="会场停用")
    check.refresh_from_db()
    assert (check.state, check.abandoned_why, check.session.state) == ("abandoned", "会场停用", "cancelled")
    with pytest.raises(Refused, match="不能再终止"):
        checks.abandon(check, by=house.district, why="再来")


# --- The universe -----------------------------------------------------------------------------------------------------


def test_the_totals_reconcile_and_each_person_counts_once(house):
    Post.objects.create(
        person=house.officer, enterprise=house.jinhai, kind=PostKind.DIRECTOR, appointed_on="2025-01-06"
    )
    plan = SpotCheck(unit=house.xiqing, universe={}, strata_by="kind", weights={"never": 2})
    told = survey(plan, timezone.localdate(), ({house.director.pk}, ()))
    assert {code: (c.universe, c.excluded, c.doubled, c.frame) for code, c in told.counts.items()} == {
        "director": (2, 1, 1, 0),
        "officer": (9, 0, 0, 9),
        "principal": (1, 0, 0, 1),
    }
    assert told.total.universe == told.total.frame + told.total.excluded + told.total.doubled
    assert {row.weight for row in told.rows} == {2}


@pytest.mark.parametrize(
    ("universe", "expected"),
    [
        ({}, {"王雨晨", "李䶮", "欧阳海", "钱一帆"}),
        ({"kinds": ["officer"]}, {"王雨晨", "钱一帆"}),
        ({"regions": ["120104"]}, {"钱一帆"}),
        ({"categories": ["16"]}, {"钱一帆"}),
        ({"trade": "produces"}, {"王雨晨", "李䶮", "欧阳海"}),
        ({"trade": "both"}, set()),
        ({"risks": ["high"]}, set()),
        ({"sizes": ["medium"]}, {"王雨晨", "李䶮", "欧阳海"}),
        ({"unit": "TJ-NK"}, {"钱一帆"}),
        ({"never": True}, {"王雨晨", "李䶮", "欧阳海", "钱一帆"}),
        ({"last": "failed"}, set()),
    ],
)
def test_the_filter_names_whom_it_says(cast, universe, expected):
    plan = SpotCheck(unit=cast.city_organ, universe=universe, weights={})
    rows = survey(plan, timezone.localdate()).rows
    assert (
        set(User.objects.filter(pk__in=[r.person for r in rows]).values_list("name", flat=True)) == expected
    )


def test_what_the_last_spot_check_said_decides_filter_and_weight(cast):
    from tests import build

    room = build.make_session(cast, "spot-1", kind="spot_check", counts={"truefalse": 4})
    failed, passed = build.begun(room, cast.officer), build.begun(room, cast.director)
    for attempt, share in ((failed, 0), (passed, 1)):
        build.handed_in(attempt, share)
    from exams.models import Attempt

    Attempt.objects.update(released_at=timezone.now())

    def rows(**universe):
        plan = SpotCheck(unit=cast.xiqing, universe=universe, weights={"failed": 3, "never": 2})
        return {row.person: row.weight for row in survey(plan, timezone.localdate()).rows}

    assert rows() == {cast.officer.pk: 3, cast.director.pk: 1, cast.principal.pk: 2}
    assert rows(last="failed") == {cast.officer.pk: 3}
    assert rows(last="passed") == {cast.director.pk: 1}
    assert rows(never=True) == {cast.principal.pk: 2}


# --- The draw ---------------------------------------------------------------------------------------------------------


def test_what_is_frozen_holds_no_name_and_is_fixed(house):
    draw = stories.frozen(house)
    for person in User.objects.all():
        assert person.name not in draw.frozen and (not person.phone or person.phone not in draw.frozen)
    head, lines, pool = draws.dossier.thaw(draw.frozen)
    assert head["strata"][0]["frame"] == len(lines) == 10 == FrameLine.objects.count()
    assert len(pool) == 5  # station, district and the three
    with pytest.raises(Exception, match="append-only"), transaction.atomic():
        Draw.objects.filter(pk=draw.pk).update(digest="0" * 64)
    with pytest.raises(Refused, match="不能再次冻结"):
        draws.freeze(draw.check_of, by=house.city, source="x", source_at=timezone.now() + HOUR)


def test_the_same_people_have_other_keys_in_another_draw(house):
    first = stories.frozen(house)
    draws.void(first, by=house.city, why="期号写错")
    second = draws.freeze(first.check_of, by=house.district, source="双色球", source_at=timezone.now() + HOUR)
    assert second.number == 2
    keys = [set(draw.lines.values_list("key", flat=True)) for draw in (first, second)]
    assert len(keys[0]) == len(keys[1]) == 10 and not keys[0] & keys[1]


def test_the_public_number_must_come_after_the_commitment(house):
    check = stories.approved(house)
    with pytest.raises(Refused, match="冻结之后产生"):
        draws.freeze(check, by=house.district, source="双色球", source_at=timezone.now())
    with pytest.raises(Refused, match="来源"):
        draws.freeze(check, by=house.district, source="  ", source_at=timezone.now() + HOUR)
    draw = draws.freeze(check, by=house.district, source="双色球", source_at=timezone.now() + HOUR)
    with pytest.raises(Refused, match="才产生"):
        draws.reveal(draw, by=house.district, public="1")
    with pytest.raises(Refused, match="请录入公开数"):
        draws.reveal(draw, by=house.district, public="  ", now=timezone.now() + 2 * HOUR)
    assert not Reveal.objects.exists()


def test_it_is_drawn_once(house):
    draw = stories.drawn(house)
    before = list(DrawnCandidate.objects.values_list("line__key", "rank", "role"))
    with pytest.raises(Refused, match="结果不会再变"):
        draws.reveal(draw, by=house.city, public="another")
    assert list(DrawnCandidate.objects.values_list("line__key", "rank", "role")) == before
    assert [role for _key, _rank, role in before] == ["chosen", "chosen", "reserve"]
    assert draw.inspectors.count() == 2


def test_a_draw_is_voided_by_a_second_person_and_never_done_again(house):
    draw = stories.drawn(house)
    with pytest.raises(Refused, match="另一位监管人员"):
        draws.void(draw, by=house.district, why="想换人")
    with pytest.raises(Refused, match="请写明"):
        draws.void(draw, by=house.city, why=" ")
    draws.void(draw, by=house.city, why="公开数录入错误")
    check = SpotCheck.objects.get()
    assert (check.state, check.abandoned_why) == ("abandoned", "抽取作废：公开数录入错误")
    assert DrawnCandidate.objects.count() == 3
    for act in (
        lambda: draws.freeze(check, by=house.district, source="双色球", source_at=timezone.now() + HOUR),
        lambda: draws.void(draw, by=house.city, why="再来"),
        lambda: draws.reveal(draw, by=house.district, public="1"),
    ):
        with pytest.raises(Refused):
            act()


def test_the_next_reserve_of_her_stratum_takes_her_place_with_a_reason(house):
    draw = stories.drawn(house, reserves=2)
    first, second = queries.listed(draw)
    reserves = list(DrawnCandidate.objects.filter(role="reserve").order_by("rank"))
    with pytest.raises(Refused, match="理由"):
        draws.replace(first, by=house.district, why="")
    draws.replace(first, by=house.district, why="住院")
    assert queries.listed(draw) == [second, reserves[0]]
    with pytest.raises(Refused, match="已不在名单上"):
        draws.replace(first, by=house.district, why="住院")
    draws.replace(reserves[0], by=house.district, why="出差")
    assert queries.listed(draw) == [second, reserves[1]]
    with pytest.raises(Refused, match="已经用完"):
        draws.replace(second, by=house.district, why="出差")
    assert Replacement.objects.count() == 2
    told = AuditEvent.objects.filter(action="draw.replaced").order_by("pk").last()
    assert told.data["why"] == "出差"


def test_a_substitute_is_registered_where_the_list_was(house):
    draw = stories.drawn(house)
    check = draws.register(draw.check_of, by=house.district, opens_at=timezone.now() + HOUR, closes_at=timezone.now() + 3 * HOUR, papers_wanted=1)  # fmt: skip
    assert Registration.objects.filter(session=check.session).count() == 2
    with pytest.raises(Refused, match="已经登记"):
        draws.register(
            check, by=house.district, opens_at=timezone.now() + HOUR, closes_at=timezone.now() + 3 * HOUR
        )
    out = queries.listed(draw)[0]
    made = draws.replace(out, by=house.district, why="住院")
    assert Registration.objects.filter(session=check.session, candidate=made.into.line.person).count() == 1


def test_who_left_her_post_must_be_replaced_before_anybody_is_registered(house):
    draw = stories.drawn(house)
    gone = queries.listed(draw)[0].line
    Post.objects.filter(pk=gone.post_id).update(ended_on=timezone.localdate())
    with pytest.raises(Refused, match=f"{gone.person.name} 已离任"):
        draws.register(draw.check_of, by=house.district, opens_at=timezone.now() + HOUR, closes_at=timezone.now() + 3 * HOUR)  # fmt: skip
    assert not ExamSession.objects.exists()


def test_nobody_but_the_regulator_registers_for_a_spot_check(house):
    draw = stories.drawn(house)
    check = draws.register(draw.check_of, by=house.district, opens_at=timezone.now() + HOUR, closes_at=timezone.now() + 3 * HOUR, papers_wanted=1)  # fmt: skip
    assert not ExamSession.objects.offered_to(house.jinhai).filter(pk=check.session_id).exists()
    with pytest.raises(Refused, match="只由监管部门登记"):
        sessions.register(check.session, house.post(house.principal), by=house.manager, source="manager")


# --- Inspectors -------------------------------------------------------------------------------------------------------


def test_conflicts_are_posts_interests_and_the_check_before(house):
    first, second, third = house.sent
    Post.objects.create(
        person=first,
        enterprise=house.jinhai,
        kind=PostKind.OFFICER,
        appointed_on="2020-01-06",
        ended_on="2021-01-06",
    )
    standing.declare(second, house.jinhai, by=second, note="配偶在该企业任职", starts_on=timezone.localdate())
    today, pool = timezone.localdate(), pool_of(house.xiqing, timezone.localdate())
    assert set(pool) == {house.station.pk, house.district.pk, first.pk, second.pk, third.pk}
    told = conflicts_of(pool, house.xiqing, today)
    assert told == {first.pk: {house.jinhai.pk: POST}, second.pk: {house.jinhai.pk: INTEREST}}
    draw = stories.drawn(house)
    went = set(draw.inspectors.values_list("person_id", flat=True))
    assert went <= {house.station.pk, house.district.pk, third.pk}
    told = conflicts_of(pool, house.xiqing, today)
    assert {person for person, held in told.items() if LAST_TIME in held.values()} == went
    # one is left, and two are needed
    with pytest.raises(Refused, match=r"不需回避的监管人员只有 1 名.*上次检查过其中的企业") as refused:
        draws.freeze(
            stories.approved(house, blueprint=draw.check_of.blueprint),
            by=house.district,
            source="双色球",
            source_at=timezone.now() + HOUR,
        )
    for why in ("检查员0（曾在其中的企业任职）", "检查员1（申报过利害关系）"):
        assert why in str(refused.value)
    assert Draw.objects.count() == 1


def test_an_interest_that_ended_keeps_nobody_away(house):
    made = standing.declare(house.sent[0], house.jinhai, by=house.sent[0], note="曾提供咨询", starts_on="2025-01-01", ends_on="2025-12-31")  # fmt: skip
    assert conflicts_of({house.sent[0].pk: ""}, house.xiqing, timezone.localdate()) == {}
    assert standing.end_interest(made, by=house.sent[0]).pk == made.pk


# --- Rules and coverage -----------------------------------------------------------------------------------------------


def test_a_changed_number_is_a_new_version_with_a_reason(house):
    newest = stories.profile("food")
    numbers = {name: getattr(newest, name) for name in RuleProfile.numbers()}
    with pytest.raises(Refused, match="理由"):
        standing.renew_profile(newest, by=house.city, reason=" ", **numbers | {"minutes": 90})
    with pytest.raises(Refused, match="没有任何改动"):
        standing.renew_profile(newest, by=house.city, reason="试", **numbers)
    made = standing.renew_profile(
        newest, by=house.city, reason="市局 2026 年通知", **numbers | {"minutes": 90}
    )
    assert (made.number, made.minutes, RuleProfile.objects.newest().get(code="food")) == (2, 90, made)
    with pytest.raises(Refused, match="新版本"):
        standing.renew_profile(newest, by=house.city, reason="同时改", **numbers | {"minutes": 80})
    assert standing.enter_shipped_profiles() == []
    with pytest.raises(Exception, match="append-only"), transaction.atomic():
        RuleProfile.objects.filter(pk=newest.pk).update(minutes=1)


def test_the_ledger_counts_who_was_drawn_and_who_never_was(house):
    draw = stories.drawn(house)
    chosen = {one.line.person_id for one in queries.listed(draw)}
    year = draw.check_of.year
    strata, whole, never = coverage.ledger(house.xiqing, year, "kind", timezone.localdate())
    assert (whole.people, whole.drawn, whole.never, whole.firms, whole.firms_drawn) == (11, 2, 9, 1, 1)
    assert {row.person for row in never} & chosen == set()
    assert sum(one.drawn for one in strata.values()) == 2
    (told,) = coverage.probabilities([draw])[draw.pk]
    assert told == ("", 10, 2, [(1, 10, 0.2)])
    draws.void(draw, by=house.city, why="公开数录入错误")
    assert coverage.ledger(house.xiqing, year, "kind", timezone.localdate())[1].drawn == 0


def test_an_exclusion_is_of_one_and_has_its_reason(house):
    check = stories.planned(house)
    for wrong in (
        {"why": "x"},
        {"person": house.officer, "enterprise": house.jinhai, "why": "x"},
        {"person": house.officer, "why": ""},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Exclusion.objects.create(check_of=check, by=house.district, **wrong)
    with pytest.raises(Refused, match="理由"):
        checks.exclude(check, by=house.district, person=house.officer, why="")
    row = checks.exclude(check, by=house.district, enterprise=house.jinhai, why="停产")
    assert checks.exclude(check, by=house.district, enterprise=house.jinhai, why="停产") == row
    with pytest.raises(Refused, match="可抽的只有 0 人"):
        checks.approve(check, by=house.city)
    checks.include(row, by=house.district)
    assert checks.approve(check, by=house.city).state == "approved"
