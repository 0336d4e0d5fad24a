"""Many at the same moment after a fail: one notice, one proof of service, one report, one retake, one decision of the end."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from exams.models import ExamSession
from exams.tests.together import counted, together
from supervision.actions import rectifying, retaking
from supervision.models import Examinee, Rectification, Report, Retake, Service
from supervision.tests import failing
from supervision.tests.test_together import ONCE, N, row, tried

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(
        "postgresql" not in settings.DATABASES["default"]["ENGINE"], reason="DATABASE_URL names no PostgreSQL"
    ),
    pytest.mark.django_db(transaction=True),
]


def test_of_many_who_issue_serve_and_report_one_does(cast):
    check = failing.failed(failing.house(cast), (0,))
    [examinee] = failing.called(check)
    came = together(N, tried(lambda _n: failing.issued(cast, examinee)), behind=row(check))
    assert (counted(came), Rectification.objects.count()) == (ONCE, 1)
    one = Rectification.objects.get()
    came = together(N, tried(lambda _n: rectifying.acknowledge(one, by=cast.manager)), behind=row(check))
    assert (counted(came), Service.objects.count()) == (ONCE, 1)
    came = together(
        N, tried(lambda _n: rectifying.report(one, by=cast.manager, measures="整改")), behind=row(check)
    )
    assert (counted(came), Report.objects.count()) == (ONCE, 1)


def test_of_many_who_call_conclude_and_close_one_does(cast):
    check = failing.published(failing.failed(failing.house(cast), (0, 0)))
    for examinee in failing.called(check):
        failing.closed(cast, examinee)
    now = timezone.now()
    times = {
        "opens_at": now - timedelta(minutes=1),
        "closes_at": now + timedelta(hours=1),
        "papers_wanted": 1,
    }
    came = together(
        N, tried(lambda _n: retaking.call_retake(check, by=cast.district, **times)), behind=row(check)
    )
    assert (counted(came), Retake.objects.count(), ExamSession.objects.count()) == (ONCE, 1, 2)
    assert Examinee.objects.filter(round=1).count() == 2
    made, late = Retake.objects.get(), now + timedelta(hours=2)
    came = together(
        N, tried(lambda _n: retaking.conclude_retake(made, by=cast.district, now=late)), behind=row(check)
    )
    assert counted(came) == ONCE
    failing.told(cast, check, 1)
    for examinee in failing.called(check, 1):
        retaking.decide(examinee, by=cast.district, measure="interview", why="补考缺考")
        failing.closed(cast, examinee)
    came = together(
        N,
        tried(lambda _n: retaking.close(check, by=cast.city, now=timezone.now() + failing.LATER)),
        behind=row(check),
    )
    assert counted(came) == ONCE
