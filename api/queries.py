"""The rows behind the doors of the pages, by the filters of the interface."""

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.queries import people_seen_by, posts_seen_by
from certificates.queries import list_certificates
from exams.models import Attempt

S = Attempt.State


def people(bearer, filters=None, *, today):
    """Those who hold or held a post in the bearer's enterprises."""
    found = people_seen_by(bearer)
    if filters is None:
        return found
    posts = posts_seen_by(bearer).filter(person=OuterRef("pk"))
    if filters.enterprise:
        posts = posts.filter(enterprise__uscc=filters.enterprise)
        found = found.filter(Exists(posts))
    if filters.state != "all":
        holds = Exists(posts.current(today))
        found = found.filter(holds if filters.state == "in_post" else ~holds)
    if filters.entered_since:
        found = found.filter(joined_at__gte=filters.entered_since)
    return found


def posts(bearer, filters=None, *, today):
    """Posts of all times in the bearer's enterprises."""
    found = posts_seen_by(bearer).select_related("enterprise__unit").prefetch_related("categories")
    if filters is None:
        return found
    if filters.enterprise:
        found = found.filter(enterprise__uscc=filters.enterprise)
    return {
        "all": found,
        "current": found.current(today),
        "ended": found.filter(ended_on__lte=today),
        "planned": found.filter(Q(ended_on=None) | Q(ended_on__gt=today), appointed_on__gt=today),
    }[filters.state]


def results(bearer, filters=None):
    """Attempts of the bearer's people that are over."""
    found = (
        Attempt.objects.seen_by(bearer)
        .exclude(state=S.IN_PROGRESS)
        .select_related(
            "registration__session__exam", "registration__post__enterprise__unit", "current_result"
        )
    )
    if filters is None:
        return found
    if filters.enterprise:
        found = found.filter(registration__post__enterprise__uscc=filters.enterprise)
    if since := filters.changed_since:
        found = found.filter(
            Q(submitted_at__gte=since)
            | Q(released_at__gte=since)
            | Q(voided_at__gte=since)
            | Q(current_result__scored_at__gte=since)
        )
    return {
        "all": found,
        "released": found.filter(state=S.SUBMITTED, released_at__isnull=False),
        "awaited": found.filter(state=S.SUBMITTED, released_at__isnull=True),
        "voided": found.filter(state=S.VOIDED),
    }[filters.state]


def certificates(bearer, filters=None, *, today):
    """Certificates earned in the bearer's enterprises."""
    wanted = filters.state if filters and filters.state != "all" else ""
    found = list_certificates(bearer, state=wanted, today=today)
    if filters is None:
        return found
    if filters.enterprise:
        found = found.filter(post__enterprise__uscc=filters.enterprise)
    if since := filters.changed_since:
        day = timezone.localdate(since)
        found = found.filter(
            Q(state_at__gte=since) | Q(issued_on__gte=day) | Q(replaced_by__issued_on__gte=day)
        )
    return found


def state_of(post, today):
    """Whether a post is held, over or yet to begin; the same rule as the filter."""
    if post.ended_on and post.ended_on <= today:
        return "ended"
    return "current" if post.appointed_on <= today else "planned"
