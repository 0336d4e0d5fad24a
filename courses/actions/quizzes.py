"""A lesson's quiz: items of the practice bank, drawn once and written down, judged by the engine of the exams."""

import secrets

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.transitions import Refused
from courses import rules
from courses.actions.completing import settle
from courses.actions.presence import locked
from courses.models import QuizAnswer, QuizTry
from courses.queries import quizzes
from courses.queries.progress import unmet_of
from exams import tokens
from exams.engine.chance import rank
from exams.engine.items import ITEM_TYPES
from exams.engine.items.base import Unreadable
from exams.engine.scoring import Policy


@transaction.atomic
def begin(enrolment, revision, *, now=None):
    """Draw the items of a new go; while one stands open it is the one that is given."""
    now, enrolment = now or timezone.now(), locked(enrolment)
    last = quizzes.last_try(enrolment, revision)
    if last and not hasattr(last, "answer"):
        return last
    if reason := rules.why_not_study(enrolment, unmet_of(enrolment)):
        raise Refused(reason)
    pool = quizzes.pool(enrolment.course, timezone.localdate(now))
    if len(pool) < revision.items:
        raise Refused(_("练习题库里现在可用的题不够，请联系课程编辑。"))
    seed = secrets.token_hex(8)
    return QuizTry.objects.create(
        enrolment=enrolment,
        revision=revision,
        number=last.number + 1 if last else 1,
        seed=seed,
        items=rank(pool, seed)[: revision.items],
        at=now,
    )


@transaction.atomic
def hand_in(go, said, *, now=None):
    """Judge what was said in a go, given by position as its page names it; a second time changes nothing."""
    now, enrolment = now or timezone.now(), locked(go.enrolment)
    if known := QuizAnswer.objects.filter(try_of=go).first():
        return known
    payloads, right, places = {}, 0, quizzes.places(go)
    for place in places:
        kind = ITEM_TYPES[place.type]
        try:
            opened = tokens.opened(
                quizzes.token_name(go), place.position, said.get(place.position, {}), place.body
            )
            payload = kind.read(opened, place.body)
        except Unreadable as wrong:
            raise Refused(_(str(wrong))) from None
        payloads[str(place.position)] = payload
        right += kind.judge(place.key, payload, Policy(), place.body) == 1
    made = QuizAnswer.objects.create(
        try_of=go,
        payloads=payloads,
        right=right,
        total=len(places),
        is_passed=right * 100 >= rules.PASS_PERCENT * len(places),
        at=now,
    )
    settle(enrolment, now=now)
    return made
