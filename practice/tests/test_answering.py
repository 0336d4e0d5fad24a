"""Answers of phones: once each, in order, one refused alone; and no item of a paper among them."""

import json
import random
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from exams.models import Item
from exams.tests.together import browser, together
from practice.actions import mocks
from practice.engine import cards
from practice.models import Mock, PracticeAnswer
from practice.queries import due_count
from practice.queries.state import pool_of, said_by, standing
from practice.tests.stories import PHONE, TABLET, items, practice_bank, right, said, send, told
from tests import build

pytestmark = pytest.mark.django_db


def kept(user, device=PHONE):
    rows = PracticeAnswer.objects.filter(person=user, device=device).order_by("number")
    return list(rows.values_list("number", "revision", "is_right"))


def test_what_is_sent_twice_is_written_once(cast, as_user):
    one, two = items(practice_bank(cast, truefalse=2))
    client, sending = as_user(cast.officer), [told(1, one), told(2, two, is_right=False)]
    first, again = (
        send(client, cast.officer, PHONE, sending),
        send(client, cast.officer, PHONE, sending[::-1]),
    )
    assert first.json() == {"taken": [[1, True], [2, False]], "refused": []}
    assert sorted(again.json()["taken"]) == [[1, True], [2, False]]
    assert kept(cast.officer) == [(1, one.current_id, True), (2, two.current_id, False)]


def test_one_that_cannot_be_taken_holds_up_no_other(cast, as_user):
    good, other = items(practice_bank(cast, truefalse=2))
    [secret] = items(build.make_bank(cast, "secret", each=0, truefalse=1))
    answer = send(as_user(cast.officer), cast.officer, PHONE, [
        told(1, good), told(2, secret), told(3, good, payload={"options": ["a"]}), told("4", good), told(5, good, confidence=9),
        told(6, good, mode="mock"), told(6, good, mode="nonsense"), told(1, other), 7, told(8, other), told(9, other, payload={}),
    ])  # fmt: skip
    assert answer.json()["taken"] == [[1, True], [8, True]]
    assert [(one["place"], one["number"], one["why"]) for one in answer.json()["refused"]] == [
        (1, 2, "这道题不是练习题，没有收下。"),
        (2, 3, "作答内容的格式无法识别"),
        (3, None, "作答的序号无法识别。"),
        (4, 5, "把握程度无法识别。"),
        (5, 6, "练习方式无法识别。"),
        (6, 6, "练习方式无法识别。"),
        (7, 1, "这个序号已经收到过另一条作答，保留先收到的。"),
        (8, None, "作答的序号无法识别。"),
        (10, 9, "还没有作答。"),
    ]
    assert kept(cast.officer) == [(1, good.current_id, True), (8, other.current_id, True)]


def test_another_answer_under_a_number_that_came_before_is_refused_and_the_first_stays(cast, as_user):
    one, two = items(practice_bank(cast, truefalse=2))
    client = as_user(cast.officer)
    send(client, cast.officer, PHONE, [told(1, one)])
    answer = send(client, cast.officer, PHONE, [told(1, two), told(2, two)]).json()
    assert answer["taken"] == [[2, True]]
    assert [row["why"] for row in answer["refused"]] == ["这个序号已经收到过另一条作答，保留先收到的。"]
    assert kept(cast.officer) == [(1, one.current_id, True), (2, two.current_id, True)]


@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [
        ("nonsense", 400, "请求的格式无法识别。"),
        ("[]", 400, "请求的格式无法识别。"),
        ({"device": "phone-" + "a" * 16}, 400, "请求的格式无法识别。"),
        ({"device": "mock-1", "answers": []}, 422, "设备编号无法识别，没有收下任何作答。"),
        ({"device": "x" * 50, "answers": []}, 422, "设备编号无法识别，没有收下任何作答。"),
        ({"device": PHONE, "answers": [{}] * 201}, 422, "一次最多发送 200 条作答。"),
        ({"device": PHONE, "answers": "x" * 300_001}, 400, "请求的格式无法识别。"),
        ({"device": PHONE, "answers": [], "person": 0}, 400, "请求的格式无法识别。"),
    ],
)  # fmt: skip
def test_a_sending_that_is_none_is_refused_whole(cast, as_user, body, status, problem):
    if isinstance(body, dict):
        body = json.dumps({"person": cast.officer.pk} | body)
    answer = as_user(cast.officer).post("/practice/answers/", body, content_type="application/json")
    assert (answer.status_code, answer.json()) == (status, {"problem": problem})
    assert not PracticeAnswer.objects.exists()


def test_while_she_sits_an_exam_nothing_is_taken_and_nothing_is_told(cast, as_user):
    [one] = items(practice_bank(cast, truefalse=1))
    build.begun(build.make_session(cast), cast.officer)
    client = as_user(cast.officer)
    answer = send(client, cast.officer, PHONE, [told(1, one)])
    assert (answer.status_code, answer.json()) == (423, {"problem": "您正在考试，交卷以后再同步练习。"})
    for path in ("/practice/go/daily/", f"/practice/topics/{one.topic_id}/", f"/practice/items/{one.pk}/"):
        page = client.get(path)
        assert page.status_code == 403 and build.RATIONALE not in page.content.decode()
    assert [client.get(f"/practice/{one}/").status_code for one in ("pack", "offline")] == [403, 403]
    assert "practice-config" not in client.get("/practice/").content.decode()  # nothing plays there
    assert not PracticeAnswer.objects.exists()


def test_practice_and_papers_share_no_item(cast):
    practice_bank(cast, truefalse=5)
    build.make_bank(cast, "secret", each=3)
    session = build.make_session(cast, "drawn")
    pool = {one.item for one in pool_of(cast.officer, timezone.localdate())}
    assert pool == set(Item.objects.filter(bank__code="practice").values_list("pk", flat=True))
    papers = set(session.papers.values_list("items__revision__item", flat=True))
    assert papers and not papers & pool


def test_practice_is_offered_as_courses_are(cast):
    practice_bank(cast, "general", truefalse=1)
    mine, theirs = practice_bank(cast, "mine", truefalse=2), practice_bank(cast, "theirs", truefalse=4)
    for bank, category in ((mine, cast.ebike), (theirs, cast.gas)):
        bank.category = category
        bank.save()
    away = practice_bank(cast, "away", truefalse=8)
    away.unit = cast.nankai
    away.save()
    on = timezone.localdate()
    assert len(pool_of(cast.officer, on)) == 1 + 2
    assert len(pool_of(cast.stranger, on)) == 1 + 4 + 8
    assert pool_of(cast.editor, on) == []  # holds no post


def two_hundred(bank):
    """200 answers of two devices, each in its order."""
    rows, start = items(bank), timezone.now() - timedelta(days=3)
    return {
        device: [
            told(n, rows[(n * 7 + shift) % len(rows)], is_right=n % 3 > 0, at=start + timedelta(minutes=n))
            for n in range(1, 101)
        ]
        for device, shift in ((PHONE, 0), (TABLET, 3))
    }


def expected(answers):
    return [(one["number"], one["revision"], one["number"] % 3 > 0) for one in answers]


def test_two_hundred_answers_of_two_phones_arrive_once_each_and_in_order(cast, as_user):
    sendings = two_hundred(practice_bank(cast, truefalse=20))
    client, roll = as_user(cast.officer), random.Random(7)
    batches = [(device, rows[n : n + 30]) for device, rows in sendings.items() for n in range(0, 100, 25)]
    batches = batches * 2 + [(device, rows) for device, rows in sendings.items()]  # overlapping, repeated
    roll.shuffle(batches)
    for device, batch in batches:
        answer = send(client, cast.officer, device, batch).json()
        assert answer["refused"] == [] and len(answer["taken"]) == len(batch)
    for device, rows in sendings.items():
        assert kept(cast.officer, device) == expected(rows)
    assert PracticeAnswer.objects.count() == 200
    order = [one.said.number for one in cards.in_order(said_by(cast.officer)) if one.said.device == PHONE]
    assert order == list(range(1, 101))


@pytest.mark.postgres
@pytest.mark.skipif(
    "postgresql" not in settings.DATABASES["default"]["ENGINE"], reason="DATABASE_URL names no PostgreSQL"
)
@pytest.mark.django_db(transaction=True)
def test_two_hundred_answers_sent_from_many_threads_at_once_arrive_once_each(cast):
    sendings = two_hundred(practice_bank(cast, truefalse=20))
    client = browser(cast.officer)
    batches = [(device, rows[n : n + 40]) for device, rows in sendings.items() for n in range(0, 100, 20)] * 3

    def post(n):
        device, batch = batches[n]
        return send(client(), cast.officer, device, batch).json()

    answers = together(len(batches), post, threads=15)
    assert [one["refused"] for one in answers] == [[]] * len(batches)
    for device, rows in sendings.items():
        assert kept(cast.officer, device) == expected(rows)
    assert PracticeAnswer.objects.count() == 200


@pytest.mark.postgres
@pytest.mark.skipif(
    "postgresql" not in settings.DATABASES["default"]["ENGINE"], reason="DATABASE_URL names no PostgreSQL"
)
@pytest.mark.django_db(transaction=True)
def test_many_presses_begin_one_mock_and_hand_it_in_once(cast):
    rows = items(practice_bank(cast, truefalse=12))
    people = type(cast.officer).objects.filter(pk=cast.officer.pk)
    begun = together(8, lambda _n: mocks.begin(cast.officer, count=10).pk, behind=people)
    assert len(set(begun)) == 1
    mock = Mock.objects.select_related("person").get()
    answers = {row.current_id: right(row) for row in rows}
    ends = together(8, lambda _n: mocks.hand_in(mock, answers).pk, behind=people)
    assert len(set(ends)) == 1
    assert PracticeAnswer.objects.count() == 10


def test_wrong_answers_are_counted_when_they_are_due(cast):
    one, two, three = items(practice_bank(cast, truefalse=3))
    said(cast.officer, one, False, days_ago=2, number=1)
    said(cast.officer, two, False, number=2)
    said(cast.officer, three, True, days_ago=2, number=1, device=TABLET)
    assert due_count(cast.officer) == 1
    assert due_count(cast.officer, timezone.now() + timedelta(days=1)) == 2
    assert due_count(cast.director) == 0
    said(cast.officer, one, True, number=3)
    assert due_count(cast.officer) == 0


def test_what_is_no_longer_sound_leaves_the_book(cast):
    [one] = items(practice_bank(cast, truefalse=1))
    said(cast.officer, one, False, days_ago=2, number=1)
    Item.objects.filter(pk=one.pk).update(state=Item.State.RETIRED)
    assert due_count(cast.officer) == 0


def test_a_merged_account_brings_its_answers_along(cast):
    [one] = items(practice_bank(cast, truefalse=1))
    said(cast.director, one, False, days_ago=2, number=1)
    cast.director.merged_into, cast.director.is_active = cast.officer, False
    cast.director.save()
    assert due_count(cast.officer) == 1


def test_the_standing_costs_as_much_with_five_hundred_answers_as_with_one(cast, django_assert_num_queries):
    rows = items(practice_bank(cast, truefalse=30))
    now = timezone.now()
    for count in (1, 500):
        PracticeAnswer.objects.bulk_create(
            PracticeAnswer(
                person=cast.officer, device=f"page-{count:08d}", number=n, revision=rows[n % 30].current, mode="topic",
                payload=right(rows[n % 30]), is_right=n % 4 > 0, said_at=now - timedelta(days=n % 50), received_at=now,
            )
            for n in range(1, count + 1)
        )  # fmt: skip
        with django_assert_num_queries(3):  # her posts, the pool, the answers
            found = standing(_fresh(cast))
            assert len(found.given) >= count and found.due is not None


def _fresh(cast):
    user = cast.officer
    for name in ("_held_posts", "_held_roles"):
        vars(user).pop(name, None)
    return user
