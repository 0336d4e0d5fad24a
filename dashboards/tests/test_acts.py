"""The log of acts as an inspection asks it: who may, what each filter finds, in how many queries, and what it says of people."""

import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from python_calamine import CalamineWorkbook

from accounts.models import Role, RoleGrant
from audit.context import acting_as
from audit.log import record
from audit.models import AuditEvent, Outcome
from dashboards.queries import acts as queries

PAGE = "/audit/"


@pytest.fixture
def log(cast):
    """Four acts by three people from two places, of which one was refused."""
    with acting_as(address="192.0.2.7"):
        record("post.appointed", cast.officer, by=cast.manager, paper="任字1号")
        record("person.reveal_refused", cast.officer, by=cast.district, outcome=Outcome.REFUSED, why="查身份")
    with acting_as(address="192.0.2.8"):
        record("person.revealed", cast.director, by=cast.district, why="核对档案")
        record("papers.composed", cast.officer, by=None)
    return cast


def test_in_whose_name_somebody_acted_is_shown_found_and_taken_along(log, as_user):
    record("person.elder", log.manager, by=log.admin, on_behalf=log.manager)
    client = as_user(log.admin)
    for typed, found in (
        ("赵敏", [("卫管", "切换大字版")]),
        ("manager", [("卫管", "切换大字版")]),
        ("吴桐", []),
    ):
        assert told(client.get(PAGE, {"on_behalf": typed})) == found
    assert "代 赵敏" in client.get(PAGE, {"person": "卫管"}).content.decode()
    header, row = sheet_of(client.get(PAGE, {"on_behalf": "赵敏", "export": "xlsx"}))[:2]
    assert dict(zip(header, row, strict=True)).items() >= {"操作人": "卫管", "代谁操作": "赵敏"}.items()
    assert AuditEvent.objects.get(action="audit.exported").data["searched"] == ["on_behalf"]


def sheet_of(answer):
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()


def told(answer):
    return [(row["who"], str(row["act"])) for row in answer.context["rows"]]


APPOINTED, REFUSED = ("赵敏", "任命"), ("吴桐", "查看完整号码未获准")
REVEALED, COMPOSED = ("吴桐", "查看完整手机号和证件号码"), ("系统", "组卷")


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({}, [COMPOSED, REVEALED, REFUSED, APPOINTED]),
        ({"person": "吴桐"}, [REVEALED, REFUSED]),
        ({"person": "DISTRICT"}, [REVEALED, REFUSED]),
        ({"person": "无此人"}, []),
        ({"action": "post.appointed"}, [APPOINTED]),
        ({"outcome": "refused"}, [REFUSED]),
        ({"object": "{director}"}, [REVEALED]),
        ({"object": "王雨晨", "person": "吴桐"}, [REFUSED]),
        ({"object": "王雨晨", "since": "{today}", "until": "{today}"}, [COMPOSED, REFUSED, APPOINTED]),
        ({"address": "192.0.2.7", "since": "{today}", "until": "{today}"}, [REFUSED, APPOINTED]),
        ({"since": "{tomorrow}"}, []),
        ({"until": "{yesterday}"}, []),
        ({"before": "nonsense"}, [COMPOSED, REVEALED, REFUSED, APPOINTED]),
    ],
)
def test_each_filter_finds_what_it_says(log, as_user, chosen, found):
    client = as_user(log.admin)
    today = timezone.localdate()
    words = {
        "director": f"accounts.user:{log.director.pk}",
        "today": today,
        "tomorrow": today + timedelta(days=1),
        "yesterday": today - timedelta(days=1),
    }
    chosen = {name: value.format(**words) for name, value in chosen.items()}
    rows = told(client.get(PAGE, chosen))
    assert [row for row in rows if row[1] != "登录"] == found


@pytest.mark.parametrize(
    "chosen",
    [
        {"address": "192.0.2.7"},
        {"object": "王雨晨"},
        {"address": "192.0.2.7", "since": "2026-01-01"},
        {"address": "192.0.2.7", "since": "2026-01-01", "until": "2026-02-01"},
        {"address": "192.0.2.7", "action": "attempt.submitted", "outcome": "done"},
    ],
)
def test_what_no_index_serves_is_asked_of_a_month_at_most(log, as_user, chosen):
    answer = as_user(log.admin).get(PAGE, chosen)
    assert (told(answer), "31 天" in answer.context["why_not"]) == ([], True)
    assert not AuditEvent.objects.filter(action="audit.searched").exists()


@pytest.mark.parametrize(
    "chosen", [{"since": "2026-13-45"}, {"address": "nowhere"}, {"action": "no.such"}, {"outcome": "x"}]
)
def test_nonsense_is_told_and_searches_nothing(log, as_user, chosen):
    answer = as_user(log.admin).get(PAGE, chosen)
    assert (told(answer), bool(answer.context["why_not"])) == ([], True)


def test_a_name_that_too_many_have_is_asked_for_more_exactly(log, as_user, monkeypatch):
    monkeypatch.setattr(queries, "MOST_PEOPLE", 0)
    answer = as_user(log.admin).get(PAGE, {"person": "吴桐"})
    assert (told(answer), answer.context["why_not"]) == ([], "叫这个名字的人太多，请写得更准确，或写用户名。")


def test_pages_follow_one_another_without_a_gap_also_within_one_moment(log, as_user, monkeypatch):
    monkeypatch.setattr(queries, "PER_PAGE", 4)
    client, at = as_user(log.admin), timezone.now()
    rows = [AuditEvent(action="story.told", target=f"story.story:{n}", at=at) for n in range(10)]
    AuditEvent.objects.bulk_create(rows)
    asked, pages = {"action": ""}, []
    while True:
        answer = client.get(PAGE, asked)
        pages.append([row["target"] for row in answer.context["rows"]])
        if not answer.context["more"]:
            break
        asked["before"] = answer.context["more"]
    seen = [target for page in pages for target in page if target.startswith("story.")]
    assert seen == [f"story.story:{n}" for n in reversed(range(10))]
    assert [len(page) for page in pages[:-1]] == [4] * (len(pages) - 1)
    assert AuditEvent.objects.filter(action="audit.searched").count() == 1


def test_a_search_is_logged_once_without_what_was_typed(log, as_user):
    client = as_user(log.admin)
    client.get(PAGE, {"person": "吴桐", "outcome": "refused", "since": "2026-01-01"})
    line = AuditEvent.objects.get(action="audit.searched")
    assert (line.actor_name, line.data) == (
        "卫管",
        {"filters": {"since": "2026-01-01", "outcome": "refused"}, "searched": ["person"]},
    )


def test_no_number_of_a_person_is_shown_in_clear_on_the_page_or_in_the_export(log, as_user):
    number, phone = log.officer.id_number, log.officer.phone
    record("person.revealed", log.officer, by=log.district, why=f"核对 {number}，电话{phone}；+86{phone}")
    record("story.told", log.officer, by=log.district, numbers=[number, {"phone": phone}])
    client = as_user(log.admin)
    page = client.get(PAGE).content.decode()
    book = client.get(PAGE, {"export": "xlsx"})
    cells = " ".join(str(cell) for row in sheet_of(book) for cell in row)
    for text in (page, cells):
        assert (number in text, phone in text) == (False, False)
        assert f"{number[:6]}********{number[-4:]}" in text
        assert f"{phone[:3]}****{phone[-4:]}" in text


def test_the_export_is_bounded_and_logged(log, as_user, monkeypatch):
    monkeypatch.setattr("dashboards.acts.MOST_EXPORTED", 3)
    book = as_user(log.admin).get(PAGE, {"export": "xlsx", "person": "吴桐"})
    assert [row[3] for row in sheet_of(book)] == ["操作", REVEALED[1], REFUSED[1]]
    line = AuditEvent.objects.get(action="audit.exported")
    assert line.data == {"rows": 2, "filters": {}, "searched": ["person"]}
    book = as_user(log.admin).get(PAGE, {"export": "xlsx"})
    assert len(sheet_of(book)) == 4


def test_only_who_administers_the_whole_tree_gets_in_and_is_led_there(log, as_user):
    client = as_user(log.admin)
    assert f'href="{PAGE}"' in client.get("/").content.decode()
    RoleGrant.objects.filter(user=log.admin).update(unit=log.xiqing)
    assert client.get(PAGE).status_code == 403
    assert f'href="{PAGE}"' not in client.get("/").content.decode()
    RoleGrant.objects.create(user=log.city, role=Role.ADMIN, unit=log.city_organ, starts_on="2025-01-06")
    assert as_user(log.city).get(PAGE).status_code == 200


def test_a_page_costs_the_same_with_four_rows_and_with_forty(log, as_user):
    client = as_user(log.admin)

    def cost():
        with CaptureQueriesContext(connection) as caught:
            client.get(PAGE, {"person": "吴桐", "outcome": "refused"})
        return len(caught)

    few = cost()
    for n in range(40):
        record("person.reveal_refused", log.officer, by=log.district, outcome=Outcome.REFUSED, n=n)
    assert cost() == few


def test_who_failed_to_sign_in_is_not_put_down_to_the_house(log, as_user, client):
    client.post("/accounts/login/", {"login": "officer", "password": "wrong"})
    answer = as_user(log.admin).get(PAGE, {"action": "account.sign_in_failed"})
    assert [(row["who"], row["is_refused"]) for row in answer.context["rows"]] == [("未登录", True)]
