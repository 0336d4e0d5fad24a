"""Every type at work, and every mistake that a draft can hold."""

from decimal import Decimal

import pytest

from exams.engine.items import ITEM_TYPES, Unreadable
from exams.engine.items.base import letter
from exams.engine.scoring import Policy

EXAMPLES = [
    pytest.param(kind, example, id=f"{kind.code}-{number}")
    for kind in ITEM_TYPES.values()
    for number, example in enumerate(kind.examples())
]


@pytest.mark.parametrize(("kind", "example"), EXAMPLES)
def test_each_example_is_sound_and_earns_what_it_says(kind, example):
    body, key, payload = example.body, example.key, example.payload
    assert kind.check(example.stem, body, key) == []
    assert kind.read(payload, body) == payload
    assert kind.judge(key, payload, example.policy, body) == example.fraction
    assert kind.tell(body, payload) == example.told


def test_a_layout_shows_every_option_once():
    body = options(*"甲乙丙丁戊")
    assert ITEM_TYPES["single"].lay_out(body, None) == list("abcde")
    layouts = [tuple(ITEM_TYPES["multiple"].lay_out(body, seed)) for seed in range(50)]
    assert {tuple(sorted(one)) for one in layouts} == {tuple("abcde")}
    assert len(set(layouts)) > 30


def test_the_types_know_their_own_codes():
    assert {code: kind.code for code, kind in ITEM_TYPES.items()} == {
        code: code for code in ("single", "multiple", "truefalse", "blank", "case")
    }


def options(*texts):
    return {"options": [{"id": chr(97 + index), "text": text} for index, text in enumerate(texts)]}


def key(*ids):
    return {"options": list(ids)}


def blanks(*switches):
    return {"blanks": [{"id": str(number), "normalise": one} for number, one in enumerate(switches, 1)]}


def case(*parts):
    return {"parts": list(parts)}


PART = {"id": "1", "code": "AL1", "type": "truefalse", "stem": "对吗？", "body": {}, "weight": "2"}
YES = {"parts": {"1": {"value": True}}}
MISTAKES = [
    ("single", " ", options("甲", "乙"), key("a"), "stem_empty", "stem", "题干是空的"),
    ("single", "问", options("甲"), key("a"), "options_too_few", "body", "至少需要两个选项"),
    ("single", "问", {}, key("a"), "options_too_few", "body", "至少需要两个选项"),
    ("single", "问", {"options": ["甲"]}, key("a"), "option_malformed", "body", "有选项的格式无法识别"),
    ("single", "问", options("甲", ""), key("a"), "option_empty", "option b", "选项 B 是空的"),
    ("single", "问", options("甲", "乙", "甲 "), key("a"), "option_duplicate", "option c", "选项 C 与选项 A 相同"),
    ("single", "问", {"options": options("甲")["options"] * 2}, key("a"), "option_id_duplicate", "option a",
     "选项编号 a 重复"),
    ("single", "问", options("甲", "乙"), {}, "key_missing", "key", "没有标准答案"),
    ("single", "问", options("甲", "乙"), None, "key_missing", "key", "没有标准答案"),
    ("single", "问", options("甲", "乙"), key("e"), "key_unknown", "key", "写了 E，但选项只有 A–B"),
    ("single", "问", options("甲", "乙"), key("a", "b"), "key_not_one", "key", "单选题只能有一个正确答案"),
    ("multiple", "问", options("甲", "乙"), key("a"), "key_too_few", "key", "多选题至少要有两个正确答案"),
    ("multiple", "问", options("甲", "乙"), key("a", "b", "a"), "key_repeated", "key", "标准答案重复列出同一个选项"),
    ("truefalse", "", {}, {"value": True}, "stem_empty", "stem", "题干是空的"),
    ("truefalse", "问", {}, {"value": "yes"}, "key_missing", "key", "没有标准答案"),
    ("blank", "没有空", blanks([]), {"blanks": {"1": ["一"]}}, "blanks_differ", "stem", "题干里有 0 个空，答案有 1 个空"),
    ("blank", "____（　）", blanks([]), {"blanks": {"1": ["一"]}}, "blanks_differ", "stem",
     "题干里有 2 个空，答案有 1 个空"),
    ("blank", "没有空", {}, {"blanks": {"1": ["一"]}}, "blanks_missing", "body", "填空题至少要有一个空"),
    ("blank", "____", blanks([]), {}, "key_missing", "key", "没有标准答案"),
    ("blank", "____", blanks([]), {"blanks": {"1": [" "]}}, "answer_empty", "blank 1", "第 1 空的答案是空的"),
    ("blank", "____", blanks([]), {"blanks": {"1": ["一"], "9": ["二"]}}, "key_unknown", "key",
     "标准答案里的空 9 不存在"),
    ("blank", "____", blanks(["magic"]), {"blanks": {"1": ["一"]}}, "normalise_unknown", "blank 1",
     "第 1 空的判定选项“magic”无法识别"),
    ("blank", "____", {"blanks": [1]}, {"blanks": {"1": ["一"]}}, "blank_malformed", "body", "有空的格式无法识别"),
    ("case", "", case(PART), YES, "material_empty", "stem", "案例材料是空的"),
    ("case", "材料", {}, {}, "parts_missing", "body", "案例题至少要有一个小题"),
    ("case", "材料", case(PART, PART), YES, "part_malformed", "body", "有小题的格式无法识别"),
    ("case", "材料", case({**PART, "weight": "0"}), YES, "weight_not_positive", "part 1",
     "第 1 小题的分值必须大于零"),
    ("case", "材料", case({**PART, "weight": "NaN"}), YES, "weight_not_positive", "part 1",
     "第 1 小题的分值必须大于零"),
    ("case", "材料", case({**PART, "type": "case"}), YES, "part_type_unknown", "part 1", "第 1 小题的题型无法识别"),
    ("case", "材料", case({**PART, "stem": ""}), YES, "stem_empty", "part 1: stem", "题干是空的"),
    ("case", "材料", case({**PART, "type": "single", "body": options("甲", "")}), {"parts": {"1": key("a")}},
     "option_empty", "part 1: option b", "选项 B 是空的"),
    ("case", "材料", case(PART), {"parts": {}}, "key_missing", "part 1: key", "没有标准答案"),
    ("case", "材料", case(PART), {"parts": {**YES["parts"], "7": {}}}, "key_unknown", "key",
     "标准答案里的小题 7 不存在"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "stem", "body", "key", "code", "where", "message"), MISTAKES)
def test_each_mistake_is_named_with_its_place(kind, stem, body, key, code, where, message):
    found = [(one.code, one.where, one.message) for one in ITEM_TYPES[kind].check(stem, body, key)]
    assert (code, where, message) in found


def test_two_parts_may_not_share_a_code():
    body = case(PART, {**PART, "id": "2"})
    found = ITEM_TYPES["case"].check("材料", body, {"parts": {"1": {"value": True}, "2": {"value": True}}})
    assert [one.message for one in found] == ["第 2 小题与第 1 小题的编号同为 AL1"]


def test_all_options_may_be_right():
    assert ITEM_TYPES["multiple"].check("问", options("甲", "乙"), key("a", "b")) == []


@pytest.mark.parametrize("kind", ITEM_TYPES)
@pytest.mark.parametrize("junk", [None, [], 7, "x", {"options": 1}, {"blanks": {"1": 2}}, {"parts": [None]}])
def test_no_junk_breaks_the_check(kind, junk):
    assert ITEM_TYPES[kind].check(junk, junk, junk)


@pytest.mark.parametrize(
    ("kind", "body", "raw", "payload"),
    [
        ("single", options("甲", "乙"), {"options": []}, {}),
        ("multiple", options("甲", "乙", "丙"), {"options": ["c", "a", "c"]}, {"options": ["a", "c"]}),
        ("truefalse", {}, {"value": "false"}, {"value": False}),
        ("truefalse", {}, {"value": ""}, {}),
        ("blank", blanks([], []), {"blanks": {"2": "25 ", "1": "  "}}, {"blanks": {"2": "25 "}}),
        ("blank", blanks([]), {"blanks": {}}, {}),
        ("case", case(PART), {"parts": {"1": {"value": "true"}}}, YES),
        ("case", case(PART), {"parts": {"1": {}}}, {}),
        *((kind, {}, None, {}) for kind in ITEM_TYPES),
        *((kind, {}, {}, {}) for kind in ITEM_TYPES),
    ],
)
def test_what_a_browser_sends_becomes_canonical(kind, body, raw, payload):
    assert ITEM_TYPES[kind].read(raw, body) == payload


@pytest.mark.parametrize(
    ("kind", "body", "raw"),
    [
        ("single", options("甲", "乙"), {"options": ["a", "b"]}),
        ("single", options("甲", "乙"), {"options": ["z"]}),
        ("single", options("甲", "乙"), {"options": "a"}),
        ("single", options("甲", "乙"), {"options": [["a"]]}),
        ("single", options("甲", "乙"), {"options": ["a"], "score": 1}),
        ("multiple", options("甲", "乙"), ["a"]),
        ("truefalse", {}, {"value": "perhaps"}),
        ("truefalse", {}, {"value": 1}),
        ("truefalse", {}, {"value": []}),
        ("blank", blanks([]), {"blanks": {"9": "x"}}),
        ("blank", blanks([]), {"blanks": {"1": 5}}),
        ("blank", blanks([]), {"blanks": {"1": "x" * 501}}),
        ("case", case(PART), {"parts": {"9": {}}}),
        ("case", case(PART), {"parts": {"1": {"value": 3}}}),
        ("case", case(PART), "x"),
    ],
)
def test_what_is_no_answer_is_refused(kind, body, raw):
    with pytest.raises(Unreadable) as caught:
        ITEM_TYPES[kind].read(raw, body)
    assert caught.value.problem.message == "作答内容的格式无法识别"


def test_letters_are_those_of_the_layout():
    body = options("甲", "![流程图](picture:00) 乙\n丙")
    assert ITEM_TYPES["single"].tell(body, key("b"), ["b", "a"]) == "A. ［流程图］ 乙 丙"
    assert ITEM_TYPES["multiple"].tell(body, key("a", "b"), ["b", "a"]) == "A. ［流程图］ 乙 丙；B. 甲"


def test_a_key_can_be_told_too():
    found = ITEM_TYPES["blank"].tell(blanks([], []), {"blanks": {"1": ["25", "二十五"], "2": ["甲"]}})
    assert found == "25 / 二十五；甲"


def test_blanks_earn_their_share_by_their_own_switches():
    body, accepted = blanks(["numerals"], []), {"blanks": {"1": ["25"], "2": ["25"]}}
    said = {"blanks": {"1": "二十五", "2": "二十五"}}
    assert ITEM_TYPES["blank"].judge(accepted, said, Policy(), body) == Decimal("0.5")


@pytest.mark.parametrize(("index", "shown"), [(0, "A"), (25, "Z"), (26, "AA"), (27, "AB")])
def test_letters_go_on_after_z(index, shown):
    assert letter(index) == shown
