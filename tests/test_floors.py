"""The arrows of the house run one way: every import is read from the source, and every rule is shown to catch its breach."""

import ast
import re
import sys
from functools import cached_property
from pathlib import Path

import pytest
from django.conf import settings

FLOORS = {
    "audit": 1,
    "operations": 2,
    "catalog": 3,
    "accounts": 4,
    "messaging": 5,
    "exams": 6,
    "courses": 7,
    "supervision": 7,
    "practice": 7,
    "certificates": 8,
    "dashboards": 9,
    "api": 10,
    "config": 11,
}
# The rooms of an app from the cellar up. A file with a name of its own is as high as the highest room it imports from.
ROOMS = {"engine": 0, "models": 1, "rules": 2, "queries": 2, "actions": 3, "forms": 3, "views": 4, "admin": 4}
ROOMS |= {"management": 4, "urls": 5}
NEIGHBOURS = {("actions", "forms"), ("forms", "actions")}  # on one height, with no door between them
PURE = (
    "exams/engine/",
    "accounts/identifiers.py",
    "accounts/staffing.py",
    "accounts/alerts.py",
    "accounts/sizes.py",
    "accounts/tree.py",
)
PURE += ("courses/engine/", "messaging/engine/", "supervision/engine/", "supervision/verify_draw.py")
PURE += ("certificates/numbers.py", "certificates/seal.py", "certificates/validity.py")
PURE += ("practice/engine/",)
PURE_GUESTS = ("fsrs",)  # packages that know neither database nor clock unless told
LONGEST = 500
OURS = (".py", ".html", ".css", ".js")
NOT_OURS = ("vendor", "migrations", ".venv", "var", ".git", "node_modules", "locale", "fixtures")
INLINE_SCRIPT = re.compile(r"<script\b(?![^>]*\bsrc=)[^>]*>", re.I)
INLINE_STYLE = re.compile(r"""<style\b|\sstyle\s*=\s*["']|\son[a-z]+\s*=\s*["']""", re.I)


class House:
    """The sources below a directory, and what they import of each other."""

    def __init__(self, root):
        self.root = Path(root)

    @cached_property
    def files(self):
        """Every file of ours by its path from the root."""
        found = {}
        for path in sorted(self.root.rglob("*")):
            inner = path.relative_to(self.root)
            if path.suffix in OURS and path.is_file() and not set(inner.parts) & set(NOT_OURS):
                found[inner.as_posix()] = path.read_text(encoding="utf-8")
        return found

    @cached_property
    def sources(self):
        """The Python of the floors, tests left out: path → syntax tree."""
        return {
            path: ast.parse(text)
            for path, text in self.files.items()
            if path.endswith(".py") and path.split("/")[0] in FLOORS and "/tests/" not in path
        }

    @cached_property
    def imports(self):
        """(path, line, what is imported), each as the most exact dotted name that there is a file for."""
        return [(path, line, self._exact(name)) for path in self.sources for line, name in self._names(path)]

    def _names(self, path):
        for node in ast.walk(self.sources[path]):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                above = path.removesuffix(".py").split("/")[: -node.level] if node.level else []
                module = ".".join([*above, *([node.module] if node.module else [])])
                yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)

    def _exact(self, name):
        known = self._modules
        while name not in known and "." in name and name.split(".")[0] in FLOORS:
            name = name.rpartition(".")[0]
        return name

    @cached_property
    def _modules(self):
        paths = (path.removesuffix(".py").removesuffix("/__init__") for path in self.sources)
        return {path.replace("/", ".") for path in paths}

    @cached_property
    def _inside(self):
        """What each file imports of its own app."""
        found = {}
        for path, _line, name in self.imports:
            if name.split(".")[0] == path.split("/")[0]:
                found.setdefault(path, set()).add(name)
        return found

    def room(self, path):
        """The room in which a file or a module stands; a file with a name of its own is a room of its own."""
        inner = path.replace(".", "/").removesuffix("/py").split("/")
        return inner[1] if len(inner) > 1 else ""

    def height(self, path, seen=()):
        """How high in its app a file stands."""
        room = self.room(path)
        if room in ROOMS:
            return ROOMS[room]
        inner = [self._path(name) for name in self._inside.get(path, ())]
        return max((self.height(one, (*seen, path)) for one in inner if one not in (*seen, path)), default=0)

    def _path(self, name):
        path = name.replace(".", "/")
        return f"{path}.py" if f"{path}.py" in self.sources else f"{path}/__init__.py"


def imports_that_run_up(house):
    """Between floors."""
    for path, line, name in house.imports:
        own, other = path.split("/")[0], name.split(".")[0]
        if other in FLOORS and other != own and FLOORS[other] >= FLOORS[own]:
            yield f"{path}:{line} imports {name}"


def imports_from_a_higher_room(house):
    """Between the rooms of one app: views → forms | actions → queries, rules → models → engine."""
    for path, line, name in house.imports:
        if name.split(".")[0] != path.split("/")[0]:
            continue
        pair = house.room(path), house.room(name)
        if house.height(house._path(name)) > house.height(path) or pair in NEIGHBOURS:
            yield f"{path}:{line} imports {name}"


def views_that_import_views(house):
    """What two pages need lives lower down."""
    for path, line, name in house.imports:
        if name.split(".")[0] in FLOORS and house.room(path) == house.room(name) == "views":
            yield f"{path}:{line} imports {name}"


def pure_files_that_know_the_world(house):
    """The engine and its like import the standard library and one another."""
    for path, line, name in house.imports:
        if not path.startswith(PURE):
            continue
        first = name.split(".")[0]
        if first in PURE_GUESTS:
            continue
        if first not in sys.stdlib_module_names and not house._path(name).startswith(PURE):
            yield f"{path}:{line} imports {name}"


def printers_besides_the_one(house):
    """Only one file knows WeasyPrint."""
    for path, line, name in house.imports:
        if name.split(".")[0] == "weasyprint" and path != "certificates/pdf.py":
            yield f"{path}:{line} imports {name}"


def rows_loaded_past_the_doors(house):
    """In views every row comes through a door: no `Model.objects.get`, no `get_object_or_404(Model, …)`."""
    for path, tree in house.sources.items():
        if house.room(path) != "views":
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            is_get = ast.unparse(node.func).endswith(".objects.get")
            is_bare = ast.unparse(node.func) == "get_object_or_404" and re.fullmatch(
                r"[A-Z]\w*(\.objects(\.all\(\))?)?", ast.unparse(node.args[0])
            )
            if is_get or is_bare:
                yield f"{path}:{node.lineno} {ast.unparse(node)}"


def assigned_states(house):
    """A state is moved, never assigned; only `move` itself and the making of a thing set it."""
    for path, tree in house.sources.items():
        if path == "audit/transitions.py" or house.room(path) not in (
            "actions",
            "views",
            "receivers",
            "forms",
        ):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Attribute) and target.attr == "state":
                        value = ast.unparse(node.value)
                        if not value.endswith(".state"):  # reading a fresher copy is no move
                            yield f"{path}:{node.lineno} {ast.unparse(node)}"


def templates_with_script_or_style(house):
    """The policy of the site allows nothing inline; JSON for a page is written by json_script."""
    for path, text in house.files.items():
        if not path.endswith(".html") or path.startswith("deploy/"):  # what a proxy says when we cannot
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            if INLINE_SCRIPT.search(line) or INLINE_STYLE.search(line):
                yield f"{path}:{number} {line.strip()[:80]}"


def files_that_are_too_long(house):
    """A file is a chapter."""
    for path, text in house.files.items():
        if len(text.splitlines()) > LONGEST:
            yield f"{path}: {len(text.splitlines())} lines"


CHECKS = (
    imports_that_run_up,
    imports_from_a_higher_room,
    views_that_import_views,
    pure_files_that_know_the_world,
    printers_besides_the_one,
    rows_loaded_past_the_doors,
    assigned_states,
    templates_with_script_or_style,
    files_that_are_too_long,
)
OUR_HOUSE = House(settings.BASE_DIR)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_house_keeps_its_rules(check):
    assert list(check(OUR_HOUSE)) == []


def test_the_whole_house_was_read():
    assert {path.split("/")[0] for path in OUR_HOUSE.sources} >= {
        "audit",
        "catalog",
        "accounts",
        "exams",
        "certificates",
    }
    assert ("certificates/receivers.py", "exams.signals") in {
        (path, name) for path, _line, name in OUR_HOUSE.imports
    }
    assert OUR_HOUSE.height("exams/presenting.py") < OUR_HOUSE.height("exams/actions/attempts.py")


SOUND = {
    "audit/log.py": "import json\n",
    "exams/engine/chance.py": "import hashlib\nfrom .words import N_\n",
    "exams/engine/words.py": "",
    "exams/models/__init__.py": "from audit import log\nfrom exams.engine import chance\n",
    "exams/queries.py": "from exams.models import Attempt\n",
    "exams/actions/attempts.py": "from exams import queries\nfrom exams.models import Attempt\nthing.state = locked.state\n",
    "exams/forms/attempts.py": "from exams.models import Attempt\n",
    "exams/skeleton.py": "",
    "exams/views/sitting.py": "from exams.actions import attempts\nfrom exams.forms import attempts as forms\n"
    "get_object_or_404(Attempt.objects.of(user), pk=1)\ndoor.get(pk=1)\n",
    "certificates/pdf.py": "def render():\n    import weasyprint\n",
    "certificates/receivers.py": "from exams.signals import result_released\n",
    "exams/signals.py": "",
    "templates/page.html": '<script src="x.js" defer></script>{{ config|json_script:"config" }}\n',
}
PLANTED = [
    (imports_that_run_up, "audit/log.py", "from exams.models import Attempt", "audit/log.py:1 imports exams.models"),
    (imports_that_run_up, "exams/skeleton.py", "def f():\n    import certificates.pdf", "exams/skeleton.py:2 imports certificates.pdf"),
    (imports_that_run_up, "courses/models.py", "from supervision import models", "courses/models.py:1 imports supervision.models"),
    (imports_from_a_higher_room, "exams/models/__init__.py", "from exams import queries", "exams/models/__init__.py:1 imports exams.queries"),
    (imports_from_a_higher_room, "exams/queries.py", "from .actions import attempts", "exams/queries.py:1 imports exams.actions.attempts"),
    (imports_from_a_higher_room, "exams/actions/attempts.py", "from exams.views import sitting", "exams/actions/attempts.py:1 imports exams.views.sitting"),
    (imports_from_a_higher_room, "exams/actions/attempts.py", "from exams.forms.attempts import F", "exams/actions/attempts.py:1 imports exams.forms.attempts"),
    (imports_from_a_higher_room, "exams/forms/attempts.py", "from ..actions import attempts", "exams/forms/attempts.py:1 imports exams.actions.attempts"),
    (views_that_import_views, "certificates/views.py", "from exams.views.sitting import mine", "certificates/views.py:1 imports exams.views.sitting"),
    (views_that_import_views, "exams/views/review.py", "from .sitting import mine", "exams/views/review.py:1 imports exams.views.sitting"),
    (pure_files_that_know_the_world, "exams/engine/chance.py", "from django.db import models", "exams/engine/chance.py:1 imports django.db.models"),
    (pure_files_that_know_the_world, "exams/engine/chance.py", "from .. import skeleton", "exams/engine/chance.py:1 imports exams.skeleton"),
    (printers_besides_the_one, "certificates/views.py", "import weasyprint", "certificates/views.py:1 imports weasyprint"),
    (rows_loaded_past_the_doors, "exams/views/sitting.py", "Attempt.objects.get(pk=1)", "exams/views/sitting.py:1 Attempt.objects.get(pk=1)"),
    (rows_loaded_past_the_doors, "exams/views/sitting.py", "get_object_or_404(Attempt, pk=1)", "exams/views/sitting.py:1 get_object_or_404(Attempt, pk=1)"),
    (assigned_states, "exams/actions/attempts.py", "a.state = 'submitted'", "exams/actions/attempts.py:1 a.state = 'submitted'"),
    (templates_with_script_or_style, "templates/page.html", "<script>alert(1)</script>", "templates/page.html:1 <script>alert(1)</script>"),
    (templates_with_script_or_style, "templates/page.html", "<p style='color:red'>", "templates/page.html:1 <p style='color:red'>"),
    (templates_with_script_or_style, "templates/page.html", '<a onclick="x()">', 'templates/page.html:1 <a onclick="x()">'),
    (files_that_are_too_long, "exams/skeleton.py", "x = 1\n" * 501, "exams/skeleton.py: 501 lines"),
]  # fmt: skip


def build_house(root, files):
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return House(root)


def test_a_sound_house_is_left_in_peace(tmp_path):
    house = build_house(tmp_path, SOUND)
    assert [told for check in CHECKS for told in check(house)] == []


@pytest.mark.parametrize(
    ("check", "path", "text", "told"), PLANTED, ids=lambda v: getattr(v, "__name__", str(v)[:50])
)
def test_each_rule_catches_its_breach(tmp_path, check, path, text, told):
    planted = {"supervision/models.py": "", **SOUND, path: text}
    house = build_house(tmp_path, planted)
    assert list(check(house)) == [told]
