"""Thousands are counted from columns; what is counted is what the rule says of each."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import coverage, queries, records, staffing
from accounts.models import Enterprise, Post, Qualification

TODAY = date(2026, 11, 23)


def certify(person, number, *, on=TODAY, **more):
    facts = {
        "number": number,
        "state": "in_force",
        "expires_on": "2027-05-01",
        "post_kind": "officer",
        **more,
    }
    return records.enter(
        person, f"certificate:{number}", kind="certificate", occurred_on=on, title="合格证明", facts=facts
    )


def told(found):
    """What both ways say of an enterprise, in one shape."""
    return found.owed, found.filled, found.valid, found.state, tuple(found.gaps)


STORIES = {
    "nobody has one": [],
    "both have one": [("officer", {}), ("director", {"post_kind": "director"})],
    "for another post": [("director", {"post_kind": "officer"})],
    "for any post": [("director", {"post_kind": ""}), ("officer", {"post_kind": ""})],
    "on its last day": [("officer", {"expires_on": "2026-11-23"})],
    "a day too late": [("officer", {"expires_on": "2026-11-22"})],
    "without an end": [("officer", {"expires_on": None})],
    "suspended": [("officer", {"state": "suspended"})],
    "suspended, and another in force": [
        ("officer", {"state": "suspended"}),
        ("officer", {"expires_on": "2026-12-01"}),
    ],
}


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_counting_agrees_with_the_rule(cast, story):
    for number, (who, more) in enumerate(story):
        certify(getattr(cast, who), f"C{number}", **more)
    cast.hengtong.categories.clear()  # owes nothing
    enterprises = Enterprise.objects.order_by("pk")
    rule = queries.staffing_of(list(enterprises), TODAY)
    assert [told(row) for row in coverage.coverage(enterprises, TODAY)] == [
        told(rule[e.pk]) for e in enterprises
    ]


def test_counting_agrees_with_the_rule_on_other_days(cast):
    certify(cast.officer, "D1", expires_on="2026-11-23")
    Post.objects.filter(person=cast.principal).update(ended_on=TODAY)
    Post.objects.filter(person=cast.director).update(appointed_on=TODAY + timedelta(days=1))
    enterprises = Enterprise.objects.order_by("pk")
    seen = []
    for day in (TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=1)):
        rule = queries.staffing_of(list(enterprises), day)
        found = [told(row) for row in coverage.coverage(enterprises, day)]
        assert found == [told(rule[e.pk]) for e in enterprises]
        seen.append(found[0][:3])
    assert seen == [(3, 2, 2), (3, 1, 1), (3, 2, 0)]


def test_a_certificate_that_changes_changes_its_columns(cast):
    certify(cast.officer, "E1")
    certify(cast.officer, "E1", state="revoked")
    certify(cast.officer, "E1", state="revoked")
    row = Qualification.objects.get()
    assert (row.subject, row.person, row.in_force, row.until) == (
        "certificate:E1",
        cast.officer,
        False,
        date(2027, 5, 1),
    )
    certify(cast.director, "E1", post_kind="director")  # the file was merged into another person's
    row = Qualification.objects.get()
    assert (row.person, row.kind, row.in_force) == (cast.director, "director", True)


def test_six_thousand_cost_as_many_queries_as_one(cast, django_assert_num_queries):
    for enterprises in (Enterprise.objects.filter(pk=cast.jinhai.pk), Enterprise.objects.all()):
        with django_assert_num_queries(5):
            coverage.coverage(enterprises, TODAY)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"gap": "any"}, ["津海电动车有限公司", "恒通燃气具商行"]),
        ({"gap": "vacant"}, ["恒通燃气具商行"]),
        ({"gap": "unqualified"}, ["津海电动车有限公司"]),
        ({"gap": "filled"}, ["津海电动车有限公司"]),
        ({"gap": "valid"}, []),
        ({"kind": "officer", "gap": "valid"}, ["津海电动车有限公司"]),
        ({"kind": "officer", "gap": "unqualified"}, ["恒通燃气具商行"]),
        ({"kind": "director", "gap": "vacant"}, ["恒通燃气具商行"]),
        ({"kind": "principal", "gap": "any"}, ["恒通燃气具商行"]),
        ({"kind": "director"}, ["津海电动车有限公司", "恒通燃气具商行"]),
        ({"gap": "owed", "unit": "TJ-XQ"}, ["津海电动车有限公司"]),
        ({"unit": "TJ-NK"}, ["恒通燃气具商行"]),
    ],
)
def test_every_figure_opens_the_list_behind_it(cast, as_user, query, found):
    certify(cast.officer, "F1", on=timezone.localdate(), expires_on="2199-01-01")
    page = as_user(cast.city).get(reverse("people:enterprises"), query).context
    assert {row["enterprise"].unit.name for row in page["rows"]} == set(found)
    assert page["page_obj"].paginator.count == len(found)


def test_the_rule_of_a_place_is_one(cast):
    assert [
        staffing.state_of("officer", []),
        staffing.state_of("officer", [(1, None)]),
        staffing.state_of("officer", [(1, None), (2, TODAY)]),
        staffing.state_of("principal", [(1, None)]),
    ] == ["vacant", "unqualified", "valid", "valid"]
