"""Certificates: issued once, fixed as printed, decided upon with a reason, and each decision in the personnel file."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from accounts.models import RecordEntry
from audit.models import AuditEvent
from audit.transitions import Refused
from certificates import actions, numbers, seal
from certificates.models import Certificate, Scheme
from certificates.queries import worth
from exams.models import Attempt, Exam
from tests import build


@pytest.fixture
def certificate(cast):
    return build.certified(cast)


def entries(certificate):
    """What the file says of a certificate, line by line."""
    rows = RecordEntry.objects.filter(subject=f"certificate:{certificate.number}").order_by("number")
    return [(row.number, row.facts["state"], row.facts["why"], row.recorded_by) for row in rows]


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 5, 4), 12, date(2027, 5, 4)),
        (date(2026, 5, 31), 1, date(2026, 6, 30)),
    ],
)
def test_months_are_added_as_people_do(day, months, then):
    assert actions.add_months(day, months) == then


def test_a_certificate_says_who_passed_what_when(cast, certificate):
    today = timezone.localdate()
    assert certificate.facts == {
        "title": "培训考核合格证明",
        "number": certificate.number,
        "verify_code": certificate.code,
        "name": "王雨晨",
        "id_masked": cast.officer.id_mask,
        "enterprise": "津海电动车有限公司",
        "post": "质量安全员",
        "categories": "电动自行车",
        "exam": "电动自行车培训考试",
        "score": "32 分",
        "passed_on": f"{today.year} 年 {today.month} 月 {today.day} 日",
        "issued_on": f"{today.year} 年 {today.month} 月 {today.day} 日",
        "valid_from": today.isoformat(),
        "valid_to": actions.add_months(today, 12).isoformat(),
        "issuer": "天津市市场监管委（演示）",
    }
    assert numbers.normalise_number(certificate.number) == certificate.number
    assert numbers.normalise_code(certificate.code) == certificate.code
    assert seal.is_genuine(certificate.facts, certificate.seal, actions.keys())
    assert cast.officer.id_number not in str(certificate.facts)


def test_its_words_are_chinese_whatever_language_the_request_had(cast):
    with translation.override("en"):
        facts = build.certified(cast).facts
    assert (facts["post"], facts["score"]) == ("质量安全员", "32 分")


def test_issuing_again_gives_the_same(cast, certificate):
    scheme = certificate.scheme
    again = [actions.issue(certificate.attempt, scheme, by=cast.city) for _time in range(3)]
    assert {one.pk for one in again} == {certificate.pk}
    assert (Certificate.objects.count(), entries(certificate)) == (1, [(1, "in_force", "", "")])


def test_the_database_itself_refuses_a_second_one(certificate):
    twin = Certificate.objects.get(pk=certificate.pk)
    twin.pk, twin.number, twin.code = None, "ZK-2026-999999-0", "other"
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)


def test_numbers_run_on_and_no_code_resembles_another(cast):
    made = [build.certified(cast, session=build.make_session(cast, f"s{n}")) for n in range(3)]
    year = timezone.localdate().year
    assert [one.number for one in made] == [numbers.certificate_number(year, n) for n in (1, 2, 3)]
    assert len({one.code for one in made}) == 3


def test_who_failed_gets_none(cast):
    scheme = build.make_scheme()
    attempt = build.handed_in(build.begun(build.make_session(cast), cast.officer), 0.5)
    with pytest.raises(Refused, match="成绩合格后才能出具证明"):
        actions.issue(attempt, scheme)
    running = build.begun(build.make_session(cast, "other"), cast.director)
    with pytest.raises(Refused):
        actions.issue(running, scheme)
    assert Certificate.objects.count() == 0


def test_the_exams_own_scheme_comes_before_the_general_one(cast):
    room = build.make_session(cast)
    build.make_scheme()
    build.make_scheme("retired", is_active=False)
    own = build.make_scheme("own", exam=room.exam, title="专项证明")
    build.make_scheme("other-kind", exam_kind=Exam.Kind.SPOT_CHECK)
    attempt = build.handed_in(build.begun(room, cast.officer))
    assert [c.scheme for c in attempt.certificates.all()] == [own]
    assert Scheme.objects.count() == 4


def test_what_was_printed_stays_when_person_and_enterprise_change_their_names(cast, certificate):
    before = dict(certificate.facts)
    cast.officer.name = "王新名"
    cast.officer.save()
    cast.jinhai.unit.name = "新名电动车有限公司"
    cast.jinhai.unit.save()
    again = actions.issue(Attempt.objects.get(pk=certificate.attempt_id), certificate.scheme)
    assert again.facts == before
    assert seal.is_genuine(again.facts, again.seal, actions.keys())


# --- decisions ------------------------------------------------------------------------------------------------------


def test_each_decision_is_a_line_of_the_file_and_of_the_audit(cast, certificate):
    for to, why in (("suspended", "举报核查"), ("in_force", "查无问题"), ("revoked", "冒名顶替")):
        certificate = actions.decide(
            Certificate.objects.get(pk=certificate.pk), to=to, by=cast.city, why=f" {why} "
        )
        assert (certificate.state, certificate.state_why) == (to, why)
    assert entries(certificate) == [
        (1, "in_force", "", ""),
        (2, "suspended", "举报核查", "冯城"),
        (3, "in_force", "查无问题", "冯城"),
        (4, "revoked", "冒名顶替", "冯城"),
    ]
    acts = AuditEvent.objects.filter(action__startswith="certificate.").exclude(action="certificate.issued")
    assert list(acts.order_by("pk").values_list("action", "actor_name")) == [
        ("certificate.suspended", "冯城"),
        ("certificate.in_force", "冯城"),
        ("certificate.revoked", "冯城"),
    ]


def test_the_same_decision_twice_changes_nothing(cast, certificate):
    for _time in range(2):
        actions.decide(certificate, to="suspended", by=cast.city, why="核查")
    assert entries(certificate)[1:] == [(2, "suspended", "核查", "冯城")]


@pytest.mark.parametrize("why", ["", "   ", "\n"])
def test_without_a_reason_nothing_is_decided(cast, certificate, why):
    with pytest.raises(Refused, match="请写明原因"):
        actions.decide(certificate, to="revoked", by=cast.city, why=why)
    with pytest.raises(Refused, match="请写明原因"):
        actions.replace(certificate, by=cast.city, why=why)
    assert (Certificate.objects.get().state, len(entries(certificate))) == ("in_force", 1)


def test_a_replacement_takes_over_what_counts_and_the_chain_stays(cast, certificate):
    cast.officer.name = "王雨辰"
    cast.officer.save()
    fresh = Certificate.objects.select_related("attempt__registration__candidate").get(pk=certificate.pk)
    made = actions.replace(fresh, by=cast.city, why="姓名更正")
    assert (made.facts["name"], made.facts["valid_to"]) == ("王雨辰", certificate.facts["valid_to"])
    assert made.number != certificate.number
    assert (made.code != certificate.code, made.replaces_id, made.state) == (True, certificate.pk, "in_force")
    old = Certificate.objects.get(pk=certificate.pk)
    assert (worth(old)["code"], worth(made)["code"]) == ("replaced", "in_force")
    assert [line[1] for line in entries(old)] == ["in_force", "replaced"]
    assert [line[1] for line in entries(made)] == ["in_force"]
    assert actions.replace(old, by=cast.city, why="又一次").pk == made.pk
    assert actions.issue(old.attempt, old.scheme).pk == old.pk
    assert Certificate.objects.count() == 2


@pytest.mark.parametrize("state", ["revoked", "suspended", "expired"])
def test_what_does_not_count_now_is_not_made_good_by_a_replacement(cast, certificate, state):
    if state == "expired":
        past = timezone.localdate() - timedelta(days=400)
        Certificate.objects.update(issued_on=past, expires_on=past + timedelta(days=365))
    else:
        actions.decide(certificate, to=state, by=cast.city, why="核查")
    certificate.refresh_from_db()
    assert worth(certificate)["code"] == state
    with pytest.raises(Refused):
        actions.replace(certificate, by=cast.city, why="换一张")
    assert Certificate.objects.count() == 1
