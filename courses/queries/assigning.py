"""Whom a bulk assignment reaches: people by a filter, counted for each course before anything is given."""

from dataclasses import dataclass

from django.db.models import Q
from django_tasks_db.models import DBTaskResult

from accounts.models import Enterprise, Post
from catalog.models import ProductCategory
from courses.models import Assignment, Course
from courses.queries.team import held_in, managed_posts, suitable_posts
from operations.queries import READY, RUNNING

TASK = "courses.tasks_plans.assign"


@dataclass(frozen=True)
class Reach:
    """One course of an assignment: for how many it is, how many have it, how many would get it."""

    course: Course
    people: int
    held: int

    @property
    def fresh(self):
        """How many would get it."""
        return self.people - self.held


def narrowed(posts, chosen):
    """Posts by what was chosen: kinds, product categories, enterprises; nothing chosen narrows nothing."""
    if kinds := chosen.get("kinds"):
        posts = posts.filter(kind__in=kinds)
    if enterprises := chosen.get("enterprises"):
        posts = posts.filter(enterprise__in=enterprises)
    if categories := chosen.get("categories"):
        # One condition on the enterprises and none on the rows, or a person would come as often as she fits.
        within = posts.model.objects.filter(enterprise__categories__in=categories)
        posts = posts.filter(Q(pk__in=within.values("pk")))
    return posts


def posts_for(user, course, chosen, today):
    """The posts that were chosen and for which a course is, whether or not their holders have it."""
    return narrowed(suitable_posts(user, course, today), chosen)


def lacking(user, course, chosen, today):
    """Those of them whose holders neither study the course nor finished its present edition."""
    return posts_for(user, course, chosen, today).exclude(person__in=held_in(course).values("person"))


def outlook(user, courses, chosen, today):
    """What an assignment would do, course by course; two queries for each, whatever number of people."""
    found = []
    for course in courses:
        posts = posts_for(user, course, chosen, today).order_by()
        people = posts.values("person").distinct().count()
        held = posts.filter(person__in=held_in(course).values("person")).values("person").distinct().count()
        found.append(Reach(course, people, held))
    return found


def categories_of(enterprises):
    """The product categories of some enterprises (a queryset)."""
    links = Enterprise.categories.through.objects.filter(enterprise__in=enterprises.order_by().values("pk"))
    return ProductCategory.objects.filter(pk__in=links.values("productcategory")).order_by("code")


def people_chosen(user, chosen, today):
    """How many people were chosen, whatever courses are for them."""
    posts = narrowed(managed_posts(user, today).filter(person__is_active=True), chosen)
    return posts.order_by().values("person").distinct().count()


def is_under_way(assignment):
    """Whether the background worker has it in its hands or before it."""
    turns = DBTaskResult.objects.filter(
        task_path=TASK, status__in=[READY, RUNNING], args_kwargs__args__0=assignment.pk
    )
    return turns.exists()


def refused_in(assignment):
    """Who was refused what and why: [(post, course, sentence)]; names stand with the people, not with the assignment."""
    rows = assignment.refused
    posts = Post.objects.select_related("person").in_bulk([row[0] for row in rows])
    courses = Course.objects.in_bulk([row[1] for row in rows])
    return [(posts[post], courses[course], why) for post, course, why in rows]


def list_assignments(user):
    """One's own, the newest first."""
    return Assignment.objects.of(user).prefetch_related("courses").order_by("-pk")


def lost(assignment):
    """Whether nobody works on it any more although it waits; asked twice, since it may have ended between two looks."""
    if assignment.state != Assignment.State.WAITING or is_under_way(assignment):
        return False
    return Assignment.objects.filter(pk=assignment.pk, state=Assignment.State.WAITING).exists()
