"""On paper, many at the same moment: one form, one way of sitting, one check of each result."""

import pytest
from django.conf import settings
from django.utils import timezone

from audit.transitions import Refused
from exams.actions import attempts
from exams.models import Attempt, Registration
from exams.tests.together import counted, together
from supervision.actions import paper, sittings
from supervision.models import Outcome, PaperResult, PaperReview, PrintedForm, SpotCheck
from supervision.queries import sittings as queries
from supervision.tests import stories
from tests import build

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(
        "postgresql" not in settings.DATABASES["default"]["ENGINE"], reason="DATABASE_URL names no PostgreSQL"
    ),
    pytest.mark.django_db(transaction=True),
]
N = 12


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
def check(cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    stories.crowd(cast, 6)
    stories.inspectors(cast)
    bank = build.make_bank(cast, "spot", truefalse=8, each=0)
    blueprint = build.make_blueprint(cast, bank, {"truefalse": 4}, "spot")
    return stories.begun(cast, stories.called(cast, **stories.lean(blueprint, 2)))


def row(check):
    return SpotCheck.objects.filter(pk=check.pk)


def test_a_form_is_fixed_once_and_a_result_checked_once(cast, check):
    came = together(
        N, lambda _n: paper.fix(check, check.session, "A", by=cast.district).pk, behind=row(check)
    )
    assert len(set(came)) == 1 and PrintedForm.objects.count() == 1
    one, _other = queries.examinees(check)
    result = stories.entered(cast, one)
    verdicts = ["confirmed", "set_aside"]
    came = together(
        N,
        tried(lambda n: paper.review(result, verdicts[n % 2], by=cast.city, why="核对扫描件")),
        behind=row(check),
    )
    assert counted(came) == {"done": 1, "refused": N - 1}
    is_on = Registration.objects.get(pk=one.registration_id).on_paper
    assert is_on == (PaperReview.objects.get().verdict == "confirmed")


def test_somebody_sits_or_has_a_result_on_paper_never_both(cast, check):
    for one in queries.examinees(check):

        def act(n, one=one):
            if n % 2:
                stories.entered(cast, one)
            else:
                attempts.start(one.registration, by=one.registration.candidate)

        came = together(N, tried(act), behind=Registration.objects.filter(pk=one.registration_id))
        sat = Attempt.objects.filter(registration=one.registration).count()
        written = PaperResult.objects.filter(examinee=one).count()
        assert sat + written == 1 and set(counted(came)) <= {"done", "refused"}


def test_a_check_is_concluded_over_what_was_confirmed_or_waits(cast, check):
    one, other = queries.examinees(check)
    stories.sat(one)
    result = stories.entered(cast, other)
    later = check.session.closes_at

    def act(n):
        if n == 0:
            paper.review(result, "confirmed", by=cast.city)
        else:
            sittings.conclude(check, by=cast.district, now=later)

    together(N, tried(act), behind=row(check))
    if SpotCheck.objects.get(pk=check.pk).state == "under_way":
        sittings.conclude(check, by=cast.district, now=max(later, timezone.now()))
    assert sorted(Outcome.objects.values_list("form", "conclusion")) == [
        ("online", "passed"),
        ("paper", "passed"),
    ]
