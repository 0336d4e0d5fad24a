"""The ledger: how far the draws of a year reach, who was never drawn, and how probable it was."""

from collections import defaultdict
from dataclasses import dataclass
from types import SimpleNamespace

from django.db.models import Count

from supervision.engine.inclusion import inclusion
from supervision.models import Draw, DrawnCandidate, FrameLine
from supervision.queries.draws import ever_drawn
from supervision.queries.universe import survey


@dataclass
class Covered:
    """One stratum of the ledger."""

    people: int = 0
    drawn: int = 0  # this year
    never: int = 0  # by any draw that counts
    firms: int = 0
    firms_drawn: int = 0

    @property
    def percent(self):
        """Of a hundred enterprises so many had somebody drawn this year; rounded down, so that 100 means all."""
        return self.firms_drawn * 100 // self.firms if self.firms else 0

    @property
    def people_percent(self):
        """Of a hundred people so many were drawn this year."""
        return self.drawn * 100 // self.people if self.people else 0


def ledger(unit, year, by, on):
    """({stratum: Covered}, the whole, the rows of those never drawn) of an organ; the same number of queries for any size."""
    reach = SimpleNamespace(unit=unit, universe={}, strata_by=by, weights={}, quotas={}, per_enterprise=0)
    found = survey(reach, on)
    drawn = ever_drawn().filter(post__enterprise__unit__path__startswith=unit.path)
    ever, now, firms_now = set(), set(), set()
    for person, firm, when in drawn.values_list("person_id", "enterprise_id", "draw__check_of__year"):
        ever.add(person)
        if when == year:
            now.add(person)
            firms_now.add(firm)
    strata, whole, firms, never = defaultdict(Covered), Covered(), defaultdict(set), []
    for row in found.rows:
        for count in (strata[row.stratum], whole):
            count.people += 1
            count.drawn += row.person in now
            count.never += row.person not in ever
        firms[row.stratum].add(row.enterprise)
        if row.person not in ever:
            never.append(row)
    for code, held in firms.items():
        strata[code].firms, strata[code].firms_drawn = len(held), len(held & firms_now)
    every = set().union(*firms.values()) if firms else set()
    whole.firms, whole.firms_drawn = len(every), len(every & firms_now)
    return dict(sorted(strata.items())), whole, never


def probabilities(draws):
    """{draw pk: [(stratum, people, chosen, [(weight, people, probability)])]}; two queries for any number of draws."""
    keys = [draw.pk for draw in draws]
    classes = defaultdict(lambda: defaultdict(dict))
    rows = FrameLine.objects.filter(draw__in=keys).order_by().values_list("draw", "stratum", "weight")
    for draw, stratum, weight, people in rows.annotate(people=Count("pk")):
        classes[draw][stratum][weight] = people
    chosen = {
        (draw, stratum): count
        for draw, stratum, count in DrawnCandidate.objects.filter(draw__in=keys, role="chosen")
        .order_by()
        .values_list("draw", "stratum")
        .annotate(count=Count("pk"))
    }
    return {
        draw: [
            (
                stratum,
                sum(held.values()),
                chosen.get((draw, stratum), 0),
                [
                    (weight, held[weight], probability)
                    for weight, probability in sorted(inclusion(held, chosen.get((draw, stratum), 0)).items())
                ],
            )
            for stratum, held in sorted(strata.items())
        ]
        for draw, strata in classes.items()
    }


def draws_of(unit, year):
    """The draws of a year that count, in an organ and below."""
    return list(
        Draw.objects.filter(
            check_of__unit__path__startswith=unit.path,
            check_of__year=year,
            voiding__isnull=True,
            reveal__isnull=False,
        )
        .defer("frozen")
        .select_related("check_of__unit")
        .order_by("-frozen_at")
    )
