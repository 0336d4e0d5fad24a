"""What goes wrong on the day: noted once, corrected by a further note, with its photographs and the act that followed; and what a
termination makes of an outcome."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.tests.files import a_picture
from audit.models import AuditEvent
from audit.transitions import Refused
from exams.actions import attempts, interventions, terminations
from exams.models import Attempt
from supervision.actions import incidents, sittings
from supervision.models import Evidence, Incident
from supervision.queries import incidents as incident_queries
from supervision.queries import sittings as queries
from supervision.tests import stories
from tests import build


@pytest.fixture
def check(cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    stories.crowd(cast, 6)
    cast.sent = stories.inspectors(cast)
    bank = build.make_bank(cast, "spot", truefalse=8, each=0)
    blueprint = build.make_blueprint(cast, bank, {"truefalse": 4}, "spot")
    return stories.begun(cast, **stories.lean(blueprint, 2))


def seat(check):
    """The first examinee and her running attempt."""
    one = queries.examinees(check)[0]
    return one, attempts.start(one.registration, by=one.registration.candidate)


def page(check):
    return reverse("supervision:incidents", args=[check.code])


def said(**more):
    when = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    return {"category": "aid", "text": "桌上有手机", "happened_at": when} | more


def test_an_incident_is_noted_on_a_tablet_with_photographs_and_the_act_that_followed(cast, check, as_user):
    one, attempt = seat(check)
    interventions.pause(Attempt.objects.filter(pk=attempt.pk), why="查验手机", by=cast.district)
    act = attempt.interventions.get()
    photos = [SimpleUploadedFile(f"{n}.png", a_picture(size=(40, 30 + n)), "image/png") for n in (0, 1)]
    client = as_user(cast.district)
    answer = client.post(page(check), said(examinee=one.pk, act=act.pk, photos=photos), follow=True)
    row = Incident.objects.get()
    assert (row.number, row.examinee, row.act, row.by) == (1, one, act, cast.district)
    assert Evidence.objects.filter(subject=f"supervision.incident:{row.pk}").count() == 2
    assert "桌上有手机" in answer.content.decode()
    for address in (
        reverse("supervision:check", args=[check.code]),
        reverse("supervision:examinee", args=[check.code, one.pk]),
    ):
        text = client.get(address).content.decode()
        assert "夹带或使用禁用物品" in text and "查验手机" in text and "0.png" in text
    assert AuditEvent.objects.filter(action="incident.noted").count() == 1


def test_a_correction_is_a_further_row_and_the_first_stays(cast, check, as_user):
    first = incidents.note(check, category="aid", text="桌上有手机", by=cast.district)
    client = as_user(cast.city)
    assert "桌上有手机" in client.get(page(check), {"corrects": first.pk}).content.decode()
    client.post(page(check), said(text="桌上是计算器", category="other", corrects=first.pk))
    second, kept = incident_queries.incidents(check)
    assert (second.corrects, kept.is_corrected, kept.text) == (first, True, "桌上有手机")
    with pytest.raises(Refused, match="已经更正过"):
        incidents.note(check, category="aid", text="又改", by=cast.city, corrects=first)
    with pytest.raises(IntegrityError), transaction.atomic():
        Incident.objects.create(
            check_of=check, number=3, category="aid", text="x", happened_at=timezone.now(), by=cast.city, corrects=first
        )  # fmt: skip
    assert client.get(page(check), {"corrects": 999999}).status_code == 404


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"text": " "}, "经过"),
        ({"category": "rain"}, "类别"),
        ({"happened_at": "2099-01-01T00:00"}, "不能晚于现在"),
    ],
)
def test_what_cannot_be_noted_is_said(cast, check, as_user, more, sentence):
    answer = as_user(cast.district).post(page(check), said(**more))
    assert any(sentence in str(one) for one in answer.context["messages"])
    assert not Incident.objects.exists()


def test_from_the_live_board_one_comes_to_the_form_with_the_candidate_chosen(cast, check, as_user):
    one, attempt = seat(check)
    client = as_user(cast.district)
    address = reverse("supervision:session_incidents", args=[check.session.code])
    board = client.get(reverse("exams:session_live", args=[check.session.code])).content.decode()
    assert f"{address}?attempt={attempt.pk}" in board
    answer = client.get(address, {"attempt": attempt.pk})
    assert answer.url == f"{page(check)}?examinee={one.pk}"
    assert client.get(answer.url).status_code == 200


def test_an_act_upon_somebody_else_is_not_hers(cast, check):
    _one, attempt = seat(check)
    other = queries.examinees(check)[1]
    interventions.pause(Attempt.objects.filter(pk=attempt.pk), why="查验", by=cast.district)
    with pytest.raises(Refused, match="不属于"):
        incidents.note(
            check,
            category="aid",
            text="手机",
            by=cast.district,
            examinee=other,
            act=attempt.interventions.get(),
        )


# --- terminated -------------------------------------------------------------------------------------------------------


def concluded_with_one_terminated(cast, check):
    one, attempt = seat(check)
    build.answer_right(attempt)
    terminations.propose(attempt, why="使用手机", by=cast.district)
    with pytest.raises(Refused, match="还在答题"):
        sittings.conclude(check, by=cast.district, now=check.session.closes_at + timedelta(hours=1))
    terminations.confirm(attempt, why="查看属实", by=cast.city)
    sittings.conclude(check, by=cast.district, now=check.session.closes_at + timedelta(hours=1))
    return one, attempt


def test_a_terminated_attempt_cancels_the_outcome_and_a_third_person_amends_it(cast, check):
    one, attempt = concluded_with_one_terminated(cast, check)
    outcome = queries.outcomes_of([one])[one.pk]
    assert (outcome.conclusion, outcome.attempt, outcome.points, outcome.why) == (
        "cancelled", attempt, None, "监考终止：使用手机；查看属实",
    )  # fmt: skip
    with pytest.raises(Refused, match="不能作废重考"), transaction.atomic():
        terminations.reverse(attempt, why="误判", by=cast.admin, voids=True)
    terminations.reverse(attempt, why="误判", by=cast.admin)
    outcome = queries.outcomes_of([one])[one.pk]
    assert (outcome.number, outcome.conclusion, outcome.percent, outcome.why) == (
        2,
        "passed",
        100,
        "撤销终止：误判",
    )


def test_reversed_before_the_end_it_counts_as_any_other_or_she_sits_again(cast, check):
    one, attempt = seat(check)
    build.answer_right(attempt)
    terminations.propose(attempt, why="使用手机", by=cast.district)
    terminations.confirm(attempt, why="属实", by=cast.city)
    terminations.reverse(attempt, why="误判", by=cast.admin, voids=True)
    assert queries.sat([one])[one.pk].attempt is None
    stories.sat(one, 0)
    sittings.conclude(check, by=cast.district, now=check.session.closes_at + timedelta(hours=1))
    assert queries.outcomes_of([one])[one.pk].conclusion == "failed"
