"""How long saves took in the last five minutes, whoever looked and whenever."""

from datetime import UTC, datetime, timedelta

import pytest

from operations import latency, metrics

AT = datetime(2026, 5, 1, 9, tzinfo=UTC)


@pytest.fixture
def counted(settings, tmp_path, monkeypatch):
    """The counters of the saves; the notes lie in a folder of their own."""
    settings.VAR_DIR, counts = tmp_path, {}
    monkeypatch.setattr(metrics, "requests_of", lambda view: ({}, dict(counts)))
    return counts


def count(counted, fast, slow=0):
    """So many were counted by now since the start."""
    counted.update({0.01: fast, 1.0: fast + slow, float("inf"): fast + slow})


def told(minutes):
    """(how many, in how many seconds)"""
    found = latency.recent(AT + timedelta(minutes=minutes))
    return found["count"], found["seconds"]


def noted(minutes):
    """The worker's tick."""
    latency.note(AT + timedelta(minutes=minutes))


def test_before_the_first_note_it_is_everything_since_the_start(counted):
    count(counted, 100)
    assert told(0) == (100, None)


def test_it_is_that_of_five_minutes_although_nobody_looked_in_them(counted):
    """The story of the defect: an hour of slow saves, quick ones since, and the first look only now."""
    for minute in range(121):
        count(counted, fast=max(minute - 60, 0) * 10, slow=min(minute, 60) * 10)
        noted(minute / 2)
    assert told(60) == (100, 300)
    assert latency.recent(AT + timedelta(minutes=60))["p95"] < 0.01


def test_without_a_note_from_then_it_says_how_much_longer_it_is(counted):
    count(counted, 10)
    noted(0)
    count(counted, 30)
    assert told(17) == (20, 17 * 60)
    count(counted, 31)
    assert told(18) == (21, 18 * 60)
    assert told(22) == (1, 5 * 60)  # the look at minute 17 was a note


def test_notes_are_half_a_minute_apart_and_the_old_are_forgotten(counted):
    count(counted, 1)
    for second in range(0, 3600, 10):
        noted(second / 60)
    notes = latency._notes((AT + timedelta(hours=1)).timestamp())
    assert [notes[0][0] - AT.timestamp(), len(notes)] == [3600 - 300, 10]


def test_a_server_that_was_started_anew_counts_from_nothing(counted):
    count(counted, 50)
    noted(0)
    count(counted, 3)
    assert told(1) == (3, None)
