"""The pages of this floor: who sees what, what an act leaves behind, what a list costs."""

import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from accounts import actions, records
from accounts.actions import import_people
from accounts.models import Enterprise, Import, Post, PostKind, RecordEntry, Role, RoleGrant, User
from accounts.planning import read_sheet
from accounts.tests.sheets import csv_bytes, row, table
from audit.models import AuditEvent
from audit.transitions import Refused
from tests.people import id_number, phone, uscc

OVERSEERS = {"manager", "stranger_manager", "station", "district", "other_district", "city", "admin"}
OF_JINHAI = {"manager", "station", "district", "city", "admin"}


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def answers(as_user, cast, url):
    return {name: as_user(user).get(url).status_code for name, user in cast.everybody().items()}


def expected(cast, allowed, refused):
    return {name: 200 if name in allowed else refused for name in cast.everybody()}


@pytest.mark.parametrize("name", ["people", "enterprises", "import", "import_template"])
def test_lists_and_imports_are_for_those_who_oversee(cast, as_user, name):
    assert answers(as_user, cast, reverse(f"people:{name}")) == expected(cast, OVERSEERS, 403)


@pytest.mark.parametrize("name", ["grants", "grant_new"])
def test_roles_are_for_the_administrator(cast, as_user, name):
    assert answers(as_user, cast, reverse(f"people:{name}")) == expected(cast, {"admin"}, 403)


@pytest.mark.parametrize("name", ["me", "switch_desk"])
def test_everybody_has_a_page_of_her_own(cast, as_user, name):
    assert answers(as_user, cast, reverse(f"people:{name}")) == expected(cast, cast.everybody(), 0)


def test_the_pages_of_an_enterprise_and_its_people_are_nobody_elses(cast, as_user):
    post = cast.post(cast.officer)
    for url in (
        reverse("people:enterprise", args=[cast.jinhai.uscc]),
        reverse("people:appoint", args=[cast.jinhai.uscc]),
        reverse("people:person", args=[cast.officer.pk]),
        reverse("people:dismiss", args=[post.pk]),
    ):
        assert answers(as_user, cast, url) == expected(cast, OF_JINHAI, 404)


@pytest.mark.parametrize("name", ["stranger_manager", "officer", "other_district"])
def test_no_act_reaches_into_a_foreign_enterprise(cast, as_user, name):
    client = as_user(getattr(cast, name))
    post = cast.post(cast.director)
    for url, data in (
        (reverse("people:reveal", args=[cast.director.pk]), {"reason": "核对证件信息"}),
        (reverse("people:dismiss", args=[post.pk]), {"ended_on": "2026-01-01"}),
        (reverse("people:appoint", args=[cast.jinhai.uscc]), {"name": "x"}),
    ):
        assert client.post(url, data).status_code == 404
    assert (AuditEvent.objects.count(), Post.objects.get(pk=post.pk).ended_on) == (0, None)


def listed(client, url, **query):
    response = client.get(url, query)
    assert response.status_code == 200
    return response.context["page_obj"].object_list


def test_people_are_found_by_name_enterprise_and_whole_numbers(cast, as_user):
    client, url = as_user(cast.city), reverse("people:people")
    number = cast.officer.id_number
    for text in ("王雨", "officer", "津海", cast.officer.phone, number, f"{number[:10]} {number[10:]}"):
        assert cast.officer in listed(client, url, q=text), text
    assert [p.name for p in listed(client, url, q=number)] == ["王雨晨"]
    assert list(listed(client, url, q=number[:12])) == []


def certify(person, until, number="C1"):
    records.enter(
        person, f"certificate:{number}", kind="certificate", occurred_on=date(2026, 1, 1), title="合格证明",
        facts={"number": number, "state": "in_force", "expires_on": until, "post_kind": "officer"},
    )  # fmt: skip


def test_filters_live_in_the_address(cast, as_user):
    certify(cast.officer, "2999-01-01")
    client, url = as_user(cast.city), reverse("people:people")

    def names(**query):
        return [person.username for person in listed(client, url, **query)]

    assert [
        names(kind="director"),
        names(district="120104"),
        sorted(names(validity="valid")),
        sorted(names(validity="missing")),
        names(validity="ending"),
        names(when="past"),
        sorted(names(kind="nonsense")),
    ] == [
        ["director"],
        ["stranger"],
        ["officer", "principal"],
        ["director", "stranger"],
        [],
        [],
        ["director", "officer", "principal", "stranger"],
    ]
    client, url = as_user(cast.city), reverse("people:enterprises")
    assert [
        [str(e) for e in listed(client, url, **query)]
        for query in (
            {"q": cast.jinhai.uscc[:14]},
            {"q": "恒通"},
            {"district": "120111"},
            {"category": "16"},
            {"trade": "produces"},
            {"gap": "vacant"},
            {"gap": "unqualified"},
            {"gap": "valid"},
        )
    ] == [
        ["恒通燃气具商行", "津海电动车有限公司"] if uscc(1)[:14] == uscc(2)[:14] else ["津海电动车有限公司"],
        ["恒通燃气具商行"],
        ["津海电动车有限公司"],
        ["恒通燃气具商行"],
        ["津海电动车有限公司"],
        ["恒通燃气具商行"],
        ["津海电动车有限公司"],
        [],
    ]


def test_a_list_costs_the_same_for_one_row_and_for_thirty(cast, as_user):
    client = as_user(cast.station)
    costs = {}
    for size in (1, 30):
        if size == 30:
            rows = [row(n, uscc=uscc(900 + n), name=f"示例{n}号厂") for n in range(1, 30)]
            assert import_people(read_sheet(table(*rows)), by=cast.station).done
        for name in ("people", "enterprises"):
            for query in ({}, {"gap": "any", "validity": "missing"}):
                with CaptureQueriesContext(connection) as captured:
                    assert client.get(reverse(f"people:{name}"), query).status_code == 200
                costs.setdefault((name, bool(query)), []).append(len(captured))
    assert costs == {
        ("people", False): [8, 8],
        ("people", True): [8, 8],
        ("enterprises", False): [12, 12],
        ("enterprises", True): [16, 16],
    }


def test_an_exported_list_holds_masks_and_is_written_down(cast, as_user):
    response = as_user(cast.manager).get(reverse("people:people"), {"export": "xlsx", "kind": "officer"})
    rows = CalamineWorkbook.from_filelike(io.BytesIO(response.content)).get_sheet_by_index(0).to_python()
    assert [row[:4] for row in rows[1:-4]] == [
        ["王雨晨", cast.officer.id_mask, "199****0001", "津海电动车有限公司"]
    ]
    assert AuditEvent.objects.get().action == "people.exported"


def test_full_numbers_are_shown_once_for_a_reason_and_who_read_them_is_known(cast, as_user):
    client = as_user(cast.manager)
    page, act = (reverse(f"people:{name}", args=[cast.officer.pk]) for name in ("person", "reveal"))
    number = cast.officer.id_number
    assert number not in client.get(page).content.decode()
    refused = client.post(act, {"reason": "看"})
    assert (refused.status_code, number in refused.content.decode(), AuditEvent.objects.count()) == (
        422,
        False,
        0,
    )
    shown = client.post(act, {"reason": "核对任命文件"})
    assert (number in shown.content.decode(), "no-store" in shown["Cache-Control"]) == (True, True)
    assert number not in client.get(page).content.decode()
    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.data) == (
        "person.revealed",
        cast.manager,
        {"why": "核对任命文件"},
    )


APPOINTMENT = {"kind": "officer", "full_time": "1", "appointed_on": "2026-05-06", "paper": "示〔2026〕3号"}


def test_a_manager_appoints_somebody_new_and_somebody_known(cast, as_user):
    client, url = as_user(cast.manager), reverse("people:appoint", args=[cast.jinhai.uscc])
    new = {"name": "新来", "id_number": id_number(500), "phone": phone(500)}
    known = {"name": "钱一帆", "id_number": cast.stranger.id_number, "phone": phone(501)}
    for who in (new, known, known):
        assert client.post(url, APPOINTMENT | who).status_code == 302
    posts = Post.objects.filter(enterprise=cast.jinhai, appointed_on=date(2026, 5, 6)).order_by("pk")
    assert [(p.person.name, p.kind, p.paper, p.categories.count()) for p in posts] == [
        ("新来", "officer", "示〔2026〕3号", 1),
        ("钱一帆", "officer", "示〔2026〕3号", 1),
    ]
    assert User.objects.by_phone(phone(500)).name == "新来"
    assert User.objects.by_phone(phone(501)) is None
    assert [entry.title for entry in records.latest(cast.stranger)] == ["任职：津海电动车有限公司 质量安全员"]


def test_what_cannot_be_appointed_is_said_beside_the_form(cast, as_user):
    client, url = as_user(cast.manager), reverse("people:appoint", args=[cast.jinhai.uscc])
    for who, sentence in (
        (
            {"name": "别名", "id_number": cast.stranger.id_number},
            "与系统中已有人员的信息冲突，请核对，或联系监管机构。",
        ),
        (
            {"name": "别名", "id_number": cast.officer.id_number},
            "这个身份证号已登记在另一个姓名之下，请核对。",
        ),
        (
            {"name": "新来", "id_number": id_number(500), "phone": cast.stranger.phone},
            "与系统中已有人员的信息冲突，请核对，或联系监管机构。",
        ),
        (
            {"name": "新来", "id_number": id_number(500), "appointed_on": "1979-12-31"},
            "任职日期应在 1980-01-01 至 ",
        ),
        (
            {"name": "新来", "id_number": id_number(500), "appointed_on": "2999-01-01"},
            "任职日期应在 1980-01-01 至 ",
        ),
        ({"name": "王雨晨", "id_number": cast.officer.id_number}, "此人自 2025-01-06 起已任此岗位"),
        ({"name": "新来", "id_number": id_number(500)[:-1]}, "身份证号应为 18 位"),
        (
            {"name": "新来", "id_number": id_number(500), "phone": cast.officer.phone},
            "这个手机号已属于另一个人。",
        ),
    ):
        response = client.post(url, APPOINTMENT | who)
        assert (response.status_code, sentence in response.content.decode()) == (422, True), sentence
    assert (Post.objects.count(), RecordEntry.objects.count()) == (4, 0)


def test_an_english_page_joins_words_the_english_way(cast, as_user):
    cast.jinhai.categories.add(cast.gas)
    Post.objects.filter(enterprise=cast.jinhai).update(full_time=False)
    client = as_user(cast.manager)
    client.cookies["django_language"] = "en"
    urls = [reverse("people:enterprises"), reverse("people:enterprise", args=[cast.jinhai.uscc])]
    pages = [client.get(url).content.decode().replace("中文", "") for url in urls]
    assert [sorted(set("、（）") & set(page)) for page in pages] == [[], []]


def test_a_post_is_ended_once_and_its_file_stays(cast, as_user):
    post = cast.post(cast.officer)
    url = reverse("people:dismiss", args=[post.pk])
    client = as_user(cast.manager)
    assert client.post(url, {"ended_on": "2025-01-01", "reason": "调岗"}).status_code == 422
    assert client.post(url, {"ended_on": "2999-01-01", "reason": "调岗"}).status_code == 422
    for _twice in range(2):
        assert (
            client.post(
                url, {"ended_on": "2026-02-03", "reason": "调岗", "paper": "免〔2026〕1号"}
            ).status_code
            == 302
        )
    assert client.post(url, {"ended_on": "2026-02-04", "reason": "调岗"}).status_code == 422
    entry = RecordEntry.objects.get()
    assert (entry.title, entry.occurred_on, entry.facts["end_paper"]) == (
        "离任：津海电动车有限公司 质量安全员", date(2026, 2, 3), "免〔2026〕1号",
    )  # fmt: skip
    assert client.get(reverse("people:person", args=[cast.officer.pk])).status_code == 200


def test_a_former_employer_reads_only_her_own_part_of_the_file(cast, as_user):
    actions.dismiss(cast.post(cast.officer), ended_on=date(2026, 2, 3), by=cast.manager)
    actions.appoint(
        cast.officer,
        enterprise=cast.hengtong,
        kind=PostKind.OFFICER,
        appointed_on=date(2026, 2, 4),
        by=cast.city,
    )
    url = reverse("people:person", args=[cast.officer.pk])

    def titles(user):
        return [entry["title"] for entry in as_user(user).get(url).context["entries"]]

    here, there = "离任：津海电动车有限公司 质量安全员", "任职：恒通燃气具商行 质量安全员"
    assert [titles(cast.manager), titles(cast.stranger_manager)] == [[here], [there, here]]


def test_an_administrator_gives_and_ends_roles(cast, as_user):
    client = as_user(cast.admin)
    give = reverse("people:grant_new")
    assert (
        client.post(give, {"who": "director", "role": "manager", "unit": cast.jinhai.uscc}).status_code == 302
    )
    assert (
        client.post(
            give, {"who": "new.clerk", "name": "新监", "role": "regulator", "unit": "TJ-NK"}
        ).status_code
        == 302
    )
    for data in (
        {"who": "director", "role": "regulator", "unit": cast.jinhai.uscc},
        {"who": "nobody", "role": "regulator", "unit": "TJ-NK"},
        {"who": "13800138000", "name": "新监", "role": "regulator", "unit": "TJ-NK"},
        {"who": "director", "role": "regulator", "unit": "XX"},
    ):
        assert client.post(give, data).status_code == 422, data
    given = RoleGrant.objects.get(user=cast.director)
    assert (given.granted_by, User.objects.get(username="new.clerk").has_usable_password()) == (
        cast.admin,
        False,
    )
    for _twice in range(2):
        client.post(reverse("people:grant_end", args=[given.pk]))
    given.refresh_from_db()
    assert given.ends_on == timezone.localdate()
    own = RoleGrant.objects.get(user=cast.admin)
    client.post(reverse("people:grant_end", args=[own.pk]))
    own.refresh_from_db()
    assert own.ends_on is None


def test_roles_are_given_only_within_ones_reach(cast):
    RoleGrant.objects.create(user=cast.manager, role=Role.ADMIN, unit=cast.xiqing, starts_on=date(2026, 1, 1))
    with pytest.raises(Refused):
        actions.grant(cast.officer, role=Role.REGULATOR, unit=cast.nankai, by=cast.manager)
    given = actions.grant(cast.officer, role=Role.REGULATOR, unit=cast.station_organ, by=cast.manager)
    assert given == actions.grant(cast.officer, role=Role.REGULATOR, unit=cast.station_organ, by=cast.manager)


def test_a_desk_is_changed_by_a_post_and_only_to_ones_own(cast, as_user):
    RoleGrant.objects.create(
        user=cast.officer, role=Role.MANAGER, unit=cast.jinhai.unit, starts_on=date(2026, 1, 1)
    )
    client, url = as_user(cast.officer), reverse("people:switch_desk")
    seat = f"officer:{cast.jinhai.unit_id}"
    seen = []
    for data in ({}, {"to": seat}, {"to": f"admin:{cast.city_organ.pk}"}):
        if data:
            seen.append(client.post(url, data).status_code)
        seen.append(client.get(reverse("people:me")).context["frame"].desk)
    assert seen == ["manager", 302, "officer", 404, "officer"]


def test_large_letters_are_kept_and_lead_back_only_to_this_house(cast, as_user):
    client, url = as_user(cast.officer), reverse("people:elder")
    assert client.post(url, {"elder": "1", "next": "/people/?q=x"})["Location"] == "/people/?q=x"
    assert client.post(url, {"elder": "1", "next": "https://evil.invalid/"})["Location"] == "/me/"
    assert "data-elder" in client.get(reverse("people:me")).content.decode()
    assert [(e.action, e.data) for e in AuditEvent.objects.all()] == [("person.elder", {"on": True})]


def upload(client, content, name="people.csv"):
    return client.post(reverse("people:import"), {"file": SimpleUploadedFile(name, content)})


def test_a_workbook_is_shown_first_and_entered_on_confirmation(cast, as_user, tmp_path):
    client = as_user(cast.station)
    page = upload(client, csv_bytes(table(row(1), row(2, kind="总监")), "gb18030"))["Location"]
    shown = client.get(page)
    assert (shown.context["counts"]["new_people"], shown.context["problems"]) == (2, [])
    assert not Enterprise.objects.filter(uscc=uscc(901)).exists()
    assert not any("新员".encode("gb18030") in path.read_bytes() for path in (tmp_path / "imports").iterdir())
    assert as_user(cast.district).get(page).status_code == 404
    client = as_user(cast.station)
    assert client.post(page)["Location"] == reverse("people:import_run", args=[Import.objects.get().pk])
    assert Enterprise.objects.get(uscc=uscc(901)).posts.count() == 2
    assert list((tmp_path / "imports").iterdir()) == []
    assert client.get(page).status_code == 404


def test_a_workbook_with_problems_is_told_and_not_entered(cast, as_user):
    client = as_user(cast.manager)
    page = upload(client, csv_bytes(table(row(1))))["Location"]
    for response in (client.get(page), client.post(page)):
        assert "您不能在这个监管机构之下登记企业。" in response.content.decode()
    assert not Enterprise.objects.filter(uscc=uscc(901)).exists()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"PK\x03\x04broken", "a.xlsx"),
        (b"\xd0\xcf\x11\xe0old", "a.xls"),
        (b"\xff\xfe\xff", "a.csv"),
        (b"a\0b", "a.csv"),
    ],
)
def test_what_is_no_table_is_said_beside_the_field(cast, as_user, content, name):
    response = upload(as_user(cast.manager), content, name)
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["file"])


def test_the_template_reads_back_as_an_empty_sheet(cast, as_user):
    from catalog.tables import read_table

    content = as_user(cast.manager).get(reverse("people:import_template")).content
    sheet = read_sheet(read_table(content, "template.xlsx"))
    assert [problem.message for problem in sheet.problems] == ["表头下面没有数据。"]


def test_the_first_administrator_is_made_from_nothing(db, monkeypatch, client):
    from django.core.management import CommandError, call_command

    monkeypatch.setenv("ADMIN_PASSWORD", "1234567890")
    with pytest.raises(CommandError):
        call_command("make_administrator", "root")
    monkeypatch.setenv("ADMIN_PASSWORD", "A quiet long password")
    for _twice in range(2):
        call_command("make_administrator", "root", name="管理员")
    grant = RoleGrant.objects.get()
    assert (grant.user.name, grant.role, grant.unit.parent, grant.user.check_password("A quiet long password")) == (
        "管理员", "admin", None, True,
    )  # fmt: skip
