"""The table of specifications: can it be filled, what is missing, and one paper that fills it exactly.

Lines may accept the same items, so filling them is a matching. Items that the same lines accept are
interchangeable for the question "is it possible?" and are counted as one class; twenty lines over fifty
thousand items become a flow between twenty lines and a few dozen classes. Items of one enemy group (they
give each other away) stand for one: a paper takes at most one of them.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations

from .chance import rank
from .words import N_, Sentence

AUDIENCES = (("produces", "sells"), ("principal", "director", "officer"))
FILTERS = ("type", "topic", "difficulty", "bank")
SEARCHED_SIZES = (1, 2, 3)


@dataclass(frozen=True)
class Line:
    """One line: so many items that fit `where`, each worth `points`; or the one picked item.

    `where` maps type, topic, difficulty, bank or audience to one value or to several acceptable ones.
    """

    position: int
    section: str
    count: int
    points: Decimal
    where: Mapping = field(default_factory=dict)
    item: str | None = None

    def __post_init__(self):
        unknown = set(self.where) - {*FILTERS, "audience"}
        if unknown:
            raise ValueError(f"unknown filter: {', '.join(sorted(unknown))}")


@dataclass(frozen=True)
class Candidate:
    """An item as the blueprint sees it; an empty audience is everybody."""

    code: str
    type: str = ""
    topic: str = ""
    difficulty: str = ""
    bank: str = ""
    audience: frozenset = frozenset()
    enemies: str | None = None


@dataclass(frozen=True)
class Shortage:
    """Lines that together need more items than there are; no line can be left out of the set."""

    positions: tuple
    needed: int
    available: int

    @property
    def sentence(self):
        """The reason for people."""
        lines = "、".join(str(position) for position in self.positions)
        return Sentence(
            N_("第 %(lines)s 行共需要 %(needed)s 道试题，符合条件的只有 %(available)s 道"),
            {"lines": lines, "needed": self.needed, "available": self.available},
        )


class Infeasible(ValueError):
    """A paper was asked of a blueprint that cannot be filled; the shortage says why."""

    def __init__(self, shortage):
        super().__init__(str(shortage.sentence))
        self.shortage = shortage


def max_points(lines):
    """Give the points of a paper in which everything is right."""
    return sum((line.count * Decimal(line.points) for line in lines), Decimal(0))


def accepts(line, item):
    """Tell whether the item fits the line."""
    if line.item is not None:
        return line.item == item.code
    if not all(getattr(item, name) in _values(line.where[name]) for name in FILTERS if name in line.where):
        return False
    wanted = _values(line.where.get("audience", ()))
    return all(_suits(wanted & set(side), item.audience & set(side)) for side in AUDIENCES)


def feasible(lines, items):
    """Give None if the lines can be filled together, or the smallest shortage found.

    Single lines, pairs and triples are searched first; a larger set is cut down line by line.
    """
    pool = _Pool(lines, items)
    return None if pool.fill() else pool.shortage()


def compose(lines, items, seed, late=()):
    """Give one paper as (line, item code) pairs, section by section in line order; raise if infeasible.

    Line after line takes the items that come first in the seed's rank, passing over only those without which
    the remaining lines could no longer be filled. The items of `late` come after all others in the rank: they
    are taken only where the bank has no more. So the paper follows from lines, items, seed and `late` alone.
    """
    pool = _Pool(lines, items)
    flow = pool.fill()
    if flow is None:
        raise Infeasible(pool.shortage())
    ranked = sorted(rank(pool.masks, seed), key=set(late).__contains__)
    used, sections = set(), {}
    for index, line in enumerate(pool.lines):
        codes = pool.take(index, ranked, flow, used)
        sections.setdefault(line.section, []).extend((line, code) for code in codes)
    return [pair for pairs in sections.values() for pair in pairs]


def _values(wanted):
    return {wanted} if isinstance(wanted, str) else set(wanted)


def _suits(wanted, offered):
    return not wanted or not offered or bool(wanted & offered)


class _Pool:
    """The lines and the items seen from them; a class is the bit mask of the lines that accept its items."""

    def __init__(self, lines, items):
        self.lines = sorted(lines, key=lambda line: line.position)
        self.masks, self.unit_of, self.class_of = {}, {}, defaultdict(int)
        for item, mask in self._masked(items):
            unit = ("alone", item.code) if item.enemies is None else ("enemies", item.enemies)
            self.masks[item.code] = mask
            self.unit_of[item.code] = unit
            self.class_of[unit] |= mask
        self.sizes = Counter(mask for mask in self.class_of.values() if mask)

    def _masked(self, items):
        # Thousands of items share their attributes: the filters are asked once for each combination.
        picked = defaultdict(int)
        filtering = []
        for index, line in enumerate(self.lines):
            if line.item is None:
                filtering.append((1 << index, line))
            else:
                picked[line.item] |= 1 << index
        known = {}
        for item in items:
            shape = (item.type, item.topic, item.difficulty, item.bank, frozenset(item.audience))
            if shape not in known:
                known[shape] = sum(bit for bit, line in filtering if accepts(line, item))
            yield item, known[shape] | picked.get(item.code, 0)

    def fill(self, subset=None):
        """Give a flow that fills the lines of the subset (all of them by default), or None."""
        flow = _Flow(len(self.lines), self.sizes)
        for index in range(len(self.lines)) if subset is None else subset:
            if not all(flow.add(index) for _ in range(self.lines[index].count)):
                return None
        return flow

    def take(self, index, ranked, flow, used):
        """Take the items of one line in rank order, keeping a complete flow for all that is still to come."""
        taken, barred = [], set()
        for code in ranked:
            if len(taken) == self.lines[index].count:
                break
            unit = self.unit_of[code]
            kind = self.class_of[unit]
            if not self.masks[code] >> index & 1 or unit in used or kind in barred:
                continue
            if flow.spend(index, kind):
                used.add(unit)
                taken.append(code)
            else:
                barred.add(kind)  # what is impossible now stays so: later steps only narrow the choice
        return taken

    def shortage(self):
        """Name a smallest set of lines that cannot be filled together."""
        everything = range(len(self.lines))
        for size in SEARCHED_SIZES:
            for subset in combinations(everything, size):
                needed, available = self._balance(subset)
                if needed > available:
                    return self._shortage(subset)
        missing = list(everything)
        for index in everything:
            fewer = [other for other in missing if other != index]
            if self.fill(fewer) is None:
                missing = fewer
        return self._shortage(missing)

    def _balance(self, subset):
        mask = sum(1 << index for index in subset)
        needed = sum(self.lines[index].count for index in subset)
        return needed, sum(size for kind, size in self.sizes.items() if kind & mask)

    def _shortage(self, subset):
        return Shortage(tuple(self.lines[index].position for index in subset), *self._balance(subset))


class _Flow:
    """How many units each line draws from each class; `room` is what a class has left."""

    def __init__(self, lines, sizes):
        self.room = dict(sorted(sizes.items()))
        self.drawn = [defaultdict(int) for _ in range(lines)]

    def add(self, line, first=None):
        """Draw one more unit for the line, from the class `first` if given, by the shortest chain of exchanges.

        A chain ends at a class with room; every line on it gives up a unit of one class for one of the next.
        """
        starts = [first] if first is not None else [kind for kind in self.room if kind >> line & 1]
        came_from = dict.fromkeys(starts, (line, None))
        asked, queue = set(), deque(starts)
        while queue:
            kind = queue.popleft()
            if self.room[kind]:
                self.room[kind] -= 1
                while kind is not None:
                    mover, source = came_from[kind]
                    self.drawn[mover][kind] += 1
                    if source is not None:
                        self.drawn[mover][source] -= 1
                    kind = source
                return True
            for other, drawn in enumerate(self.drawn):
                if drawn.get(kind) and other not in asked:
                    asked.add(other)
                    for further in self.room:
                        if further >> other & 1 and further not in came_from:
                            came_from[further] = (other, kind)
                            queue.append(further)
        return False

    def spend(self, line, kind):
        """Use up one unit of the class for the line; False if the other lines could then not be filled."""
        if not self.drawn[line][kind]:
            given_up = next(other for other, units in self.drawn[line].items() if units)
            self.drawn[line][given_up] -= 1
            self.room[given_up] += 1
            if not self.add(line, first=kind):
                self.drawn[line][given_up] += 1
                self.room[given_up] -= 1
                return False
        self.drawn[line][kind] -= 1
        return True
