"""How posts are filled and exams passed below an organ: the whole, by district or station, and by enterprise."""

from dataclasses import dataclass, field

from django.db.models import Count, Q
from django.utils import timezone

from accounts import coverage, staffing
from accounts import queries as people
from accounts.models import Enterprise, PostKind, Unit
from catalog.models import Region
from certificates.models import Certificate
from exams.models import Attempt, Exam

EXAMINED = staffing.NEEDS_CERTIFICATE
SEVERITY = {staffing.VACANT: 0, staffing.UNQUALIFIED: 1, staffing.VALID: 2}


@dataclass
class OfKind:
    """The figures of one kind of post."""

    code: str
    owed: int = 0
    filled: int = 0
    valid: int = 0

    @property
    def label(self):
        """The kind in words."""
        return PostKind(self.code).label

    @property
    def vacant(self):
        """Owed posts that nobody holds."""
        return self.owed - self.filled

    @property
    def unqualified(self):
        """Posts that only people without a certificate in force hold."""
        return self.filled - self.valid

    @property
    def percent(self):
        """Validly filled of owed posts; None where nothing is owed."""
        return share(self.valid, self.owed)

    @property
    def tone(self):
        """How the bar is drawn."""
        return tone_of(self.percent)


def tone_of(percent):
    """How a bar is drawn."""
    return "" if percent is None or percent >= 60 else "warn" if percent >= 30 else "stop"


@dataclass
class Tally:
    """The figures of a set of enterprises."""

    code: str = ""
    name: str = ""
    enterprises: int = 0
    in_order: int = 0  # enterprises all of whose owed posts are validly filled
    owed: int = 0
    filled: int = 0
    valid: int = 0
    sat: int = 0
    known: int = 0
    passed: int = 0
    appointed: set = field(default_factory=set)  # persons, so that somebody in two enterprises counts once
    qualified: set = field(default_factory=set)
    kinds: dict = field(default_factory=lambda: {kind: OfKind(kind) for kind in staffing.KINDS})

    def add(self, row, sittings):
        """Count one enterprise in."""
        self.enterprises += 1
        valid = 0
        for kind, state in row.states.items():
            place = self.kinds[kind]
            place.owed += 1
            if state != staffing.VACANT:
                place.filled += 1
                self.filled += 1
            if state == staffing.VALID:
                place.valid += 1
                valid += 1
        self.owed += len(row.states)
        self.valid += valid
        self.in_order += valid == len(row.states)
        for kind in EXAMINED:
            for person, until in row.holders.get(kind, ()):
                self.appointed.add(person)
                if until:
                    self.qualified.add(person)
        if sittings:
            self.sat += sittings["sat"]
            self.known += sittings["known"]
            self.passed += sittings["passed"]

    def join(self, other):
        """Count in what another tally counted."""
        for name in ("enterprises", "in_order", "owed", "filled", "valid", "sat", "known", "passed"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.appointed |= other.appointed
        self.qualified |= other.qualified
        for kind, theirs in other.kinds.items():
            own = self.kinds[kind]
            own.owed, own.filled, own.valid = (
                own.owed + theirs.owed,
                own.filled + theirs.filled,
                own.valid + theirs.valid,
            )

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
    def by_kind(self):
        """The figures of each kind of post that is owed."""
        return [place for place in self.kinds.values() if place.owed]

    @property
    def heat(self):
        """How deep the tile is drawn, 0 where nothing is owed, then 1 to 5."""
        return 0 if self.percent is None else 1 + min(int(self.percent // 20), 4)

    @property
    def tone(self):
        """How the bar is drawn."""
        return tone_of(self.percent)

    @property
    def short(self):
        """A district's name as people say it."""
        return self.name.removesuffix("区").removesuffix("新") if len(self.name) > 2 else self.name


def share(part, whole):
    """A percentage with one place, never a hundred unless it is all; None of nothing."""
    if not whole:
        return None
    return 100.0 if part == whole else min(round(part * 100 / whole, 1), 99.9)


def severity(row):
    """What one looks at first sorts first."""
    return (SEVERITY[row.state], row.valid - row.owed, row.name)


def overview(user, unit, now):
    """Everything on an organ's page: the total, its parts, the enterprises with gaps; a fixed number of queries."""
    today = timezone.localdate(now)
    enterprises = people.enterprises_seen_by(user).filter(unit__path__startswith=unit.path, is_active=True)
    lines = coverage.coverage(enterprises, today)
    sittings = _sittings(unit, today.year)
    parts = _parts(unit)
    for row in lines:
        parts.of(row).add(row, sittings.get(row.pk))
    total = Tally()
    for part in (*parts.tallies.values(), parts.rest):
        total.join(part)
    rows = parts.rows()
    return {
        "total": total,
        "parts": rows,
        "by": parts.by,
        # Lowest first: there one looks.
        "ranked": sorted(
            (r for r in rows if r.enterprises), key=lambda r: (r.percent is None, r.percent or 0, r.name)
        ),
        "lines": sorted(lines, key=severity),
        "certificates": _certificates(unit, today),
    }


def with_organs(lines):
    """The lines that are shown, each with its enterprise and the organ above it; one query."""
    lines = list(lines)
    known = Enterprise.objects.select_related("unit__parent").in_bulk([line.pk for line in lines])
    return [{"enterprise": known[line.pk], "line": line} for line in lines]


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
        self.rest = Tally("", "—")  # enterprises whose district is not known

    def of(self, row):
        return self.tallies.get(row.region, self.rest)

    def rows(self):
        rest = [self.rest] if self.rest.enterprises else []
        return [*self.tallies.values(), *rest]


class _ByOrgan:
    """The parts of any other organ: those below it."""

    by = "organ"

    def __init__(self, unit):
        self.start = len(unit.path)
        below = Unit.objects.filter(parent=unit, kind=Unit.Kind.ORGAN).order_by("code")
        self.tallies = {organ.code: Tally(organ.code, organ.short_name or organ.name) for organ in below}
        self.rest = Tally("", unit.short_name or unit.name)  # its own

    def of(self, row):
        code = row.path[self.start :].split("/")[0]
        return self.tallies.get(code, self.rest)

    def rows(self):
        rest = [self.rest] if self.rest.enterprises and self.tallies else []
        return [*self.tallies.values(), *rest]


def _parts(unit):
    return _ByRegion(unit) if unit.level == Unit.Level.CITY else _ByOrgan(unit)
