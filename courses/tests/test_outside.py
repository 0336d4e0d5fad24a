"""What was learned elsewhere counts once a second person has confirmed it; and the hours of a year, by source."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import records
from accounts.models import Post, PostKind, RoleGrant, User
from audit.transitions import Refused
from courses.actions import hour_rules, outside
from courses.models import HourRule, HourRuleEnd, OutsideEvidence, OutsideTraining
from courses.queries import shortfalls
from courses.queries.yearly import Hours, hours_between, hours_of
from courses.tests import class_stories as tell

YEAR = timezone.localdate().year


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def again(training):
    return OutsideTraining.objects.get(pk=training.pk)


def test_what_the_officer_entered_counts_after_her_manager_has_confirmed_it(cast):
    training = tell.submitted(cast)
    day = training.ends_on
    assert hours_of([cast.officer], day.year) == {}
    outside.confirm(training, by=cast.manager)
    assert hours_of([cast.officer], day.year) == {cast.officer.pk: Hours(outside=240)}
    [line] = records.latest(cast.officer, "training")
    assert (line.subject, line.facts["minutes"], line.facts["entered_by"], line.facts["confirmed_by"]) == (
        f"outside:{training.pk}",
        240,
        "王雨晨",
        "赵敏",
    )
    assert line.facts["evidence"] == [training.evidence.get().digest]


def test_what_was_sent_back_is_mended_with_further_evidence_and_waits_again(cast):
    training = tell.submitted(cast)
    with pytest.raises(Refused, match="退回理由"):
        outside.send_back(training, by=cast.manager, why="")
    outside.send_back(training, by=cast.manager, why="看不清日期")
    with pytest.raises(Refused, match="由登记的人修改"):
        outside.mend(training, by=cast.manager, minutes=60)
    outside.mend(training, tell.evidence("新.png", size=(50, 40)), by=cast.officer, minutes=180)
    kept = again(training)
    assert (kept.state, kept.minutes, kept.returned_why) == ("submitted", 180, "看不清日期")
    assert [one.number for one in kept.evidence.order_by("number")] == [1, 2]
    outside.confirm(training, by=cast.station)
    assert again(training).returned_why == ""


@pytest.mark.parametrize(
    ("entered_by", "checker", "sentence"),
    [
        ("officer", "officer", "不能核对自己的"),
        ("manager", "manager", "登记的人不能自己核对"),
        ("manager", "officer", "不能核对自己的"),
        ("officer", "manager", ""),
        ("manager", "station", ""),
        ("manager", "deputy", ""),
    ],
)
def test_it_is_always_a_second_person_and_never_about_oneself(cast, entered_by, checker, sentence):
    cast.deputy = cast.director
    given = cast.manager.grants.get()
    RoleGrant.objects.create(user=cast.director, role=given.role, unit=given.unit, starts_on=given.starts_on)
    training = tell.submitted(cast, by=getattr(cast, entered_by))
    if sentence:
        with pytest.raises(Refused, match=sentence):
            outside.confirm(training, by=getattr(cast, checker))
        with pytest.raises(Refused, match=sentence):
            outside.send_back(training, by=getattr(cast, checker), why="不行")
    else:
        outside.confirm(training, by=getattr(cast, checker))
    assert again(training).state == ("submitted" if sentence else "confirmed")


@pytest.mark.parametrize("who", ["officer", "manager"])
def test_the_database_knows_the_second_person_too(cast, who):
    training = tell.submitted(cast, by=cast.manager)
    user = getattr(cast, who)  # herself, or who entered it
    with pytest.raises(IntegrityError), transaction.atomic():
        OutsideTraining.objects.filter(pk=training.pk).update(
            state="confirmed", decided_by=user, decided_at=timezone.now()
        )


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"ends": 1}, "还没有结束"),
        ({"begins": -1, "ends": -2}, "不能早于开始日期"),
        ({"begins": -1200, "ends": -1200}, "三年以前"),
        ({"minutes": 721}, "每天最多 12 小时"),
    ],
)
def test_what_cannot_be_is_refused(cast, fields, sentence):
    today, said = timezone.localdate(), {}
    if "ends" in fields:
        said["ends_on"] = today + timedelta(days=fields["ends"])
        said["begins_on"] = today + timedelta(days=fields.get("begins", 0))
    if "minutes" in fields:
        said["minutes"] = fields["minutes"]
    with pytest.raises(Refused, match=sentence):
        tell.submitted(cast, **said)
    assert OutsideTraining.objects.count() == OutsideEvidence.objects.count() == 0


def test_the_same_training_is_entered_once_until_it_is_taken_back(cast):
    first = tell.submitted(cast)
    with pytest.raises(Refused, match="同一次培训"):
        tell.submitted(cast, by=cast.manager)
    with pytest.raises(Refused, match="由登记的人撤回"):
        outside.withdraw(first, by=cast.manager)
    outside.withdraw(first, by=cast.officer)
    tell.submitted(cast, by=cast.manager)


def test_who_was_merged_into_the_checker_is_herself(cast):
    own, entered = (
        tell.submitted(cast),
        tell.submitted(cast, cast.principal, by=cast.director, title="另一次"),
    )
    User.objects.filter(pk__in=[cast.officer.pk, cast.director.pk]).update(
        merged_into=cast.manager, is_active=False
    )
    for training, sentence in ((own, "不能核对自己的"), (entered, "登记的人不能自己核对")):
        with pytest.raises(Refused, match=sentence):
            outside.confirm(training, by=cast.manager)


# --- the hours of a year -------------------------------------------------------------------------------------------------


def test_hours_of_tells_each_source_of_each_person_in_three_queries(cast, django_assert_num_queries):
    tell.finished_course(cast)
    meeting = tell.begun(cast)
    tell.signed(meeting, cast.officer, 0, 30)
    tell.signed(meeting, cast.director, 0, 45)
    tell.ended(meeting)
    for people in ([cast.officer], [cast.officer, cast.director, cast.stranger]):
        with django_assert_num_queries(3):
            told = hours_of(people, YEAR)
    assert (told[cast.officer.pk].course, told[cast.officer.pk].classes) == (5, 30)
    assert (told[cast.director.pk], cast.stranger.pk in told) == (Hours(classes=45), False)


def test_what_was_learned_under_a_merged_account_is_hers(cast):
    tell.confirmed(cast, cast.director)
    day = OutsideTraining.objects.get().ends_on
    told = hours_of([cast.director], day.year)
    assert told == {cast.director.pk: Hours(outside=240)}
    User.objects.filter(pk=cast.director.pk).update(merged_into=cast.officer, is_active=False)
    assert hours_of([cast.officer], day.year) == {cast.officer.pk: Hours(outside=240)}


def test_a_year_before_counts_in_its_own_year(cast):
    day = date(YEAR - 1, 6, 1)
    tell.confirmed(cast, begins_on=day, ends_on=day)
    assert hours_of([cast.officer], YEAR) == {}
    assert hours_between([cast.officer], YEAR - 1, YEAR) == {cast.officer.pk: {YEAR - 1: Hours(outside=240)}}


# --- rules ----------------------------------------------------------------------------------------------------------------


def short_of(user, year=None, **more):
    today = timezone.localdate()
    year = year or today.year
    rules = shortfalls.rules_for(user, shortfalls.day_of(year, today))
    return {
        row.post.person.name: (row.state, row.year.short)
        for row in shortfalls.list_short(user, rules, year, today, **more)
    }


def test_without_a_rule_nobody_is_short(cast):
    tell.submitted(cast)
    assert (HourRule.objects.count(), short_of(cast.manager)) == (0, {})


def test_a_rule_binds_the_posts_it_names_and_counts_what_it_names(cast):
    tell.ruled(cast, post_kind=PostKind.OFFICER, hours=4, sources=["outside"])
    day = date(YEAR - 1, 6, 1)
    tell.confirmed(cast, begins_on=day, ends_on=day)
    assert short_of(cast.city, YEAR - 1) == {"王雨晨": ("met", 0), "钱一帆": ("short", 240)}
    assert short_of(cast.manager, YEAR - 1) == {"王雨晨": ("met", 0)}
    assert short_of(cast.city, YEAR - 1, state="short") == {"钱一帆": ("short", 240)}
    assert short_of(cast.manager) == {"王雨晨": ("short", 240)}


def test_a_surplus_is_carried_as_far_as_the_rule_lets(cast):
    tell.ruled(cast, post_kind=PostKind.OFFICER, hours=2, carry_hours=1)
    day = date(YEAR - 1, 6, 1)
    tell.confirmed(cast, begins_on=day, ends_on=day)  # four hours
    [row] = shortfalls.of_person(cast.officer, YEAR, timezone.localdate())
    assert (row.year.carried, row.year.short) == (60, 60)


def test_a_rule_of_a_category_binds_whose_products_these_are(cast):
    tell.ruled(cast, category=cast.gas)
    assert set(short_of(cast.city)) == {"钱一帆"}


def test_a_rule_is_ended_once_and_never_edited(cast):
    rule = tell.ruled(cast)
    today = timezone.localdate()
    with pytest.raises(Refused, match="终止理由"):
        hour_rules.end(rule, ends_on=today, why="", by=cast.admin)
    with pytest.raises(Refused, match="晚于施行日期"):
        hour_rules.end(rule, ends_on=rule.starts_on, why="废止", by=cast.admin)
    hour_rules.end(rule, ends_on=today, why="文件废止", by=cast.admin)
    with pytest.raises(Refused, match="已经终止"):
        hour_rules.end(rule, ends_on=today, why="再次", by=cast.admin)
    assert short_of(cast.manager) == {}
    assert HourRuleEnd.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        HourRule.objects.update(hours=1)


def test_a_rule_without_a_legal_basis_is_not_kept(cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        tell.ruled(cast, basis="")


def test_the_list_costs_the_same_for_any_number_of_people(cast):
    tell.ruled(cast, carry_hours=2)

    def cost():
        with CaptureQueriesContext(connection) as seen:
            assert short_of(User.objects.get(pk=cast.district.pk))
        return len(seen)

    few = cost()
    for n in range(5):
        person = User.objects.create_user(f"more{n}", name=f"更多{n}")
        Post.objects.create(
            person=person, enterprise=cast.jinhai, kind="officer", appointed_on=date(2025, 1, 6)
        )
        tell.confirmed(cast, person)
    assert (len(short_of(cast.district)), cost()) == (8, few)
