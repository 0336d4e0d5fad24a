"""Stories of the desk that plans sessions."""

import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from accounts.models import Post, PostKind, User
from audit.models import AuditEvent
from exams.actions import attempts, sessions
from exams.models import Exam, ExamSession, Registration
from exams.queries import sessions as queries
from tests import build

SINGLE = {"single": 3}
CANARIES = (build.STEM, build.RATIONALE, build.SPELLING, build.BASIS)


@pytest.fixture
def session(cast):
    return build.make_session(cast, counts=SINGLE)


def manage(name, *args):
    return reverse(f"exams:{name}", args=args)


def colleagues(cast, count):
    """So many further officers of the e-bike maker."""
    people = [
        User.objects.create(username=f"mate{n}", name=f"同事{n:02d}", password="!") for n in range(count)
    ]
    return [
        Post.objects.create(
            person=person, enterprise=cast.jinhai, kind=PostKind.OFFICER, appointed_on=timezone.localdate()
        )
        for person in people
    ]


def queries_of(client, url):
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


# --- Doors ----------------------------------------------------------------------------------------------------------


def test_who_sees_a_session_of_the_city(cast, session):
    seen = {
        name
        for name, user in cast.everybody().items()
        if queries.seen_by(user).filter(pk=session.pk).exists()
    }
    assert seen == {"manager", "station", "district", "other_district", "city", "admin"}


def test_a_manager_whose_products_it_does_not_concern_meets_a_missing_page(cast, session, as_user):
    assert as_user(cast.stranger_manager).get(manage("session_manage", session.code)).status_code == 404


def test_a_draft_is_seen_only_by_those_who_run_it(cast):
    draft = build.make_session(cast, counts=SINGLE, published=False)
    seen = {
        name for name, user in cast.everybody().items() if queries.seen_by(user).filter(pk=draft.pk).exists()
    }
    assert seen == {"city", "admin"}


@pytest.mark.parametrize("who", ["officer", "principal", "editor", "reviewer"])
def test_whoever_neither_manages_nor_supervises_is_refused_everywhere(cast, session, as_user, who):
    attempt = build.begun(session, cast.officer)
    client = as_user(getattr(cast, who))
    got = [
        client.get(manage(name, *args)).status_code
        for name, args in [
            ("sessions", []), ("session_new", []), ("exam_new", []), ("attempts", []),
            ("attempt_seen", [attempt.pk]), ("session_manage", [session.code]),
            ("session_register", [session.code]), ("session_results", [session.code]),
        ]
    ]  # fmt: skip
    got += [
        client.post(manage(name, session.code)).status_code
        for name in ("session_publish", "session_cancel", "session_renew_papers")
    ]
    assert set(got) == {403}


def test_a_manager_neither_publishes_nor_cancels_what_the_city_runs(cast, session, as_user):
    client = as_user(cast.manager)
    answers = [
        client.post(manage(name, session.code), {"why": "试试"}).status_code
        for name in ("session_publish", "session_cancel", "session_renew_papers")
    ]
    session.refresh_from_db()
    assert (answers, session.state) == ([404, 404, 404], ExamSession.State.PUBLISHED)


def test_a_manager_defines_no_exam(cast, as_user):
    assert as_user(cast.manager).get(manage("exam_new")).status_code == 403


# --- The list ---------------------------------------------------------------------------------------------------------


def test_the_list_counts_only_the_viewers_people(cast, session):
    build.handed_in(build.begun(session, cast.officer), share=1)
    build.handed_in(build.begun(session, cast.director), share=0)
    build.admitted(session, cast.principal)
    none = {"registered": 0, "sat": 0, "passed": 0}
    assert queries.counts(cast.manager, [session]) == {session.pk: {"registered": 3, "sat": 2, "passed": 1}}
    assert queries.counts(cast.other_district, [session]) == {session.pk: none}


def test_the_list_is_narrowed_by_what_the_address_says(cast, session, as_user):
    other = build.make_session(cast, "drill", exam=session.exam, published=False)
    client = as_user(cast.city)

    def shown(query):
        return [row["session"] for row in client.get(manage("sessions") + query).context["rows"]]

    assert shown("?state=draft") == [other]
    assert shown("?q=stories") == [session]
    assert shown("?kind=practice") == []
    assert shown("?state=nonsense") == shown("")


def test_the_list_costs_the_same_for_one_session_and_for_thirty(cast, session, as_user):
    client = as_user(cast.manager)
    few = queries_of(client, manage("sessions"))
    for n in range(29):
        sessions.publish(
            sessions.plan(
                session.exam, by=cast.city, code=f"s{n}", name=f"场次{n}", opens_at=session.opens_at,
                closes_at=session.closes_at, papers_wanted=1,
            ),
            by=cast.city,
        )  # fmt: skip
    assert queries_of(client, manage("sessions")) == few


# --- One session -----------------------------------------------------------------------------------------------------


def test_the_page_of_a_session_tells_how_each_of_ones_people_stands(cast, session, as_user):
    build.handed_in(build.begun(session, cast.officer), share=0)
    build.handed_in(build.begun(session, cast.officer), share=1)
    build.admitted(session, cast.director, due_on=timezone.localdate() - timedelta(days=1))
    rows = as_user(cast.manager).get(manage("session_manage", session.code)).context["rows"]
    told = [(r.registration.candidate, len(r.sat), bool(r.passed), r.is_late) for r in rows]
    assert sorted(told, key=lambda row: row[1]) == [
        (cast.director, 0, False, True),
        (cast.officer, 2, True, False),
    ]


@pytest.mark.parametrize(
    ("verdict", "names"),
    [("passed", ["officer"]), ("unpassed", ["director"]), ("absent", ["principal"]), ("late", ["principal"])],
)
def test_registrations_are_narrowed_by_verdict(cast, session, verdict, names):
    build.handed_in(build.begun(session, cast.officer), share=1)
    build.handed_in(build.begun(session, cast.director), share=0)
    build.admitted(session, cast.principal, due_on=timezone.localdate() - timedelta(days=1))
    rows = queries.list_registrations(cast.manager, session, verdict=verdict, on=timezone.localdate())
    assert [r.candidate for r in rows] == [getattr(cast, name) for name in names]


def test_the_page_of_a_session_costs_the_same_for_one_candidate_and_for_thirty(cast, session, as_user):
    client, url = as_user(cast.manager), manage("session_manage", session.code)
    build.handed_in(build.begun(session, cast.officer))
    client.get(url)  # reads the papers' composition, once
    few = queries_of(client, url)
    for post in colleagues(cast, 29):
        build.handed_in(build.begun(session, post.person), share=0.5)
    assert queries_of(client, url) == few


def test_the_page_closes_attempts_whose_time_is_over(cast, session, as_user):
    attempt = build.move_clock(build.begun(session, cast.officer), minutes=120)
    as_user(cast.manager).get(manage("session_manage", session.code))
    attempt.refresh_from_db()
    assert (attempt.state, attempt.ended_by) == ("submitted", "deadline")


# --- Registering -----------------------------------------------------------------------------------------------------


def test_a_manager_registers_the_people_she_ticks(cast, session, as_user):
    due = timezone.localdate(session.closes_at)
    posts = [cast.post(cast.officer), cast.post(cast.director)]
    answer = as_user(cast.manager).post(
        manage("session_register", session.code), {"posts": [p.pk for p in posts], "due_on": due.isoformat()}
    )
    assert answer.status_code == 302
    assert set(
        session.registrations.values_list("candidate", "post", "source", "due_on", "registered_by")
    ) == {(post.person_id, post.pk, Registration.Source.MANAGER, due, cast.manager.pk) for post in posts}
    assert AuditEvent.objects.filter(action="registration.made", actor=cast.manager).count() == 2


def test_a_regulator_registers_as_a_regulator(cast, session, as_user):
    as_user(cast.district).post(
        manage("session_register", session.code), {"posts": [cast.post(cast.officer).pk]}
    )
    assert session.registrations.get().source == Registration.Source.REGULATOR


def test_a_post_of_another_enterprise_cannot_be_ticked(cast, session, as_user):
    cast.hengtong.categories.add(cast.ebike)
    assert cast.post(cast.stranger) in queries.fitting_posts(cast.city, session, timezone.localdate())
    answer = as_user(cast.manager).post(
        manage("session_register", session.code), {"posts": [cast.post(cast.stranger).pk]}
    )
    assert (answer.status_code, session.registrations.count()) == (200, 0)


def test_only_people_whom_the_session_is_meant_for_are_offered(cast):
    session = build.make_session(cast, counts=SINGLE)
    Exam.objects.filter(pk=session.exam_id).update(post_kinds=[PostKind.OFFICER, PostKind.DIRECTOR])
    session.refresh_from_db()
    build.admitted(session, cast.director)
    offered = queries.fitting_posts(cast.city, session, timezone.localdate())
    assert [post.person for post in offered] == [cast.officer]


def test_the_due_day_lies_between_today_and_the_end(cast, session, as_user):
    client, url = as_user(cast.manager), manage("session_register", session.code)
    post = cast.post(cast.officer).pk
    for days in (-1, 10):
        day = timezone.localdate() + timedelta(days=days)
        answer = client.post(url, {"posts": [post], "due_on": day.isoformat()})
        assert list(answer.context["form"].errors) == ["due_on"]
        assert f'id="post-{post}" checked' in answer.content.decode()
    assert session.registrations.count() == 0


def test_registering_after_the_end_is_refused_with_a_sentence(cast, session, as_user):
    ExamSession.objects.filter(pk=session.pk).update(closes_at=timezone.now() - timedelta(minutes=1))
    answer = as_user(cast.manager).post(
        manage("session_register", session.code), {"posts": [cast.post(cast.officer).pk]}
    )
    assert "截止" in "".join(str(m) for m in answer.context["messages"])
    assert session.registrations.count() == 0


# --- Planning --------------------------------------------------------------------------------------------------------


def planned(exam, **changes):
    """What the form sends when everything stays as suggested."""
    now = timezone.localtime()
    return {
        "name": "本企业十二月考试", "code": "jinhai-12", "opens_at": now.strftime("%Y-%m-%dT%H:%M"),
        "closes_at": (now + timedelta(days=20)).strftime("%Y-%m-%dT%H:%M"), "place": "", "minutes": exam.minutes,
        "cut_score": exam.cut_score, "max_attempts": exam.max_attempts, "cool_down_minutes": exam.cool_down_minutes,
        "self_registration": "on", "papers_wanted": 2,
    } | changes  # fmt: skip


def test_a_manager_plans_for_her_enterprise_and_publishes(cast, as_user):
    exam, client = build.make_exam(cast, counts=SINGLE), as_user(cast.manager)
    url = manage("session_new") + f"?exam={exam.code}"
    suggested = client.get(url).context["form"].initial
    assert (suggested["unit"], suggested["max_attempts"], suggested["cut_score"]) == (
        cast.jinhai.unit, exam.max_attempts, exam.cut_score
    )  # fmt: skip
    answer = client.post(url, planned(exam, unit=cast.jinhai.unit_id))
    session = ExamSession.objects.get()
    assert (answer.url, session.unit, session.state) == (
        manage("session_manage", "jinhai-12"), cast.jinhai.unit, ExamSession.State.DRAFT
    )  # fmt: skip
    client.post(manage("session_publish", session.code))
    session.refresh_from_db()
    assert (session.state, session.papers.count()) == (ExamSession.State.PUBLISHED, 2)


def test_a_manager_may_be_stricter_than_the_exam_but_not_laxer(cast, as_user):
    exam, client = build.make_exam(cast, counts=SINGLE), as_user(cast.manager)
    url = manage("session_new") + f"?exam={exam.code}"
    laxer = {"cut_score": 10, "max_attempts": 0, "minutes": exam.minutes + 1}
    answer = client.post(url, planned(exam, unit=cast.jinhai.unit_id, **laxer))
    assert set(answer.context["form"].errors) == set(laxer)
    stricter = {"cut_score": 90, "max_attempts": 1, "minutes": 30}
    client.post(url, planned(exam, unit=cast.jinhai.unit_id, **stricter))
    assert {name: getattr(ExamSession.objects.get(), name) for name in stricter} == stricter


def test_a_manager_cannot_plan_in_the_citys_name(cast, as_user):
    exam = build.make_exam(cast, counts=SINGLE)
    answer = as_user(cast.manager).post(
        manage("session_new") + f"?exam={exam.code}", planned(exam, unit=cast.city_organ.pk)
    )
    assert list(answer.context["form"].errors) == ["unit"]


def test_which_exams_one_may_plan_from(cast):
    own = build.make_exam(cast, counts=SINGLE)
    spot = build.make_exam(cast, "spot", counts=SINGLE, kind=Exam.Kind.SPOT_CHECK)
    assert {
        name: set(queries.exams_to_plan(getattr(cast, name)))
        for name in ("manager", "stranger_manager", "station", "city", "officer")
    } == {
        "manager": {own}, "stranger_manager": set(), "station": {own, spot}, "city": {own, spot}, "officer": set()
    }  # fmt: skip


def test_a_suggested_code_is_free(cast, session):
    assert queries.free_code("stories") == "stories-2"
    assert queries.free_code("fresh") == "fresh"


def test_a_session_whose_end_has_passed_is_not_published(cast, as_user):
    draft = build.make_session(cast, counts=SINGLE, opens=-120, closes=-60, published=False)
    answer = as_user(cast.city).post(manage("session_publish", draft.code), follow=True)
    draft.refresh_from_db()
    assert draft.state == ExamSession.State.DRAFT
    assert "不能再发布" in "".join(str(m) for m in answer.context["messages"])


def test_cancelling_asks_for_a_reason(cast, session, as_user):
    client, url = as_user(cast.city), manage("session_cancel", session.code)
    client.post(url, {"why": " "})
    session.refresh_from_db()
    assert session.state == ExamSession.State.PUBLISHED
    client.post(url, {"why": "考场停电"})
    session.refresh_from_db()
    assert session.state == ExamSession.State.CANCELLED
    assert AuditEvent.objects.get(action="examsession.cancelled").data["why"] == "考场停电"


def test_fresh_papers_are_taken_by_those_who_start_later(cast, session, as_user):
    as_user(cast.city).post(manage("session_renew_papers", session.code))
    session.refresh_from_db()
    assert (session.papers.count(), session.papers_from) == (6, 4)


def test_a_regulator_defines_an_exam_and_goes_on_to_plan(cast, as_user):
    bank = build.make_bank(cast)
    blueprint = build.make_blueprint(cast, bank, SINGLE)
    answer = as_user(cast.district).post(
        manage("exam_new"),
        {
            "unit": cast.xiqing.pk, "name": "西青区月考", "code": "xq-month", "category": cast.ebike.pk,
            "post_kinds": ["officer"], "blueprint": blueprint.pk, "minutes": 45, "grace_seconds": 60, "cut_score": 70,
            "max_attempts": 2, "cool_down_minutes": 0, "policy": "subset_part", "policy_fixed": "", "disclosure": "open",
            "shuffle_items": "on", "legal_basis": "总局令第75号",
        },
    )  # fmt: skip
    exam = Exam.objects.get()
    assert answer.url == manage("session_new") + "?exam=xq-month"
    assert (exam.kind, exam.unit, exam.post_kinds, exam.minutes, exam.shuffle_options) == (
        Exam.Kind.SELF_TRAINING, cast.xiqing, ["officer"], 45, False
    )  # fmt: skip


# --- Results ---------------------------------------------------------------------------------------------------------


def test_an_attempt_is_shown_by_topic_without_items_or_keys(cast, as_user):
    session = build.make_session(cast)
    attempt = build.handed_in(build.begun(session, cast.officer), share=0.5)
    answer = as_user(cast.manager).get(manage("attempt_seen", attempt.pk))
    assert answer.context["result"] == attempt.current_result
    assert sum(row["points"] for row in answer.context["topics"]) == attempt.current_result.points
    assert [word for word in CANARIES if word in answer.content.decode()] == []


def test_a_result_that_the_candidate_does_not_know_yet_is_shown_to_nobody(cast, as_user):
    session = build.make_session(cast, counts=SINGLE, disclosure="after_release")
    attempt = build.handed_in(build.begun(session, cast.officer))
    answer = as_user(cast.city).get(manage("attempt_seen", attempt.pk))
    assert (answer.context["result"], answer.context["topics"]) == (None, [])


@pytest.mark.parametrize(
    ("who", "status"),
    [("manager", 200), ("district", 200), ("stranger_manager", 404), ("other_district", 404)],
)
def test_an_attempt_is_seen_through_the_enterprise(cast, session, as_user, who, status):
    attempt = build.handed_in(build.begun(session, cast.officer))
    assert as_user(getattr(cast, who)).get(manage("attempt_seen", attempt.pk)).status_code == status


def test_finished_attempts_are_listed_by_district_unit_and_verdict(cast, session):
    failed = build.handed_in(build.begun(session, cast.officer), share=0)
    passed = build.handed_in(build.begun(session, cast.officer), share=1)
    assert list(queries.list_attempts(cast.city)) == [passed, failed]
    assert list(queries.list_attempts(cast.city, verdict="passed")) == [passed]
    assert list(queries.list_attempts(cast.city, district="120104")) == []
    assert list(queries.list_attempts(cast.city, unit="TJ-XQ-01")) == [passed, failed]
    assert list(queries.list_attempts(cast.city, unit="TJ-XQ")) == [passed, failed]
    assert list(queries.list_attempts(cast.other_district)) == []


def test_the_workbook_masks_people_and_holds_no_formula(cast, session, as_user):
    User.objects.filter(pk=cast.officer.pk).update(name="=1+1")
    build.handed_in(build.begun(session, cast.officer))
    answer = as_user(cast.manager).get(manage("session_results", session.code))
    [header, row] = table_of(answer)
    facts = dict(zip(header, row, strict=True))
    assert (facts["姓名"], facts["证件号码"], facts["结论"]) == ("=1+1", cast.officer.id_mask, "合格")
    assert cast.officer.id_number not in str(row)
    assert AuditEvent.objects.get(action="session.results_exported").data == {
        "rows": 1,
        "filters": [],
        "searched": False,
    }


def table_of(answer):
    """The rows of a workbook without the signature below them."""
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()[:-4]


def test_the_list_of_results_goes_into_a_workbook_without_what_is_not_released(cast, session, as_user):
    User.objects.filter(pk=cast.officer.pk).update(name="=1+1")
    build.handed_in(build.begun(session, cast.officer))
    secret = build.make_session(cast, "secret", exam=session.exam, disclosure="after_release")
    waiting = build.begun(secret, cast.director)
    attempts.hand_in(build.own(waiting), waiting.pk, by=cast.director)
    [header, *rows] = table_of(as_user(cast.manager).get(manage("attempts"), {"export": "xlsx"}))
    facts = {row["姓名"]: row for row in (dict(zip(header, row, strict=True)) for row in rows)}
    assert {name: (row["得分"] != "", row["结论"]) for name, row in facts.items()} == {
        "=1+1": (True, "合格"), cast.director.name: (False, "待发布")
    }  # fmt: skip
    assert facts["=1+1"]["证件号码"] == cast.officer.id_mask
    logged = AuditEvent.objects.get(action="attempts.exported").data
    assert logged == {"rows": 2, "filters": [], "searched": False}


def test_the_list_of_sessions_goes_into_a_workbook_with_the_counts_of_ones_people(cast, session, as_user):
    build.handed_in(build.begun(session, cast.officer))
    [header, row] = table_of(
        as_user(cast.manager).get(manage("sessions"), {"export": "xlsx", "q": session.code})
    )
    facts = dict(zip(header, row, strict=True))
    assert [facts[name] for name in ("场次代码", "已登记", "已参考", "已合格")] == [
        session.code,
        "1",
        "1",
        "1",
    ]
    assert AuditEvent.objects.get(action="sessions.exported").data["rows"] == 1


def test_a_candidate_is_a_link_to_her_page(cast, session, as_user):
    build.admitted(session, cast.officer)
    text = as_user(cast.district).get(manage("session_manage", session.code)).content.decode()
    assert reverse("people:person", args=[cast.officer.pk]) in text
