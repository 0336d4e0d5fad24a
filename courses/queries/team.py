"""The learning of the people whom somebody looks after."""

from django.db.models import Count, Exists, F, OuterRef, Q

from accounts import scope
from accounts.models import Enterprise, Post
from accounts.permissions import roles
from accounts.scope import within
from courses.models import Course, Enrolment

SEES = roles("learning.see")
ASSIGNS = roles("learning.assign")
LATE = "late"


def list_team(user, today, q="", course="", state="", unit=""):
    """Enrolments of the visitor's people; those with the nearest day first. What a page says of its rows is read by `told`."""
    found = Enrolment.objects.seen_by(user).exclude(state=Enrolment.State.CANCELLED)
    if unit:
        found = found.filter(post__enterprise__unit__path__contains=f"/{unit}/")
    if q:
        found = found.filter(Q(person__name__icontains=q) | Q(post__enterprise__unit__name__icontains=q))
    if course:
        found = found.filter(course__code=course)
    if state == LATE:
        found = found.filter(state=Enrolment.State.ACTIVE, due_on__lt=today)
    elif state:
        found = found.filter(state=state)
    return found.order_by("completed_at", F("due_on").asc(nulls_last=True), "pk")


def courses_seen(user):
    """The courses that may stand in the visitor's list: of the organs above and below what she oversees, once they were given out.

    Whether somebody studies each of them is not asked: that took as long as the list itself.
    """
    near = scope.within(user, *SEES) | Q(unit__path__in=scope.paths_above(user, *SEES))
    return Course.objects.filter(near, current__isnull=False).order_by("code")


def told(keys):
    """Enrolments by their keys with all that a list says of them, in the order of the keys: the list itself sorts bare rows."""
    rows = Enrolment.objects.told().in_bulk(keys)
    return [rows[key] for key in keys if key in rows]


def late(user, unit_id, today):
    """How many of an enterprise's people are behind their day, and how many are learning."""
    active = Enrolment.objects.seen_by(user).filter(
        state=Enrolment.State.ACTIVE, post__enterprise__unit=unit_id
    )
    return active.aggregate(active=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today)))


def assignable(user):
    """The published courses that a manager may give to her people; the database is asked by enterprises, not by people."""
    door = Q(pk__in=())
    firms = Enterprise.objects.filter(
        within(user, *ASSIGNS), Exists(Post.objects.filter(enterprise=OuterRef("pk")))
    )
    for firm in firms.select_related("unit"):
        door |= Q(pk__in=Course.objects.offered_to(firm).values("pk"))
    return Course.objects.filter(door).select_related("current", "category").order_by("code")


def managed_posts(user, today):
    """The posts of the enterprises that somebody manages; with a day only those held on it."""
    found = Post.objects.filter(within(user, *ASSIGNS, path="enterprise__unit__path"))
    return found.current(today) if today else found


def suitable_posts(user, course, today):
    """The people of one's enterprises for whom a course is."""
    found = managed_posts(user, today).filter(person__is_active=True)
    if course.post_kinds:
        found = found.filter(kind__in=course.post_kinds)
    if course.category_id:
        categories = Q(enterprise__categories=course.category_id) | Q(
            enterprise__categories__parent=course.category_id
        )
        found = found.filter(pk__in=found.filter(categories).values("pk"))
    return found.select_related("person", "enterprise__unit").order_by("enterprise__unit__path", "kind", "pk")


def held_in(course):
    """The enrolments that make giving a course once more idle: those under way, and those that finished its present edition."""
    state = Enrolment.State
    return Enrolment.objects.filter(
        Q(state=state.ACTIVE) | Q(state=state.COMPLETED, edition=course.current_id), course=course
    )


def fitting_posts(user, course, today):
    """The people of one's enterprises for whom a course is and who neither study it nor finished its present edition."""
    return suitable_posts(user, course, today).exclude(person__in=held_in(course).values("person"))
