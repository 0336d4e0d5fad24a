"""The verifier alone, as a stranger runs it: it does the draw again, and finds every changed byte."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supervision import verify_draw
from supervision.engine import dossier
from supervision.engine.draw import Line, commitment_of, seed_of, sha256

PROGRAM = Path(verify_draw.__file__)
SECRET, PUBLIC = "5e" * 32, "03 11 17 22 26 30 + 09"
SALT = "a1" * 32


def make(people=30, secret=SECRET, public=PUBLIC, weights=(1, 2, 3), limit=2, pool=None, **head):
    """A sound dossier: two strata, an inspector with a conflict."""
    firms = [dossier.opaque(SALT, "enterprise", n) for n in range(8)]
    lines = [
        Line(
            dossier.opaque(SALT, "post", n),
            firms[n % 8],
            "high" if n % 3 else "low",
            weights[n % len(weights)],
        )
        for n in range(people)
    ]
    if pool is None:
        pool = {dossier.opaque(SALT, "inspector", n): firms[:n] for n in range(4)}
        pool[dossier.opaque(SALT, "inspector", 9)] = []
    counts = {code: sum(line.stratum == code for line in lines) for code in ("high", "low")}
    told = {
        "check": "抽查〔2026〕1号",
        "name": "故事",
        "organ": "西青区市场监管局",
        "draw": "tj-xq-2026-001-1",
        "profile": "food v1",
        "strata": [
            {"code": code, "label": code, "universe": counts[code] + 3, "excluded": 2, "doubled": 1, "frame": counts[code], "chosen": 3, "reserves": 2}
            for code in ("high", "low")
        ],
        "per_enterprise": limit,
        "inspectors": 2,
        "commitment": commitment_of(secret),
        "source": "双色球",
        "source_at": "2026-11-26T21:15:00+08:00",
        "frozen_at": "2026-11-25T10:00:00+08:00",
    } | head  # fmt: skip
    text = dossier.freeze(told, lines, pool)
    return seal(text, secret, public)


def seal(text, secret=SECRET, public=PUBLIC, revealed_at="2026-11-27T09:00:00+08:00", **changed):
    """The dossier over a frozen text as the house would write it, or as a cheat would who also makes the digest anew."""
    seed = changed.pop("seed", seed_of(secret, public))
    drawn, inspectors = dossier.outcome(text, seed)
    given = {"drawn": drawn, "inspectors": inspectors} | changed
    return dossier.write(
        text, secret=secret, public=public, revealed_at=revealed_at, seed=seed, **given
    ).encode()


SOUND = make()


def verdict(data, tmp_path, python=(sys.executable, "-I")):
    file = tmp_path / "dossier.json"
    file.write_bytes(data)
    told = subprocess.run(
        [*python, str(PROGRAM), str(file)], capture_output=True, text=True, check=False, encoding="utf-8"
    )
    return told.returncode, told.stdout


def agrees(data):
    """The same in this process: quick, for many."""
    verifier = verify_draw.Verifier(data)
    try:
        for step in verifier.steps():
            step()
    except (
        verify_draw.Wrong,
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        IndexError,
        ArithmeticError,
        RecursionError,
    ):
        return False
    return True


def test_a_sound_dossier_is_done_again_and_told_in_two_languages(tmp_path):
    code, told = verdict(make(), tmp_path)
    assert code == 0, told
    assert told.count("✓") == 6
    assert "重新计算得到同样的 6 名抽中人员和 4 名后备" in told
    assert "computing again gives the same 6 chosen and 4 reserves" in told
    assert told.rstrip().endswith("Everything agrees.")


def test_it_needs_the_standard_library_alone_and_python_3_8():
    tree = ast.parse(PROGRAM.read_text(encoding="utf-8"), feature_version=(3, 8))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= sys.stdlib_module_names and imported == {
        "hashlib",
        "json",
        "re",
        "sys",
        "datetime",
        "decimal",
    }


@pytest.mark.parametrize(
    "python", sorted(Path.home().glob(".pyenv/versions/3.[89].*/bin/python")), ids=lambda p: p.parts[-3]
)
def test_older_pythons_say_the_same(python, tmp_path):
    assert verdict(make(), tmp_path, (str(python), "-I")) == verdict(make(), tmp_path)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_every_changed_byte_is_found(data):
    sound = SOUND
    at = data.draw(st.integers(0, len(sound) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda one: one != sound[at]))
    assert not agrees(sound[:at] + bytes([byte]) + sound[at + 1 :])


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_every_byte_too_many_or_too_few_is_found(data):
    sound = SOUND
    at = data.draw(st.integers(0, len(sound)))
    assert not agrees(sound[:at] + bytes([data.draw(st.integers(0, 255))]) + sound[at:])
    if at < len(sound):
        assert not agrees(sound[:at] + sound[at + 1 :])


def swapped(told):
    drawn = [list(one) for one in told["drawn"]]
    drawn[0][3], drawn[3][3] = drawn[3][3], drawn[0][3]
    return {"drawn": drawn}


CHEATS = {
    "another list": (swapped, "the list differs"),
    "another inspector": (lambda told: {"inspectors": told["inspectors"][::-1]}, "the inspectors differ"),
    "another seed": (lambda told: {"seed": sha256("mine")}, "the seed does not follow"),
    "another public half": (lambda told: {"public": "1"}, "the seed does not follow"),
    "another secret": (lambda told: {"secret": "6e" * 32}, "does not fit the commitment"),
    "a short secret": (lambda told: {"secret": "5e" * 8}, "fewer than 128 bits"),
    "drawn before the number came": (
        lambda told: {"revealed_at": "2026-11-26T21:14:59+08:00"},
        "the times are out of order",
    ),
    "another frame": (lambda told: {"frozen": told["frozen"].replace("|2\n", "|3\n", 1)}, "the frame's digest differs"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHEATS)
def test_who_makes_the_digest_of_the_file_anew_is_found_too(name, tmp_path):
    change, sentence = CHEATS[name]
    told = json.loads(make())
    del told["digest"]
    told |= change(told)
    data = (dossier.canonical({**told, "digest": sha256(dossier.canonical(told))}) + "\n").encode()
    code, said = verdict(data, tmp_path)
    assert (code, sentence in said) == (1, True), said


def test_totals_that_do_not_reconcile_are_found():
    told = json.loads(make())
    head, _rest = told["frozen"].split("\n", 1)
    strata = json.loads(head)["strata"]
    strata[0]["universe"] += 1
    assert not agrees(make(strata=strata))
    assert agrees(make())


def test_a_frame_frozen_after_its_number_came_is_found():
    assert not agrees(make(frozen_at="2026-11-26T21:15:00+08:00"))


def test_a_missing_file_and_no_file_are_told(tmp_path):
    for arguments in ([], [str(tmp_path / "none.json")]):
        told = subprocess.run([sys.executable, "-I", str(PROGRAM), *arguments], capture_output=True, text=True, check=False)  # fmt: skip
        assert told.returncode == 1 and told.stdout


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(12, 60),
    st.lists(st.integers(1, 9), min_size=1, max_size=4),
    st.integers(0, 3),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip),
)
def test_the_program_that_drew_and_the_verifier_agree_on_any_frame(people, weights, limit, public):
    assert agrees(make(people=people, weights=weights, limit=limit and limit + 1, public=public))
