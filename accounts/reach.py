"""How far somebody reaches: where she may enter, whom she knows, whose sealed data she may read or mend."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Q

from accounts import scope
from accounts.models import Post, Role, RoleGrant

N_ = lambda text: text  # noqa: E731 - marks a sentence for translation, which the caller does

# Said of people outside one's reach: it betrays neither who they are nor which of the cells met them.
ELSEWHERE = N_("与系统中已有人员的信息冲突，请核对，或联系监管机构。")
NOT_IN_POST = N_("此人现在不在您管理的企业任职，不能查看完整信息。")
ALSO_ELSEWHERE = N_("此人在您的管理范围之外还有任职或角色，不能查看完整信息。")


@dataclass
class Places:
    """The paths at which a person has posts and roles that are not over; those to come count, except among the current."""

    current: set = field(default_factory=set)
    posts: set = field(default_factory=set)
    grants: set = field(default_factory=set)

    @property
    def all(self):
        """Posts and roles."""
        return self.posts | self.grants


def places_of(people, on):
    """Where each of the people stands: {pk: Places}, in two queries for a list of a few hundred."""
    found = defaultdict(Places)
    posts = Post.objects.filter(Q(ended_on=None) | Q(ended_on__gt=on), person__in=people)
    for pk, path, day in posts.values_list("person_id", "enterprise__unit__path", "appointed_on"):
        found[pk].posts.add(path)
        if day <= on:
            found[pk].current.add(path)
    grants = RoleGrant.objects.not_over(on).filter(user__in=people)
    for pk, path in grants.values_list("user_id", "unit__path"):
        found[pk].grants.add(path)
    return found


class Reach:
    """What one person may do to others; nobody is the operator at the machine, whose reach is the whole city."""

    def __init__(self, by, on):
        def paths(*roles):
            return () if by is None else tuple(scope.paths(by, *roles))

        self.on = on
        self.run, self.organs = paths(Role.ADMIN), paths(Role.REGULATOR, Role.ADMIN)
        self.own = paths(Role.MANAGER)
        self.everywhere = by is None
        # An administrator of the root also has those who stand nowhere.
        self.runs_all = self.everywhere or any(path.count("/") == 2 for path in self.run)

    def covers(self, path):
        """Whether a unit lies in it."""
        return self.everywhere or path.startswith(self.organs + self.own)

    def supervises(self, path):
        """Whether enterprises may be entered below an organ, and what they are supervised by be changed."""
        return self.everywhere or path.startswith(self.organs)

    def knows(self, places):
        """Whether a person who stands there is one of hers, so that a conflict may be told by its name."""
        return (
            self.runs_all
            or any(self.covers(path) for path in places.posts)
            or any(path.startswith(self.run) for path in places.grants)
        )

    def may_mend(self, person, places):
        """Whether she may change by what a person signs in: only before the person took up her account, unless she runs it all."""
        if self.runs_all or (places.all and all(path.startswith(self.run) for path in places.all)):
            return True
        inside = places.posts and all(self.covers(path) for path in places.posts)
        return bool(inside and not places.grants and not person.is_taken_up)

    def why_sealed(self, places):
        """Why she may not read a person's numbers in full, in a sentence; empty when she may."""
        if self.runs_all or any(path.startswith(self.run) for path in places.current | places.grants):
            return ""
        if not any(self.covers(path) for path in places.current):
            return NOT_IN_POST
        supervises = any(self.supervises(path) for path in places.current)
        # Whoever may appoint anybody must not come to read anybody in this way; an organ knows its enterprises' people anyhow.
        concerned = places.grants if supervises else places.all
        return "" if all(self.covers(path) for path in concerned) else ALSO_ELSEWHERE
