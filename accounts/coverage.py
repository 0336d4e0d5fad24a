"""How the posts of many enterprises are filled today: five queries for one or for six thousand, and nobody is loaded.

The rule stands in `staffing` and is asked once for each kind of business; the database gives plain rows, the certificates as
columns (`Qualification`), since reading them out of twenty thousand files took longer than a page may.
"""

from collections import defaultdict

from django.conf import settings
from django.db.models import Count

from accounts import queries, sizes, staffing
from accounts.models import Post, Qualification


def coverage(enterprises, on):
    """One `staffing.Coverage` for each of the enterprises (a queryset), in their order."""
    regimes = queries.regimes_of(enterprises.order_by().values("pk"), on)
    holders = _holders(enterprises, on)
    nobody = {}
    rows = enterprises.select_related(None).values_list(
        "pk", "size", "size_ruling", "produces", "staff", "turnover",
        "uscc", "unit__name", "unit__path", "unit__region_id",
    )  # fmt: skip
    thresholds = settings.SIZE_THRESHOLDS
    found = []
    for pk, given, ruled, produces, staff, turnover, uscc, name, path, region in rows:
        size = ruled or sizes.class_of(produces, staff, turnover, thresholds) or given
        held = holders.get(pk, nobody)
        business = staffing.Business(size, *(regimes.get(pk) or queries.NO_REGIME))
        states = {kind: staffing.state_of(kind, held.get(kind, ())) for kind in staffing.kinds_owed(business)}
        found.append(staffing.Coverage(pk, uscc, name, path, region, states, held))
    return found


def _holders(enterprises, on):
    """Who holds which post of the enterprises today, and until when she is qualified for it: {pk: {kind: [(person, until)]}}."""
    posts = Post.objects.current(on).filter(enterprise__in=enterprises.order_by().values("pk")).order_by()
    best = {}
    certificates = Qualification.objects.filter(
        in_force=True, until__gte=on, person__in=posts.values("person")
    )
    for person, kind, until in certificates.values_list("person_id", "kind", "until"):
        if (known := best.get((person, kind))) is None or known < until:
            best[person, kind] = until
    found = defaultdict(dict)
    for pk, kind, person in posts.values_list("enterprise_id", "kind", "person_id"):
        own, any_kind = best.get((person, kind)), best.get((person, ""))
        until = max(own, any_kind) if own and any_kind else own or any_kind
        found[pk].setdefault(kind, []).append((person, until))
    return found


def crowded(on):
    """People who are in post in more than `MOST_EMPLOYERS` enterprises, wherever: {person: in how many}; always a few."""
    rows = (
        Post.objects.current(on)
        .order_by()
        .values("person")
        .annotate(employers=Count("enterprise", distinct=True))
    )
    return dict(rows.filter(employers__gt=settings.MOST_EMPLOYERS).values_list("person", "employers"))


def with_gap(enterprises, gap, kind, on):
    """The keys of those whose posts, or whose post of one kind, are in a state: the name of it, `any` gap, `owed` or `filled`."""
    return [row.pk for row in coverage(enterprises, on) if _matches(row, gap, kind)]


def _matches(row, gap, kind):
    if kind and kind not in row.states:
        return False
    state = row.states[kind] if kind else row.state
    if gap in ("", "owed"):
        return bool(row.states)
    if gap == "filled":
        return bool(row.states) and state != staffing.VACANT
    return state != staffing.VALID if gap == "any" else state == gap
