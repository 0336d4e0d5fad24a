"""How posts are filled and exams passed below an organ: the whole, by district or station, and by enterprise."""

from dataclasses import dataclass, field

from django.db.models import Count, Q, prefetch_related_objects
from django.utils import timezone

from accounts import queries as people
from accounts import staffing
from accounts.models import Unit
from catalog.models import Region
from certificates.models import Certificate
from exams.models import Attempt, Exam

EXAMINED = staffing.NEEDS_CERTIFICATE
SEVERITY = {staffing.VACANT: 0, staffing.UNQUALIFIED: 1, staffing.VALID: 2}


@dataclass
class Tally:
    """The figures of a set of enterprises."""

    code: str = ""
    name: str = ""
    enterprises: int = 0
    in_order: int = 0  # enterprises all of whose owed posts are validly filled
    owed: int = 0
    valid: int = 0
    sat: int = 0
    known: int = 0
    passed: int = 0
    appointed: set = field(default_factory=set)  # persons, so that somebody in two enterprises counts once
    qualified: set = field(default_factory=set)

    def add(self, line):
        """Count one enterprise in."""
        self.enterprises += 1
        self.owed += line.owed
        self.valid += line.valid
        self.in_order += line.state == staffing.VALID
        self.sat += line.sat
        self.known += line.known
        self.passed += line.passed
        self.appointed |= line.appointed
        self.qualified |= line.qualified

    @property
    def gap(self):
        """Owed posts that are not validly filled."""
        return self.owed - self.valid

    @property
    def percent(self):
        """Validly filled of owed posts; None where nothing is owed."""
        return share(self.valid, self.owed)

    @property
    def pass_rate(self):
        """Passed of the sittings whose results are known; None where there are none."""
        return share(self.passed, self.known)

    @property
    def in_order_rate(self):
        """Enterprises in order of all; None where there are none."""
        return share(self.in_order, self.enterprises)

    @property
    def unqualified(self):
        """People in post without a certificate in force."""
        return len(self.appointed) - len(self.qualified)

    @property
    def heat(self):
        """How deep the tile is drawn, 0 where nothing is owed, then 1 to 5."""
        return 0 if self.percent is None else 1 + min(int(self.percent // 20), 4)

    @property
    def tone(self):
        """How the bar is drawn."""
        return "" if self.percent is None or self.percent >= 60 else "warn" if self.percent >= 30 else "stop"

    @property
    def short(self):
        """A district's name as people say it."""
        return self.name.removesuffix("区").removesuffix("新") if len(self.name) > 2 else self.name


def share(part, whole):
    """A percentage with one place, never a hundred unless it is all; None of nothing."""
    if not whole:
        return None
    return 100.0 if part == whole else min(round(part * 100 / whole, 1), 99.9)


@dataclass(frozen=True, slots=True)
class Line:
    """One enterprise with its figures."""

    enterprise: object
    state: str
    owed: int
    filled: int
    valid: int
    gaps: tuple
    appointed: frozenset
    qualified: frozenset
    sat: int = 0
    known: int = 0
    passed: int = 0

    @property
    def severity(self):
        """What one looks at first sorts first."""
        return (SEVERITY[self.state], self.valid - self.owed, self.enterprise.unit.name)


def _line(enterprise, found, sittings):
    holders = [h for place in found.places for h in place.holders] + list(found.extra)
    examined = [h for h in holders if h.kind in EXAMINED]
    return Line(
        enterprise,
        found.state,
        found.owed,
        found.filled,
        found.valid,
        found.gaps,
        frozenset(h.person_id for h in examined),
        frozenset(h.person_id for h in examined if h.qualified),
        **sittings,
    )


def overview(user, unit, now):
    """Everything on an organ's page: the total, its parts, the enterprises with gaps; a fixed number of queries."""
    today = timezone.localdate(now)
    # A city has thousands: only what is counted is loaded, the organs of the few that are shown come later.
    enterprises = (
        people.enterprises_seen_by(user)
        .filter(unit__path__startswith=unit.path, is_active=True)
        .select_related(None)
        .select_related("unit")
        .only("uscc", "size", "unit__name", "unit__path", "unit__region", "unit__parent")
    )
    staffings = people.staffing_of(enterprises, today)
    sittings = _sittings(unit, today.year)
    parts = _parts(unit)
    total, lines = Tally(), []
    for enterprise in enterprises:
        line = _line(enterprise, staffings[enterprise.pk], sittings.get(enterprise.pk, {}))
        total.add(line)
        parts.of(enterprise).add(line)
        lines.append(line)
    rows = parts.rows()
    return {
        "total": total,
        "parts": rows,
        "by": parts.by,
        # Lowest first: there one looks.
        "ranked": sorted(
            (r for r in rows if r.enterprises), key=lambda r: (r.percent is None, r.percent or 0, r.name)
        ),
        "lines": sorted(lines, key=lambda line: line.severity),
        "certificates": _certificates(unit, today),
    }


def with_organs(lines):
    """The lines that are shown, with the organs above their enterprises; one query."""
    lines = list(lines)
    prefetch_related_objects([line.enterprise.unit for line in lines], "parent")
    return lines


def _sittings(unit, year):
    """Finished sittings of self-training exams this year by enterprise; one query."""
    known = Q(released_at__isnull=False)
    rows = (
        Attempt.objects.filter(
            state=Attempt.State.SUBMITTED,
            registration__session__exam__kind=Exam.Kind.SELF_TRAINING,
            registration__post__enterprise__unit__path__startswith=unit.path,
            submitted_at__year=year,
        )
        .order_by()
        .values("registration__post__enterprise")
        .annotate(
            sat=Count("pk"),
            known=Count("pk", filter=known),
            passed=Count("pk", filter=known & Q(current_result__passed=True)),
        )
    )
    return {row.pop("registration__post__enterprise"): row for row in rows}


def _certificates(unit, today):
    """Certificates in force, and those of them that end within sixty days; one query."""
    soon = today + timezone.timedelta(days=staffing.SOON)
    return Certificate.objects.filter(
        post__enterprise__unit__path__startswith=unit.path,
        state=Certificate.State.IN_FORCE,
        expires_on__gte=today,
        replaced_by__isnull=True,
    ).aggregate(in_force=Count("pk"), ending=Count("pk", filter=Q(expires_on__lte=soon)))


class _ByRegion:
    """The parts of a city: its districts."""

    by = "district"

    def __init__(self, unit):
        regions = Region.objects.filter(parent=unit.region_id).order_by("code")
        self.tallies = {region.pk: Tally(region.code, region.name) for region in regions}
        self.other = Tally("", "—")  # enterprises whose district is not known

    def of(self, enterprise):
        return self.tallies.get(enterprise.unit.region_id, self.other)

    def rows(self):
        other = [self.other] if self.other.enterprises else []
        return [*self.tallies.values(), *other]


class _ByOrgan:
    """The parts of any other organ: those below it."""

    by = "organ"

    def __init__(self, unit):
        self.start = len(unit.path)
        below = Unit.objects.filter(parent=unit, kind=Unit.Kind.ORGAN).order_by("code")
        self.tallies = {organ.code: Tally(organ.code, organ.short_name or organ.name) for organ in below}
        self.own = Tally("", unit.short_name or unit.name)

    def of(self, enterprise):
        code = enterprise.unit.path[self.start :].split("/")[0]
        return self.tallies.get(code, self.own)

    def rows(self):
        own = [self.own] if self.own.enterprises and self.tallies else []
        return [*self.tallies.values(), *own]


def _parts(unit):
    return _ByRegion(unit) if unit.level == Unit.Level.CITY else _ByOrgan(unit)
