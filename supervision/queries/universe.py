"""Whom a plan reaches: counted for the preview, listed for the frame; so many queries for one person as for twelve thousand."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from accounts import sizes
from accounts.models import Enterprise, Post
from exams.models import Attempt, Exam
from supervision import universe as meaning
from supervision.engine import draw


@dataclass(frozen=True)
class Reached:
    """One post in the universe, with what strata and weights ask of it."""

    post: int
    person: int
    enterprise: int
    kind: str
    risk: str
    region: str
    trade: str
    size: str
    tested: bool
    last: bool | None  # the last known result
    weight: int
    stratum: str


@dataclass
class Count:
    """One stratum: universe = frame + excluded + doubled."""

    universe: int = 0
    excluded: int = 0
    doubled: int = 0
    frame: int = 0
    weights: int = 0
    most: int = 0  # that can be drawn under the limit for each enterprise


@dataclass
class Survey:
    """What a plan reaches on a day."""

    rows: list = field(default_factory=list)  # the frame
    counts: dict = field(default_factory=dict)
    enterprises: int = 0
    without: int = 0  # enterprises of the filter in which nobody can be drawn

    @property
    def total(self):
        """All strata together."""
        whole = Count()
        for one in self.counts.values():
            for name in ("universe", "excluded", "doubled", "frame", "weights", "most"):
                setattr(whole, name, getattr(whole, name) + getattr(one, name))
        return whole


def enterprises_of(plan):
    """The enterprises that the filter of a plan names."""
    wanted = plan.universe
    found = Enterprise.objects.filter(is_active=True, unit__path__startswith=plan.unit.path)
    if code := wanted.get("unit"):
        found = found.filter(unit__path__contains=f"/{code}/")
    if wanted.get("regions"):
        found = found.filter(unit__region__code__in=wanted["regions"])
    if wanted.get("categories"):
        links = Enterprise.categories.through.objects.filter(
            Q(productcategory__code__in=wanted["categories"])
            | Q(productcategory__parent__code__in=wanted["categories"]),
            enterprise=OuterRef("pk"),
        )
        found = found.filter(Exists(links))
    if wanted.get("trade") in (meaning.PRODUCES, meaning.SELLS):
        found = found.filter(**{wanted["trade"]: True})
    if wanted.get("trade") == meaning.BOTH:
        found = found.filter(produces=True, sells=True)
    if wanted.get("risks"):
        found = found.filter(risk__in=wanted["risks"])
    return found


def results_of_all():
    """{person: (whether she was ever tested by a spot check, her last known result or None)}."""
    rows = (
        Attempt.objects.filter(
            registration__session__exam__kind=Exam.Kind.SPOT_CHECK, state=Attempt.State.SUBMITTED
        )
        .order_by("submitted_at", "pk")
        .values_list("registration__candidate_id", "released_at", "current_result__passed")
    )
    found = {}
    for person, released_at, passed in rows:
        found[person] = (True, passed if released_at else found.get(person, (True, None))[1])
    return found


def _reached(plan, on):
    wanted = plan.universe
    posts = Post.objects.current(on).filter(
        enterprise__in=enterprises_of(plan).order_by().values("pk"), person__is_active=True
    )
    if wanted.get("kinds"):
        posts = posts.filter(kind__in=wanted["kinds"])
    results, thresholds = results_of_all(), settings.SIZE_THRESHOLDS
    rows = posts.order_by("pk").values_list(
        "pk", "person_id", "enterprise_id", "kind", "enterprise__risk", "enterprise__unit__region__code",
        "enterprise__produces", "enterprise__sells", "enterprise__size", "enterprise__size_ruling",
        "enterprise__staff", "enterprise__turnover",
    )  # fmt: skip
    for pk, person, enterprise, kind, risk, region, produces, sells, given, ruled, staff, turnover in rows:
        size = ruled or sizes.class_of(produces, staff, turnover, thresholds) or given
        if wanted.get("sizes") and size not in wanted["sizes"]:
            continue
        tested, last = results.get(person, (False, None))
        if wanted.get("never") and tested:
            continue
        if wanted.get("last") and last != (wanted["last"] == "passed"):
            continue
        if wanted.get("last") and last is None:
            continue
        trade = meaning.BOTH if produces and sells else meaning.PRODUCES if produces else meaning.SELLS
        facts = {"risk": risk, "kind": kind, "region": region or "", "trade": trade, "size": size}
        yield Reached(
            pk, person, enterprise, kind, risk, region or "", trade, size, tested, last,
            meaning.weight_of(plan.weights, risk=risk, tested=tested, last=last),
            facts.get(plan.strata_by, ""),
        )  # fmt: skip


def exclusions_of(check):
    """The people and the enterprises that a saved plan leaves out."""
    rows = list(check.exclusions.values_list("person_id", "enterprise_id"))
    return {person for person, _enterprise in rows if person}, {e for _person, e in rows if e}


def survey(plan, on, excluded=((), ())):
    """What a plan reaches on a day: the frame and the counts by stratum; each person once, by her post of the greatest weight."""
    people, enterprises = excluded
    counts, seen, found = defaultdict(Count), set(), Survey()
    for code in plan.quotas:
        counts[code] = Count()
    for row in sorted(_reached(plan, on), key=lambda one: (-one.weight, one.post)):
        count = counts[row.stratum]
        count.universe += 1
        if row.person in people or row.enterprise in enterprises:
            count.excluded += 1
        elif row.person in seen:
            count.doubled += 1
        else:
            seen.add(row.person)
            count.frame += 1
            count.weights += row.weight
            found.rows.append(row)
    by_stratum = defaultdict(list)
    for row in found.rows:
        by_stratum[row.stratum].append(row)
    for code, rows in by_stratum.items():
        counts[code].most = draw.most(rows, plan.per_enterprise)
    found.counts = dict(sorted(counts.items()))
    named = set(enterprises_of(plan).order_by().values_list("pk", flat=True))
    found.enterprises = len({row.enterprise for row in found.rows})
    found.without = len(named - {row.enterprise for row in found.rows})
    return found
