"""What is written reads back to the same drafts, and is written again to the same bytes."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exams.engine.exchange import Draft, read_rows, write_rows
from exams.engine.exchange.columns import AUDIENCES
from exams.engine.exchange.csv_text import Undecodable, decode, guard, read_csv, unguard, write_csv
from exams.engine.items.normalise import SWITCHES

SAMPLE = Path(__file__).parent.parent / "data" / "sample_questions.csv"
SIGNS = "质量安全一二abAB12 |\\、,，；;=+-@'\"\n\t_()（）√"
DIFFICULTIES = ("easy", "medium", "hard")

texts = st.text(SIGNS, max_size=12).map(str.strip)
filled = texts.filter(bool)
days = st.none() | st.dates(date(2000, 1, 1), date(2020, 12, 31))
weights = st.integers(1, 2000).map(lambda cents: Decimal(cents) / 100)
entries = st.lists(
    st.text("质量安全、，,电()", min_size=1, max_size=5)
    .map(str.strip)
    .filter(lambda text: text.strip("、，,")),
    max_size=3,
    unique=True,
).map(tuple)
notes = st.dictionaries(st.sampled_from(["核实情况", "来源", "备注", "可信度", "章节"]), filled)
identifiers = st.text("abc12", min_size=1, max_size=4)


@st.composite
def contents(draw, number):
    kind = draw(st.sampled_from(["single", "multiple", "truefalse", "blank"]))
    stem = f"第{number}题 {draw(filled)}".replace("_", "").replace("（", "").replace("(", "").strip()
    if kind in ("single", "multiple"):
        count = draw(st.integers(2, 9))
        options = [{"id": "abcdefghi"[n], "text": f"{n}项{draw(texts)}".strip()} for n in range(count)]
        chosen = (
            draw(st.sets(st.sampled_from("abcdefghi"[:count]), min_size=2)) if kind == "multiple" else {"a"}
        )
        return kind, stem, {"options": options}, {"options": sorted(chosen)}
    if kind == "truefalse":
        return kind, stem, {}, {"value": draw(st.booleans())}
    count = draw(st.integers(1, 3))
    switches = [
        [code for code in SWITCHES if code in draw(st.sets(st.sampled_from(list(SWITCHES))))]
        for _ in range(count)
    ]
    blanks = [{"id": str(n), "normalise": one} for n, one in enumerate(switches, 1)]
    key = {str(n): draw(st.lists(filled, min_size=1, max_size=3)) for n in range(1, count + 1)}
    return kind, stem + "____、" * count, {"blanks": blanks}, {"blanks": key}


@st.composite
def drafts(draw, number):
    since, until = draw(days), draw(days)
    shared = {
        "code": f"C{number}",
        "categories": draw(entries),
        "audience": tuple(one for one in AUDIENCES if one in draw(st.sets(st.sampled_from(list(AUDIENCES))))),
        "in_force_from": min(since, until) if since and until else since,
        "in_force_to": max(since, until) if since and until else until,
        "rationale": draw(texts),
    }
    if draw(st.booleans()):
        kind, stem, body, key = draw(contents(number))
        words = {name: draw(texts) for name in ("topic", "basis", "clause")}
        facts = {"difficulty": draw(st.sampled_from(DIFFICULTIES)), "points": draw(st.none() | weights)}
        return Draft(type=kind, stem=stem, body=body, key=key, notes=draw(notes), **words, **facts, **shared)
    parts, keys = [], {}
    for n in range(1, draw(st.integers(1, 3)) + 1):
        kind, stem, body, keys[str(n)] = draw(contents(f"{number}.{n}"))
        words = {name: draw(texts) for name in ("topic", "basis", "clause", "rationale")}
        facts = {
            "difficulty": draw(st.sampled_from(DIFFICULTIES)),
            "weight": f"{draw(weights).normalize():f}",
        }
        names = {"id": str(n), "code": f"C{number}-{n}", "type": kind, "stem": stem, "body": body}
        parts.append({**names, **words, **facts, "notes": draw(notes)})
    return Draft(
        type="case",
        stem=f"材料{number} {draw(filled)}".strip(),
        body={"parts": parts},
        key={"parts": keys},
        topic=next((one["topic"] for one in parts if one["topic"]), ""),
        difficulty=max((one["difficulty"] for one in parts), key=DIFFICULTIES.index),
        points=sum(Decimal(one["weight"]) for one in parts),
        basis="；".join(dict.fromkeys(one["basis"] for one in parts if one["basis"])),
        clause="；".join(dict.fromkeys(one["clause"] for one in parts if one["clause"])),
        **shared,
    )


banks = (
    st.integers(0, 4).flatmap(lambda size: st.tuples(*(drafts(number) for number in range(size)))).map(list)
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(banks)
def test_what_is_written_reads_back_to_the_same(bank):
    headers, rows = write_rows(bank)
    data = write_csv(headers, rows)
    found = read_rows(*read_csv(data))
    assert ([str(one) for one in found.problems], found.drafts) == ([], bank)
    assert write_csv(*write_rows(found.drafts)) == data


def test_the_sample_goes_round_without_a_loss():
    bank = read_rows(*read_csv(SAMPLE.read_bytes())).drafts
    headers, rows = write_rows(bank)
    assert headers[-1] == "可信度"
    again = read_rows(headers, rows)
    assert (again.drafts, again.problems, write_rows(again.drafts)) == (bank, [], (headers, rows))


@pytest.mark.parametrize("sign", list("=+-@\t\r"))
def test_no_cell_can_run_as_a_formula(sign):
    data = write_csv(["题干"], [[f"{sign}1+1"]])
    assert f"'{sign}1+1" in data.decode("utf-8-sig")
    assert read_csv(data) == (["题干"], [[f"{sign}1+1"]])


@given(st.text("'=+-@\t\r\n,\"a质", max_size=6))
def test_the_guard_comes_off_again(cell):
    assert unguard(guard(cell)) == cell
    assert not guard(cell).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(
    st.lists(st.lists(st.text("'=-\r\n,\"a质 ", max_size=5), min_size=2, max_size=2), min_size=1, max_size=4)
)
def test_any_table_goes_round_as_csv(rows):
    assert read_csv(write_csv(["甲", "乙"], rows)) == (["甲", "乙"], rows)


def test_lines_end_as_spreadsheets_want():
    assert write_csv(["甲", "乙"], [["1", "2"]]) == b"\xef\xbb\xbf" + "甲,乙\r\n1,2\r\n".encode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_the_usual_encodings_are_known(encoding):
    assert decode("题目,𬱖䶮".replace("𬱖䶮", "龑").encode(encoding)) == "题目,龑"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ("题干".encode("utf-16"), "文件不是 UTF-8 或 GB18030 编码的 CSV；请在表格软件中另存为“CSV UTF-8”。"),
        (b"PK\x03\x04\x00\x00", "文件不是 UTF-8 或 GB18030 编码的 CSV；请在表格软件中另存为“CSV UTF-8”。"),
        (b"\xff\xff\xff", "文件编码既不是 UTF-8 也不是 GB18030；请在表格软件中另存为“CSV UTF-8”。"),
        (b"", "文件是空的；请至少保留表头和一行试题。"),
        ('甲,乙\r\n"丙,丁\r\n戊,己\r\n'.encode(), "第 2 行的双引号不成对；请检查这一行。"),
    ],
)
def test_what_is_no_csv_is_told(data, sentence):
    with pytest.raises(Undecodable) as caught:
        read_csv(data)
    assert str(caught.value.sentence) == sentence
