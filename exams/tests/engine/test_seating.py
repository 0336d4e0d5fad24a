"""Who sits where: the same answer every time, everybody once, enterprises apart wherever that can be."""

from hypothesis import given
from hypothesis import strategies as st

from exams.engine.seating import neighbours, plan


def room(count, code="a"):
    return [(code, number) for number in range(1, count + 1)]


def touching(found, firms, width):
    """Pairs of one enterprise on neighbouring seats."""
    at = {seat: firms[person] for person, seat in found.items()}
    return [
        (code, number)
        for (code, number), firm in at.items()
        if any(at.get((code, other)) == firm for other in neighbours(number, width))
    ]


def test_the_edge_of_a_room_has_fewer_neighbours():
    assert sorted(neighbours(1, 3)) == [-2, 2, 4]
    assert sorted(neighbours(3, 3)) == [0, 2, 6]
    assert sorted(neighbours(5, 3)) == [2, 4, 6, 8]
    assert sorted(neighbours(2, 1)) == [1, 3]


def test_two_enterprises_alternate_like_a_chessboard():
    people = [(f"p{n}", "ab"[n % 2]) for n in range(9)]
    found = plan(room(9), {"a": 3}, {}, people)
    assert sorted(found.values()) == room(9)
    assert touching(found, dict(people), 3) == []


def test_where_seats_are_enough_one_stays_empty_between_two_of_one_enterprise():
    people = [(n, "one") for n in range(3)]
    found = plan(room(6), {"a": 6}, {}, people)
    assert sorted(found.values()) == [("a", 1), ("a", 3), ("a", 5)]


def test_where_they_are_not_everybody_is_seated_all_the_same():
    people = [(n, "one") for n in range(5)]
    assert sorted(plan(room(5), {"a": 5}, {}, people).values()) == room(5)
    assert len(set(plan(room(6), {"a": 6}, {}, people).values())) == 5


def test_whoever_sits_already_is_a_neighbour_too():
    free = [seat for seat in room(3) if seat != ("a", 2)]
    assert plan(free, {"a": 3}, {("a", 2): "one"}, [("x", "two"), ("y", "three")]) == {
        "x": ("a", 1),
        "y": ("a", 3),
    }
    assert plan(room(6)[2:], {"a": 3}, {("a", 2): "one"}, [("x", "one")]) == {"x": ("a", 4)}


@given(
    st.lists(st.sampled_from("abcde"), min_size=1, max_size=40),
    st.integers(1, 6),
    st.integers(0, 10),
)
def test_everybody_gets_one_seat_and_twice_the_same(firms, width, spare):
    people = list(enumerate(firms))
    free = room(len(people) + spare)
    found = plan(free, {"a": width}, {}, people)
    assert found == plan(free, {"a": width}, {}, people)
    assert set(found) == {person for person, _firm in people}
    assert len(set(found.values())) == len(people)
    assert set(found.values()) <= set(free)
