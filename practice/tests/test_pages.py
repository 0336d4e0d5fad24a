"""The pages of practice over HTTP: what is offered, plain forms, the book, favourites, search, mock exams, and what a phone fetches."""

import json
import re
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from accounts.tests.files import a_picture
from exams import pictures
from exams.models import Attempt, Registration, Result
from practice.actions import mocks
from practice.models import Favourite, Mock, MockEnd, PracticeAnswer
from practice.tests.stories import PHONE, items, practice_bank, right, said
from tests import build

pytestmark = pytest.mark.django_db


def told(answer):
    return [str(one) for one in get_messages(answer.wsgi_request)]


def fields(item, payload):
    """A payload as a plain form names it."""
    found = {}

    def walk(path, inner):
        for name, value in inner.items():
            if isinstance(value, dict):
                walk(f"{path}/{name}", value)
            else:
                found[f"{path}/{name}"] = str(value).lower() if isinstance(value, bool) else value

    walk(f"q{item.current_id}", payload)
    return found


def form(mode, **answers):
    return {"device": "page-0123456789abcdef", "mode": mode, **answers}


def test_practice_begins_with_todays_ten_and_the_chapters(cast, as_user):
    rows = items(practice_bank(cast, truefalse=12))
    said(cast.officer, rows[0], False, days_ago=1, number=1)
    page = as_user(cast.officer).get("/practice/").content.decode()
    assert "今天已答 0 / 10 题" in page and "1 题待复习" in page
    assert "共 4 题，答过 1 题，上次答对 0 题" in page
    assert build.RATIONALE not in page


def test_a_topic_of_an_exam_leads_to_the_chapter_of_the_same_name(cast, as_user):
    one, *_others = items(practice_bank(cast, truefalse=3))
    secret = build.make_bank(cast, "secret", each=0, truefalse=3).topics.get(name=one.topic.name)
    client = as_user(cast.officer)
    assert client.get(f"/practice/topics/{secret.pk}/").status_code == 404
    assert client.get("/practice/", {"topic": secret.name}).url == f"/practice/topics/{one.topic_id}/"
    practice_bank(cast, "second", truefalse=3)
    [first, second] = client.get("/practice/", {"topic": secret.name}).context["chapters"]
    assert [row["name"] for row in first["rows"] + second["rows"]] == [secret.name] * 2
    nowhere = client.get("/practice/", {"topic": "没有这一章"}).content.decode()
    assert "没有这个知识点的练习题" in nowhere and secret.name in nowhere


def test_who_is_offered_nothing_reads_so(cast, as_user):
    practice_bank(cast, truefalse=3)
    page = as_user(cast.editor).get("/practice/").content.decode()
    assert "还没有适合您岗位的练习题" in page and "practice-config" not in page


def test_first_screen_and_courses_lead_to_practice_and_say_what_is_due(cast, as_user):
    client = as_user(cast.officer)
    assert "/practice/" not in client.get("/").content.decode()
    [one] = items(practice_bank(cast, truefalse=1))
    said(cast.officer, one, False, days_ago=2, number=1)
    for path in ("/", "/courses/"):
        page = client.get(path).content.decode()
        assert 'href="/practice/"' in page and "1 题待复习" in page


def test_every_type_can_be_answered_without_script_and_is_judged_by_the_server(cast, as_user):
    rows = items(practice_bank(cast, each=1))
    client = as_user(cast.officer)
    page = client.get("/practice/go/daily/")
    assert len(page.context["questions"]) == 5
    answers = {name: value for item in rows for name, value in fields(item, right(item)).items()}
    wrong = rows[2]
    answers[f"q{wrong.current_id}/value"] = "true" if not wrong.current.key["value"] else "false"
    answers[f"c{wrong.current_id}"] = "3"
    sent = form("daily", revision=[item.current_id for item in rows], **answers)
    done = client.post("/practice/said/", sent)
    again = client.post("/practice/said/", sent)
    assert done.url == again.url == "/practice/reviews/page-0123456789abcdef/"
    assert PracticeAnswer.objects.count() == 5
    assert set(PracticeAnswer.objects.filter(is_right=False).values_list("revision", "confidence")) == {
        (wrong.current_id, 3)
    }
    review = client.get(done.url).content.decode()
    assert "答对 4 / 5 题" in review and f"{build.RATIONALE}{wrong.code}" in review
    assert client.get("/practice/go/daily/").context["questions"] == []
    assert [row["url"] for row in client.get("/practice/wrong/").context["rows"]] == [
        f"/practice/items/{wrong.pk}/"
    ]


def test_an_empty_form_is_told_so(cast, as_user):
    [one] = items(practice_bank(cast, truefalse=1))
    answer = as_user(cast.officer).post("/practice/said/", form("daily", revision=one.current_id))
    assert (answer.url, told(answer)) == ("/practice/", ["还没有作答。"])
    assert not PracticeAnswer.objects.exists()


def test_what_is_due_can_be_practised_and_then_waits(cast, as_user):
    one, two = items(practice_bank(cast, truefalse=2))
    said(cast.officer, one, False, days_ago=3, number=1)
    said(cast.officer, two, False, number=2)
    client = as_user(cast.officer)
    pack = client.get("/practice/go/wrong/").context["pack"]
    assert [entry["item"] for entry in pack["entries"]] == [one.pk]
    client.post("/practice/said/", form("wrong", revision=one.current_id, **fields(one, right(one))))
    page = client.get("/practice/wrong/")
    assert page.context["due"] == 0 and "今天没有到期的题。" in page.content.decode()
    assert {row["badge"] for row in page.context["rows"]} >= {"1 天后复习"}


def test_an_address_of_a_foreign_topic_item_or_mock_is_of_nowhere(cast, as_user):
    mine, theirs = practice_bank(cast, "mine", truefalse=1), practice_bank(cast, "theirs", truefalse=1)
    theirs.category = cast.gas
    theirs.save()
    [secret] = items(build.make_bank(cast, "secret", each=0, truefalse=1))
    [own], [other] = items(mine), items(theirs)
    foreign = mocks.begin(cast.director, count=10)
    client = as_user(cast.officer)
    paths = [
        f"/practice/{kind}/{key}/"
        for one in (other, secret)
        for kind, key in (("items", one.pk), ("topics", one.topic_id))
    ]
    paths += [f"/practice/mock/{foreign.pk}/", "/practice/reviews/nothing/", "/practice/go/nothing/"]
    assert [client.get(path).status_code for path in paths] == [404] * len(paths)
    assert client.post(f"/practice/items/{secret.pk}/favourite/").status_code == 404
    assert client.get(f"/practice/topics/{own.topic_id}/").status_code == 200


def test_an_item_is_kept_and_let_go(cast, as_user):
    one, _two = items(practice_bank(cast, truefalse=2))
    client, address = as_user(cast.officer), f"/practice/items/{one.pk}/favourite/"
    for _twice in range(2):
        answer = client.post(address, {"keep": "1", "next": f"/practice/items/{one.pk}/"})
    assert (answer.url, Favourite.objects.count()) == (f"/practice/items/{one.pk}/", 1)
    assert "取消收藏" in client.get(f"/practice/items/{one.pk}/").content.decode()
    assert [row["url"] for row in client.get("/practice/favourites/").context["rows"]] == [
        f"/practice/items/{one.pk}/"
    ]
    assert [entry["kept"] for entry in client.get("/practice/go/favourites/").context["pack"]["entries"]] == [
        True
    ]
    away = client.post(address, {"keep": "0", "next": "https://example.com/"})
    assert (away.url, Favourite.objects.count()) == ("/practice/favourites/", 0)


def test_search_finds_practice_items_by_every_word_and_topic_and_no_other(cast, as_user):
    practice_bank(cast, truefalse=6, single=2)
    build.make_bank(cast, "secret", each=0, truefalse=9)
    client = as_user(cast.officer)

    def found(**filters):
        return client.get("/practice/search/", filters).context["page_obj"].paginator.count

    topic = items(practice_bank(cast, "other", truefalse=1))[0].topic_id
    assert [found(), found(q="truefalse-00"), found(q="truefalse 003"), found(q="没有这个词")] == [9, 7, 1, 0]
    assert (found(topic=topic), found(topic="nonsense"), found(topic="999999")) == (1, 9, 9)


# --- mock exams -----------------------------------------------------------------------------------------------------------


def test_a_mock_follows_the_proportions_of_an_exam_and_leaves_no_trace_in_the_exams(cast, as_user):
    bank = practice_bank(cast, single=30, truefalse=30, blank=5)
    session = build.make_session(cast, counts={"single": 6, "truefalse": 4}, self_registration=True)
    client = as_user(cast.officer)
    made = client.post("/practice/mock/begin/", {"count": "10", "exam": session.exam_id})
    mock = Mock.objects.get()
    assert made.url == f"/practice/mock/{mock.pk}/"
    page = client.get(made.url)
    assert [face["type"] for face, _html in page.context["questions"]] == ["single"] * 6 + ["truefalse"] * 4
    assert build.RATIONALE not in page.content.decode()
    rows = {item.current_id: item for item in items(bank)}
    answers = {}
    for revision in mock.revisions[:7]:
        answers |= fields(rows[revision], right(rows[revision]))
    for _twice in range(2):
        assert client.post(f"{made.url}hand-in/", answers).url == made.url
    end = MockEnd.objects.get()
    assert (end.right, end.total, end.is_late) == (7, 10, False)
    assert PracticeAnswer.objects.filter(mode="mock").count() == 7  # what was left out was not answered
    after = client.get(made.url).content.decode()
    assert "答对 7 / 10 题" in after and build.RATIONALE in after
    assert (Attempt.objects.count(), Registration.objects.count(), Result.objects.count()) == (0, 0, 0)
    assert "答对 7 / 10 题" in client.get("/practice/mock/").content.decode()


def test_pressing_twice_begins_one_mock_and_a_late_one_says_so(cast):
    practice_bank(cast, truefalse=12)
    now = timezone.now()
    first, again = mocks.begin(cast.officer, count=10, now=now), mocks.begin(cast.officer, count=20, now=now)
    assert first.pk == again.pk and first.minutes == 10
    end = mocks.hand_in(first, {}, now=now + timedelta(minutes=12))
    assert (end.right, end.is_late) == (0, True)
    later = mocks.begin(cast.officer, count=20, now=now + timedelta(minutes=13))
    assert (later.number, len(later.revisions)) == (2, 12)  # as many as there are


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [({"count": "7"}, "请选择题数。"), ({}, "请选择题数。"), ({"count": "10"}, "还没有适合您岗位的练习题。")],
)
def test_a_mock_that_cannot_be_is_refused_with_a_sentence(cast, as_user, sent, sentence):
    answer = as_user(cast.officer).post("/practice/mock/begin/", sent)
    assert (answer.url, told(answer)) == ("/practice/mock/", [sentence])
    assert not Mock.objects.exists()


# --- the chart ------------------------------------------------------------------------------------------------------------


def test_the_chart_tells_how_well_she_knows_what_she_knows_and_nobody_elses(cast, as_user):
    rows = items(practice_bank(cast, truefalse=4))
    for number in range(1, 21):
        said(cast.officer, rows[number % 4], number > 10, number=number, confidence=3)
    said(cast.director, rows[0], True, number=1, confidence=1)
    page = as_user(cast.officer).get("/practice/confidence/")
    assert [(one["answers"], one["right"]) for one in page.context["chart"]["columns"]] == [
        (0, 0),
        (0, 0),
        (20, 10),
    ]
    assert "比自己想的错得多" in page.content.decode()
    assert as_user(cast.principal).get("/practice/confidence/").context["answers"] == 0


# --- the phone ------------------------------------------------------------------------------------------------------------


def test_the_pack_holds_what_a_phone_needs_and_nothing_of_a_paper(cast, as_user):
    rows = items(practice_bank(cast, each=2))
    secret = build.make_bank(cast, "secret", each=4)
    said(cast.officer, rows[4], False, days_ago=2, number=1)
    answer = as_user(cast.officer).get("/practice/pack/")
    daily, wrong = answer.json()["sets"]
    assert (daily["code"], len(daily["entries"]), wrong["code"], len(wrong["entries"])) == (
        "daily",
        10,
        "wrong",
        1,
    )
    entry = wrong["entries"][0]
    assert (entry["key"], entry["told"]) == (
        rows[4].current.key,
        (rows[4].current.key["value"] and "正确") or "错误",
    )
    assert (
        f"{build.RATIONALE}{rows[4].code}" in entry["why"]
        and f'name="q{rows[4].current_id}/value"' in entry["html"]
    )
    shown = {entry["item"] for entry in daily["entries"] + wrong["entries"]}
    assert not shown & set(secret.items.values_list("pk", flat=True))


def test_options_are_named_by_their_own_ids_so_that_an_answer_is_read_in_a_month(cast, as_user):
    practice_bank(cast, single=1)
    [entry] = as_user(cast.officer).get("/practice/pack/").json()["sets"][0]["entries"]
    assert sorted(re.findall(r'value="(\w+)"', entry["html"])) == list("abcd")


def test_the_worker_reaches_no_further_than_practice(cast, as_user):
    answer = as_user(cast.officer).get("/practice/worker.js")
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert "Service-Worker-Allowed" not in answer.headers
    assert "const PAGE = `${SCOPE}offline/`" in answer.content.decode()


def test_the_page_for_no_network_names_every_file_it_is_made_of(cast, as_user):
    page = as_user(cast.officer).get("/practice/offline/").content.decode()
    for module in ("practice", "practice-page", "practice-disk", "practice-line", "practice-play"):
        assert re.search(rf'<link rel="modulepreload" href="/static/js/{module}(\.[0-9a-f]+)?\.js">', page)
    config = json.loads(
        re.search(r'<script id="practice-config" type="application/json">(.*?)</script>', page)[1]
    )
    assert (config["page"], config["person"]) == ("offline", cast.officer.pk)


@pytest.mark.parametrize(
    "path",
    [
        "/practice/",
        "/practice/wrong/",
        "/practice/favourites/",
        "/practice/search/",
        "/practice/mock/",
        "/practice/pack/",
        "/practice/go/daily/",
    ],
)
def test_a_page_costs_as_much_for_many_items_and_answers_as_for_few(cast, as_user, path):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    rows, client, costs = items(practice_bank(cast, truefalse=12)), as_user(cast.officer), []
    for first, last in ((0, 1), (1, 12)):
        for n in range(first, last):
            said(cast.officer, rows[n], False, days_ago=2, number=n + 1, device=PHONE)
            Favourite.objects.create(person=cast.officer, item=rows[n])
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        costs.append(len(seen))
    assert costs[0] == costs[1]


def test_a_picture_of_a_practice_item_is_shown_to_learners_and_one_of_a_paper_is_not(
    cast, as_user, settings, tmp_path
):
    [mine], [secret] = (
        items(practice_bank(cast, truefalse=1)),
        items(build.make_bank(cast, "secret", each=0, truefalse=1)),
    )
    settings.MEDIA_ROOT = tmp_path
    picture = pictures.keep(a_picture(), cast.editor)
    client, address = as_user(cast.officer), f"/exams/pictures/{picture.digest}/"
    secret.current.pictures.add(picture)
    assert client.get(address).status_code == 404
    mine.current.pictures.add(picture)
    assert client.get(address).status_code == 200


@pytest.mark.parametrize(("disclosure", "chapters"), [("open", 3), ("score_only", 0)])
def test_a_result_leads_to_the_chapters_of_what_was_missed_where_that_may_be_known(
    cast, as_user, disclosure, chapters
):
    bank = practice_bank(cast, truefalse=12)
    room = build.make_session(cast, disclosure=disclosure)
    attempt = build.handed_in(build.begun(room, cast.officer), 0)
    page = as_user(cast.officer).get(f"/courses/after/exams/{attempt.pk}/").content.decode()
    found = {int(pk) for pk in re.findall(r'href="/practice/topics/(\d+)/"', page)}
    assert (len(found), "练一练失分的章节" in page) == (chapters, chapters > 0)
    assert found <= set(bank.topics.values_list("pk", flat=True))
