"""Which spellings of an answer are the same, switch by switch."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exams.engine.items.normalise import (
    DEFAULT_SWITCHES,
    SIMPLIFIED,
    SWITCHES,
    TRADITIONAL,
    UNIT_OF,
    UNITS,
    normalise,
)

EQUAL = {
    "width": [
        ("２５", "25"), ("Ａ", "A"), ("５％", "5%"), ("（甲）", "(甲)"), ("：", ":"), ("，", ","), ("㎏", "kg"),
        ("GB 17761—2024", "GB 17761-2024"), ("1－2", "1-2"), ("−5", "-5"), ("～", "~"), ("“零”", '"零"'),
        ("①", "1"), ("ＣＣＣ", "CCC"), ("25／h", "25/h"), ("m²", "m2"),
    ],
    "space": [
        ("25 日", "25日"), ("质量\u3000安全", "质量安全"), ("a\tb", "ab"), ("2 5", "25"), ("质\u200b量", "质量"),
        ("第 十五 条", "第十五条"), ("3 C", "3C"), ("\ufeff25", "25"),
    ],
    "case": [("ccc", "CCC"), ("Gb", "GB"), ("kG", "kg"), ("iso", "ISO"), ("3c", "3C")],
    "numerals": [
        ("二十五", "25"), ("十", "10"), ("十五", "15"), ("二十", "20"), ("一百", "100"), ("一百零五", "105"),
        ("一百五", "150"), ("一百五十", "150"), ("一百一十", "110"), ("二百二十五", "225"), ("一千", "1000"),
        ("一千零五", "1005"), ("一千零五十", "1050"), ("三千五", "3500"), ("一千二百三十四", "1234"),
        ("一万", "10000"), ("两万", "20000"), ("一万五", "15000"), ("一万零五", "10005"), ("十五万", "150000"),
        ("二十万五千", "205000"), ("一百万", "1000000"), ("一亿", "100000000"), ("一亿二千万", "120000000"),
        ("零", "0"), ("〇", "0"), ("二〇二五年", "2025年"), ("二零二五", "2025"), ("一二三", "123"),
        ("廿五", "25"), ("卅", "30"), ("壹佰贰拾", "120"), ("叁万伍仟", "35000"), ("5万元", "50000元"),
        ("五万元", "50000元"), ("1.5万", "15000"), ("一点五万", "15000"), ("20万", "二十万"), ("3百", "300"),
        ("50,000", "50000"), ("1,234,567", "1234567"), ("二点五", "2.5"), ("零点五", "0.5"), ("五点五", "5.5"),
        ("百分之五", "5%"), ("百分之二十五", "25%"), ("百分之五点五", "5.5%"), ("百分之百", "100%"),
        ("百分之5", "5%"), ("千分之三", "3‰"), ("三分之一", "1/3"), ("四分之三", "3/4"), ("万分之五", "5/10000"),
        ("第十五条", "第15条"), ("十一月一日", "11月1日"), ("十五日", "15日"), ("两年", "2年"), ("三倍", "3倍"),
    ],
    "units": [
        ("5公斤", "5kg"), ("5千克", "5公斤"), ("5KG", "5kg"), ("3克", "3g"), ("2吨", "2t"),
        ("25公里/小时", "25km/h"), ("25千米每小时", "25公里/小时"), ("25公里每小时", "25千米/时"), ("25KM/H", "25km/h"),
        ("3公里", "3千米"), ("3km", "3公里"), ("10米", "10m"), ("5厘米", "5cm"), ("5毫米", "5mm"),
        ("60℃", "60摄氏度"), ("60°C", "60摄氏度"), ("60秒", "60s"), ("60 秒", "60s"), ("5分钟", "5min"),
        ("2小时", "2h"), ("15天", "15日"), ("5千瓦", "5kW"), ("220伏", "220V"), ("10安", "10A"), ("3升", "3L"),
        ("12兆帕", "12MPa"), ("3千帕", "3kPa"), ("6个月", "6月"), ("5平方米", "5㎡"), ("5立方米", "5m³"),
        ("100元整", "100元"), ("千克", "公斤"), ("摄氏度", "℃"), ("48伏特", "48V"), ("400瓦", "400W"),
    ],
    "script": [("產品質量", "产品质量"), ("監督", "监督"), ("認證", "认证"), ("電動車", "电动车"), ("燃氣", "燃气")],
}  # fmt: skip
ROWS = [(switch, one, other) for switch, pairs in EQUAL.items() for one, other in pairs]

TOGETHER = [
    ("二十五公里／小时", "25 km/h"), ("五千克", "5KG"), ("５千克", "5公斤"), ("十千瓦", "10kW"),
    ("百分之五点五", "５.５％"), ("六十摄氏度", "60℃"), ("貳拾", "贰拾"), ("五萬元", "5万元"),
    ("一百二十 秒", "120S"), ("二十五 Km/H", "25公里每小时"), ("十二個月", "12个月"),
]  # fmt: skip
DIFFERENT = [
    ("25", "26"), ("五千克", "五克"), ("百分之五", "5"), ("25km/h", "25m/s"), ("25km", "25km/h"), ("5.5%", "55%"),
    ("一百零五", "一百五"), ("一千零五", "一千零五十"), ("5万", "5"), ("60s", "60min"), ("3.10", "3.1.0"),
    ("二分之一", "1/3"), ("5kg", "5g"), ("5kW", "5kWh"), ("三五十", "350"), ("正确", "不正确"),
]  # fmt: skip


def test_there_are_enough_cases():
    assert len(ROWS) + len(TOGETHER) + len(DIFFERENT) >= 100
    assert list(EQUAL) == ["width", "space", "case", "numerals", "units", "script"]
    assert set(EQUAL) == set(SWITCHES)


@pytest.mark.parametrize(("switch", "one", "other"), ROWS)
def test_a_switch_brings_spellings_together(switch, one, other):
    assert normalise(one, [switch]) == normalise(other, [switch])


@pytest.mark.parametrize(("switch", "one", "other"), ROWS)
def test_without_any_switch_they_stay_apart(switch, one, other):
    assert normalise(one, []) != normalise(other, [])


@pytest.mark.parametrize(("one", "other"), TOGETHER)
def test_switches_work_together(one, other):
    assert normalise(one, SWITCHES) == normalise(other, SWITCHES)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_answers_stay_different(one, other):
    assert normalise(one, SWITCHES) != normalise(other, SWITCHES)


def test_outer_space_never_counts():
    assert normalise(" 25\u3000", []) == "25"


def test_units_are_off_unless_asked_for():
    assert normalise("5公斤", DEFAULT_SWITCHES) != normalise("5kg", DEFAULT_SWITCHES)


def test_the_tables_are_sound():
    assert len(TRADITIONAL) == len(SIMPLIFIED) == len(set(TRADITIONAL))
    assert not set(TRADITIONAL) & set(SIMPLIFIED)
    spellings = [
        spelling.casefold() for row in UNITS for spelling in dict.fromkeys(one.casefold() for one in row)
    ]
    assert len(spellings) == len(UNIT_OF)


@given(st.text("0123456789.,零一二三五九十百千万亿两点分之第条克米公斤kgm/h %年廿", max_size=30))
def test_no_answer_breaks_the_reading(text):
    assert isinstance(normalise(text, SWITCHES), str)
