"""A seal holds for exactly the facts it was set under."""

import datetime
import decimal

import pytest

from certificates.seal import canonical, is_genuine, seal

KEY, OLD_KEY = b"k" * 32, b"o" * 32
FACTS = {"name": "李䶮", "number": "ZK-2026-000314-3", "score": "92 分", "categories": ["电动自行车", "头盔"]}


def test_a_seal_names_its_key_and_says_the_same_each_time():
    made = seal(FACTS, KEY, "k1")
    assert made == seal(dict(reversed(FACTS.items())), KEY, "k1")
    assert made.startswith("k1:")
    assert len(made) == len("k1:") + 64


def test_sealed_facts_are_genuine_also_after_the_key_has_changed():
    keys = {"k2": KEY, "k1": OLD_KEY}
    assert [is_genuine(FACTS, seal(FACTS, key, name), keys) for name, key in keys.items()] == [True, True]


@pytest.mark.parametrize(
    "forged",
    [
        FACTS | {"score": "93 分"},
        FACTS | {"name": "李䶮 "},
        FACTS | {"categories": ["头盔", "电动自行车"]},
        {k: v for k, v in FACTS.items() if k != "score"},
        FACTS | {"post": ""},
    ],
    ids=["another score", "a blank more", "another order", "a fact less", "an empty fact more"],
)
def test_a_changed_fact_breaks_the_seal(forged):
    assert not is_genuine(forged, seal(FACTS, KEY, "k1"), {"k1": KEY})


@pytest.mark.parametrize(
    "false_seal", ["", "k1", "k1:", ":", "k9:" + "0" * 64, "k1:" + "0" * 64, "k1:中文", "k1:00:00"]
)
def test_what_is_no_seal_of_ours_is_refused_without_an_error(false_seal):
    assert not is_genuine(FACTS, false_seal, {"k1": KEY})


def test_a_seal_cannot_be_moved_to_another_key_id_or_key():
    mac = seal(FACTS, KEY, "k1").partition(":")[2]
    assert not is_genuine(FACTS, f"k2:{mac}", {"k2": KEY})
    assert not is_genuine(FACTS, f"k1:{mac}", {"k1": OLD_KEY})


def test_facts_are_spelled_in_one_way():
    assert canonical({"b": [1, None, True], "a": "中"}) == '{"a":"中","b":[1,null,true]}'.encode()


@pytest.mark.parametrize("value", [1.5, decimal.Decimal("92"), datetime.date(2026, 3, 18), {1: "a"}, b"a"])
def test_a_value_of_several_spellings_is_refused(value):
    with pytest.raises(TypeError):
        seal({"fact": value}, KEY, "k1")


@pytest.mark.parametrize(("key", "key_id"), [(b"", "k1"), (KEY, ""), (KEY, "k:1")])
def test_a_seal_without_a_key_or_a_plain_key_id_is_refused(key, key_id):
    with pytest.raises(ValueError):
        seal(FACTS, key, key_id)
