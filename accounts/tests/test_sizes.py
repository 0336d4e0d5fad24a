"""The size class: by figures, by ruling, and what posts follow from it."""

from datetime import date

import pytest
from django.conf import settings
from django.urls import reverse

from accounts import coverage, queries, sizes
from accounts.models import Enterprise
from audit.models import AuditEvent

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("produces", "staff", "turnover", "size"),
    [
        (True, 1000, 40_000, "large"), (True, 1000, 39_999, "medium"), (True, 999, 40_000, "medium"),
        (True, 300, 2_000, "medium"), (True, 299, 900_000, "small"), (True, 20, 300, "small"),
        (True, 19, 300, "micro"), (False, 50, 500, "medium"), (False, 9, 100, "micro"),
        (True, None, 40_000, ""), (True, 1000, None, ""), (True, 0, 0, "micro"),
    ],
)  # fmt: skip
def test_the_highest_class_whose_bounds_are_both_reached(produces, staff, turnover, size):
    assert sizes.class_of(produces, staff, turnover, settings.SIZE_THRESHOLDS) == size


def kinds(enterprise):
    """The kinds of post owed, told in both ways."""
    found = Enterprise.objects.filter(pk=enterprise.pk)
    [row] = coverage.coverage(found, TODAY)
    places = queries.staffing_of(list(found), TODAY)[enterprise.pk].places
    assert list(row.states) == [place.kind for place in places]
    return list(row.states)


def test_posts_follow_the_figures_and_the_ruling_stands_above_them(cast, as_user):
    cast.ebike.ccc = False  # only a mandatory standard: a director is owed by the large and the medium
    cast.ebike.save()
    assert "director" in kinds(cast.jinhai)  # given as medium
    client, url = as_user(cast.station), reverse("people:size", args=[cast.jinhai.uscc])
    figures = {"staff": "60", "turnover": "900"}
    assert client.post(url, {**figures, "size_ruling": ""}).status_code == 422  # no reason
    for _twice in range(2):
        assert client.post(url, {**figures, "reason": "2025 年年报"}).status_code == 302
    assert "director" not in kinds(cast.jinhai)
    assert client.post(url, {**figures, "size_ruling": "large", "reason": "集团合并口径"}).status_code == 302
    assert "director" in kinds(cast.jinhai)
    told = AuditEvent.objects.filter(action="enterprise.rated").order_by("pk")
    assert [(e.data["why"], e.data["before"]["size"], e.data["after"]["size"]) for e in told] == [
        ("2025 年年报", "medium", "small"), ("集团合并口径", "small", "large"),
    ]  # fmt: skip
    assert "集团合并口径" in client.get(url).content.decode()
    page = client.get(reverse("people:enterprise", args=[cast.jinhai.uscc])).content.decode()
    assert "大型（监管认定）" in page


@pytest.mark.parametrize("who", ["manager", "stranger_manager", "other_district", "officer", "editor"])
def test_nobody_but_the_organs_above_rules(cast, as_user, who):
    url = reverse("people:size", args=[cast.jinhai.uscc])
    answer = as_user(getattr(cast, who)).post(url, {"size_ruling": "micro", "reason": "小一点好"})
    assert (answer.status_code, Enterprise.objects.get(pk=cast.jinhai.pk).size_ruling) == (404, "")
