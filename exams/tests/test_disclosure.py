"""What a candidate sees of her attempt: policies × phases, searched for in the pages themselves."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from exams.actions import attempts, release
from exams.models import Attempt, ExamSession
from tests import build

SCORE = {"score"}
ALL = {"score", "responses", "verdicts", "keys", "rationales", "provisions"}
MARKERS = {
    "score": "34.7",
    "responses": "你的选择",
    "verdicts": 'class="sheet-cell is-wrong" href',
    "keys": build.SPELLING,
    "rationales": build.RATIONALE,
    "provisions": build.BASIS,
}
PHASES = ("during", "just_after", "window_open", "closed", "published")
TABLE = {
    "open": (set(), ALL, ALL, ALL, ALL),
    "score_only": (set(), SCORE, SCORE, SCORE, ALL),
    "after_close": (set(), SCORE, SCORE, ALL, ALL),
    "after_release": (set(), set(), set(), set(), ALL),
    "nothing": (set(), set(), set(), set(), set()),
}


def seen(client, attempt):
    """Which of the markers stand on any page that the candidate opens."""
    addresses = [reverse(f"exams:{name}", args=[attempt.pk]) for name in ("sitting", "result", "review")]
    addresses += [reverse("exams:mine"), reverse("exams:session", args=[attempt.registration.session.code])]
    addresses += [f"{addresses[2]}?only=wrong", reverse("people:me"), reverse("dashboards:home")]
    text = "".join(client.get(address, follow=True).content.decode() for address in addresses)
    return {name for name, marker in MARKERS.items() if marker in text}


def let_it_be(phase, attempt, cast):
    """Bring the attempt into a phase."""
    now = timezone.now()
    if phase == "during":
        return
    attempts.hand_in(build.own(attempt), attempt.pk, by=cast.officer)
    release.release(attempt)
    if phase != "just_after":
        Attempt.objects.filter(pk=attempt.pk).update(submitted_at=now - timedelta(minutes=10))
    sessions = ExamSession.objects.filter(pk=attempt.registration.session_id)
    if phase in ("closed", "published"):
        sessions.update(closes_at=now - timedelta(minutes=1))
    if phase == "published":
        sessions.update(state=ExamSession.State.RELEASED, released_at=now - timedelta(seconds=1))


@pytest.mark.parametrize("policy", TABLE)
@pytest.mark.parametrize("phase", PHASES)
def test_nothing_beyond_the_phase_is_shown(cast, as_user, policy, phase):
    exam = build.make_exam(cast, counts={"single": 2, "blank": 2})
    exam.blueprint.lines.update(points=Decimal("17.35"))
    room = build.make_session(cast, exam=exam, disclosure=policy)
    attempt = build.begun(room, cast.officer)
    build.answer_right(attempt, 0.5)
    let_it_be(phase, attempt, cast)
    assert seen(as_user(cast.officer), attempt) == TABLE[policy][PHASES.index(phase)]


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
