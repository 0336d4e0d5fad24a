"""What an enterprise's manager must fill, follow up and print."""

from datetime import date, timedelta

from django.db.models import Exists, Q
from django.shortcuts import get_object_or_404

from accounts import queries as people
from accounts import staffing, telling
from accounts.models import PostKind
from exams.models import Attempt, ExamSession, Registration
from exams.queries.sessions import KNOWN_PASSED
from supervision.queries import notices

MOST = 8
SOON_DUE = 7


def home(user, unit_id, today):
    """Everything on the page, in a fixed number of queries."""
    enterprise = get_object_or_404(people.enterprises_seen_by(user), unit=unit_id)
    found = people.staffing_of([enterprise], today)[enterprise.pk]
    holders = [holder for place in found.places for holder in place.holders] + list(found.extra)
    late = list(late_in(user, enterprise, today))
    return {
        "enterprise": enterprise,
        "notices": list(notices.at_home_of_enterprise(user, enterprise)),
        "staffing": found,
        "places": telling.places(found),
        "late": [{"registration": r, "days": (today - r.due_on).days} for r in late[:MOST]],
        "late_count": len(late),
        "results": results_in(user, enterprise)[:MOST],
        "ending": _ending(holders, today),
        "people": _people(holders),
    }


def late_in(user, enterprise, today):
    """Registrations of an enterprise that are overdue or fall due within a week, not yet passed; the most urgent first."""
    return (
        Registration.objects.seen_by(user)
        .admitted()
        .filter(
            ~Exists(KNOWN_PASSED),
            Q(post__ended_on__isnull=True) | Q(post__ended_on__gt=today),
            post__enterprise=enterprise,
            session__state=ExamSession.State.PUBLISHED,
            due_on__lte=today + timedelta(days=SOON_DUE),
        )
        .select_related("candidate", "session")
        .order_by("due_on", "candidate__name")
    )


def results_in(user, enterprise):
    """The finished attempts of an enterprise whose results are known, newest first."""
    return (
        Attempt.objects.seen_by(user)
        .filter(
            registration__post__enterprise=enterprise,
            state=Attempt.State.SUBMITTED,
            released_at__isnull=False,
            current_result__isnull=False,
        )
        .select_related("registration__candidate", "registration__session", "current_result")
        .order_by("-submitted_at")
    )


def _ending(holders, today):
    """Whose certificate ends within sixty days, the nearest end first."""
    rows = [
        {"person": h.person_id, "name": h.name, "kind": PostKind(h.kind).label, "until": date.fromisoformat(h.standing.until)}
        for h in holders
        if h.standing.code == staffing.ENDING
    ]  # fmt: skip
    return sorted(
        ({**row, "days": staffing.days_left(row["until"], today)} for row in rows),
        key=lambda row: row["until"],
    )


def _people(holders):
    """Everybody in post once, with her posts in words."""
    found = {}
    for holder in holders:
        row = found.setdefault(
            holder.person_id, {"person": holder.person_id, "name": holder.name, "kinds": []}
        )
        row["kinds"].append(str(PostKind(holder.kind).label))
    return [row | {"kinds": "、".join(row["kinds"])} for row in found.values()]
