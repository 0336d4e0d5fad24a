"""The personnel file."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from accounts import records
from accounts.models import RecordEntry

DAY = date(2026, 3, 2)


def enter(person, title="合格", **facts):
    return records.enter(person, "attempt:1", kind="result", occurred_on=DAY, title=title, facts=facts)


def test_the_highest_number_counts(cast):
    enter(cast.officer, passed=False)
    last = enter(cast.officer, passed=True)
    assert [(entry.number, entry.facts) for entry in records.latest(cast.officer)] == [(2, {"passed": True})]
    assert last.number == 2


def test_saying_the_same_again_adds_nothing(cast):
    assert enter(cast.officer, passed=True) == enter(cast.officer, passed=True)
    assert RecordEntry.objects.count() == 1


def test_many_lines_go_in_with_as_many_queries_as_few(cast, django_assert_num_queries):
    def lines(subjects, title="任职"):
        return [
            records.Line(cast.officer.pk, f"post:{number}", "post", DAY, title, {})
            for number in range(subjects)
        ]

    with django_assert_num_queries(2):  # look, insert; a transaction is under way
        records.enter_many(lines(3))
    with django_assert_num_queries(2):
        records.enter_many(lines(60, "离任"))
    assert sorted(RecordEntry.objects.values_list("number", flat=True)) == [1] * 60 + [2] * 3


def test_a_line_cannot_be_changed_or_torn_out(cast):
    entry = enter(cast.officer)
    for harm in (lambda: RecordEntry.objects.update(title="别的"), entry.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            harm()
    assert RecordEntry.objects.get().title == "合格"


def test_latest_takes_people_and_kinds(cast):
    enter(cast.officer)
    records.enter(cast.director, "post:9", kind="post", occurred_on=DAY, title="任职", facts={})
    assert [e.person for e in records.latest([cast.officer, cast.director], "post")] == [cast.director]
