"""Many at the same moment: one attempt, one result, one certificate, and no acknowledged answer lost."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

from exams.tests import racing, racing_changes


def truth(story, n):
    """What must be true after n did it."""
    return {
        "starts": {"answers": {"True": n}, "registrations": 1, "started in audit": 1},
        "hand_ins": {
            "answers": {"200": n},
            "state": "submitted",
            "responses": 16,
            "results": ["32.00"],
            "lines of the file": 1,
            "certificates": 1,
        },
        "issues": {"numbers given": 1, "certificates": 1, "lines of the file": 1},
        "registrations": {"registrations given": 1, "registrations": 1, "lines of the audit": 1},
        "at_the_door": {
            "notes": n // 2 + 1,
            "of the one that came several times": 1,
            "numbers without a gap": True,
            "let go": 1,
        },
        "limits": {"attempts": [(1, "submitted"), (2, "submitted")], "was refused": True},
        "saves": {
            "all answered": True,
            "stored is what was acknowledged": True,
            "in the order in which they came": True,
            "scored is what was stored": True,
        },
        "late_readers": {
            "answers": {"200": n},
            "ended at the deadline": True,
            "results": 1,
            "lines of the file": 1,
            "certificates": 1,
        },
        "regrades": {"numbers given": True, "results": True, "the last one counts": True},
        "regrade_and_hand_in": {
            "state": "submitted",
            "each regrade is a result": True,
            "the last one counts": True,
        },
        "interruptions": {
            "stored is what was acknowledged": True,
            "each extension stands once": True,
            "pause and resume take turns": True,
            "the chain and the deadline agree": True,
        },
        "two_devices": {"stored is what was acknowledged": True, "the chain is whole": True},
        "suspended": {"answers": {"refused": n}, "with the post": {"refused": n}, "attempts more": 0},
        "cancelled_meanwhile": suspended_meanwhile(n),
        "ended_meanwhile": suspended_meanwhile(n),
        "closed_meanwhile": suspended_meanwhile(n),
        "used_up_meanwhile": {
            "before it no more than allowed": True,
            "attempts": [(1, "voided"), (2, "submitted"), (3, "submitted")],
            "what came": ["refused", "submitted"],
            "at last": "refused",
        },
        "cooled_meanwhile": {
            "before it no more than allowed": True,
            "attempts": [(1, "submitted"), (2, "submitted")],
            "what came": ["refused", "submitted"],
            "at last": "refused",
        },
        "crossing": {
            "answers": ["done", "refused"],  # and no code of an error of the database
            "everything ended has results": True,
            "not released": 0,
            "whose time was over is closed": True,
            "problems": [],
        },
        "retries": {
            "attempts": True,
            "states": {"submitted": n},
            "some had to be repeated": (True, True),
            "results": [1],
            "responses": 4,
            "lines of the file": 1,
            "certificates": 1,
        },
        "waiting_starts": {"answers": {"refused": n}, "attempts": 0},
        "replace_and_issue": {"answers": ["in_force", "in_force"], "certificates": 3},
    }[story]


def suspended_meanwhile(n):
    """Who came before began, who came after was refused, and who sat already never noticed."""
    return {
        "before": {"in_progress": (n // 4 + 1) // 2},
        "after": ["refused"],
        "attempts are those that were let in": True,
        "none began after it": True,
        "who sat": [("after", "submitted"), ("before", "submitted")],
        "who sat and was kept from it": [],
    }


@pytest.mark.postgres
@pytest.mark.skipif(
    "postgresql" not in settings.DATABASES["default"]["ENGINE"], reason="DATABASE_URL names no PostgreSQL"
)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("story", "n"),
    [
        (racing.starts, 200),
        (racing.hand_ins, 200),
        (racing.issues, 200),
        (racing.registrations, 50),
        (racing.limits, 50),
        (racing.at_the_door, 60),
        (racing.saves, 200),
        (racing.late_readers, 50),
        (racing.regrades, 50),
        (racing.regrade_and_hand_in, 50),
        (racing.interruptions, 200),
        (racing.two_devices, 200),
        (racing.suspended, 50),
        (racing_changes.cancelled_meanwhile, 200),
        (racing_changes.ended_meanwhile, 200),
        (racing_changes.closed_meanwhile, 200),
        (racing_changes.used_up_meanwhile, 200),
        (racing_changes.cooled_meanwhile, 200),
        (racing_changes.crossing, 63),
        (racing_changes.retries, 50),
        (racing_changes.waiting_starts, 50),
        (racing_changes.replace_and_issue, 2),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_on_postgresql_it_happens_once(cast, story, n):
    assert story(cast, n) == truth(story.__name__, n)


def test_on_sqlite_it_happens_once_too(tmp_path):
    """In a process and a database file of its own, for what these tables remember cannot be wiped between tests."""
    env = os.environ | {"VAR_DIR": str(tmp_path), "DATABASE_URL": "", "REDIS_URL": "", "LOG_LEVEL": "ERROR"}
    told = subprocess.run(
        [sys.executable, "-m", "exams.tests.racing", "16"],
        cwd=settings.BASE_DIR,
        env=env,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert told.returncode == 0, told.stderr[-3000:]
    truths = {story.__name__: truth(story.__name__, 16) for story in racing.STORIES}
    assert json.loads(told.stdout) == json.loads(json.dumps(truths))
