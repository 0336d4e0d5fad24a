"""Alerts: what is wrong now, since when, what has been put right, and who reads it."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts import actions, records, tasks
from accounts.alerts import Alert, alerts, read_code
from accounts.models import AlertNote, Enterprise, Post
from accounts.staffing import Coverage

TODAY = date(2026, 11, 23)
URL = "/alerts/"


def certify(person, kind, days, on):
    records.enter(
        person, f"certificate:{person.pk}", kind="certificate", occurred_on=on, title="合格证明",
        facts={
            "number": f"N{person.pk}", "state": "in_force", "post_kind": kind,
            "expires_on": (on + timedelta(days=days)).isoformat(),
        },
    )  # fmt: skip


def test_each_alert_has_a_code_that_lasts():
    states = {"principal": "vacant", "director": "unqualified", "officer": "valid"}
    holders = {
        "principal": [(3, None)], "director": [(1, None)],
        "officer": [(2, TODAY + timedelta(days=60)), (4, TODAY + timedelta(days=61))],
    }  # fmt: skip
    row = Coverage(9, "", "", "", None, states, holders)
    found = alerts([row], {2: 4}, TODAY)
    assert [(alert.code, alert.employers) for alert in found] == [
        ("vacant:principal", 0), ("unqualified:director", 0), ("ending:officer:2", 0), ("many:2", 4),
    ]  # fmt: skip
    assert [read_code(alert.code) for alert in found] == [(a.what, a.kind, a.person) for a in found]
    assert alerts([row], {}, TODAY + timedelta(days=1))[-1] == Alert(
        9, "ending", "officer", 4, TODAY + timedelta(days=61)
    )


def read(client, **query):
    response = client.get(URL, query)
    assert response.status_code == 200
    return [(row["enterprise"].unit.name, row["why"], row["since"]) for row in response.context["rows"]]


def test_a_manager_reads_what_is_wrong_in_her_enterprise_and_how_to_mend_it(cast, as_user):
    today = timezone.localdate()
    certify(cast.officer, "officer", 10, today)
    client = as_user(cast.manager)
    rows = client.get(URL).context["rows"]
    until = (today + timedelta(days=10)).isoformat()
    assert [(row["why"], row["url"]) for row in rows] == [
        ("质量安全总监已任命，但无人持有今日有效的合格证明。", reverse("exams:sessions")),
        (f"王雨晨（质量安全员）的合格证明有效期至 {until}，还有 11 天。", reverse("exams:sessions")),
    ]
    actions.dismiss(cast.post(cast.director), ended_on=today, by=cast.manager)
    [row] = client.get(URL, {"what": "vacant"}).context["rows"]
    assert row["url"] == reverse("people:appoint", args=[cast.jinhai.uscc]) + "?kind=director"


@pytest.mark.parametrize(
    ("who", "names"),
    [
        ("manager", {"津海电动车有限公司"}), ("stranger_manager", {"恒通燃气具商行"}),
        ("station", {"津海电动车有限公司"}), ("district", {"津海电动车有限公司"}),
        ("other_district", {"恒通燃气具商行"}), ("city", {"津海电动车有限公司", "恒通燃气具商行"}),
    ],
)  # fmt: skip
def test_alerts_are_of_ones_own_enterprises(cast, as_user, who, names):
    assert {name for name, _why, _since in read(as_user(getattr(cast, who)))} == names


def test_somebody_in_too_many_enterprises_is_pointed_out_without_naming_the_others(cast, as_user, settings):
    settings.MOST_EMPLOYERS = 1
    assert read(as_user(cast.manager), what="many") == []
    Post.objects.create(
        person=cast.officer, enterprise=cast.hengtong, kind="director", appointed_on=date(2026, 1, 1)
    )
    answer = as_user(cast.manager).get(URL, {"what": "many"})
    [row] = answer.context["rows"]
    assert row["why"] == "王雨晨 同时在 2 家企业任职，请核实能否履行职责。"
    assert "恒通" not in answer.content.decode()


def test_the_nightly_look_writes_down_what_is_new_and_what_has_ended(cast, as_user):
    today = timezone.localdate()
    yesterday = today - timedelta(days=1)
    assert actions.note_alerts(yesterday) == {"begun": 5, "ended": 0, "standing": 5}
    assert actions.note_alerts(yesterday) == {"begun": 0, "ended": 0, "standing": 5}
    client = as_user(cast.manager)
    assert {since for _name, _why, since in read(client)} == {yesterday}
    certify(cast.officer, "officer", 100, today)
    actions.dismiss(cast.post(cast.director), ended_on=today, by=cast.manager)
    assert [since for _name, _why, since in read(client)] == [None]  # vacant instead of unqualified
    assert tasks.note_alerts.func() == {"begun": 1, "ended": 2, "standing": 4}
    answer = client.get(URL).context
    assert [(row["label"], row["about"]) for row in answer["ended"]] == [
        ("无有效证明", "质量安全员"), ("无有效证明", "质量安全总监")
    ]  # fmt: skip
    notes = AlertNote.objects.filter(enterprise=cast.jinhai).values_list(
        "code", "number", "begins", "noted_on"
    )
    assert list(notes) == [
        ("unqualified:director", 1, True, yesterday), ("unqualified:director", 2, False, today),
        ("unqualified:officer", 1, True, yesterday), ("unqualified:officer", 2, False, today),
        ("vacant:director", 1, True, today),
    ]  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        AlertNote.objects.update(noted_on=today)


def test_an_enterprise_that_closes_has_no_alerts(cast):
    actions.note_alerts(TODAY)
    Enterprise.objects.update(is_active=False)
    assert actions.note_alerts(TODAY + timedelta(days=1)) == {"begun": 0, "ended": 5, "standing": 0}


def test_a_page_of_alerts_costs_the_same_for_one_and_for_many(cast, as_user, django_assert_max_num_queries):
    actions.note_alerts(timezone.localdate())
    costs = []
    for who in ("manager", "city"):
        client = as_user(getattr(cast, who))
        with django_assert_max_num_queries(20) as captured:
            client.get(URL)
        costs.append(len(captured))
    assert costs[0] == costs[1]
