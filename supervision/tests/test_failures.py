"""After a fail or an absence: the notice, its service, the report, the retake, the decision, the end of the case."""

from datetime import datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import papers
from accounts.models import Post, RecordEntry
from accounts.tests.files import a_picture
from audit.transitions import Refused
from exams.models import Item, PaperItem
from supervision import calendar
from supervision.actions import rectifying, retaking, sittings
from supervision.models import Decision, Evidence, Recheck, Rectification, Retake, RuleProfile, Service
from supervision.queries import failures
from supervision.tests import failing, stories

DAY = timedelta(days=1)


@pytest.fixture
def house(cast):
    return failing.house(cast)


def rule(**more):
    """The small rule with other numbers."""
    RuleProfile.objects.filter(code="small").exists() or stories.small_rule()
    last = RuleProfile.objects.filter(code="small").order_by("-number").first()
    values = {name: getattr(last, name) for name in ("code", "name", *RuleProfile.numbers())}
    return RuleProfile.objects.create(**values | {"number": last.number + 1, "reason": "故事"} | more)


def test_from_the_fail_to_the_end_of_the_case_by_three_people(house):
    check = failing.published(failing.failed(house))
    first, second = failing.called(check)
    with pytest.raises(Refused, match=r"还没有合格，也没有处理决定；.*整改通知书还没有发出"):
        retaking.close(check, by=house.city)

    one = failing.issued(house, second)
    today = timezone.localdate()
    assert (one.serial, one.state, one.missed) == (
        f"整改〔{today.year}〕1号",
        "issued",
        [r["topic"] for r in one.outcome.missed],
    )
    assert one.due_on == calendar.due(today, 15)[0] and one.serve_by == calendar.due(today, 5)[0]
    with pytest.raises(Refused, match="请先确认收到"):
        rectifying.report(one, by=house.manager, measures="整改")
    rectifying.acknowledge(one, by=house.manager)
    proof = Service.objects.get()
    assert (proof.how, proof.receiver, proof.by) == ("system", house.manager.name, house.manager)

    rectifying.report(one, by=house.manager, measures="自查", training=[failing.LESSON])
    one = rectifying.recheck(one, by=house.district, is_accepted=False, found="没有签到表")
    assert one.state == "returned"
    one = rectifying.report(one, by=house.manager, measures="自查，附签到表", training=[failing.LESSON])
    assert failing.row(one).recheck_by == calendar.due(today, 10)[0]
    rectifying.recheck(one, by=house.district, is_accepted=True, found="材料齐全")
    with pytest.raises(Refused, match="复查的人不能销号"):
        rectifying.strike_off(one, by=house.district)
    rectifying.strike_off(one, by=house.city)
    assert list(Recheck.objects.values_list("report__number", "is_accepted")) == [(1, False), (2, True)]

    failing.retaken(house, check)
    assert [s.is_done for s in failures.standings(check)] == [True, True]
    last = max(row.objections_until for row in check.publications.all())
    with pytest.raises(Refused, match=f"还不能归档：异议期到 {last:%Y-%m-%d} 才结束。"):
        retaking.close(check, by=house.city)
    eve = timezone.make_aware(datetime.combine(last, time(23, 59)))
    with pytest.raises(Refused, match="异议期到"):
        retaking.close(check, by=house.city, now=eve)
    with pytest.raises(Refused, match="不能归档"):
        retaking.close(check, by=house.district, now=eve + DAY)
    assert retaking.close(check, by=house.city, now=eve + DAY).state == "closed"

    told = RecordEntry.objects.filter(person=second.registration.candidate, kind="spot_check")
    states = [e.facts["state"] for e in told.filter(subject=f"rectification:{one.pk}").order_by("number")]
    assert states == ["issued", "served", "reported", "returned", "reported", "accepted", "closed"]
    again = failing.called(check, 1)[0]
    confirmed = RecordEntry.objects.get(person=second.registration.candidate, subject=f"examinee:{again.pk}")
    assert confirmed.facts["conclusion"] == "passed"
    assert not RecordEntry.objects.filter(
        person=first.registration.candidate, subject__startswith="rectification"
    ).exists()


def test_only_an_outcome_that_needs_it_gets_a_notice_and_only_one(house):
    check = stories.begun(house, **stories.lean(house.blueprint, 2))
    first, second = failing.called(check)
    with pytest.raises(Refused, match="考核结束之后"):
        failing.issued(house, second)
    for examinee, share in ((first, 1), (second, 0)):
        stories.sat(examinee, share)
    sittings.conclude(check, by=house.district)
    with pytest.raises(Refused, match="结果为“合格”"):
        failing.issued(house, first)
    with pytest.raises(Refused, match="还没有确认"):
        failing.issued(house, second)
    stories.sealed(check)
    with pytest.raises(Refused, match="请写明"):
        failing.issued(house, second, demands=" ")
    failing.issued(house, second)
    with pytest.raises(Refused, match="已经发出"):
        failing.issued(house, second)
    sittings.amend(first, by=house.city, why="查实由他人代考", conclusion="cancelled")
    with pytest.raises(Refused, match="还没有确认"):
        failing.issued(house, first)
    failing.confirmed(first)
    assert failing.issued(house, first).number == 2


def test_a_notice_is_served_with_a_receiver_or_a_witness_and_its_file(house, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    one = failing.issued(house, failing.called(failing.failed(house))[1])
    now = timezone.now()
    with pytest.raises(Refused, match="须有见证人"):
        rectifying.serve(one, by=house.district, how="left", served_at=now)
    with pytest.raises(Refused, match="请写明收件人"):
        rectifying.serve(one, by=house.district, how="mail", served_at=now)
    with pytest.raises(Refused, match="发出之后"):
        rectifying.serve(one, by=house.district, how="mail", served_at=now - 3 * DAY, receiver="赵敏")
    paper = papers.prepare(a_picture(), "回证.png")
    rectifying.serve(
        one, by=house.district, how="left", served_at=now, witness="李村民，村委会", papers=[paper]
    )
    assert Evidence.objects.get().subject == f"supervision.service:{Service.objects.get().pk}"
    with pytest.raises(Refused, match="已经登记过"):
        rectifying.serve(one, by=house.district, how="mail", served_at=now, receiver="赵敏")
    with pytest.raises(IntegrityError), transaction.atomic():
        Service.objects.filter(pk=Service.objects.get().pk).update(note="改")


def test_more_time_is_given_only_on_request_and_with_a_reason(house):
    one = failing.issued(house, failing.called(failing.failed(house))[1])
    later = one.due_on + 7 * DAY
    with pytest.raises(Refused, match="送达之后"):
        rectifying.ask_for_time(one, by=house.manager, until=later, why="讲师出差")
    rectifying.acknowledge(one, by=house.manager)
    with pytest.raises(Refused, match="应晚于"):
        rectifying.ask_for_time(one, by=house.manager, until=one.due_on, why="讲师出差")
    rectifying.ask_for_time(one, by=house.manager, until=later, why="讲师出差")
    with pytest.raises(Refused, match="还没有答复"):
        rectifying.ask_for_time(one, by=house.manager, until=later, why="讲师出差")
    rectifying.rule_on_time(one, by=house.district, is_granted=False, why="可以另请讲师")
    assert failing.row(one).due_on == one.due_on
    rectifying.ask_for_time(one, by=house.manager, until=later, why="停产检修")
    rectifying.rule_on_time(one, by=house.district, is_granted=True, why="情况属实")
    assert failing.row(one).due_on == later
    with pytest.raises(Refused, match="没有等待答复"):
        rectifying.rule_on_time(one, by=house.district, is_granted=True, why="再延")


def test_the_retake_has_another_paper_without_an_item_she_had(house):
    check = failing.failed(house, (0, 0, None))
    made = failing.retake(house, check)
    examinees = failing.called(check, 1)
    assert [one.registration.session for one in examinees] == [made.session] * 3
    had = set(failures.items_had(failing.called(check)).values_list("pk", flat=True))
    papers_ = PaperItem.objects.filter(paper__session=made.session)
    assert had and not had & set(papers_.values_list("revision__item", flat=True))
    assert set(made.session.passed_over.values_list("pk", flat=True)) == had


def test_where_the_bank_has_no_more_items_the_retake_takes_those_as_well(cast):
    house = failing.house(cast, items=6, drawn=4)
    check = failing.failed(house, (0,))
    made = failing.retake(house, check)
    had = failures.items_had(failing.called(check))
    fresh = set(Item.objects.exclude(pk__in=had.values("pk")).values_list("pk", flat=True))
    for paper in made.session.papers.all():
        assert fresh <= set(paper.items.values_list("revision__item", flat=True))


def test_all_who_did_not_pass_are_called_once_and_no_more_than_the_rules_allow(house):
    check = failing.failed(house, (1, 0, None))
    passed, failed, absent = failing.called(check)
    sittings.amend(absent, by=house.city, why="住院，有证明", conclusion="excused")
    made = failing.retake(house, check)
    assert {one.drawn_id for one in failing.called(check, 1)} == {failed.drawn_id, absent.drawn_id}
    with pytest.raises(Refused, match="还没有结束"):
        failing.retake(house, check)
    with pytest.raises(Refused, match="还有 2 人没有作答"):
        retaking.conclude_retake(made, by=house.district, now=timezone.now())
    one, other = failing.called(check, 1)
    stories.sat(one, 1)
    stories.sat(other, 0)
    retaking.conclude_retake(made, by=house.district)
    with pytest.raises(Refused, match="已经结束"):
        retaking.conclude_retake(made, by=house.district)
    # One was excused the first time: what she failed was her first try, and she alone is called once more.
    again = failing.retake(house, check)
    assert [one.drawn for one in failing.called(check, 2)] == [other.drawn]
    [third] = failing.called(check, 2)
    stories.sat(third, 0)
    retaking.conclude_retake(again, by=house.district)
    other = third
    with pytest.raises(Refused, match="最多补考 1 次"):
        failing.retake(house, check)
    waiting = [s for s in failures.standings(check) if s.waits]
    assert [(s.examinee, s.why) for s in waiting] == [(other, "last")]
    assert passed.drawn_id not in {s.examinee.drawn_id for s in waiting}


def test_whoever_fails_the_last_retake_is_decided_about_with_a_reason(house):
    check = failing.published(failing.failed(house, (0,)))
    [first] = failing.called(check)
    with pytest.raises(Refused, match="不在待处理名单上"):
        retaking.decide(first, by=house.district, measure="move", why="两次不合格")
    failing.closed(house, first)
    failing.retaken(house, check, (0,))
    [again] = failing.called(check, 1)
    with pytest.raises(Refused, match="写明处理的理由"):
        retaking.decide(first, by=house.district, measure="move", why=" ")
    retaking.decide(first, by=house.district, measure="move", why="补考仍不合格")
    decision = Decision.objects.get()
    assert (decision.examinee, decision.get_measure_display()) == (again, "责令调整岗位")
    entry = RecordEntry.objects.get(subject=f"decision:{decision.pk}")
    assert (entry.person, entry.title) == (
        again.registration.candidate,
        f"{check.serial}处理决定：责令调整岗位",
    )
    with pytest.raises(Refused, match="整改通知书还没有发出"):
        retaking.close(check, by=house.city)
    failing.closed(house, again)
    with pytest.raises(Refused, match="处理决定的人不能归档"):
        retaking.close(check, by=house.district, now=timezone.now() + failing.LATER)
    retaking.close(check, by=house.city, now=timezone.now() + failing.LATER)
    with pytest.raises(Refused, match="归档之前"):
        retaking.decide(first, by=house.district, measure="none", why="再议")


def test_a_second_fail_within_the_months_of_the_rules_is_to_be_decided(house):
    several = rule(retakes=2)
    people = failing.failed(house, (0,) * 8, rule=several)
    check = failing.failed(house, (0,) * 8, rule=several)
    before = {one.registration.candidate_id for one in failing.called(people)}
    again = [s for s in failures.standings(check) if s.why == "repeated"]
    assert (
        {s.examinee.registration.candidate_id for s in again}
        == before & {one.registration.candidate_id for one in failing.called(check)}
        != set()
    )
    assert not any(s.why for s in failures.standings(people))
    one = again[0].examinee.registration.candidate
    first = next(e for e in failing.called(people) if e.registration.candidate == one)
    sittings.amend(first, by=house.city, why="评分有误", conclusion="passed")
    sittings.amend(first, by=house.city, why="再核", conclusion="failed")
    assert one.pk not in failures.failed_before(check, before)  # nobody signed that yet
    failing.confirmed(first)
    assert one.pk in failures.failed_before(check, before)
    failing.amended(house, first)
    assert one.pk not in failures.failed_before(check, before)
    check.profile = rule(repeat_months=0, retakes=2)
    assert not any(s.why for s in failures.standings(check))


def test_nothing_is_decided_before_the_minutes_are_confirmed(house):
    check = failing.failed(house, (0,), rule=rule(retakes=0))
    [one] = failing.called(check)
    sittings.amend(one, by=house.city, why="复核", conclusion="absent")
    with pytest.raises(Refused, match="还没有确认"):
        retaking.decide(one, by=house.district, measure="interview", why="无补考")
    assert "还没有确认" in stories.seen(house.district, "examinee", check.code, one.pk)
    failing.confirmed(one)
    retaking.decide(one, by=house.district, measure="interview", why="无补考")
    assert Decision.objects.get().by == house.district


def test_whoever_left_is_not_called_again_but_decided_about(house):
    several = rule(retakes=2)
    check = failing.failed(house, (0, 0), rule=several)
    gone, _here = failing.called(check)
    Post.objects.filter(pk=gone.registration.post_id).update(ended_on=timezone.localdate())
    assert [s.why for s in failures.standings(check)] == ["left", ""]
    made = failing.retake(house, check)
    assert len(failing.called(check, made.round)) == 1


def test_what_is_late_is_listed_the_earliest_first(house):
    check = failing.failed(house, (0, 0))
    one, other = failing.called(check)
    today = timezone.localdate()
    failing.issued(house, one)
    failing.reported(house, other)
    Rectification.objects.filter(examinee=one).update(serve_by=today - 3 * DAY)
    Rectification.objects.filter(examinee=other).update(recheck_by=today - DAY)
    long_after = today + 60 * DAY
    assert [late.what for late in failures.late_for(house.district, today)] == ["serve", "recheck"]
    assert {late.what for late in failures.late_for(house.city, long_after)} == {
        "serve",
        "recheck",
        "publish",
        "retake",
    }
    assert failures.late_for(house.other_district, long_after) == []
    failing.retake(house, check)
    assert "retake" not in {late.what for late in failures.late_for(house.city, long_after)}
    assert Retake.objects.get().round == 1
