"""A candidate takes the chain of her attempt home, and a stranger recomputes it with the recipe of the handbook."""

import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.urls import reverse

from audit.transitions import Refused
from exams.actions import attempts
from exams.engine.disclosure import DISCLOSURES
from exams.queries import receipts
from tests import build

RECIPE = re.compile(r"```python\n(.*?)```", re.S)


@pytest.fixture
def room(cast):
    return build.make_session(cast)


def address(attempt):
    return reverse("exams:receipt", args=[attempt.pk])


def recompute(facts, tmp_path):
    """Run exactly the recipe that stands in the handbook."""
    recipe = RECIPE.search((Path(settings.BASE_DIR) / "docs/receipts.md").read_text()).group(1)
    script, file = tmp_path / "check.py", tmp_path / "receipt.json"
    script.write_text(recipe)
    file.write_text(json.dumps(facts))
    return subprocess.run([sys.executable, script, file], capture_output=True, text=True, check=False)


def test_a_stranger_recomputes_a_receipt_with_the_recipe(cast, room, as_user, tmp_path):
    attempt = build.handed_in(build.begun(room, cast.officer))
    answer = as_user(cast.officer).get(address(attempt))
    facts = answer.json()
    name = unquote(answer.headers["Content-Disposition"])
    assert name.startswith("attachment") and "作答回执-stories-1.json" in name
    assert recompute(facts, tmp_path).stdout == f"whole {len(facts['events'])}\n"
    assert len(facts["events"]) == 16
    facts["events"][3]["payload"] = {"options": ["z"]}
    assert recompute(facts, tmp_path).returncode == 1
    assert not {"points", "percent", "passed", "scores"} & set(json.dumps(facts).split('"'))


def test_while_she_sits_anything_the_receipt_names_no_option(cast, room, as_user):
    past = build.handed_in(build.begun(room, cast.officer), 0.3)
    again = attempts.start(past.registration, by=cast.officer)
    attempts.save(cast.officer, again.pk, build.right_entries(again, 0.5))
    client = as_user(cast.officer)
    for attempt in (past, again):
        facts = client.get(address(attempt)).json()
        assert facts["events"] and "payload" not in set().union(*facts["events"])
    assert "seal" not in facts and len(facts["events"][0]["link"]) == 64
    attempts.hand_in(cast.officer, again.pk, by=cast.officer)
    assert "payload" in client.get(address(past)).json()["events"][0]


def test_the_receipt_names_her_answers_only_where_the_review_would(cast, as_user):
    exam = build.make_exam(cast)
    told = {}
    for policy in DISCLOSURES:
        room = build.make_session(cast, policy.replace("_", "-"), exam=exam, disclosure=policy)
        attempt = build.handed_in(build.begun(room, cast.officer))
        client = as_user(cast.officer)
        events = client.get(address(attempt)).json()["events"]
        told[policy] = "payload" in events[0]
        assert {"payload" in event for event in events} == {told[policy]}
        assert [event["link"] for event in events] == list(attempt.responses.values_list("link", flat=True))
        assert client.get(reverse("exams:review", args=[attempt.pk])).status_code == (
            200 if told[policy] else 302
        )
    assert told == {
        "open": True,
        "score_only": False,
        "after_close": False,
        "after_release": False,
        "nothing": False,
    }


def test_without_her_answers_a_receipt_is_still_signed_and_still_bears_witness(cast, as_user):
    attempt = build.handed_in(build.begun(build.make_session(cast, disclosure="score_only"), cast.officer))
    answer = as_user(cast.officer).get(address(attempt))
    links = list(attempt.responses.values_list("number", "link"))
    assert receipts.read(answer.content) == (attempt.pk, links)


def test_a_receipt_is_hers_alone(cast, room, as_user):
    attempt = build.begun(room, cast.officer)
    assert as_user(cast.director).get(address(attempt)).status_code == 404
    assert as_user(cast.city).get(address(attempt)).status_code == 404


def test_only_what_the_house_signed_is_read(cast, room, as_user):
    attempt = build.handed_in(build.begun(room, cast.officer))
    answer = as_user(cast.officer).get(address(attempt))
    facts = answer.json()
    links = [(event["number"], event["link"]) for event in facts["events"]]
    assert receipts.read(answer.content) == (attempt.pk, links)
    for raw in (
        json.dumps(facts | {"signature": "0" * 64}),
        json.dumps(facts | {"events": facts["events"][1:]}),
        json.dumps(facts | {"signature": "签"}),
        "[]",
        "{}",
        "no json",
    ):
        with pytest.raises(Refused):
            receipts.read(raw.encode())
