"""Who owes how many hours a year under the rules in force, and how much is lacking."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Q, When

from accounts import scope
from accounts.models import Post, Role, User
from accounts.permissions import roles
from courses.engine import yearly
from courses.models import HourRule, OutsideTraining
from courses.queries.yearly import Hours, hours_between

SEES = roles("learning.see")
RULES = roles("hours.rule")
CHECKS = roles("outside.check")
SHORT, MET = "short", "met"


@dataclass(frozen=True)
class Row:
    """One person under one rule in one year."""

    post: Post
    rule: HourRule
    hours: Hours
    year: yearly.Year

    @property
    def state(self):
        """Whether something is lacking."""
        return MET if self.year.is_met else SHORT


def day_of(year, today):
    """The day of a year on which rules and posts are looked at: its last, of this year today."""
    return min(today, date(year, 12, 31))


def rules_for(user, on):
    """The rules in force on a day that concern somebody's units: those of units above, at and below hers."""
    return list(rules_seen_by(user).in_force(on).told().order_by("starts_on", "pk"))


def rules_seen_by(user):
    """The rules of units at, below and above those that somebody manages, supervises or administers."""
    return HourRule.objects.filter(
        scope.within(user, *SEES) | Q(unit__path__in=scope.paths_above(user, *SEES))
    )


def posts_under(rule, on):
    """The posts that a rule binds on a day."""
    found = Post.objects.current(on).filter(enterprise__unit__path__startswith=rule.unit.path)
    if rule.post_kind:
        found = found.filter(kind=rule.post_kind)
    if rule.category_id:
        category = Q(categories=rule.category_id) | Q(categories__parent=rule.category_id)
        found = found.filter(pk__in=Post.objects.filter(category).values("pk"))
    return found


def terms_of(rule):
    """A rule as the engine takes it."""
    return yearly.Terms(rule.hours * 60, rule.carry_hours * 60, tuple(rule.sources))


def rows_of(posts, rule, year, on):
    """The people of posts under a rule in a year, each once: a fixed number of queries."""
    found = {}
    bound = posts_under(rule, on) & posts
    for post in bound.select_related("person", "enterprise__unit").order_by("enterprise__unit__path", "pk"):
        found.setdefault(post.person_id, post)
    people = User.objects.filter(pk__in=bound.order_by().values("person"))
    first = rule.starts_on.year if rule.carry_hours else year
    counted = hours_between(people, first, year)
    terms = terms_of(rule)
    rows = []
    for person, post in found.items():
        years = counted.get(person, {})
        by_year = {one: hours.by_source for one, hours in years.items()}
        told = yearly.ledger(terms, by_year, first, year)[-1]
        rows.append(Row(post, rule, years.get(year, Hours()), told))
    return rows


def list_short(user, rules, year, today, q="", state=""):
    """The people whom somebody looks after under each of some rules; most lacking first."""
    on = day_of(year, today)
    posts = Post.objects.filter(scope.oversight(user, "enterprise__unit__path"))
    if q:
        posts = posts.filter(Q(person__name__icontains=q) | Q(enterprise__unit__name__icontains=q))
    rows = [row for rule in rules for row in rows_of(posts, rule, year, on)]
    return [row for row in rows if not state or row.state == state]


def of_person(user, year, today):
    """What the rules in force ask of somebody herself: [Row, …]."""
    on = day_of(year, today)
    rows = []
    for rule in HourRule.objects.in_force(on).told():
        mine = Post.objects.filter(person=user)
        if posts_under(rule, on).filter(person=user).exists():
            rows += rows_of(mine, rule, year, on)
    return rows


def rules_ended_by(user):
    """The rules that an administrator may end: those of units that she administers."""
    return HourRule.objects.filter(scope.within(user, Role.ADMIN)).told()


def list_outside(user, q="", state=""):
    """The outside trainings of the people whom somebody looks after; those that wait first."""
    found = OutsideTraining.objects.seen_by(user).told()
    if q:
        found = found.filter(
            Q(person__name__icontains=q)
            | Q(title__icontains=q)
            | Q(organiser__icontains=q)
            | Q(post__enterprise__unit__name__icontains=q)
        )
    if state:
        found = found.filter(state=state)
    waits = Case(When(state=OutsideTraining.State.SUBMITTED, then=0), default=1)
    return found.order_by(waits, "-entered_at", "-pk")
