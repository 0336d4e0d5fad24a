"""Items stay in their sections, options in their items."""

from exams.engine.layout import Place, lay_out_paper

OPTIONS = {"options": [{"id": one, "text": one * 3} for one in "abcdef"]}
PART = {"id": "1", "type": "single", "stem": "问", "body": OPTIONS, "weight": "1"}
PLACES = [
    *(Place(number, "单选", "single", OPTIONS) for number in range(1, 21)),
    *(Place(number, "判断", "truefalse") for number in range(21, 31)),
    Place(31, "案例", "case", {"parts": [PART]}),
]
WRITTEN = list("abcdef")


def test_items_are_shuffled_inside_their_sections_only():
    order = lay_out_paper(PLACES, "s")["order"]
    assert order != list(range(1, 32))
    assert [sorted(order[:20]), sorted(order[20:30]), order[30:]] == [
        list(range(1, 21)),
        list(range(21, 31)),
        [31],
    ]


def test_each_item_has_its_own_order_of_options():
    options = lay_out_paper(PLACES, "s")["options"]
    assert {tuple(sorted(options[str(number)])) for number in range(1, 21)} == {tuple(WRITTEN)}
    assert len({tuple(options[str(number)]) for number in range(1, 21)}) > 10
    assert (options["21"], sorted(options["31"])) == ({}, ["1"])


def test_without_shuffling_all_stands_as_written():
    found = lay_out_paper(PLACES, "s", shuffle_items=False, shuffle_options=False)
    assert found["order"] == list(range(1, 32))
    assert (found["options"]["7"], found["options"]["31"]) == (WRITTEN, {"1": WRITTEN})


def test_the_same_seed_gives_the_same_layout_from_any_order():
    assert lay_out_paper(PLACES, "s") == lay_out_paper(PLACES[::-1], "s") != lay_out_paper(PLACES, "t")


def test_a_section_in_two_places_keeps_its_places():
    places = [Place(number, "甲" if number % 2 else "乙", "truefalse") for number in range(1, 11)]
    order = lay_out_paper(places, "s")["order"]
    assert [position % 2 for position in order] == [1, 0] * 5
