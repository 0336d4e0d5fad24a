"""A candidate visits every route of the house while she sits and searches each answer for what she must not know yet."""

import json
import re
from dataclasses import replace
from uuid import UUID

import pytest
from django.urls import reverse

from exams import pictures
from exams.actions import attempts
from exams.models import Attempt, ItemRevision
from exams.queries import candidate, papers
from exams.templatetags.exam_words import plain
from exams.tests.crawling import CANARIES, MARKS, addresses, crawl, is_told, leaks, routes, texts, view_name
from tests import build

pytestmark = pytest.mark.once

PASSED_OVER = {"account_logout"}  # else the crawl would end there
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><rect width="4" height="4"/></svg>'


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def own_addresses(cast, room, *attempts):
    numbers = {cast.officer.pk, cast.post(cast.officer).pk} | ({a.pk for a in attempts} or {1})
    blueprint = room.exam.blueprint
    words = {room.code, blueprint.code, "single-001", "case-001", "xlsx", "csv"}
    words |= {cast.jinhai.uscc, "0" * 64, str(UUID(int=0))} | {
        p.digest for p in pictures.Picture.objects.all()
    }
    return addresses(sorted(numbers), sorted(words))


@pytest.fixture
def room(cast):
    return build.make_session(cast)


def with_picture(item, by, number=4):
    picture = pictures.keep(SVG.replace(b'height="4"', b'height="%d"' % number), by)
    item.current.pictures.add(picture)
    return picture


def test_nothing_that_a_sitting_candidate_can_reach_holds_key_rationale_or_score(cast, room, as_user):
    client = as_user(cast.officer)
    attempt = build.begun(room, cast.officer)
    half = build.right_entries(attempt, 0.5)
    attempts.save(build.own(attempt), attempt.pk, half)
    stems = {f"{build.STEM}{place.code}" for place in papers.places(attempt.paper).values()}
    own = {
        text for e in half for text in re.findall(build.SPELLING + r"[a-z]+-\d+(?:-\d)?\d", str(e.payload))
    }

    seen = crawl(client, own_addresses(cast, room, attempt))
    assert {name for name, _converters in routes()} - {view_name(address) for address in seen} == PASSED_OVER
    sitting = reverse("exams:sitting", args=[attempt.pk])
    assert seen[sitting][0] == 200
    assert {stem for stem in stems if stem in seen[sitting][1]} == stems  # she does read her paper there
    hidden = {address: (status, forget(text, own)) for address, (status, text) in seen.items()}
    assert leaks(hidden, (*CANARIES, *MARKS)) == []
    assert {status for status, _text in seen.values()} <= {200, 301, 302, 401, 403, 404, 405}


def forget(text, own):
    """The text without what the candidate typed herself."""
    for word in sorted(own, key=len, reverse=True):
        text = text.replace(word, "")
    return text


@pytest.fixture
def thrice(cast, room):
    """What she sat before, and two attempts that run now in two sessions over the same bank: (past, first, second)."""
    other = build.make_session(cast, "other", exam=room.exam)
    past = build.handed_in(build.begun(room, cast.officer), 0.5)
    again = attempts.start(past.registration, by=cast.officer)
    return past, again, build.begun(other, cast.officer)


def total(attempt):
    """The words with which a page tells the points of an attempt, and its percentage."""
    result = attempt.current_result
    return f"{plain(result.points)} 分", f"{plain(result.percent)}%"


def test_nothing_of_her_earlier_attempts_is_told_while_she_sits(cast, room, thrice, as_user):
    past, again, second = thrice
    shared = {place.code for place in papers.places(past.paper).values()}
    assert shared & {
        place.code for place in papers.places(again.paper).values()
    }  # a review would tell their keys
    seen = crawl(as_user(cast.officer), own_addresses(cast, room, *thrice))
    assert leaks(seen, (*CANARIES, *MARKS)) == []
    assert leaks(seen, total(past)) == []
    assert {address for address, (_status, text) in seen.items() if "交卷后可见" in text} >= {
        "/", reverse("exams:mine"), reverse("exams:session", args=[room.code]),
    }  # fmt: skip
    closed = [reverse(f"exams:{name}", args=[past.pk]) for name in ("result", "review")]
    assert [seen[address][0] for address in closed] == [302, 302]
    assert [seen[reverse("exams:sitting", args=[a.pk])][0] for a in (again, second)] == [200, 200]


def test_without_that_care_the_crawl_would_find_them(cast, room, thrice, as_user, monkeypatch):
    past, *_running = thrice
    true_pair = candidate.own_beside_running

    def careless(user, pk, now):
        attempt, _running = true_pair(user, pk, now)
        return attempt, attempt if attempt and attempt.state == Attempt.State.IN_PROGRESS else None

    monkeypatch.setattr(candidate, "own_beside_running", careless)
    monkeypatch.setattr(candidate, "is_sitting", lambda user, now: False)
    seen = crawl(as_user(cast.officer), own_addresses(cast, room, *thrice))
    result, review = [reverse(f"exams:{name}", args=[past.pk]) for name in ("result", "review")]
    assert {address.split("?")[0] for address, _word in leaks(seen, (*CANARIES, *MARKS))} == {result, review}
    told = {address.split("?")[0] for address, _word in leaks(seen, total(past))}
    assert told >= {"/", reverse("exams:mine"), reverse("exams:session", args=[room.code]), result}


def test_once_the_time_of_all_is_over_the_earlier_result_is_told_again(cast, thrice, as_user):
    past, *running = thrice
    address = reverse("exams:result", args=[past.pk])
    client = as_user(cast.officer)
    for attempt in running:
        assert client.get(address).status_code == 302
        build.move_clock(attempt, minutes=60 * 24 * 30)
    assert client.get(address).status_code == 200


def test_the_crawl_would_find_a_leak(cast, room, as_user):
    client = as_user(cast.officer)
    attempt = build.handed_in(build.begun(room, cast.officer), 0.5)
    seen = crawl(client, own_addresses(cast, room, attempt))
    found = {word for _address, word in leaks(seen, (*CANARIES, *MARKS))}
    assert {*CANARIES, "is-key", "is-right", "is-wrong", "正确答案", "标准答案"} <= found
    review = reverse("exams:review", args=[attempt.pk])
    assert {address.split("?")[0] for address, word in leaks(seen, CANARIES)} <= {
        review,
        reverse("exams:result", args=[attempt.pk]),
    }


@pytest.mark.parametrize(
    "text, told",
    [
        ("得分率 50%", True),
        ("50%。", True),
        ("150%", False),
        ("?next=%2Fpasskeys%2F14450%2Fedit", False),
        ("/50%2F", False),
    ],
)
def test_a_figure_is_not_met_inside_longer_ones_nor_in_encoded_addresses(text, told):
    assert is_told("50%", text) is told


def test_the_answers_of_the_server_to_saves_hold_nothing_either(cast, room, as_user):
    client = as_user(cast.officer)
    attempt = build.begun(room, cast.officer)
    address = reverse("exams:save", args=[attempt.pk])
    bodies = build.sent(attempt, build.right_entries(attempt))
    answers = [
        client.post(address, json.dumps({"entries": entries}), content_type="application/json")
        for entries in (
            bodies,
            bodies[:1],
            [bodies[0] | {"payload": {}}],
            [bodies[0] | {"position": 99}],
            [{}],
            [],
        )
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 409, 422, 400, 200]
    assert set().union(*(answer.json() for answer in answers)) == {
        "last",
        "head",
        "now",
        "deadline",
        "problem",
    }
    told = {f"save {n}": (0, texts(answer)) for n, answer in enumerate(answers)}
    assert leaks(told, (*CANARIES, *MARKS, build.STEM)) == []


def test_the_sitting_page_is_the_same_whatever_the_key_is(cast, room, as_user, monkeypatch):
    """The strongest form: scramble key, rationale and provision, and not one byte of the page changes."""
    client = as_user(cast.officer)
    attempt = build.begun(room, cast.officer)
    address = reverse("exams:sitting", args=[attempt.pk])

    def page():
        text = client.get(address).content.decode()
        text = re.sub(r'(name="csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]+', r"\1", text)
        text = re.sub(r'"(now)": \d+', r'"\1"', text)
        return re.sub(r"<b>\d+:\d\d</b>", "<b></b>", text)

    before = page()
    true_places = papers.places

    def scrambled(paper):
        secret = {"key": None, "rationale": "密钥暗记", "basis": "密钥暗记", "clause": "密钥暗记"}
        return {n: replace(place, **secret) for n, place in true_places(paper).items()}

    monkeypatch.setattr(papers, "places", scrambled)
    assert page() == before
    assert "密钥暗记" not in before


def test_before_the_opening_no_text_and_no_picture_of_the_paper_is_anywhere(cast, as_user):
    room = build.make_session(cast, opens=30)
    build.admitted(room, cast.officer)
    start = own_addresses(cast, room)
    items = [r.item for r in ItemRevision.objects.filter(paper_items__paper__session=room).distinct()]
    drawn = [with_picture(item, cast.editor, n) for n, item in enumerate(items)]
    media = [reverse("exams:picture", args=[picture.digest]) for picture in drawn]
    client = as_user(cast.officer)
    seen = crawl(client, [*start, *media])
    assert seen[reverse("exams:session", args=[room.code])][0] == 200
    for name, args in {"start": [room.code], "save": [1], "hand_in": [1], "take_over": [1]}.items():
        answer = client.post(reverse(f"exams:{name}", args=args), {"position": "1"}, follow=True)
        seen[f"POST {name}"] = answer.status_code, texts(answer)
    assert leaks(seen, (build.STEM, "选项 ", *CANARIES, *MARKS)) == []
    assert len(media) > 16 and [seen[address][0] for address in media] == [404] * len(media)
    assert Attempt.objects.count() == 0


def test_on_another_device_stands_nothing_of_the_paper_but_the_choice_to_go_on_there(cast, room, as_user):
    attempt = build.begun(room, cast.officer)
    Attempt.objects.filter(pk=attempt.pk).update(device="elsewhere")
    client = as_user(cast.officer)
    seen = crawl(client, own_addresses(cast, room, attempt))
    sitting = reverse("exams:sitting", args=[attempt.pk])
    assert seen[sitting][0] == 200 and reverse("exams:take_over", args=[attempt.pk]) in seen[sitting][1]
    assert leaks(seen, (build.STEM, "选项 ", *CANARIES, *MARKS)) == []


def test_once_she_sits_the_pictures_of_her_paper_are_hers_to_see(cast, room, as_user):
    attempt = build.begun(room, cast.officer)
    item = attempt.paper.items.first().revision.item
    address = reverse("exams:picture", args=[with_picture(item, cast.editor).digest])
    assert as_user(cast.officer).get(address).status_code == 200
    assert as_user(cast.director).get(address).status_code == 404
