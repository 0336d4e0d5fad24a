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
from exams.tests import test_crawl as crawl
from tests import build

SCORE = {"score"}
ALL = {"score", "responses", "verdicts", "keys", "rationales", "provisions"}
# A score stands alone: 10:12:34.7 is a time of day, and a page may bear any.
MARKERS = {
    "score": r"(?<![\d.:])34\.70?(?!\d)",
    "responses": "你的选择",
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


VIEWS = {
    f"exams:{name}" for name in ("sitting", "check", "result", "review", "save", "session", "mine", "pulse")
}
VIEWS |= {"people:me", "dashboards:home", "exams:hand_in", "exams:take_over", "exams:session_results"}
# What may be sent while nothing changes by it. A start would begin the next attempt, whose running hides all the others.
POSTS = ("save", "hand_in", "take_over")


def answers(client, attempt):
    """What the house says at every named route with the candidate's own keys, and to whatever may be sent there: {address: text}."""
    session, person = attempt.registration.session, attempt.registration.candidate
    words = {session.code, str(UUID(int=0))}
    numbers = {attempt.pk, person.pk}
    visited = {}
    for address in crawl.addresses(sorted(numbers), sorted(words)):
        if not address.startswith("/accounts/logout"):
            visited[address] = crawl.texts(client.get(address))
    review, check = (reverse(f"exams:{name}", args=[attempt.pk]) for name in ("review", "check"))
    for address in (f"{review}?only=wrong", f"{check}?head=", f"{check}?head={attempt.origin}"):
        visited[address] = crawl.texts(client.get(address))
    if attempt.state != Attempt.State.IN_PROGRESS:
        for name in POSTS:
            address = reverse(f"exams:{name}", args=[attempt.pk])
            visited[f"POST {address}"] = crawl.texts(client.post(address, {"position": "1"}))
        body = json.dumps({"entries": build.sent(attempt, build.right_entries(attempt, 0.5))})
        for name in POSTS[:2]:
            answer = client.post(reverse(f"exams:{name}", args=[attempt.pk]), body, "application/json")
            visited[f"JSON {name}"] = crawl.texts(answer)
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


@pytest.mark.parametrize("policy", TABLE)
def test_nothing_beyond_the_phase_is_shown_on_any_route(cast, as_user, policy):
    """One attempt goes through all five phases; in each, every route of the house is asked for all six elements."""
    exam = build.make_exam(cast, counts={"single": 2, "blank": 2})
    exam.blueprint.lines.update(points=Decimal("17.35"))
    room = build.make_session(cast, exam=exam, disclosure=policy)
    attempt = build.begun(room, cast.officer)
    build.answer_right(attempt, 0.5)
    client, visited = as_user(cast.officer), Counter()
    for phase, expected in zip(PHASES, TABLE[policy], strict=True):
        let_it_be(phase, attempt, cast)
        attempt.refresh_from_db()
        told = answers(client, attempt)
        assert found(told) == expected, phase
        visited[phase] = len(told)
        assert {crawl.view_name(address.removeprefix("POST ")) for address in told} >= VIEWS
    assert min(visited.values()) > 60 and sum(visited.values()) > 5 * 60, visited


def test_the_review_that_is_not_open_says_so_and_leads_to_the_result(cast, as_user):
    room = build.make_session(cast, disclosure="score_only")
    attempt = build.handed_in(build.begun(room, cast.officer))
    page = as_user(cast.officer).get(reverse("exams:review", args=[attempt.pk]), follow=True)
    assert page.redirect_chain == [(reverse("exams:result", args=[attempt.pk]), 302)]
    assert "按考试规则，现在还不能查看答卷。" in page.content.decode()


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
