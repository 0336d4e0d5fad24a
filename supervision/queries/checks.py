"""Reads of the regulator's desk: lists, choices, whom a person means by a name."""

from django.db.models import Exists, OuterRef, Q

from accounts import scope
from accounts.models import Enterprise, Post, Role, RoleGrant, Unit, User
from accounts.queries import people_seen_by
from accounts.tree import upward
from supervision.models import AnnualPlan, Draw, Interest, SpotCheck

REGULATES = (Role.REGULATOR,)


def list_checks(user, *, q="", state="", year=""):
    """The spot checks of a person's organs by filters, the latest first."""
    found = SpotCheck.objects.run_by(user).select_related("unit", "profile")
    if text := q.strip():
        found = found.filter(
            Q(name__icontains=text) | Q(unit__name__icontains=text) | Q(code__icontains=text)
        )
    if state:
        found = found.filter(state=state)
    if year.isdecimal() and len(year) == 4:
        found = found.filter(year=int(year))
    return found.annotate(
        is_frozen=Exists(Draw.objects.filter(check_of=OuterRef("pk"), voiding__isnull=True))
    ).order_by("-year", "-planned_at", "-pk")


def organs_of(user):
    """The organs in which a person supervises: in their name she plans."""
    held = [grant.unit_id for grant in scope.grants_of(user) if grant.role in REGULATES]
    return Unit.objects.filter(pk__in=held, kind=Unit.Kind.ORGAN).order_by("path")


def organs_below(user):
    """Those organs and all below them."""
    return Unit.objects.filter(
        scope.within(user, *REGULATES, path="path"), kind=Unit.Kind.ORGAN
    ).order_by("path")  # fmt: skip


def is_at_the_top(user):
    """Whether a person supervises the whole tree: she alone writes rules for all."""
    return any(path.count("/") == 2 for path in scope.paths(user, *REGULATES))


def annual_plans_for(user):
    """The annual plans of a person's organs, and of those above and below."""
    return AnnualPlan.objects.filter(
        Q(unit__path__in=scope.paths_above(user, *REGULATES)) | scope.within(user, *REGULATES)
    ).select_related("unit")  # fmt: skip


def named(user, text):
    """(people, enterprises) of a person's reach who are called exactly so; codes and usernames count too."""
    text = text.strip()
    firms = Enterprise.objects.filter(scope.within(user, *REGULATES)).filter(
        Q(unit__name=text) | Q(uscc__iexact=text)
    )
    people = people_seen_by(user).filter(Q(name=text) | Q(username__iexact=text))
    return list(people[:5]), list(firms.select_related("unit")[:5])


def interests_seen_by(user):
    """Declared interests of the people who regulate in a person's organs and below."""
    below = RoleGrant.objects.filter(scope.within(user, *REGULATES), role=Role.REGULATOR)
    return Interest.objects.filter(person__in=below.values("user")).select_related(
        "person", "enterprise__unit", "declared_by"
    )


def regulators_of(user, on):
    """The people who regulate in a person's organs and below."""
    grants = RoleGrant.objects.current(on).filter(scope.within(user, *REGULATES), role=Role.REGULATOR)
    return User.objects.filter(pk__in=grants.values("user"), is_active=True).order_by("name", "pk")


def enterprises_of(user):
    """The enterprises below a person's organs."""
    return (
        Enterprise.objects.filter(scope.within(user, *REGULATES))
        .select_related("unit")
        .order_by("unit__name")
    )


def kept_check(user, code):
    """A check of a person's organs by its code, or None."""
    return SpotCheck.objects.run_by(user).filter(code=code).select_related("unit").first() if code else None


def target_of(unit, year):
    """What an organ means to cover in a year: its own plan, else the nearest above it; None without any."""
    plans = AnnualPlan.objects.filter(unit__path__in=upward(unit.path), year=year).select_related("unit")
    return max(plans, key=lambda plan: len(plan.unit.path), default=None)


def posts_in_order(keys):
    """Posts with their people and enterprises, in the given order."""
    found = Post.objects.filter(pk__in=keys).select_related("person", "enterprise__unit").in_bulk()
    return [found[key] for key in keys]
