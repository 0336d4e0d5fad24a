"""From minutes that were counted to what a year's rule asks: owed, done, carried over, short. Pure, so anybody can do the sum again."""

from collections.abc import Mapping
from dataclasses import dataclass

SOURCES = ("course", "class", "outside")


@dataclass(frozen=True)
class Terms:
    """What a rule asks of one calendar year, in minutes: how many are owed, how many of a surplus the next year takes over, which
    kinds count.
    """

    owed: int
    carry: int = 0
    sources: tuple[str, ...] = SOURCES


@dataclass(frozen=True)
class Year:
    """One year of one person under one rule, in minutes."""

    year: int
    owed: int
    done: int  # of the kinds that count
    carried: int = 0  # from the year before
    short: int = 0
    onward: int = 0  # to the year after

    @property
    def is_met(self):
        """Whether nothing is lacking."""
        return self.short == 0


def counted(by_source: Mapping[str, int], sources) -> int:
    """The minutes of the kinds that count."""
    return sum(by_source.get(source, 0) for source in sources)


def year_of(terms: Terms, year: int, by_source: Mapping[str, int], carried: int = 0) -> Year:
    """One year; what came over from the year before is used up first and goes no further."""
    done = counted(by_source, terms.sources)
    needed = max(0, terms.owed - carried)
    return Year(
        year=year,
        owed=terms.owed,
        done=done,
        carried=carried,
        short=max(0, needed - done),
        onward=min(terms.carry, max(0, done - needed)),
    )


def ledger(terms: Terms, by_year: Mapping[int, Mapping[str, int]], first: int, last: int) -> list[Year]:
    """The years from the first under the rule to the last, each with what the one before hands on."""
    found, carried = [], 0
    for year in range(first, last + 1):
        found.append(year_of(terms, year, by_year.get(year, {}), carried))
        carried = found[-1].onward
    return found
