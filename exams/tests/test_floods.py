"""Floods of requests and of answers: whoever floods waits, whoever sits honestly never meets a bound, and nothing is lost."""

import json

import pytest
from django.test import Client

from exams import limits
from exams.actions import saving
from exams.models import Response
from exams.tests.test_hostile import are_whole, at, browser, entry, post, tables
from tests import build

FULL = "这份答卷的作答次数已到上限，这一次没有保存；已保存的作答不受影响，请检查后交卷。"
TOO_OFTEN = "发送过于频繁，这一次没有处理；已保存的作答不受影响，请稍候再试。"


@pytest.fixture
def room(cast):
    return build.make_session(cast)


@pytest.fixture
def attempt(cast, room):
    return build.begun(room, cast.officer)


@pytest.fixture
def bounded(settings):
    settings.SAVES_PER_SECOND, settings.SAVES_AT_ONCE = 10, 40
    limits.senders.forget()
    yield
    limits.senders.forget()


@pytest.fixture
def clock(monkeypatch):
    """A clock that the story moves."""
    now = [1000.0]
    monkeypatch.setattr(limits, "monotonic", lambda: now[0])
    return now


def test_forty_at_once_then_ten_a_second(bounded, clock):
    senders = limits.Senders()

    def passes(sender, seconds):
        clock[0] += seconds
        return senders.wait(sender, rate=10, burst=40) == 0

    assert [passes("a", 0) for _n in range(60)] == [True] * 40 + [False] * 20
    assert sum(passes("a", 0.001) for _n in range(5000)) == pytest.approx(50, abs=1)
    assert [passes("b", 0) for _n in range(40)] == [True] * 40
    clock[0] += 4
    assert [passes("a", 0) for _n in range(41)] == [True] * 40 + [False]


def test_the_wait_that_is_told_is_long_enough(bounded, clock):
    senders = limits.Senders()
    for _n in range(500):
        wait = senders.wait("a", rate=10, burst=40)
        clock[0] += wait
        assert wait == 0 or senders.wait("a", rate=10, burst=40) == 0


def test_however_many_senders_come_the_memory_is_bounded_and_a_flood_is_not_forgotten(clock):
    senders = limits.Senders(most=1000)
    passed = 0
    for n in range(20_000):
        senders.wait(f"another {n}", rate=10, burst=40)
        passed += senders.wait("the flood", rate=10, burst=40) == 0
    assert passed == 40
    assert len(senders) <= 2000


def test_a_thousand_saves_in_a_second_cost_one_account_its_own_patience_only(cast, room, bounded, clock):
    """She floods, her colleague sits: he loses nothing, and she nothing that was acknowledged to her."""
    flooder, colleague = build.begun(room, cast.officer), build.begun(room, cast.director)
    hers, his = browser(cast.officer), browser(cast.director)
    acknowledged, refused = {}, 0
    for n in range(1, 1001):
        clock[0] += 0.001
        answer = post(hers, "save", flooder.pk, [entry(flooder, n, chosen="abcd"[n % 4])])
        if answer.status_code == 200:
            acknowledged[n] = answer.json()["head"]
        else:
            refused += 1
            assert (answer.status_code, answer.json()) == (429, {"problem": TOO_OFTEN})
            assert 1 <= int(answer["Retry-After"]) <= 4
        if n % 125 == 0:
            assert post(his, "save", colleague.pk, [entry(colleague, n // 125)]).status_code == 200
    assert (len(acknowledged), refused) == (49, 951)
    assert dict(flooder.responses.values_list("number", "link")) == acknowledged
    assert colleague.responses.count() == 8
    assert are_whole()
    clock[0] += 1
    assert post(hers, "hand_in", flooder.pk, [entry(flooder, 2000, chosen="b")]).status_code == 200
    assert are_whole()


def test_a_refusal_asks_nobody(cast, attempt, bounded, clock, django_assert_num_queries):
    client, body = browser(cast.officer), [entry(attempt, 1)]
    for _n in range(40):
        client.get(at("save", attempt.pk))
    with django_assert_num_queries(0):
        for name in ("save", "hand_in", "take_over"):
            assert post(client, name, attempt.pk, body).status_code == 429
        assert client.get(at("check", attempt.pk)).json() == {"problem": TOO_OFTEN}
    assert client.get(at("sitting", attempt.pk)).status_code == 200  # pages are not what is counted
    assert Response.objects.count() == 0


def test_a_second_browser_does_not_double_what_one_person_may_send(cast, attempt, bounded, clock):
    answers = []
    for _n in range(5):
        client = browser(cast.officer)
        answers += [post(client, "save", attempt.pk, []).status_code for _m in range(20)]
    assert answers == [200] * 40 + [429] * 60


def test_the_plain_form_gets_a_page_with_the_sentence_in_her_language(
    cast, attempt, bounded, clock, settings
):
    client = browser(cast.officer)
    for _n in range(40):
        post(client, "save", attempt.pk, [])
    answer = client.post(at("save", attempt.pk), {"position": "1", "go": "2"})
    assert (answer.status_code, answer["Content-Type"]) == (429, "text/html; charset=utf-8")
    assert TOO_OFTEN in answer.content.decode() and '<html lang="zh-hans">' in answer.content.decode()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert '<html lang="en">' in client.post(at("hand_in", attempt.pk), {}).content.decode()


def test_whoever_is_not_signed_in_shares_no_bound_with_others(bounded, clock, attempt):
    stranger = Client()
    answers = {post(stranger, "save", attempt.pk, []).status_code for _n in range(100)}
    assert answers == {302} and len(limits.senders) == 0


def test_a_fast_and_honest_page_never_meets_the_bound(cast, room, bounded, clock):
    """Two clicks a second for a whole hour, and a line that comes back with a hundred answers, one by one if need be."""
    senders = limits.Senders()
    for _n in range(7200):
        clock[0] += 0.5
        assert senders.wait("a", rate=10, burst=40) == 0
    assert [senders.wait("a", rate=10, burst=40) for _n in range(39)] == [0] * 39


def moves(attempt, first, count):
    """So many changes of mind at one place of the paper, numbered from `first`."""
    return [entry(attempt, n, chosen="abcd"[n % 4]) for n in range(first, first + count)]


def test_after_twenty_minutes_without_a_line_everything_is_taken_at_once_and_so_is_the_hand_in(
    cast, attempt, bounded, clock
):
    """She answers every few seconds for twenty minutes, the line comes back, and all of it arrives within one second."""
    client = browser(cast.officer)
    assert post(client, "save", attempt.pk, moves(attempt, 1, 1)).status_code == 200
    clock[0] += 20 * 60
    answers = [post(client, "save", attempt.pk, moves(attempt, 2, 200))]  # all of it
    answers += [
        post(client, "save", attempt.pk, moves(attempt, 2, 200))
    ]  # once more: the acknowledgement was lost
    answers += [client.get(at("check", attempt.pk)) for _n in range(2)]
    answers += [post(client, "hand_in", attempt.pk, moves(attempt, 202, 200))]
    assert [answer.status_code for answer in answers] == [200] * 5
    assert attempt.responses.count() == 401 and are_whole()


def test_a_hand_in_with_all_answers_passes_whatever_her_saves_brought_before(cast, attempt, bounded, clock):
    client = browser(cast.officer)
    statuses = [
        post(client, "save", attempt.pk, moves(attempt, 1 + 200 * n, 200)).status_code for n in range(4)
    ]
    assert statuses == [200, 200, 429, 429]
    assert post(client, "hand_in", attempt.pk, moves(attempt, 401, 200)).status_code == 200
    assert attempt.responses.count() == 600 and are_whole()


def test_a_flood_of_full_batches_is_slowed_to_as_many_answers_a_second_as_requests(
    cast, attempt, bounded, clock
):
    client, body, statuses = browser(cast.officer), moves(attempt, 1, 200), []
    for _n in range(300):  # ten requests a second for half a minute, which would be sixty thousand answers
        clock[0] += 0.1
        statuses.append(post(client, "save", attempt.pk, body).status_code)
        if statuses[-1] == 200:
            body = moves(attempt, body[-1]["number"] + 1, 200)
    assert (statuses.count(200), statuses.count(429), attempt.responses.count()) == (4, 296, 800)
    assert are_whole()


def test_the_plain_form_pays_for_its_answers_as_well(cast, attempt, bounded, clock):
    client, form = browser(cast.officer), {"position": ["1", "2"], "f1": "on", "f2": "on", "go": "2"}
    limits.charge(cast.officer.pk, 398)
    answers = [client.post(at("save", attempt.pk), form).status_code for _n in range(2)]
    assert (answers, attempt.responses.count()) == ([302, 429], 2)


def test_large_answers_weigh_more_than_small_ones(cast, attempt, bounded, clock):
    client, bodies = (
        browser(cast.officer),
        [json.dumps({"entries": [], "more": "x" * n}) for n in (0, 200_000)],
    )
    answers = [[post(client, "save", attempt.pk, body).status_code for _n in range(10)] for body in bodies]
    assert answers == [[200] * 10, [200] * 4 + [429] * 6]


def test_an_attempt_takes_so_many_answers_and_no_more_and_is_handed_in_all_the_same(
    cast, attempt, monkeypatch
):
    monkeypatch.setattr(saving, "MOST", 50)
    client = browser(cast.officer)
    assert post(client, "save", attempt.pk, moves(attempt, 1, 50)).status_code == 200
    before = tables()
    refused = post(client, "save", attempt.pk, moves(attempt, 51, 1))
    assert (refused.status_code, refused.json()) == (422, {"problem": FULL})
    assert (
        post(client, "save", attempt.pk, moves(attempt, 50, 1)).json()["last"] == 50
    )  # a repeated one is known
    assert tables() == before
    assert post(client, "hand_in", attempt.pk, moves(attempt, 51, 16)).status_code == 200
    assert attempt.responses.count() == 66 and are_whole()


def test_numbers_that_were_left_out_use_up_nothing_of_what_an_attempt_takes(cast, attempt, monkeypatch):
    monkeypatch.setattr(saving, "MOST", 50)
    client = browser(cast.officer)
    for n in range(1, 51):
        assert post(client, "save", attempt.pk, moves(attempt, n * 9000, 1)).status_code == 200
    assert post(client, "save", attempt.pk, moves(attempt, 51 * 9000, 1)).status_code == 422
    assert attempt.responses.count() == 50


def test_the_cap_lies_far_beyond_two_clicks_a_second_for_two_hours():
    assert saving.MOST == 20_000 > 2 * 2 * 3600
