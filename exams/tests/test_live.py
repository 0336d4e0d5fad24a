"""The live page: who sits, how far, how long; time for those who need it; and decisions about one attempt."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Post, User
from exams.actions import interventions, regrading, scoring, sessions
from exams.models import Attempt, Exam, Intervention, Paper, Registration
from exams.queries import live
from tests import build


@pytest.fixture
def room(cast):
    return build.make_session(cast)


@pytest.fixture
def attempt(cast, room):
    return build.begun(room, cast.officer)


def page(session):
    return reverse("exams:session_live", args=[session.code])


def do(client, session, *ticked, confirmed=True, **said):
    data = {"act": "extend", "minutes": 10, "whom": "ticked", "why": "断网"} | said
    data["attempts"] = [getattr(a, "pk", a) for a in ticked]
    if confirmed:
        data["confirmed"] = "1"
    return client.post(reverse("exams:session_live_act", args=[session.code]), data)


def told(answer):
    return [str(message) for message in answer.context["messages"]]


def crowd(session, cast, n):
    """So many running attempts of people of one enterprise, written straight into the tables."""
    first = User.objects.count()
    people = User.objects.bulk_create(
        User(username=f"crowd-{first + k}", name=f"考生{first + k:04d}") for k in range(n)
    )
    posts = Post.objects.bulk_create(
        Post(person=one, enterprise=cast.jinhai, kind="officer", appointed_on=timezone.localdate())
        for one in people
    )
    held = Registration.objects.bulk_create(
        Registration(session=session, candidate=one, post=post, source="manager")
        for one, post in zip(people, posts, strict=True)
    )
    now = timezone.now()
    paper = Paper.objects.filter(session=session).first()
    return Attempt.objects.bulk_create(
        Attempt(
            registration=one,
            number=1,
            paper=paper,
            layout={},
            started_at=now,
            deadline=now + timedelta(hours=1),
            origin="0" * 64,
        )
        for one in held
    )


def test_the_page_tells_of_everybody_who_sits_and_of_nobody_else(cast, room, attempt, as_user):
    build.handed_in(build.begun(room, cast.director))
    build.answer_right(attempt, 0.25)
    interventions.take_over(cast.officer, attempt.pk, device="b" * 32)
    answer = as_user(cast.city).get(page(room))
    row, *others = answer.context["rows"]
    assert others == []
    assert (row.attempt.pk, row.answered, row.total, row.taken_over, row.is_paused) == (
        attempt.pk,
        4,
        16,
        1,
        False,
    )
    assert 3590 <= row.seconds <= 3600
    text = answer.content.decode()
    assert all(word in text for word in ("王雨晨", "津海电动车有限公司", "4 / 16", "换设备 1 次"))
    assert "李䶮" not in text
    assert answer.context["counts"] == [("running", "答题中", 1), ("submitted", "已交卷", 1)]


def test_in_a_pause_the_remaining_time_stands_still(cast, room, attempt, as_user):
    interventions.pause(Attempt.objects.all(), why="疏散", by=cast.city)
    Attempt.objects.update(paused_at=attempt.started_at + timedelta(minutes=20))
    row = as_user(cast.city).get(page(room)).context["rows"][0]
    assert (row.is_paused, row.clock) == (True, "40:00")


def test_every_five_seconds_only_the_part_that_changes_is_asked_for(cast, room, attempt, as_user):
    client = as_user(cast.city)
    whole = client.get(page(room)).content.decode()
    part = client.get(page(room), headers={"HX-Request": "true"}).content.decode()
    assert 'hx-trigger="every 5s"' in whole
    assert part.strip().startswith("<div") and "<html" not in part and "王雨晨" in part
    assert f'id="tick-{attempt.pk}" hx-preserve' in part


def test_the_page_costs_the_same_with_five_hundred_and_shows_a_hundred(cast, room, as_user):
    client = as_user(cast.city)

    def cost():
        with CaptureQueriesContext(connection) as seen:
            answer = client.get(page(room), headers={"HX-Request": "true"})
        return (
            len(seen.captured_queries),
            len(answer.context["rows"]),
            answer.context["page_obj"].paginator.count,
        )

    crowd(room, cast, 3)
    few = cost()
    crowd(room, cast, 497)
    many = cost()
    assert few[0] == many[0] <= 14
    assert (few[1:], many[1:]) == ((3, 3), (100, 500))


def test_a_word_narrows_the_list_by_name_or_enterprise(cast, room, attempt, as_user):
    crowd(room, cast, 2)
    client = as_user(cast.city)
    found = {q: len(client.get(page(room), {"q": q}).context["rows"]) for q in ("王雨", "津海", "恒通")}
    assert found == {"王雨": 1, "津海": 3, "恒通": 0}


def test_before_one_is_granted_time_the_new_deadline_is_shown_and_nothing_is_done(
    cast, room, attempt, as_user
):
    answer = do(as_user(cast.city), room, attempt, confirmed=False, minutes=15)
    after = timezone.localtime(attempt.deadline + timedelta(minutes=15)).strftime("%Y-%m-%d %H:%M:%S")
    assert answer.status_code == 200
    assert after in answer.content.decode()
    assert Intervention.objects.count() == 0
    do(as_user(cast.city), room, attempt, minutes=15)
    attempt.refresh_from_db()
    assert timezone.localtime(attempt.deadline).strftime("%Y-%m-%d %H:%M:%S") == after


def test_the_ticked_ones_get_it_and_the_others_do_not(cast, room, attempt, as_user):
    other = build.begun(room, cast.director)
    answer = do(as_user(cast.city), room, attempt, minutes=10)
    assert answer.url == page(room)
    assert list(Intervention.objects.values_list("attempt", "kind", "seconds", "why", "by")) == [
        (attempt.pk, "extended", 600, "断网", cast.city.pk)
    ]
    assert Attempt.objects.get(pk=other.pk).deadline == other.deadline


def test_all_who_are_listed_can_be_paused_and_resumed_at_once(cast, room, attempt, as_user):
    build.begun(room, cast.director)
    client = as_user(cast.city)
    do(client, room, act="pause", whom="all", why="疏散", q="王雨晨")
    assert list(Attempt.objects.filter(paused_at__isnull=False)) == [attempt]
    do(client, room, act="pause", whom="all", why="疏散")
    assert Attempt.objects.filter(paused_at__isnull=False).count() == 2
    do(client, room, act="resume", whom="all", why="归位")
    assert Attempt.objects.filter(paused_at__isnull=False).count() == 0
    assert list(Intervention.objects.filter(attempt=attempt).values_list("kind", flat=True)) == [
        "paused",
        "resumed",
    ]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"why": " "}, "原因：这个字段是必填项。"),
        ({"minutes": ""}, "延长（分钟）：请填写延长的分钟数。"),
        ({"minutes": 601}, "延长（分钟）："),
        ({"minutes": 0}, "延长（分钟）："),
        ({"act": "end"}, "办理："),
        ({"act": "resume"}, "所选答卷的状态已变化，没有可以办理的。"),
    ],
)
def test_what_cannot_be_done_is_said(cast, room, attempt, as_user, said, sentence):
    client = as_user(cast.city)
    do(client, room, attempt, **said)
    (heard,) = told(client.get(page(room)))
    assert heard.startswith(sentence)
    assert Intervention.objects.count() == 0


def test_nobody_ticked_is_nobody_meant(cast, room, attempt, as_user):
    client = as_user(cast.city)
    do(client, room)
    assert told(client.get(page(room))) == ["请至少勾选一人。"]
    assert Intervention.objects.count() == 0


@pytest.mark.parametrize("named", ["foreign", "999999", "x", "9" * 30])
def test_a_row_of_a_foreign_session_is_of_nowhere(cast, room, attempt, as_user, named):
    foreign = build.begun(
        build.make_session(cast, "other", bank=room.exam.blueprint.lines.first().bank), cast.director
    )
    answer = do(as_user(cast.city), room, attempt, foreign.pk if named == "foreign" else named)
    assert answer.status_code == 404
    assert Intervention.objects.count() == 0


def test_a_manager_runs_the_sessions_of_her_own_enterprise_and_no_other(cast, room, attempt, as_user):
    own = sessions.plan(
        room.exam,
        by=cast.manager,
        code="own",
        name="本企业场次",
        unit=cast.jinhai.unit,
        opens_at=timezone.now() - timedelta(hours=1),
        closes_at=timezone.now() + timedelta(hours=5),
    )
    mine = build.begun(sessions.publish(own, by=cast.manager), cast.director)
    client = as_user(cast.manager)
    assert [client.get(page(one)).status_code for one in (own, room)] == [200, 404]
    assert do(client, room, attempt).status_code == 404
    assert do(client, own, attempt).status_code == 404
    assert do(client, own, mine).status_code == 302
    assert list(Intervention.objects.values_list("attempt", flat=True)) == [mine.pk]
    client = as_user(cast.stranger_manager)
    assert client.get(page(own)).status_code == 404
    # About the outcome decides an organ, not the enterprise whose people sat.
    client = as_user(cast.manager)
    for name in ("void", "regrade"):
        assert client.post(reverse(f"exams:attempt_{name}", args=[mine.pk])).status_code == 403


# --- the page of one attempt -----------------------------------------------------------------------------------------


def seen(client, attempt):
    return client.get(reverse("exams:attempt_seen", args=[attempt.pk]))


def decide(client, attempt, name, **said):
    data = {f"{name}-{key}": value for key, value in ({"why": "代考", "sure": "on"} | said).items()}
    return client.post(reverse(f"exams:attempt_{name}", args=[attempt.pk]), data, follow=True)


def test_the_page_of_an_attempt_tells_what_was_done_to_it_by_whom_and_why(cast, attempt, as_user):
    interventions.extend(Attempt.objects.all(), minutes=5, why="断网五分钟", by=cast.city)
    interventions.take_over(cast.officer, attempt.pk, device="b" * 32)
    story = seen(as_user(cast.manager), attempt).context["story"]
    assert [(e["title"], e["text"], e["badge"], e["sub"].split(" · ")[0]) for e in story] == [
        ("延长时间", "断网五分钟", "+5 分钟", "冯城"),
        ("换设备", "", "", "王雨晨"),
    ]


@pytest.mark.parametrize("missing", [{"why": ""}, {"sure": ""}])
def test_an_attempt_is_voided_with_a_reason_and_a_tick_only(cast, attempt, as_user, missing):
    build.handed_in(attempt)
    client = as_user(cast.city)
    assert "作废答卷" in seen(client, attempt).content.decode()
    assert told(decide(client, attempt, "void", **missing)) == ["请写明原因，并勾选确认。"]
    assert Attempt.objects.get(pk=attempt.pk).state == "submitted"
    assert "答卷已作废" in decide(client, attempt, "void").content.decode()
    assert Attempt.objects.get(pk=attempt.pk).state == "voided"
    assert len(told(decide(client, attempt, "void"))) == 1  # a second time is refused with a sentence
    assert Attempt.objects.get(pk=attempt.pk).state == "voided"


def test_a_regrade_from_the_page_says_what_came_of_it(cast, attempt, as_user):
    build.handed_in(attempt)
    (heard,) = told(decide(as_user(cast.city), attempt, "regrade", why="裁定"))
    assert heard == "已重新评分：32 分 → 32 分。"
    story = seen(as_user(cast.city), attempt).context["story"]
    assert [(e["title"], e["text"], e["badge"]) for e in story] == [("重新评分", "裁定", "32")]


def test_a_regrade_tells_who_is_in_charge_that_a_certificate_stands_though_the_pass_fell(
    cast, attempt, as_user, monkeypatch
):
    build.make_scheme()
    certificate = build.handed_in(attempt).certificates.get()
    real = scoring.engine.total
    monkeypatch.setattr(scoring.engine, "total", lambda scores, _cut: real(scores, Decimal(101)))
    (heard,) = told(decide(as_user(cast.city), attempt, "regrade"))
    assert "由合格变为不合格" in heard and "不会自动撤销" in heard
    certificate.refresh_from_db()
    assert certificate.state == "in_force"


def test_points_that_are_not_released_are_not_told_by_the_story_either(cast, as_user):
    room = build.make_session(cast, kind=Exam.Kind.SPOT_CHECK)
    attempt = build.handed_in(build.begun(room, cast.officer))
    regrading.regrade(attempt, why="裁定", by=cast.city)
    story = live.story(attempt, with_points=False)
    assert [(e["title"], e["badge"]) for e in story] == [("重新评分", "")]
    answer = seen(as_user(cast.city), attempt)
    assert answer.context["regrade_form"] is None
    assert answer.context["void_form"] is not None
