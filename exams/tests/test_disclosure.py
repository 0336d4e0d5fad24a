"""What a candidate sees of her attempt: policies × phases, searched for in the pages themselves."""

import json
import re
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from exams.actions import attempts, release
from exams.models import Attempt, ExamSession
from exams.tests import crawling
from tests import build

pytestmark = pytest.mark.once

SCORE = {"score"}
ALL = {"score", "responses", "payloads", "verdicts", "keys", "rationales", "provisions"}
# A score stands alone: 10:12:34.7 is a time of day, and a page may bear any.
MARKERS = {
    "score": r"(?<![\d.:])34\.70?(?!\d)",
    "responses": "你的选择",
    "payloads": r'"payload": \{\s*"',  # of the receipt
    "verdicts": 'class="sheet-cell is-wrong" href',
    "keys": re.escape(build.SPELLING),
    "rationales": re.escape(build.RATIONALE),
    "provisions": re.escape(build.BASIS),
}
PHASES = ("during", "just_after", "window_open", "closed", "published")
TABLE = {
    "open": (set(), ALL, ALL, ALL, ALL),
    "score_only": (set(), SCORE, SCORE, SCORE, ALL),
    "after_close": (set(), SCORE, SCORE, ALL, ALL),
    "after_release": (set(), set(), set(), set(), ALL),
    "nothing": (set(), set(), set(), set(), set()),
}
RELEASED_ONLY = TABLE["after_release"]  # whatever else the terms of a spot check say
CASES = [("self_training", policy, row) for policy, row in TABLE.items()]
CASES += [("spot_check", policy, RELEASED_ONLY) for policy in ("open", "score_only")]

VIEWS = {"sitting", "check", "result", "review", "receipt", "save", "session", "mine", "pulse"}
VIEWS = {f"exams:{name}" for name in VIEWS} | {"people:me", "certificates:wallet", "certificates:person_file"}
VIEWS |= {"dashboards:home", "exams:hand_in", "exams:take_over", "exams:session_results"}
# What may be sent while nothing changes by it. A start would begin the next attempt, whose running hides all the others.
POSTS = ("save", "hand_in", "take_over")


def answers(client, attempt, views=None):
    """What the house says at every named route, or at some, with the candidate's own keys, and to what may be sent there: {address: text}."""
    session, person = attempt.registration.session, attempt.registration.candidate
    words = {session.code, str(UUID(int=0))}
    numbers = {attempt.pk, person.pk}
    visited = {}
    for address in crawling.addresses(sorted(numbers), sorted(words)):
        if not address.startswith("/accounts/logout") and (
            views is None or crawling.view_name(address) in views
        ):
            visited[address] = crawling.texts(client.get(address))
    review, check = (reverse(f"exams:{name}", args=[attempt.pk]) for name in ("review", "check"))
    for address in (f"{review}?only=wrong", f"{check}?head=", f"{check}?head={attempt.origin}"):
        visited[address] = crawling.texts(client.get(address))
    if attempt.state != Attempt.State.IN_PROGRESS:
        for name in POSTS:
            address = reverse(f"exams:{name}", args=[attempt.pk])
            visited[f"POST {address}"] = crawling.texts(client.post(address, {"position": "1"}))
        body = json.dumps({"entries": build.sent(attempt, build.right_entries(attempt, 0.5))})
        for name in POSTS[:2]:
            answer = client.post(reverse(f"exams:{name}", args=[attempt.pk]), body, "application/json")
            visited[f"JSON {name}"] = crawling.texts(answer)
    visited["mail"] = "".join(f"{letter.subject}{letter.body}" for letter in mail.outbox)
    return visited


def found(visited):
    """Which elements stand anywhere in what was visited."""
    return {
        name for name, marker in MARKERS.items() if any(re.search(marker, text) for text in visited.values())
    }


def let_it_be(phase, attempt, cast):
    """Bring the attempt from the phase before into this one."""
    now = timezone.now()
    if phase == "during":
        return
    if phase == "just_after":
        release.release(attempts.hand_in(build.own(attempt), attempt.pk, by=cast.officer))
    if phase != "just_after":
        Attempt.objects.filter(pk=attempt.pk).update(submitted_at=now - timedelta(minutes=10))
    sessions = ExamSession.objects.filter(pk=attempt.registration.session_id)
    if phase in ("closed", "published"):
        sessions.update(closes_at=now - timedelta(minutes=1))
    if phase == "published":
        sessions.update(state=ExamSession.State.RELEASED, released_at=now - timedelta(seconds=1))


@pytest.mark.parametrize(("kind", "policy", "row"), CASES, ids=[" ".join(case[:2]) for case in CASES])
def test_nothing_beyond_the_phase_is_shown_on_any_route(cast, as_user, kind, policy, row):
    """One attempt goes through all five phases; in each, every route of the house is asked for all six elements.

    Where the terms hide nothing there is nothing to look for, so only the candidate's own pages are asked whether they show it.
    """
    exam = build.make_exam(cast, counts={"single": 2, "blank": 2}, kind=kind)
    exam.blueprint.lines.update(points=Decimal("17.35"))
    room = build.make_session(cast, exam=exam, disclosure=policy)
    attempt = build.begun(room, cast.officer)
    build.answer_right(attempt, 0.5)
    client, visited = as_user(cast.officer), Counter()
    for phase, expected in zip(PHASES, row, strict=True):
        let_it_be(phase, attempt, cast)
        attempt.refresh_from_db()
        told = answers(client, attempt, VIEWS if expected == ALL else None)
        assert found(told) == expected, phase
        visited[phase] = len(told) if expected != ALL else 0
        assert {crawling.view_name(address.removeprefix("POST ")) for address in told} >= VIEWS
    hiding = [phase for phase, expected in zip(PHASES, row, strict=True) if expected != ALL]
    assert hiding and min(visited[phase] for phase in hiding) > 300, visited


def test_the_review_that_is_not_open_says_so_and_leads_to_the_result(cast, as_user):
    room = build.make_session(cast, disclosure="score_only")
    attempt = build.handed_in(build.begun(room, cast.officer))
    page = as_user(cast.officer).get(reverse("exams:review", args=[attempt.pk]), follow=True)
    assert page.redirect_chain == [(reverse("exams:result", args=[attempt.pk]), 302)]
    assert "按考试规则，现在还不能查看答卷。" in page.content.decode()


def test_before_its_release_a_spot_check_says_what_happens_next_and_shows_nothing(cast, as_user):
    room = build.make_session(cast, kind="spot_check")
    attempt = build.handed_in(build.begun(room, cast.officer))
    client, result = as_user(cast.officer), reverse("exams:result", args=[attempt.pk])
    page = client.get(result)
    assert (page.context["result"], page.context["may_review"]) == (None, False)
    assert re.findall(
        "成绩待发布|合格证明|verdict-points", re.sub("<nav.*?</nav>", "", page.content.decode(), flags=re.S)
    ) == ["成绩待发布"]
    assert "成绩由组织单位发布，发布后在这里和“我的”中都能看到。" in page.content.decode()
    review = client.get(reverse("exams:review", args=[attempt.pk]), follow=True)
    assert review.redirect_chain == [(result, 302)]
    lists = [client.get(reverse(name)) for name in ("exams:mine", "certificates:wallet", "dashboards:home")]
    assert [f"{attempt.current_result.points:g} 分" in one.content.decode() for one in lists] == [False] * 3
    assert (lists[0].context["registered"][0]["best"], lists[1].context["rows"]) == (None, [])
    assert lists[0].content.decode().count("成绩待发布") == 1
    briefing = client.get(reverse("exams:session", args=[room.code])).content.decode()
    assert (briefing.count("成绩待发布"), "立即显示成绩" in briefing) == (1, False)


def test_practice_is_nobodys_to_release(cast, as_user):
    attempt = build.handed_in(build.begun(build.make_session(cast, kind="practice"), cast.officer))
    page = as_user(cast.officer).get(reverse("exams:result", args=[attempt.pk]))
    assert (page.context["result"], page.context["may_review"]) == (attempt.current_result, True)


def test_what_was_released_of_a_spot_check_is_shown_as_its_terms_say(cast, as_user):
    room = build.make_session(cast, kind="spot_check")
    attempt = build.handed_in(build.begun(room, cast.officer))
    Attempt.objects.filter(pk=attempt.pk).update(released_at=timezone.now())
    page = as_user(cast.officer).get(reverse("exams:result", args=[attempt.pk]))
    assert (page.context["result"], page.context["may_review"]) == (attempt.current_result, True)


@pytest.mark.parametrize(
    ("terms", "title"),
    [({"disclosure": "after_release"}, "成绩待发布"), ({"disclosure": "nothing"}, "已交卷")],
    ids=["after_release", "nothing"],
)
def test_a_result_is_promised_only_where_the_terms_promise_one(cast, as_user, terms, title):
    attempt = build.handed_in(build.begun(build.make_session(cast, **terms), cast.officer))
    page = as_user(cast.officer).get(reverse("exams:result", args=[attempt.pk])).content.decode()
    assert re.findall("成绩待发布|已交卷", page) == [title]


def test_the_review_shows_every_kind_of_item_with_its_key_and_reason(cast, as_user):
    attempt = build.handed_in(build.begun(build.make_session(cast), cast.officer), 0.5)
    page = as_user(cast.officer).get(reverse("exams:review", args=[attempt.pk]))
    text = page.content.decode()
    for question in page.context["questions"]:
        assert (
            question["rationale"]
            if question["type"] != "case"
            else all(p["rationale"] for p in question["parts"])
        )
    assert text.count(build.RATIONALE) >= 16
    assert text.count("正确答案") > 4
    wrong = as_user(cast.officer).get(reverse("exams:review", args=[attempt.pk]), {"only": "wrong"})
    assert len(wrong.context["questions"]) == 8
