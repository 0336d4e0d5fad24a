"""What a person may do where: as a value, and as a condition for queries."""

from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import DateField, Q
from django.utils import timezone

from accounts.models import Post, Role, RoleGrant
from accounts.prepared import Prepared, given

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


def grants_of(user) -> tuple[Held, ...]:
    """The roles a person holds today; one query a request, however often it is asked."""
    if not getattr(user, "is_authenticated", False):
        return ()
    kept = getattr(user, "_held_roles", None)
    if kept is None:
        rows = GRANTS.rows(user=user.pk, on=timezone.localdate())
        kept = user._held_roles = tuple(
            Held(g.role, g.unit_id, g.unit_short_name or g.unit_name, g.unit_path) for g in rows
        )
    return kept


def posts_of(user) -> list[Post]:
    """The posts a person holds today, enterprise and unit loaded; one query a request."""
    if not getattr(user, "is_authenticated", False):
        return []
    kept = getattr(user, "_held_posts", None)
    if kept is None:
        kept = user._held_posts = POSTS.rows(user=user.pk, on=timezone.localdate())
    return kept


def has_role(user, *roles) -> bool:
    """Whether the person holds one of the roles anywhere."""
    return any(held.role in roles for held in grants_of(user))


def paths(user, *roles) -> list[str]:
    """The subtrees in which the person holds one of the roles."""
    return [held.path for held in grants_of(user) if held.role in roles]


def within(user, *roles, path="unit__path") -> Q:
    """Rows whose unit lies where the person holds one of the roles; matches nothing when she holds none."""
    return reduce(or_, (Q(**{f"{path}__startswith": p}) for p in paths(user, *roles)), NOTHING)


def oversight(user, path="unit__path") -> Q:
    """Rows that a person sees because she manages the enterprise or supervises it."""
    return within(user, Role.MANAGER, Role.REGULATOR, Role.ADMIN, path=path)
