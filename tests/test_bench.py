"""The bench at a small size, so that no mode of it rots unseen; and the house under faults, which is its business anyway."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection


def bench(tmp_path, *arguments):
    """Run a mode on the database of this test run, or on the other machine's programs; gives its figures."""
    kind = "postgres" if connection.vendor == "postgresql" else "sqlite"
    path = tmp_path / "figures.json"
    done = subprocess.run(
        [sys.executable, "-m", "bench", *arguments, "--db", kind, "--json", str(path)],
        cwd=settings.BASE_DIR,
        env=os.environ | {"VENV_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert path.exists(), done.stderr[-3000:]
    return json.loads(path.read_text())


@pytest.mark.xdist_group("bench")
def test_workers_connections_and_databases_that_are_killed_lose_no_acknowledged_answer(tmp_path):
    told = bench(tmp_path, "faults", "--users", "60", "--minutes", "0.35")
    counts = {row["what"]: row["count"] for row in told["rows"]}
    assert told["errors"] == []
    assert counts["attempts"] == 60
    expected = {"web workers killed", "background keepers killed", "all workers renewed (rolling)"}
    if connection.vendor == "postgresql":
        expected |= {"database connections cut", "database killed and recovered", "database frozen"}
    assert {name for name in expected if not counts.get(name)} == set()
    assert any("60 attempts" in note and "differences: 0" in note for note in told["notes"])


@pytest.mark.once
@pytest.mark.xdist_group("bench")
def test_a_sitting_of_the_bench_is_whole_and_verified(tmp_path):
    told = bench(tmp_path, "sitting", "--users", "2")  # fewer than go at once: each still sends one by one
    assert told["errors"] == []
    assert [row["step"] for row in told["rows"]] == [
        *(
            "sign-in page",
            "sign-in",
            "exam page",
            "start",
            "paper",
            "save",
            "hand-in, result",
            "review",
            "sitting",
        )
    ]
    assert "verified: 2 attempts, 32 answers, 32 scores; differences: 0" in told["notes"]


@pytest.mark.xdist_group("bench")
def test_a_planner_of_reminders_that_is_killed_three_times_leaves_each_once(tmp_path):
    told = bench(tmp_path, "reminders", "--users", "20000")
    assert told["errors"] == []
    assert any(note.startswith("counted: 20,000 messages, 20,000 people") for note in told["notes"])
