"""Chinese and English complete: every sentence that the house can say stands in the English catalogue, none fuzzy, none broken."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "locale" / "en" / "LC_MESSAGES" / "django.po"
GAP = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}")
CHINESE = re.compile(r"[\u3400-\u9fff]")


def entries(path=CATALOGUE):
    """The living entries of a catalogue."""
    return [entry for entry in polib.pofile(path) if not entry.obsolete]


def said(entry):
    """All English forms of an entry."""
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def test_no_sentence_is_untranslated_or_fuzzy():
    assert [e.msgid for e in entries() if e.fuzzy or not all(said(e))] == []


def test_the_gaps_of_a_sentence_survive_translation():
    broken = [
        (entry.msgid, english)
        for entry in entries()
        for english in said(entry)
        if set(GAP.findall(english)) - set(GAP.findall(entry.msgid + entry.msgid_plural))
        or (not entry.msgid_plural and set(GAP.findall(english)) != set(GAP.findall(entry.msgid)))
    ]
    assert broken == []


def test_english_is_english():
    left = [
        e.msgid
        for e in entries()
        for english in said(e)
        if CHINESE.search(re.sub(r"《[^》]*》", "", english))
    ]
    assert left == []


@pytest.mark.skipif(
    not shutil.which("xgettext"), reason="xgettext is not on this machine: apt-get install gettext"
)
def test_the_catalogue_holds_exactly_what_the_house_says(tmp_path):
    copy = tmp_path / "house"
    shutil.copytree(
        ROOT,
        copy,
        ignore=shutil.ignore_patterns(".git", ".venv", "var", "static", "fixtures", "tests", "fonts", "*.mo"),
    )
    subprocess.run(
        [sys.executable, "manage.py", "makemessages", "-l", "en", "--no-location"],
        cwd=copy, check=True, capture_output=True, env={"PATH": "/usr/bin:/bin", "VAR_DIR": str(tmp_path / "var")},
    )  # fmt: skip
    now = {(e.msgctxt, e.msgid) for e in entries(copy / CATALOGUE.relative_to(ROOT))}
    assert now == {(e.msgctxt, e.msgid) for e in entries()}
