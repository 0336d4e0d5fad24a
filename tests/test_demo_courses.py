"""The courses that are shipped: every lesson rests on law in force, shows what it says, and can be loaded, watched and passed."""

import csv
import io
import re
from datetime import date
from functools import cache
from itertools import pairwise

import pypdf
import pytest
from django.utils import timezone

from accounts import papers
from config.demo import handouts
from config.demo.files import DEMO, FIXTURES
from courses import files, markup
from exams import pictures
from exams.markup import REFERENCE, SCHEME

COURSES = FIXTURES / "courses"
LARGEST_FILM = 1_500_000
CUE = re.compile(r"(\d+):(\d\d)\.(\d{3}) --> (\d+):(\d\d)\.(\d{3})\n(.+)")
MARKS = re.compile(r"\*\*|__|^#|^\||\]\(|<[a-z/]|picture:|&lt;|&amp;", re.M)  # what no reader should see
SPOKEN = re.compile(r"第[一二三四五六七八九十百千]+条")


@cache
def table(path):
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


def text_of(lesson):
    return (COURSES / lesson["course"] / lesson["source"]).read_text(encoding="utf-8")


LESSONS = table(DEMO / "lessons.csv")
EACH = pytest.mark.parametrize("lesson", LESSONS, ids=lambda row: f"{row['course']}-{row['source']}")
FILMS = [row for row in LESSONS if row["kind"] == "video"]
DOCUMENTS = [row for row in LESSONS if row["kind"] == "document"]


def kinds(course):
    return [row["kind"] for row in LESSONS if row["course"] == course]


def test_there_is_a_general_course_and_one_of_two_products():
    products = {row["code"]: row["category"] for row in table(DEMO / "courses.csv")}
    assert products == {"general": "", "ebike": "电动自行车", "cable": "电线电缆"}
    assert len(kinds("general")) >= 8
    assert kinds("general").count("quiz") == 2
    for course in products:
        assert {"article", "video", "document", "quiz"} == set(kinds(course))
        assert kinds(course)[-1] == "quiz"


@EACH
def test_a_lesson_rests_on_provisions_in_force(lesson):
    today = timezone.localdate()
    known = {
        f"{row['document_code']}:{row['article']}"
        for row in table(FIXTURES / "catalog" / "provisions.csv")
        if date.fromisoformat(row["in_force_from"]) <= today
        and not (row["in_force_to"] and date.fromisoformat(row["in_force_to"]) <= today)
    }
    named = lesson["provisions"].split()
    assert named
    assert set(named) <= known


@EACH
def test_an_article_that_a_lesson_names_is_one_that_the_catalog_holds(lesson):
    held = {row["article"] for row in table(FIXTURES / "catalog" / "provisions.csv")}
    assert set(SPOKEN.findall(text_of(lesson))) <= held


@EACH
def test_a_text_holds_no_broken_markdown(lesson):
    names = dict.fromkeys(REFERENCE.findall(text_of(lesson)), "")
    body = text_of(lesson)
    for _before, name, _after in names:
        body = body.replace(f"picture:{name}", f"{SCHEME}{'0' * 64}")
    shown = re.sub(r"<[^>]*>", "", markup.render(body, lesson["course"]))
    assert MARKS.findall(shown) == []
    if lesson["kind"] == "article":
        assert 600 <= len(shown) <= 1300
        assert "记住" in shown
        assert body.startswith("## ")


@EACH
def test_a_picture_is_told_in_words_and_passes_the_door_of_uploads(lesson):
    for before, name, _after in REFERENCE.findall(text_of(lesson)):
        alt = before[before.rindex("[") + 1 : -2]
        data = (COURSES / lesson["course"] / name).read_bytes()
        clean = pictures.prepare(data)
        assert len(alt) >= 10, (name, alt)
        assert (clean.kind, clean.width) == ("svg", 440)
        assert clean.data.count(b"<text") == data.count(b"<text") > 0


def test_every_article_has_a_picture():
    assert [
        row["source"] for row in LESSONS if row["kind"] == "article" and "picture:" not in text_of(row)
    ] == []


@pytest.mark.parametrize("lesson", FILMS, ids=lambda row: row["file"])
def test_a_film_is_small_and_has_captions_for_each_of_its_drawings(lesson):
    folder = COURSES / lesson["course"]
    film, captions = (
        (folder / lesson["file"]).read_bytes(),
        (folder / lesson["captions"]).read_text(encoding="utf-8"),
    )
    assert len(film) < LARGEST_FILM
    assert film[4:8] == b"ftyp"
    assert film.find(b"moov") < film.find(b"mdat")  # it begins to play before all of it is there
    assert captions.startswith("WEBVTT")
    assert files.STAMP.search(captions)
    cues = [
        (int(a) * 60 + int(b), int(d) * 60 + int(e), said)
        for a, b, _c, d, e, _f, said in CUE.findall(captions)
    ]
    assert 30 <= cues[-1][1] <= 60
    assert all(before[1] == after[0] for before, after in pairwise(cues))
    drawings = sorted(
        path.name for path in (folder / "film").glob(f"{folder.joinpath(lesson['file']).stem}-*.svg")
    )
    assert len(drawings) == len(cues)
    seconds = int.from_bytes(film[film.find(b"mvhd") + 20 :][:4]) / int.from_bytes(
        film[film.find(b"mvhd") + 16 :][:4]
    )
    assert abs(seconds - cues[-1][1]) < 0.5


@pytest.mark.parametrize("lesson", DOCUMENTS, ids=lambda row: f"{row['course']}-{row['file']}")
def test_a_document_says_what_its_text_says(lesson):
    path = COURSES / lesson["course"] / lesson["file"]
    assert papers.prepare(path.read_bytes(), path.name).kind == "pdf"
    pages = pypdf.PdfReader(io.BytesIO(path.read_bytes())).pages
    assert len(pages) == 2
    said = re.sub(r"\s", "", "".join(page.extract_text() for page in pages))
    words = path.with_suffix(".md").read_text(encoding="utf-8")
    pieces = [
        re.sub(r"^\d\.|[*#\s]", "", piece) for piece in re.split(r"[，。、；：？（）“”＿□　|\n-]+", words)
    ]
    assert [piece for piece in pieces if piece not in said] == []
    assert path.with_suffix(".md") in handouts.sources()


@pytest.mark.parametrize("course", table(DEMO / "courses.csv"), ids=lambda row: row["code"])
def test_a_practice_bank_holds_enough_for_its_quizzes_and_tells_why(course):
    [bank] = [row for row in table(DEMO / "banks.csv") if row["code"] == course["bank"]]
    assert bank["practice"] == "是"
    items = table(FIXTURES / "banks" / f"{bank['code']}.csv")
    wanted = max(int(row["items"] or 0) for row in LESSONS if row["course"] == course["code"])
    assert len(items) >= max(3 * wanted, 30 if course["code"] == "general" else 15)
    for item in items:
        assert item["正确答案"] and item["解析"] and item["法规依据"] and item["条款"], item["题目编号"]
        assert item["核实情况"] == "confirmed by source"
    examined = {
        row["题干"]
        for other in table(DEMO / "banks.csv")
        if other["practice"] != "是"
        for row in table(FIXTURES / "banks" / f"{other['code']}.csv")
    }
    assert [item["题目编号"] for item in items if item["题干"] in examined] == []


def test_a_practice_bank_has_the_topics_of_its_exam():
    for practice, exam in (
        ("general-practice", "general"),
        ("ebike-practice", "ebike"),
        ("cable-practice", "cable"),
    ):
        topics = [
            {row["知识点"] for row in table(FIXTURES / "banks" / f"{name}.csv")} for name in (practice, exam)
        ]
        assert topics[0] <= topics[1]
        assert len(topics[0]) >= 8


def test_no_file_of_a_course_lies_unused():
    used = {
        f"{row['course']}/{row[part]}"
        for row in LESSONS
        for part in ("source", "file", "captions")
        if row[part]
    }
    used |= {f"{row['course']}/{name}" for row in LESSONS for _b, name, _a in REFERENCE.findall(text_of(row))}
    used |= {str(path.relative_to(COURSES)) for path in handouts.sources()}
    lying = {
        str(path.relative_to(COURSES))
        for path in COURSES.rglob("*")
        if path.is_file() and path.parent.name != "film"
    }
    assert lying == used
