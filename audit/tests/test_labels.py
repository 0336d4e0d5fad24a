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
        if isinstance(node, ast.Call):  # an act that another function records: `action="…"`
            codes = [code_of(keyword.value) or "" for keyword in node.keywords if keyword.arg == "action"]
            yield from filter(ACT.fullmatch, codes)
        if isinstance(node, ast.Tuple) and len(node.elts) == 3 and ACT.fullmatch(code_of(node.elts[0]) or ""):
            yield code_of(node.elts[0])
        if isinstance(node, ast.Dict) and node.values:
            codes = [code_of(value) or "" for value in node.values]
            yield from codes if all(map(ACT.fullmatch, codes)) else ()


def written_in_the_source():
    found = set()
    for floor in (
        "operations",
        "accounts",
        "messaging",
        "catalog",
        "exams",
        "courses",
        "practice",
        "supervision",
        "certificates",
        "dashboards",
        "api",
        "config",
    ):
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


def test_what_is_called_refused_or_failed_is_written_down_as_refused():
    calls = [
        call
        for app in apps.get_app_configs()
        if ROOT in Path(app.path).parents and ".venv" not in app.path
        for path in sorted(Path(app.path).rglob("*.py"))
        if "tests" not in path.parts
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "record" and call.args
        if str(getattr(call.args[0], "value", "")).endswith(("_refused", "_failed"))
    ]
    assert len(calls) > 5
    told = {call.args[0].value: {k.arg for k in call.keywords} for call in calls}
    assert [code for code, keywords in told.items() if "outcome" not in keywords] == []
