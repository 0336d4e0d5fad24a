"""What a person may do where: as a value, and as a condition for queries."""

from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import DateField, Q
from django.utils import timezone

from accounts.models import Post, Role, RoleGrant, Unit
from accounts.prepared import Prepared, given
from accounts.tree import upward

NOTHING = Q(pk__in=())
TODAY = DateField()
GRANTS = Prepared(
    lambda: (
        RoleGrant.objects.current(given("on", TODAY))
        .filter(user=given("user"))
        .order_by("role", "unit__path")
        .values_list("role", "unit_id", "unit__short_name", "unit__name", "unit__path")
    )
)
POSTS = Prepared(
    lambda: (
        Post.objects.current(given("on", TODAY))
        .filter(person=given("user"))
        .select_related("enterprise__unit")
    )
)


@dataclass(frozen=True)
class Held:
    """One role in one unit and below."""

    role: str
    unit_id: int
    unit_name: str
    path: str

    @property
    def label(self):
        """The role in words."""
        return Role(self.role).label


@dataclass(frozen=True)
class Bearer:
    """Who asks with a token: no person, holds no post and owns no row, and oversees the token's unit and below."""

    name: str
    held: tuple[Held, ...]
    pk: int | None = None  # what the log keeps beside the name: nobody
    is_authenticated: bool = True

    def __str__(self):
        return self.name


def bearer_of(token) -> Bearer:
    """What a token stands for: the manager of an enterprise, the regulator of an organ; the unit must be loaded."""
    unit = token.unit
    role = Role.MANAGER if unit.kind == Unit.Kind.ENTERPRISE else Role.REGULATOR
    return Bearer(str(token), (Held(role, unit.pk, unit.short_name or unit.name, unit.path),))


def grants_of(user) -> tuple[Held, ...]:
    """The roles a person holds today; one query a request, however often it is asked."""
    if isinstance(user, Bearer):
        return user.held
    if not getattr(user, "is_authenticated", False):
        return ()
    kept = getattr(user, "_held_roles", None)
    if kept is None:
        rows = GRANTS.rows(user=user.pk, on=timezone.localdate())
        kept = user._held_roles = tuple(
            dict.fromkeys(  # one's own and a lent one may be the same
                Held(g.role, g.unit_id, g.unit_short_name or g.unit_name, g.unit_path) for g in rows
            )
        )
    return kept


def posts_of(user) -> list[Post]:
    """The posts a person holds today, enterprise and unit loaded; one query a request."""
    if isinstance(user, Bearer):
        return []
    if not getattr(user, "is_authenticated", False):
        return []
    kept = getattr(user, "_held_posts", None)
    if kept is None:
        kept = user._held_posts = POSTS.rows(user=user.pk, on=timezone.localdate())
    return kept


def has_role(user, *roles) -> bool:
    """Whether the person holds one of the roles anywhere."""
    return any(held.role in roles for held in grants_of(user))


def administers_all(user) -> bool:
    """Whether the person administers the whole tree, and not a part of it; the log of acts knows no units."""
    return any(held.role == Role.ADMIN and held.path.count("/") == 2 for held in grants_of(user))


def paths(user, *roles) -> list[str]:
    """The subtrees in which the person holds one of the roles."""
    return [held.path for held in grants_of(user) if held.role in roles]


def paths_above(user, *roles) -> set[str]:
    """Those subtrees' own units and all units above them: whose things she may use without keeping them."""
    return {one for path in paths(user, *roles) for one in upward(path)}


def within(user, *roles, path="unit__path") -> Q:
    """Rows whose unit lies where the person holds one of the roles; matches nothing when she holds none."""
    return reduce(or_, (Q(**{f"{path}__startswith": p}) for p in paths(user, *roles)), NOTHING)


def oversight(user, path="unit__path") -> Q:
    """Rows that a person sees because she manages the enterprise or supervises it."""
    return within(user, Role.MANAGER, Role.REGULATOR, Role.ADMIN, path=path)


def offered(enterprise, unit="unit", category="category") -> Q:
    """Rows of the units at and above an enterprise, in one of its categories, in what holds one of them, or in none.

    So stand open sessions, exams, courses and practice; the two names lead from the row to its unit and its category.
    """
    own = enterprise.categories
    return Q(**{f"{unit}__path__in": upward(enterprise.unit.path)}) & (
        Q(**{f"{category}__isnull": True})
        | Q(**{f"{category}__in": own.values("pk")})
        | Q(**{f"{category}__in": own.values("parent")})
    )
