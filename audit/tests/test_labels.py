"""Every act that the house can write into its log has words."""

import ast
import re
from pathlib import Path

from django.apps import apps
from django.conf import settings

from audit.labels import LABELS, label_of

ROOT = Path(settings.BASE_DIR)
ACT = re.compile(r"[a-z]+\.(?!csv)[a-z_]+")  # not the name of a file


def code_of(node):
    """The constant text of a node, or nothing."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def recorded(tree):
    """The codes in `record("…", …)`, in the tuples of code, thing and dict for `record_many`, and in tables of codes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and getattr(node.func, "id", "") == "record":
            yield code_of(node.args[0])
        if isinstance(node, ast.Tuple) and len(node.elts) == 3 and ACT.fullmatch(code_of(node.elts[0]) or ""):
            yield code_of(node.elts[0])
        if isinstance(node, ast.Dict) and node.values:
            codes = [code_of(value) or "" for value in node.values]
            yield from codes if all(map(ACT.fullmatch, codes)) else ()


def written_in_the_source():
    found = set()
    for floor in ("operations", "accounts", "catalog", "exams", "certificates", "dashboards", "config"):
        for path in (ROOT / floor).rglob("*.py"):
            if "tests" not in path.parts and "migrations" not in path.parts:
                found |= set(recorded(ast.parse(path.read_text("utf-8"))))
    return found - {None}


def reached_by_a_move():
    """What `move` writes: the model's name and the state."""
    moved = [model for model in apps.get_models() if hasattr(model, "MOVES")]
    return {
        f"{model._meta.model_name}.{to}"
        for model in moved
        for targets in model.MOVES.values()
        for to in targets
    }


def test_every_act_of_the_source_has_words_and_no_words_are_left_over():
    assert written_in_the_source() | reached_by_a_move() == set(LABELS)


def test_an_act_is_told_in_words():
    assert (str(label_of("attempt.started")), label_of("of.old")) == ("开始考试", "of.old")
