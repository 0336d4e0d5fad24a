"""Stories of the first page of every desk."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import records
from accounts.models import Enterprise, Post, PostKind, Role, RoleGrant, Unit, User
from catalog.models import LegalDocument, LegalProvision
from exams.actions import bank as bank_acts
from exams.models import Item
from tests import build
from tests.people import APPOINTED, uscc

HOME = "/"
SINGLE = {"single": 4}


def certify(person, kind, *, days, state="in_force"):
    """A certificate in the personnel file that ends in so many days."""
    today = timezone.localdate()
    number = f"T-{person.pk}-{days}"
    facts = {"number": number, "state": state, "issued_on": today.isoformat(), "post_kind": kind,
             "expires_on": (today + timedelta(days=days)).isoformat()}  # fmt: skip
    return records.enter(
        person,
        f"certificate:{number}",
        kind="certificate",
        occurred_on=today,
        title="培训考核合格证明",
        facts=facts,
    )


def more_enterprises(cast, count):
    """So many further e-bike makers of the station, each with an officer."""
    for n in range(count):
        code = uscc(500 + n)
        unit = Unit.objects.create(
            kind="enterprise",
            code=code,
            name=f"新厂{n:02d}",
            parent=cast.station_organ,
            region=cast.xiqing.region,
        )
        enterprise = Enterprise.objects.create(unit=unit, uscc=code, produces=True)
        enterprise.categories.add(cast.ebike)
        person = User.objects.create(username=f"maker{n}", name=f"厂员{n:02d}", password="!")
        Post.objects.create(
            person=person, enterprise=enterprise, kind=PostKind.OFFICER, appointed_on=APPOINTED
        )


def cost(client, url=HOME):
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    assert [q["sql"] for q in caught if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))] == []
    return len(caught)


@pytest.mark.parametrize(
    ("who", "template"),
    [
        ("officer", "officer"), ("director", "officer"), ("principal", "officer"), ("manager", "manager"),
        ("station", "region"), ("district", "region"), ("city", "region"), ("editor", "editor"),
        ("reviewer", "editor"), ("admin", "admin"),
    ],
)  # fmt: skip
def test_every_desk_has_its_own_first_page(cast, as_user, who, template):
    answer = as_user(getattr(cast, who)).get(HOME)
    assert (answer.status_code, f"dashboards/{template}.html" in [t.name for t in answer.templates]) == (
        200,
        True,
    )


def test_whoever_holds_nothing_still_finds_her_file(db, as_user):
    person = User.objects.create_user("nobody", "x", name="无职人")
    answer = as_user(person).get(HOME)
    assert (answer.status_code, answer.context["standing"]) == (200, None)


def test_a_stranger_to_the_site_signs_in_first(client, db):
    assert client.get(HOME).status_code == 302


# --- The officer -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "state", "code", "word"),
    [
        (200, "in_force", "good", "在岗有效"),
        (20, "in_force", "ending", "还有 21 天"),
        (-3, "in_force", "expired", "证明已过期"),
        (200, "suspended", "suspended", "证明已暂停"),
    ],
)
def test_an_officer_reads_whether_she_is_qualified_today(cast, as_user, days, state, code, word):
    certify(cast.officer, "officer", days=days, state=state)
    answer = as_user(cast.officer).get(HOME)
    assert answer.context["standing"]["code"] == code
    assert word in answer.content.decode()


def test_an_officer_without_a_certificate_reads_how_to_get_one(cast, as_user):
    answer = as_user(cast.officer).get(HOME)
    assert (answer.context["standing"]["code"], "自主培训考试合格后即为在岗有效" in answer.content.decode()) == (
        "missing", True
    )  # fmt: skip


def test_an_officer_sees_what_she_owes_most_urgent_first(cast, as_user):
    today = timezone.localdate()
    exam = build.make_exam(cast, counts=SINGLE)
    days = {"late": -2, "soon": 3, "far": 20}
    for code, offset in days.items():
        session = build.make_session(cast, code, exam=exam, closes=60 * 24 * 30, papers_wanted=1)
        build.admitted(session, cast.officer, due_on=today + timedelta(days=offset))
    done = build.make_session(cast, "done", exam=exam, papers_wanted=1)
    build.handed_in(build.begun(done, cast.officer))
    context = as_user(cast.officer).get(HOME).context
    assert [(row["session"].code, row["days"], row["tone"], row["count"]) for row in context["due"]] == [
        ("late", -2, "stop", 4), ("soon", 3, "warn", 4), ("far", 20, "warn", 4)
    ]  # fmt: skip
    assert [row["session"].code for row in context["passed"]] == ["done"]
    assert context["last"].current_result.passed


def test_an_officer_without_a_certificate_is_shown_the_way_to_one(cast, as_user):
    exam = build.make_exam(cast, counts=SINGLE)
    first, second = [build.make_session(cast, code, exam=exam, papers_wanted=1) for code in ("a", "b")]
    context = as_user(cast.officer).get(HOME).context
    told = (context["due"], context["suggested"]["session"], [row["session"] for row in context["offered"]])
    assert told == ([], first, [second])


def test_an_officer_who_is_qualified_and_owes_nothing_may_still_choose(cast, as_user):
    certify(cast.officer, "officer", days=200)
    session = build.make_session(cast, counts=SINGLE)
    context = as_user(cast.officer).get(HOME).context
    told = (context["due"], context["suggested"], [row["session"] for row in context["offered"]])
    assert told == ([], None, [session])


def test_an_officers_page_costs_the_same_for_one_exam_and_for_thirty(cast, as_user):
    client = as_user(cast.officer)
    exam = build.make_exam(cast, counts=SINGLE)
    build.admitted(build.make_session(cast, "s0", exam=exam, papers_wanted=1), cast.officer)
    build.make_session(cast, "o0", exam=exam, papers_wanted=1)
    certify(cast.officer, "officer", days=100)
    few = cost(client)
    for n in range(1, 30):
        build.admitted(build.make_session(cast, f"s{n}", exam=exam, papers_wanted=1), cast.officer)
        build.make_session(cast, f"o{n}", exam=exam, papers_wanted=1)
        certify(cast.officer, "officer", days=100 + n)
    assert cost(client) == few


# --- The manager -----------------------------------------------------------------------------------------------------


def test_a_manager_reads_each_gap_in_words(cast, as_user):
    certify(cast.officer, "officer", days=30)
    Post.objects.filter(person=cast.principal).delete()
    answer = as_user(cast.manager).get(HOME)
    staffing = answer.context["staffing"]
    assert (staffing.owed, staffing.filled, staffing.valid) == (3, 2, 1)
    assert [(p["code"], p["gap"]) for p in answer.context["places"]] == [
        ("principal", "尚未登记主要负责人。"),
        ("director", "质量安全总监已任命，但无人持有今日有效的合格证明。"),
        ("officer", ""),
    ]
    assert [(row["person"], row["days"]) for row in answer.context["ending"]] == [(cast.officer.pk, 31)]
    assert reverse("people:appoint", args=[cast.jinhai.uscc]) in answer.content.decode()


def test_a_manager_sees_who_is_late_and_whose_file_to_print(cast, as_user):
    today = timezone.localdate()
    session = build.make_session(cast, counts=SINGLE)
    build.admitted(session, cast.director, due_on=today - timedelta(days=2))
    build.admitted(session, cast.principal, due_on=today + timedelta(days=30))
    build.handed_in(build.begun(session, cast.officer, due_on=today - timedelta(days=5)))
    answer = as_user(cast.manager).get(HOME)
    assert [(row["registration"].candidate, row["days"]) for row in answer.context["late"]] == [
        (cast.director, 2)
    ]
    assert [a.registration.candidate for a in answer.context["results"]] == [cast.officer]
    assert {row["person"] for row in answer.context["people"]} == {
        cast.officer.pk, cast.director.pk, cast.principal.pk
    }  # fmt: skip


def test_a_manager_of_another_enterprise_sees_nothing_of_it(cast, as_user):
    build.handed_in(build.begun(build.make_session(cast, counts=SINGLE), cast.officer))
    context = as_user(cast.stranger_manager).get(HOME).context
    assert (context["enterprise"], list(context["results"])) == (cast.hengtong, [])
    assert [row["person"] for row in context["people"]] == [cast.stranger.pk]


def test_a_managers_page_costs_the_same_for_one_person_and_for_thirty(cast, as_user):
    client, session = as_user(cast.manager), build.make_session(cast, counts=SINGLE)
    today = timezone.localdate()
    build.handed_in(build.begun(session, cast.officer), share=0)
    certify(cast.officer, "officer", days=20)
    build.admitted(session, cast.director, due_on=today)
    few = cost(client)
    for n in range(30):
        person = User.objects.create(username=f"mate{n}", name=f"同事{n:02d}", password="!")
        Post.objects.create(person=person, enterprise=cast.jinhai, kind="officer", appointed_on=APPOINTED)
        certify(person, "officer", days=20)
        build.handed_in(build.begun(session, person, due_on=today), share=0)
    assert cost(client) == few


# --- The regulator ---------------------------------------------------------------------------------------------------


def test_a_city_reads_its_figures_and_those_of_every_district(cast, as_user):
    certify(cast.officer, "officer", days=100)
    session = build.make_session(cast, counts=SINGLE)
    build.handed_in(build.begun(session, cast.officer), share=0)
    build.handed_in(build.begun(session, cast.officer), share=1)
    answer = as_user(cast.city).get(HOME)
    total = answer.context["total"]
    # Principals are valid by office: jinhai owes three and has two, hengtong owes three and has none.
    assert (total.enterprises, total.owed, total.valid, total.in_order) == (2, 6, 2, 0)
    assert (len(total.appointed), len(total.qualified), total.sat, total.pass_rate) == (3, 1, 2, 50.0)
    assert [(row.name, row.valid, row.owed, row.percent, row.heat) for row in answer.context["ranked"]] == [
        ("南开区", 0, 3, 0.0, 1), ("西青区", 2, 3, 66.7, 4)
    ]  # fmt: skip
    assert reverse("people:enterprises") + "?district=120111" in answer.content.decode()


def test_somebody_in_two_enterprises_counts_once(cast, as_user):
    Post.objects.create(
        person=cast.officer, enterprise=cast.hengtong, kind="director", appointed_on=APPOINTED
    )
    total = as_user(cast.city).get(HOME).context["total"]
    assert len(total.appointed) == 3


def test_a_district_reads_its_stations_and_goes_down(cast, as_user):
    client = as_user(cast.district)
    context = client.get(HOME).context
    assert ([row.code for row in context["ranked"]], context["total"].enterprises) == (["TJ-XQ-01"], 1)
    below = client.get(reverse("dashboards:organ", args=["TJ-XQ-01"]))
    assert [line.pk for line in below.context["page_obj"]] == [cast.jinhai.pk]


@pytest.mark.parametrize(
    ("who", "code", "status"),
    [
        ("city", "TJ-XQ", 200), ("district", "TJ-XQ-01", 200), ("station", "TJ-XQ-01", 200),
        ("station", "TJ-XQ", 404), ("district", "TJ-NK", 404), ("other_district", "TJ-XQ-01", 404),
        ("admin", "TJ-NK", 200), ("manager", "TJ-XQ", 403), ("officer", "TJ-XQ", 403), ("editor", "TJ", 403),
    ],
)  # fmt: skip
def test_an_organ_is_seen_by_itself_and_from_above(cast, as_user, who, code, status):
    assert as_user(getattr(cast, who)).get(reverse("dashboards:organ", args=[code])).status_code == status


def test_a_station_lists_its_enterprises_worst_first(cast, as_user):
    more_enterprises(cast, 1)
    certify(cast.officer, "officer", days=100)
    certify(cast.director, "director", days=100)
    lines = as_user(cast.station).get(HOME).context["page_obj"]
    assert [(line.name, line.state) for line in lines] == [
        ("新厂00", "vacant"), ("津海电动车有限公司", "valid")
    ]  # fmt: skip


@pytest.mark.parametrize("who", ["city", "district", "station"])
def test_an_overview_costs_the_same_for_one_enterprise_and_for_thirty(cast, as_user, who):
    client = as_user(getattr(cast, who))
    certify(cast.officer, "officer", days=100)
    build.handed_in(build.begun(build.make_session(cast, counts=SINGLE), cast.officer))
    few = cost(client)
    more_enterprises(cast, 29)
    assert cost(client) == few


# --- Editor, reviewer, administrator ---------------------------------------------------------------------------------


@pytest.fixture
def drafts(cast):
    """Three drafts of the editor."""
    bank = build.make_bank(cast, each=0, single=3)
    for item in bank.items.all():
        build.revise(item, author=cast.editor)
    bank.items.update(state=Item.State.DRAFT)
    return list(bank.items.select_related("current", "bank").order_by("code"))


def test_an_editor_and_a_reviewer_see_what_waits_for_them(cast, as_user, drafts):
    kept, waiting, returned = drafts
    for item in (waiting, returned):
        Item.objects.filter(pk=item.pk).update(state=Item.State.IN_REVIEW)
        item.refresh_from_db()
    bank_acts.send_back(returned, by=cast.reviewer, why="选项有歧义")
    mine = as_user(cast.editor).get(HOME).context
    assert [(row["item"], row["why"]) for row in mine["sent_back"]] == [(returned, "选项有歧义")]
    assert (mine["drafts"], mine["proposed"], mine["waiting"]) == ([kept], 1, [])
    [bank] = mine["banks"]
    assert (bank.draft, bank.in_review, bank.approved) == (2, 1, 0)
    assert as_user(cast.reviewer).get(HOME).context["waiting"] == [waiting]


def test_a_provision_that_lapses_is_told_with_the_items_that_rest_on_it(cast, as_user):
    bank = build.make_bank(cast, each=0, single=3)
    today = timezone.localdate()
    for code, days in (("over", 0), ("soon", 30), ("later", 200)):
        document = LegalDocument.objects.create(
            code=code, title=f"规定{code}", in_force_to=today + timedelta(days=days)
        )
        provision = LegalProvision.objects.create(document=document, article="全文")
        for item in bank.items.all()[: 2 if code == "soon" else 1]:
            item.current.provisions.add(provision)
    told = as_user(cast.editor).get(HOME).context["lapsing"]
    assert [(row["title"], row["items"], row["is_over"]) for row in told] == [
        ("规定over", 1, True), ("规定soon", 2, False)
    ]  # fmt: skip


def test_an_editors_page_costs_the_same_for_few_items_and_for_thirty(cast, as_user, drafts):
    client = as_user(cast.editor)
    few = cost(client)
    bank = drafts[0].bank
    for n in range(10, 40):
        build.revise(build.make_item(bank, "single", n), author=cast.editor)
    bank.items.update(state=Item.State.DRAFT)
    assert cost(client) == few


def test_an_administrator_reads_accounts_grants_and_the_last_acts(cast, as_user):
    User.objects.filter(pk=cast.stranger.pk).update(is_active=False)
    context = as_user(cast.admin).get(HOME).context
    everybody = len(cast.everybody())
    assert (context["accounts"]["all"], context["accounts"]["closed"]) == (everybody, 1)
    assert {role: count for role, _label, count in context["grants"]} == {
        "manager": 2, "regulator": 4, "editor": 1, "reviewer": 1, "admin": 1
    }  # fmt: skip
    assert context["events"] is not None


def test_an_administrator_of_a_district_does_not_read_the_whole_log(cast, as_user):
    RoleGrant.objects.create(user=cast.stranger, role=Role.ADMIN, unit=cast.nankai, starts_on=APPOINTED)
    context = as_user(cast.stranger).get(HOME).context
    assert context["events"] is None


def test_an_administrators_page_costs_the_same_for_few_and_for_many(cast, as_user):
    client = as_user(cast.admin)
    few = cost(client)
    more_enterprises(cast, 30)
    assert cost(client) == few
