"""The examples of docs/api.md are asked for, and the answers have their shape and their words."""

import json
import re

import pytest
from django.conf import settings

from accounts.models import TokenScope
from api import filters
from api.tests.stories import machine
from certificates.queries import TONES
from tests import build

PAGE = (settings.BASE_DIR / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(r"```example\nGET (\S+)\n(\d+)\n(.*?)```", re.S)
EXAMPLES = EXAMPLE.findall(PAGE)
VARIES = re.compile(r"(.*_)?(id|at|on|url|number|masked|next)|verify_url|points|max_points|score|next")


def told(value, name=""):
    """What of an answer does not hang on the day and the database: its shape, and the words that do not vary."""
    if isinstance(value, dict):
        return {key: told(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [told(one, name) for one in value]
    return type(value).__name__ if VARIES.fullmatch(name) else value


@pytest.mark.parametrize(("address", "status", "said"), EXAMPLES, ids=[one[0] for one in EXAMPLES])
def test_the_example_is_true(cast, address, status, said):
    found = build.certified(cast)
    path = address.removeprefix("/api/v1").replace("91120111MA00000010", cast.jinhai.uscc)
    path = re.sub(r"/results/\d+", f"/results/{found.attempt_id}", path)
    answer = machine(cast, cast.jinhai.unit).ask(path)
    assert answer.status_code == int(status)
    said = said.replace("91120111MA00000010", cast.jinhai.uscc)
    assert told(answer.json()) == told(json.loads(said))


def test_the_page_has_examples_of_every_kind():
    assert len(EXAMPLES) == PAGE.count("```example") == 6
    assert {status for _address, status, _said in EXAMPLES} == {"200", "404", "422"}


def test_the_page_names_every_scope_filter_and_state():
    for name in TokenScope.values:
        assert f"`{name}`" in PAGE
    for shape in (
        filters.PeopleFilters,
        filters.PostFilters,
        filters.ResultFilters,
        filters.CertificateFilters,
    ):
        for name, field in shape.model_fields.items():
            assert f"`{name}`" in PAGE
            for state in getattr(field.annotation, "__args__", ()) if name == "state" else ():
                assert state == "all" or f"`{state}`" in PAGE
    assert set(filters.CertificateFilters.model_fields["state"].annotation.__args__) - {"all"} == set(TONES)
