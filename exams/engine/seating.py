"""Who sits where: the same people and the same free seats always give the same plan.

Seats are filled room by room in the order of their numbers. On each sits somebody of the enterprise with the most people still
waiting among those who have nobody on a neighbouring seat (left, right, in front, behind); of equal ones the first in the given
order. Where all who wait have a neighbour there, the seat stays empty as long as the others suffice; at the end the rest takes
what stayed empty, in order.
"""

from collections import Counter


def neighbours(number, width):
    """The numbers beside, before and behind a seat in a room with so many seats in a row; the edge of the room has fewer."""
    column = (number - 1) % width
    found = [number - width, number + width]
    if column:
        found.append(number - 1)
    if column < width - 1:
        found.append(number + 1)
    return found


def plan(free, widths, taken, people):
    """{person: (room, number)} for all people: `free` seats in order, `widths` by room, who sits already {seat: enterprise}.

    `people` are pairs of person and enterprise in a fixed order; there must be as many free seats.
    """
    waiting = {}
    for person, firm in people:
        waiting.setdefault(firm, []).append(person)
    waiting = {firm: rows[::-1] for firm, rows in waiting.items()}
    left, sits, found, skipped = len(people), dict(taken), {}, []

    def give(seat, firm):
        found[waiting[firm].pop()] = seat
        sits[seat] = firm

    for at, seat in enumerate(free):
        if not left:
            break
        room, number = seat
        beside = Counter(sits.get((room, other)) for other in neighbours(number, widths[room]))
        firms = [firm for firm, rows in waiting.items() if rows]
        apart = [firm for firm in firms if not beside[firm]]
        if not apart and len(free) - at - 1 + len(skipped) >= left:
            skipped.append(seat)
            continue
        give(seat, max(apart or firms, key=lambda firm: len(waiting[firm])))
        left -= 1
    for seat in skipped[:left]:
        give(seat, max((f for f in waiting if waiting[f]), key=lambda firm: len(waiting[firm])))
    return found
