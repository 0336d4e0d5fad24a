"""Replays, forged tokens, other people's attempts, and what a bot may have learned: nothing is lost, nobody else is harmed."""

import json
import re
from itertools import product

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from exams import tokens
from exams.actions import attempts
from exams.actions.verifying import problems_of
from exams.engine.chance import digest
from exams.models import Attempt, Intervention, Registration, Response, Result, Score
from exams.queries import papers
from tests import build


@pytest.fixture
def room(cast):
    return build.make_session(cast)


@pytest.fixture
def attempt(cast, room):
    return build.begun(room, cast.officer)


def at(name, pk):
    return reverse(f"exams:{name}", args=[pk])


def browser(user, **more):
    client = Client(**more)
    client.force_login(user)
    return client


def post(client, name, pk, entries, **more):
    body = entries if isinstance(entries, str) else json.dumps({"entries": entries})
    return client.post(at(name, pk), body, content_type="application/json", **more)


def entry(attempt, number, kind="single", chosen="a"):
    """An answer to the first place of this type, as the page sends it."""
    position = next(p.position for p in papers.places(attempt.paper).values() if p.type == kind)
    payload = {"options": [chosen]} if kind in ("single", "multiple") else {"value": chosen == "a"}
    return build.sent(attempt, [attempts.Entry(number, position, payload)])[0]


def tables(*without):
    """The digest of everything that sittings leave, but for these attempts."""
    kept = [
        Attempt.objects.exclude(pk__in=without),
        *(m.objects.exclude(attempt__in=without) for m in (Response, Intervention, Result)),
        Score.objects.exclude(result__attempt__in=without),
        Registration.objects.exclude(attempts__in=without),
    ]
    return digest([[[str(v) for v in row] for row in rows.order_by("pk").values_list()] for rows in kept])


def are_whole():
    """Every attempt there is can be verified."""
    return all(problems == [] for _pk, problems in problems_of(Attempt.objects.all()))


# --- replays --------------------------------------------------------------------------------------------------------


def test_a_recorded_save_sent_again_and_again_changes_nothing(cast, room, attempt, as_user):
    client, thief = browser(cast.officer), browser(cast.director)
    build.begun(room, cast.director)
    recorded = [entry(attempt, 1, chosen="b"), entry(attempt, 2, "truefalse")]
    first = post(client, "save", attempt.pk, recorded)
    again = post(client, "save", attempt.pk, recorded)
    assert (again.status_code, again.json()["head"]) == (200, first.json()["head"])
    newer = post(client, "save", attempt.pk, [entry(attempt, 3, chosen="c")])
    before = tables()
    late = post(client, "save", attempt.pk, recorded)
    assert (late.status_code, late.json()["last"], late.json()["head"]) == (200, 3, newer.json()["head"])
    assert post(client, "save", attempt.pk, [recorded[0] | {"number": 3}]).status_code == 409
    assert post(client, "save", attempt.pk, [recorded[0] | {"flagged": True}]).status_code == 409
    assert post(thief, "save", attempt.pk, recorded).status_code == 404
    assert post(thief, "hand_in", attempt.pk, recorded).status_code == 404
    assert tables() == before
    assert post(client, "hand_in", attempt.pk, recorded).status_code == 200
    before = tables()
    for name in ("save", "hand_in"):
        assert post(client, name, attempt.pk, recorded).status_code == 200  # all of it is stored
        assert post(client, name, attempt.pk, [recorded[0] | {"number": 9}]).status_code == 410
    assert client.post(at("take_over", attempt.pk)).status_code == 302
    assert tables() == before and are_whole()


def test_a_recorded_save_fits_no_later_attempt(cast, room, as_user):
    client = browser(cast.officer)
    past = build.begun(room, cast.officer)
    recorded = [entry(past, 1, chosen="b")]
    assert post(client, "save", past.pk, recorded).status_code == 200
    attempts.hand_in(cast.officer, past.pk, by=cast.officer)
    again = attempts.start(past.registration, by=cast.officer)
    answer = post(client, "save", again.pk, recorded)
    assert (answer.status_code, again.responses.count()) == (422, 0)


def test_without_the_forms_token_nothing_is_taken(cast, room, attempt):
    client, other = (
        browser(cast.officer, enforce_csrf_checks=True),
        browser(cast.director, enforce_csrf_checks=True),
    )
    for one in (client, other):
        one.get(reverse("exams:session", args=[room.code]))
    foreign = other.cookies["csrftoken"].value
    before, body = tables(), [entry(attempt, 1)]
    for more in ({}, {"headers": {"X-CSRFToken": foreign}}, {"headers": {"X-CSRFToken": "x" * 32}}):
        for name in ("save", "hand_in"):
            assert post(client, name, attempt.pk, body, **more).status_code == 403
            told = post(client, name, attempt.pk, body, **more, HTTP_ACCEPT="application/json")
            assert (told.status_code, list(told.json())) == (403, ["problem"])
        for name in ("save", "hand_in", "take_over"):
            assert client.post(at(name, attempt.pk), {"position": "1"}, **more).status_code == 403
    assert tables() == before
    own = client.cookies["csrftoken"].value
    assert post(client, "save", attempt.pk, body, headers={"X-CSRFToken": own}).status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "SAVE"])
def test_only_a_post_saves(cast, attempt, method):
    client, before = browser(cast.officer), tables()
    body = json.dumps({"entries": [entry(attempt, 1)]})
    override = {"X-HTTP-Method-Override": "POST", "X-Method-Override": "POST"}
    for name in ("save", "hand_in", "take_over"):
        address = at(name, attempt.pk) + "?_method=POST"
        answer = client.generic(method, address, body, "application/json", headers=override)
        assert (answer.status_code, answer["Allow"]) == (405, "POST")
    for other in ("PUT", "DELETE", "POST"):
        assert client.generic(other, at("check", attempt.pk), headers=override).status_code == 405
    assert tables() == before


# --- tokens ---------------------------------------------------------------------------------------------------------


def test_only_the_tokens_of_this_place_of_this_attempt_name_an_option(cast, room, attempt):
    client = browser(cast.officer)
    other = build.begun(build.make_session(cast, "other", exam=room.exam), cast.officer)
    colleague = build.begun(room, cast.director)
    places = papers.places(attempt.paper)
    here, there = (p for p, place in list(places.items())[:2])
    assert places[here].type == places[there].type == "single"
    case = next(p for p, place in places.items() if place.type == "case")
    right = tokens.token(attempt.pk, f"q{here}", "b")
    forged = [
        "b",
        right[:-1],
        right + "0",
        right.upper() if right.upper() != right else right[::-1],
        f" {right}",
        tokens.token(other.pk, f"q{here}", "b"),
        tokens.token(colleague.pk, f"q{here}", "b"),
        tokens.token(attempt.pk, f"q{there}", "b"),
        tokens.token(attempt.pk, f"q{here}", "z"),
        tokens.token(attempt.pk, f"q{case}/parts/1", "b"),
        "0" * 10,
    ]
    before = tables()
    for one in forged:
        payload = {"options": [one]}
        for name in ("save", "hand_in"):
            answer = post(client, name, attempt.pk, [{"number": 1, "position": here, "payload": payload}])
            assert (answer.status_code, answer.json()) == (422, {"problem": "作答的格式无法识别。"}), one
        form = {"position": str(here), f"q{here}/options": one, "go": "2"}
        assert (
            "作答的格式无法识别。" in client.post(at("save", attempt.pk), form, follow=True).content.decode()
        )
    for part, one in {"1": right, "2": tokens.token(attempt.pk, f"q{case}/parts/1", "b")}.items():
        inner = {"parts": {part: {"options": [one]}}}
        answer = post(client, "save", attempt.pk, [{"number": 1, "position": case, "payload": inner}])
        assert answer.status_code == 422
    assert tables() == before
    sound = [{"number": 1, "position": here, "payload": {"options": [right]}}]
    assert post(client, "save", attempt.pk, sound).status_code == 200
    assert attempt.responses.get().payload == {"options": ["b"]}


# --- other people's attempts ----------------------------------------------------------------------------------------


WHO = ("director", "manager", "stranger", "station", "city", "editor", "admin")


@pytest.mark.parametrize("who", WHO)
def test_a_foreign_attempt_is_answered_like_one_that_does_not_exist(cast, attempt, who):
    build.answer_right(attempt, 0.5)
    client, nowhere = browser(getattr(cast, who)), attempt.pk + 1000
    before = tables()

    def answers(pk):
        body = [entry(attempt, 99)]
        yield from (post(client, name, pk, body) for name in ("save", "hand_in"))
        for name in ("save", "hand_in", "take_over"):
            yield client.post(at(name, pk), {"position": "1", "go": "2"})
        for name in ("sitting", "check", "result", "review"):
            yield client.get(at(name, pk))
        yield client.get(at("check", pk), {"head": attempt.responses.last().link})

    def told(answer):
        text = re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]+', r"\1", answer.content.decode())
        return answer.status_code, answer["Content-Type"], text

    foreign = [told(answer) for answer in answers(attempt.pk)]
    assert foreign == [told(answer) for answer in answers(nowhere)]
    assert {status for status, *_rest in foreign} == {404}
    assert tables() == before


def test_guessing_the_numbers_of_attempts_finds_ones_own_only(cast, room):
    mine, hers = build.begun(room, cast.director), build.begun(room, cast.officer)
    client = browser(cast.director)
    before = tables(mine.pk)
    guesses = [
        *range(max(0, mine.pk - 20), hers.pk + 20),
        *(10**n for n in range(2, 40)),
        *(2**n + d for n in (31, 32, 63, 64) for d in (-1, 0, 1)),
    ]
    found = {
        (name, pk)
        for name, pk in product(
            ("sitting", "check", "result", "review", "save", "hand_in", "take_over"), set(guesses)
        )
        if _address(name, pk, client) != 404
    }
    assert {pk for _name, pk in found} == {mine.pk} and hers.pk in guesses
    assert tables(mine.pk) == before


def _address(name, pk, client):
    address = f"/exams/attempts/{pk}/" + ("" if name == "sitting" else f"{name.replace('_', '-')}/")
    if name in ("save", "hand_in", "take_over"):
        return client.post(address, '{"entries": []}', content_type="application/json").status_code
    return client.get(address).status_code


def test_the_pulse_of_a_number_that_no_table_holds_is_not_there(client):
    assert [client.get(f"/pulse/{10**n}/").status_code for n in (19, 40)] == [404, 404]


# --- what a bot may have learned --------------------------------------------------------------------------------------


def paper_as_shown(client, attempt):
    """What the page tells: for each question its inputs' names with the tokens, and the texts beside them."""
    page = client.get(at("sitting", attempt.pk)).content.decode()
    return re.findall(r'name="(q\d+(?:/parts/\d+)?/options)"[^>]*value="([0-9a-f]+)"', page)


def test_a_bot_that_learned_all_right_tokens_gains_nothing_in_the_next_attempt(cast):
    """One paper only, so even the questions are the same; what it recorded names nothing and stands elsewhere."""
    room = build.make_session(cast, papers_wanted=1)
    client = browser(cast.officer)
    first = build.begun(room, cast.officer)
    learned, right = paper_as_shown(client, first), build.sent(first, build.right_entries(first))
    assert post(client, "hand_in", first.pk, right[:4]).status_code == 200
    assert Score.objects.filter(result__attempt=first, fraction=1).count() == 4  # they were right there
    second = attempts.start(first.registration, by=cast.officer)
    now = paper_as_shown(client, second)
    assert (second.paper_id, len(now)) == (first.paper_id, len(learned)) and len(learned) > 40
    assert {token for _name, token in learned} & {token for _name, token in now} == set()
    assert [name for name, _token in learned] != [name for name, _token in now]  # another order of questions
    assert second.layout != first.layout
    assert post(client, "save", second.pk, right).status_code == 422
    for one in right:
        if one["payload"].keys() & {"options", "parts"}:
            assert post(client, "save", second.pk, [one]).status_code == 422
    assert second.responses.count() == 0


def test_what_stands_first_on_the_page_tells_nothing_about_what_the_author_wrote_first(cast, room):
    """Neither order nor spelling of the tokens follows the order of the ids."""
    attempt = build.begun(room, cast.officer)
    agree = total = 0
    for position, place in papers.places(attempt.paper).items():
        if place.type not in ("single", "multiple"):
            continue
        named = [tokens.token(attempt.pk, f"q{position}", one) for one in "abcd"]
        assert len(set(named)) == 4
        agree += named == sorted(named)
        total += 1
    assert total == 7 and agree <= 2


def test_no_database_table_holds_the_tokens_so_none_can_leak_from_there(cast, attempt):
    build.answer_right(attempt)
    named = {tokens.token(attempt.pk, "q1", one) for one in "abcd"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM exams_response")
        text = str(cursor.fetchall())
    assert text and not any(one in text for one in named)
