"""Who may be sent, and what keeps whom from which enterprise."""

from collections import defaultdict

from django.db.models import Q

from accounts.models import Post, Role, RoleGrant, User
from supervision.models import DrawnCandidate, DrawnInspector, Interest, SpotCheck

LAST_TIME, POST, INTEREST = "last_time", "post", "interest"


def pool_of(unit, on):
    """The people with a regulator's role in an organ or below: {pk: name}."""
    grants = RoleGrant.objects.current(on).filter(role=Role.REGULATOR, unit__path__startswith=unit.path)
    people = User.objects.filter(pk__in=grants.values("user"), is_active=True)
    return dict(people.order_by("pk").values_list("pk", "name"))


def conflicts_of(pool, unit, on):
    """{person: {enterprise: why}} below an organ: posts of any time, declared interests, and the last check of an enterprise."""
    found = defaultdict(dict)
    people, below = list(pool), {"enterprise__unit__path__startswith": unit.path}
    for person, enterprise in last_inspectors(unit):
        if person in pool:
            found[person][enterprise] = LAST_TIME
    for person, enterprise in Post.objects.filter(person__in=people, **below).values_list(
        "person_id", "enterprise_id"
    ):
        found[person][enterprise] = POST
    declared = Interest.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=on), person__in=people, starts_on__lte=on, **below
    )
    for person, enterprise in declared.values_list("person_id", "enterprise_id"):
        found[person][enterprise] = INTEREST
    return found


def last_inspectors(unit):
    """(person, enterprise) of who was drawn for the last check of each enterprise below an organ; a void draw was none."""
    drawn = (
        DrawnCandidate.objects.filter(
            Q(role=DrawnCandidate.Role.CHOSEN) | Q(stands_in__isnull=False),
            draw__voiding__isnull=True,
            line__enterprise__unit__path__startswith=unit.path,
        )
        .exclude(draw__check_of__state=SpotCheck.State.ABANDONED)
        .order_by("draw__reveal__at", "draw_id")
    )
    last = dict(drawn.values_list("line__enterprise_id", "draw_id"))
    went = defaultdict(list)
    for draw, person in DrawnInspector.objects.filter(draw__in=set(last.values())).values_list(
        "draw_id", "person_id"
    ):
        went[draw].append(person)
    return [(person, enterprise) for enterprise, draw in last.items() for person in went[draw]]
