"""Many at the same moment: one frame, one draw, one session, one substitute, and numbers without gaps."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from audit.models import AuditEvent
from audit.transitions import Refused
from exams.models import ExamSession
from exams.tests.together import counted, together
from supervision.actions import checks, draws, minutes, publishing
from supervision.models import (
    Draw,
    DrawnCandidate,
    Minutes,
    Publication,
    Replacement,
    Reveal,
    Signature,
    SpotCheck,
)
from supervision.queries import draws as queries
from supervision.tests import stories

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(
        "postgresql" not in settings.DATABASES["default"]["ENGINE"], reason="DATABASE_URL names no PostgreSQL"
    ),
    pytest.mark.django_db(transaction=True),
]
HOUR = timedelta(hours=1)
N = 20


def tried(act):
    """Whether an act was done or refused."""

    def once(turn):
        try:
            act(turn)
        except Refused:
            return "refused"
        return "done"

    return once


@pytest.fixture
def house(cast):
    stories.crowd(cast, 6)
    cast.sent = stories.inspectors(cast)
    return cast


def row(check):
    return SpotCheck.objects.filter(pk=check.pk)


ONCE = {"done": 1, "refused": N - 1}


def test_of_many_who_approve_freeze_and_draw_one_does(house):
    check = stories.planned(house)
    people = [house.city, *house.sent]
    came = together(N, tried(lambda n: checks.approve(check, by=people[n % len(people)])), behind=row(check))
    assert counted(came) == ONCE

    now = timezone.now() - HOUR
    came = together(
        N,
        tried(lambda n: draws.freeze(check, by=[house.district, house.city][n % 2], source="双色球", source_at=now + HOUR / 2, now=now)),
        behind=row(check),
    )  # fmt: skip
    assert (counted(came), Draw.objects.count()) == (ONCE, 1)

    draw = Draw.objects.get()
    came = together(
        N,
        tried(lambda n: draws.reveal(draw, by=[house.district, house.city][n % 2], public=str(n))),
        behind=row(check),
    )
    assert (counted(came), Reveal.objects.count(), DrawnCandidate.objects.count()) == (ONCE, 1, 3)
    assert AuditEvent.objects.filter(action="draw.revealed").count() == 1
    first = queries.listed(draw)[0]

    came = together(
        N, tried(lambda _n: draws.replace(first, by=house.district, why="住院")), behind=row(check)
    )
    assert (counted(came), Replacement.objects.count()) == (ONCE, 1)

    times = {"opens_at": timezone.now() + HOUR, "closes_at": timezone.now() + 2 * HOUR, "papers_wanted": 1}
    came = together(N, tried(lambda _n: draws.register(check, by=house.district, **times)), behind=row(check))
    assert (counted(came), ExamSession.objects.count()) == (ONCE, 1)


def test_a_draw_is_either_done_or_voided_first(house):
    draw = stories.frozen(house)

    def act(n):
        if n % 2:
            draws.void(draw, by=house.city, why="期号写错")
        else:
            draws.reveal(draw, by=house.district, public="1")

    together(N, tried(act), behind=row(draw.check_of))
    check = SpotCheck.objects.get()
    # Whichever came first: a list that was drawn and then voided ends the check, a frame that was voided is drawn never.
    assert Draw.objects.get().voiding.by == house.city
    assert check.state == ("abandoned" if Reveal.objects.exists() else "approved")


def test_numbers_are_given_once_and_without_gaps(house):
    fields = stories.fields(house)
    together(N, lambda _n: checks.plan(by=house.district, unit=house.xiqing, **fields))
    assert sorted(SpotCheck.objects.values_list("number", flat=True)) == list(range(1, N + 1))


def test_of_many_who_draw_up_sign_and_publish_one_does(cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    stories.furnish(cast)
    check = stories.concluded(cast, (1,), **stories.lean(cast.blueprint, 1))
    together(N, tried(lambda _n: minutes.draw_up(check, by=cast.district)), behind=row(check))
    kept = Minutes.objects.get()

    def sign(_n):
        by = kept.examinee.registration.candidate
        minutes.sign(kept, by=by, side="examinee", image=stories.stroke(), digest=kept.digest)

    came = together(N, tried(sign), behind=row(check))
    assert (counted(came), Signature.objects.count()) == (ONCE, 1)
    people = [one.person for one in check.attendances.all()]
    minutes.sign(kept, by=people[0], side="enterprise", name="赵敏", title="经理", digest=kept.digest)
    together(
        2,
        tried(lambda n: minutes.sign(kept, by=people[n], side="inspector", digest=kept.digest)),
        behind=row(check),
    )
    assert AuditEvent.objects.filter(action="minutes.confirmed").count() == 1
    assert cast.city.pk not in {one.pk for one in people}
    came = together(N, tried(lambda _n: publishing.publish(check, by=cast.city)), behind=row(check))
    assert (counted(came), Publication.objects.count()) == (ONCE, 1)


def test_a_version_is_either_signed_or_followed_first(cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    stories.furnish(cast)
    check = stories.concluded(cast, (1,), **stories.lean(cast.blueprint, 1))
    [kept] = minutes.draw_up(check, by=cast.district)
    examinee = kept.examinee
    type(cast.jinhai).objects.filter(pk=cast.jinhai.pk).update(risk="high")

    def act(n):
        if n % 2:
            minutes.renew(examinee, by=cast.district, why="风险等级已调整")
        else:
            minutes.sign(kept, by=examinee.registration.candidate, side="examinee", digest=kept.digest)

    together(N, tried(act), behind=row(check))
    # However they met: one more version, and never a signature that counts for a text that nobody saw.
    assert list(Minutes.objects.order_by("number").values_list("number", flat=True)) == [1, 2]
    assert set(Signature.objects.values_list("digest", flat=True)) <= {kept.digest}
    assert not Minutes.objects.get(number=2).signatures.exists()
