"""Two files of one person become one."""

from datetime import date

import pytest
from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import actions, alike, merging, privacy, queries, records, retention
from accounts.actions.privacy import end_hold, place_hold
from accounts.coverage import coverage
from accounts.models import (
    Enterprise,
    Hold,
    Login,
    Merge,
    Post,
    RecordEntry,
    RoleGrant,
    User,
)
from accounts.planning import plan, read_sheet
from accounts.tests.doubles import WHY, double, fresh, in_post, merged, undone
from accounts.tests.sheets import row, table
from audit.append_only import AppendOnly
from audit.models import AuditEvent
from audit.transitions import Refused
from certificates.models import Certificate
from certificates.queries import personnel_file
from exams.actions import attempts, verifying
from exams.models import Attempt, Registration
from exams.queries import candidate, receipts
from exams.tests.together import together
from tests import build
from tests.people import PASSWORD, id_number, phone

# --- Every relation is decided ---------------------------------------------------------------------------------------


def test_every_column_that_points_at_a_person_is_decided():
    assert sorted(merging.DECIDED) == merging.relations()


def test_nothing_that_only_grows_is_to_be_moved():
    growing = {
        model._meta.label
        for model in apps.get_models()
        if any(isinstance(one, AppendOnly) for one in model._meta.constraints)
    }
    moved = {label.rpartition(".")[0] for label, what in merging.DECIDED.items() if what != merging.STAYS}
    assert moved & growing == set()


# --- What a merge does ------------------------------------------------------------------------------------------------


def test_the_file_of_the_kept_person_is_the_union_of_both(cast):
    other = double()
    in_post(other, cast.hengtong)
    records.enter(other, "training:1", kind="training", occurred_on=date(2026, 4, 1), title="培训", facts={})
    build.certified(cast, other)
    build.certified(cast, cast.director, session=build.make_session(cast, "second"))
    kept = cast.director
    before = [{(e.pk, e.title) for e in records.latest(one)} for one in (kept, other)]
    posts = [set(Post.objects.filter(person=one).values_list("pk", flat=True)) for one in (kept, other)]
    papers = [set(Certificate.objects.of(one).values_list("number", flat=True)) for one in (kept, other)]
    sat = [set(candidate.sat(one)) for one in (kept, other)]
    facts = [queries.certificates_of([one.pk])[one.pk] for one in (kept, other)]
    own = [privacy.all_of(one, with_numbers=True) for one in (kept, other)]
    printed = [personnel_file(one, one, timezone.localdate()) for one in (kept, other)]
    User.objects.filter(pk=other.pk).update(name=kept.name)
    merged(cast, kept, other)
    kept = fresh(kept)
    assert {(e.pk, e.title) for e in records.latest(kept)} == before[0] | before[1]
    assert set(Post.objects.filter(person=kept).values_list("pk", flat=True)) == posts[0] | posts[1]
    assert set(Certificate.objects.of(kept).values_list("number", flat=True)) == papers[0] | papers[1]
    assert set(candidate.sat(kept)) == sat[0] | sat[1]
    assert len(queries.certificates_of([kept.pk])[kept.pk]) == len(facts[0]) + len(facts[1]) == 2
    now = privacy.all_of(kept, with_numbers=True)
    for chapter in ("posts", "personnel_file", "sign_ins", "full_numbers_read_by", "notices"):
        assert sorted(map(str, now[chapter])) == sorted(map(str, own[0][chapter] + own[1][chapter]))
    assert [one["username"] for one in now["account"]] == [kept.username, "twice"]
    paper = personnel_file(kept, kept, timezone.localdate())
    for part in ("posts", "entries", "certificates"):
        assert sorted(map(str, paper[part])) == sorted(map(str, printed[0][part] + printed[1][part]))
    assert paper["digest"] not in (printed[0]["digest"], printed[1]["digest"])
    seen = queries.file_of(kept, cast.city, timezone.localdate())
    assert {(e.pk, e.title) for e in seen} == before[0] | before[1]


def test_numbers_that_only_the_absorbed_has_go_over_and_the_others_stay(cast):
    kept = double("赵新", username="first", phone=phone(800))
    other = double("赵新", id_number=id_number(801), phone=phone(802), email="zhao@example.invalid")
    in_post(kept, cast.jinhai), in_post(other, cast.jinhai, "director")
    merged(cast, kept, other)
    kept, other = fresh(kept), fresh(other)
    assert (kept.id_number, kept.phone, kept.email) == (id_number(801), phone(800), "zhao@example.invalid")
    assert (other.id_number, other.id_hash, other.phone, other.email, other.username) == (
        "",
        None,
        phone(802),
        "",
        "twice",
    )
    assert (other.is_active, other.merged_into) == (False, kept)


def test_two_different_numbers_are_refused_unless_the_error_is_stated(cast):
    other = double(id_number=id_number(77))
    in_post(other, cast.hengtong)
    with pytest.raises(Refused, match="证件号码不同"):
        merged(cast, cast.officer, other)
    assert fresh(other).merged_into is None
    done = merged(cast, cast.officer, other, number_reason="并入的号码末位录错")
    assert (fresh(cast.officer).id_number, fresh(other).id_number) == (id_number(1), id_number(77))
    line = AuditEvent.objects.filter(action="person.merged").first()
    assert (done.number_reason, line.data["number_reason"]) == ("并入的号码末位录错", "并入的号码末位录错")


def test_a_post_held_twice_is_ended_and_told_and_registrations_under_it_go_on(cast):
    other = double()
    post = in_post(other, cast.jinhai)
    session = build.make_session(cast)
    registration = build.admitted(session, other)
    seen = merging.outlook(cast.officer, other, cast.station)
    assert (seen.refusals, [one.pk for one in seen.posts_twice]) == ([], [post.pk])
    done = merged(cast, cast.officer, other, by=cast.station)
    post.refresh_from_db()
    assert (post.person, post.ended_on) == (cast.officer, timezone.localdate())
    line = RecordEntry.objects.get(subject=f"post:{post.pk}", number=2)
    assert (line.person, line.title[:2], line.facts["end_reason"]) == (
        cast.officer,
        "离任",
        "人员合并：同一岗位重复登记",
    )
    registration.refresh_from_db()
    own = cast.officer.posts.get(ended_on=None)
    assert (registration.candidate, registration.post) == (cast.officer, own)
    attempt = attempts.start(registration, by=cast.officer)
    with pytest.raises(Refused, match="正在进行的考试 1 项"):
        undone(cast, done)
    build.handed_in(attempt)
    undone(cast, done)
    post.refresh_from_db()
    registration.refresh_from_db()
    assert (post.person, post.ended_on, registration.post, registration.candidate) == (
        other,
        None,
        post,
        other,
    )


def test_roles_held_twice_holds_and_registrations_for_one_session_meet(cast):
    other = double("赵敏")
    in_post(other, cast.jinhai)
    again = RoleGrant.objects.create(
        user=other, role="manager", unit=cast.jinhai.unit, starts_on=date(2026, 1, 1)
    )
    in_post(cast.manager, cast.jinhai, "principal")
    for person in (cast.manager, other):
        place_hold(person=person, reason="投诉正在核查", by=cast.admin)
    session = build.make_session(cast)
    build.handed_in(build.begun(session, other))
    mine = build.admitted(session, cast.manager)
    seen = merging.outlook(cast.manager, other, cast.admin)
    assert ([g.pk for g in seen.grants_twice], [r.candidate for r in seen.sessions_twice], seen.holds) == (
        [again.pk],
        [other],
        2,
    )
    done = merged(cast, cast.manager, other)
    again.refresh_from_db()
    assert (again.user, again.ends_on) == (cast.manager, timezone.localdate())
    assert list(Registration.objects.of(cast.manager)) == [mine]
    assert [a.registration.candidate for a in candidate.sat(cast.manager)] == [other]  # still read
    holds = Hold.objects.filter(ended_at=None)
    assert {hold.person for hold in holds} == {cast.manager, other}
    assert set(retention.holds_run_by(cast.admin)) == set(holds)
    end_hold(holds.get(person=cast.manager), reason="核查完毕", by=cast.admin)
    assert list(Hold.objects.on(cast.manager)) == [holds.get(person=other)]
    undone(cast, done)
    again.refresh_from_db()
    assert (again.user, again.ends_on) == (other, None)


def test_a_hold_on_the_absorbed_one_goes_over(cast):
    other = double()
    in_post(other, cast.jinhai, "director")
    hold = place_hold(person=other, reason="投诉正在核查", by=cast.admin)
    done = merged(cast, cast.officer, other)
    hold.refresh_from_db()
    assert (hold.person, Hold.objects.on(other).exists()) == (cast.officer, True)
    undone(cast, done)
    hold.refresh_from_db()
    assert (hold.person, Hold.objects.on(cast.officer).exists()) == (other, False)


def test_coverage_and_standing_count_the_certificates_of_both(cast):
    other = double("李䶮")
    in_post(other, cast.jinhai, "director", date(2026, 3, 2))
    build.make_scheme()
    session = build.make_session(cast)
    build.certified(cast, other, session=session)
    Post.objects.filter(person=other).update(ended_on=timezone.localdate())
    today = timezone.localdate()

    def states():
        [one] = coverage(Enterprise.objects.filter(pk=cast.jinhai.pk).select_related("unit"), today)
        staffed = queries.staffing_of([cast.jinhai], today)[cast.jinhai.pk]
        return one.states["director"], next(p.state for p in staffed.places if p.kind == "director")

    assert states() == ("unqualified", "unqualified")
    held = Post.objects.filter(person=cast.director)
    assert not queries.by_validity(held, "valid", today).exists()
    done = merged(cast, cast.director, other)
    assert states() == ("valid", "valid")
    assert queries.by_validity(held.filter(ended_on=None), "valid", today).exists()
    undone(cast, done)
    assert states() == ("unqualified", "unqualified")


def test_certificates_and_sittings_still_verify(cast, client):
    other = double()
    in_post(other, cast.jinhai, "director")
    certificate = build.certified(cast, other)
    attempt = certificate.attempt
    before = receipts.receipt(attempt, with_payloads=True)
    done = merged(cast, cast.officer, other)
    page = client.get(f"/verify/{certificate.code}/").content.decode()
    assert (certificate.number in page, "王雨晨" in page, "有效" in page) == (True, True, True)
    rows = Attempt.objects.filter(pk=attempt.pk)
    assert list(verifying.problems_of(rows, {attempt.pk: before})) == [(attempt.pk, [])]
    Registration.objects.filter(pk=attempt.registration_id).update(candidate=cast.director)
    [(_pk, told)] = verifying.problems_of(rows)
    assert told == ["考生、试卷、题序或开始时间与起始摘要不符。"]  # a third person's it is not
    Registration.objects.filter(pk=attempt.registration_id).update(candidate=cast.officer)
    undone(cast, done)
    assert list(verifying.problems_of(rows)) == [(attempt.pk, [])]


# --- Who may ----------------------------------------------------------------------------------------------------------


def test_only_who_reaches_all_of_both_may_merge_and_a_refusal_is_written_down(cast):
    other = double()
    in_post(other, cast.hengtong, ended=date(2026, 5, 1))
    for by, told in (
        (cast.district, "管理范围之外的 1 家企业"),
        (cast.other_district, "管理范围之外的 1 家企业"),
        (cast.manager, "管理范围之外的 2 家企业"),
        (cast.officer, "自己的账号"),
    ):
        with pytest.raises(Refused, match=told):
            merged(cast, cast.officer, other, by=by)
    assert AuditEvent.objects.filter(action="person.merge_refused", outcome="refused").count() == 4
    assert merged(cast, cast.officer, other, by=cast.city).by == cast.city


def test_nobody_gives_roles_by_a_merge_that_she_may_not_give(cast):
    other = double("卫管")
    in_post(other, cast.jinhai)
    with pytest.raises(Refused, match="无权授予的角色"):
        merged(cast, other, cast.admin, by=cast.city)
    with pytest.raises(Refused, match="自己的账号"):
        merged(cast, other, cast.admin, by=cast.admin)
    nobody = [double("无名", username=f"nobody{n}") for n in (1, 2)]
    with pytest.raises(Refused, match="没有任职和角色"):
        merged(cast, *nobody, by=cast.city)
    assert merged(cast, *nobody, by=cast.admin).absorbed == nobody[1]


@pytest.mark.parametrize("reason", ["", "  ", "同一"])
def test_a_reason_is_owed(cast, reason):
    other = double()
    in_post(other, cast.jinhai, "director")
    with pytest.raises(Refused, match="至少 4 个字"):
        actions.merge(cast.officer, other, reason=reason, by=cast.admin)


def test_nobody_is_merged_while_she_sits(cast):
    other = double()
    in_post(other, cast.jinhai, "director")
    build.begun(build.make_session(cast), other)
    for pair in ((cast.officer, other), (other, cast.officer)):
        with pytest.raises(Refused, match="正在进行的考试（1 场）"):
            merged(cast, *pair)


def test_the_absorbed_account_is_out_and_its_refusal_says_nothing(cast, client, django_user_model):
    other = double(phone=phone(820))
    in_post(other, cast.jinhai, "director")
    client.force_login(other)
    assert Login.objects.filter(person=other).count() == 1
    merged(cast, cast.officer, other)
    assert (Login.objects.filter(person=other).count(), client.get("/me/").status_code) == (0, 302)
    answers = [
        client.post("/accounts/login/", {"login": "twice", "password": password})
        for password in (PASSWORD, "wrong password")
    ]
    errors = [answer.context["form"].non_field_errors() for answer in answers]
    assert (answers[0].status_code, errors[0]) == (200, errors[1])
    assert not Login.objects.filter(person=other).exists()


def test_nothing_new_is_given_to_an_absorbed_account_and_its_old_number_leads_to_the_one_that_is_left(cast):
    other = double(id_number=id_number(78))
    in_post(other, cast.jinhai, "director")
    merged(cast, cast.officer, other, number_reason="号码录入有误")
    with pytest.raises(Refused, match="已并入 王雨晨"):
        in_post(other, cast.hengtong)
    with pytest.raises(Refused, match="已并入 王雨晨"):
        actions.grant(other, role="manager", unit=cast.jinhai.unit, by=cast.admin)
    assert actions.enter_person(name="王雨晨", id_number=id_number(78), by=cast.admin) == cast.officer
    sheet = read_sheet(table(row(1, id_number=id_number(78), person="王雨晨", phone="")))
    made = plan(sheet, by=cast.admin)
    assert (made.people[id_number(78)], made.new_people) == (cast.officer, [])
    assert place_hold(person=fresh(other), reason="投诉正在核查", by=cast.admin).person == cast.officer


# --- At once ----------------------------------------------------------------------------------------------------------


@pytest.mark.postgres
@pytest.mark.skipif(
    "postgresql" not in settings.DATABASES["default"]["ENGINE"], reason="DATABASE_URL names no PostgreSQL"
)
@pytest.mark.django_db(transaction=True)
def test_of_many_who_merge_two_people_at_once_in_both_directions_one_does(cast):
    other = double()
    in_post(other, cast.jinhai, "director")

    def act(number):
        pair = (cast.officer, other) if number % 2 else (other, cast.officer)
        try:
            return merged(cast, *pair).pk
        except Refused as refusal:
            return str(refusal)

    came = together(16, act, threads=16, behind=User.objects.filter(pk__in=[cast.officer.pk, other.pk]))
    assert Merge.objects.count() == 1
    assert {one for one in came if isinstance(one, int)} == {Merge.objects.get().pk}
    assert {one for one in came if isinstance(one, str)} == {"其中一个账号已经并入另一人，不能再参加合并。"}
    assert AuditEvent.objects.filter(action="person.merged").count() == 2


@pytest.mark.postgres
@pytest.mark.skipif(
    "postgresql" not in settings.DATABASES["default"]["ENGINE"], reason="DATABASE_URL names no PostgreSQL"
)
@pytest.mark.django_db(transaction=True)
def test_a_sitting_that_begins_in_the_same_moment_is_either_seen_or_hers(cast):
    other = double()
    in_post(other, cast.jinhai, "director")
    registration = build.admitted(build.make_session(cast), other)

    def act(number):
        try:
            return (
                merged(cast, cast.officer, other).pk
                if number % 2
                else attempts.start(registration, by=other).pk
            )
        except Refused as refusal:
            return str(refusal)

    together(8, act, threads=8, behind=Registration.objects.filter(pk=registration.pk))
    attempt = Attempt.objects.get()
    assert list(verifying.problems_of(Attempt.objects.all())) == [(attempt.pk, [])]
    merge = Merge.objects.first()
    registration.refresh_from_db()
    assert registration.candidate == (cast.officer if merge else other)


def test_the_database_holds_a_merge_to_its_terms(cast):
    other = double()
    from django.db import IntegrityError

    for change in (
        lambda: User.objects.filter(pk=other.pk).update(merged_into=cast.officer),  # still active
        lambda: User.objects.filter(pk=other.pk).update(merged_into=other.pk, is_active=False),
        lambda: Merge.objects.create(kept=other, absorbed=other, by=cast.admin, reason=WHY),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    assert alike.found_within(cast.admin, other.pk, cast.officer.pk) == [other, cast.officer]
