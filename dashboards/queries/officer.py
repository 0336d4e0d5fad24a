"""What somebody in post owes, by when, and whether she is qualified for her post today."""

from django.utils import timezone

from accounts import queries as people
from accounts import records, staffing, telling
from accounts.models import RecordKind
from exams.models import BlueprintLine, Exam
from exams.queries import candidate
from supervision.queries import minutes, notices

NEWEST = 5
NEEDS_EXAM = {staffing.ENDING, staffing.EXPIRED, staffing.MISSING}


def home(user, post, now):
    """Everything on the page, in a fixed number of queries."""
    today = timezone.localdate(now)
    registered = candidate.registered(user, now)
    offered = candidate.offered(user, now)
    sizes = _sizes([row["session"] for row in registered] + offered)
    is_sitting = candidate.is_sitting(user, now)
    entries = records.latest(user)
    if is_sitting:  # the whole file stays open to her; here nothing tells her points while she sits
        entries = entries.exclude(kind=RecordKind.RESULT)
    standing = standing_of(user, post, today)
    due = sorted((_due(row, sizes, today) for row in registered if _is_owed(row)), key=_urgency)
    open_to_her = [{"session": s, **sizes.get(s.exam.blueprint_id, NO_SIZE)} for s in offered]
    # Whoever owes nothing but needs a certificate is shown the way to one.
    needs_one = standing is not None and standing["code"] in NEEDS_EXAM and not due
    suggested = next(
        (row for row in open_to_her if row["session"].exam.kind == Exam.Kind.SELF_TRAINING), None
    )
    suggested = suggested if needs_one else None
    return {
        "notices": list(notices.at_home_of_person(user)),
        "standing": standing,
        "due": due,
        "suggested": suggested,
        "passed": [row for row in registered if row["passed"]],
        "offered": [row for row in open_to_her if row is not suggested],
        "last": candidate.sat(user).filter(released_at__isnull=False, current_result__isnull=False).first(),
        "is_sitting": is_sitting,
        "to_sign": list(minutes.waiting_for(user)),
        "entries": [telling.entry(line, today) for line in entries[:NEWEST]],
    }


def standing_of(user, post, today):
    """How she stands in the post under which she acts: code, label, colour, last day, days left; None without a post."""
    if post is None:
        return None
    found = staffing.standing(people.certificates_of([user.pk])[user.pk], post.kind, today)
    told = telling.standing(found)
    until = timezone.datetime.fromisoformat(told["until"]).date() if told["until"] else None
    return told | {"code": found.code, "until": until, "days": staffing.days_left(until, today)}


NO_SIZE = {"count": 0, "points": 0}


def _sizes(sessions):
    """How many items and points the papers of each blueprint have: {blueprint pk: {count, points}}."""
    lines = BlueprintLine.objects.filter(blueprint__in={s.exam.blueprint_id for s in sessions}).order_by()
    sizes = {}
    for pk, count, points in lines.values_list("blueprint", "count", "points"):
        size = sizes.setdefault(pk, dict(NO_SIZE))
        size["count"] += count
        size["points"] += count * points
    return sizes


def _is_owed(row):
    """Whether she still has to do something: a spot check is sat once, and what follows it is not in her hands."""
    is_used_up = row["left"] == 0 and not row["running"] and row["session"].exam.kind == Exam.Kind.SPOT_CHECK
    return not row["passed"] and not is_used_up


def _due(row, sizes, today):
    session = row["session"]
    until = row["registration"].due_on or timezone.localdate(session.closes_at)
    days = (until - today).days
    tone = (
        "stop"
        if days < 0
        else "warn"
        if row["registration"].due_on or days <= 14 or row["running"]
        else "info"
    )
    return row | sizes.get(session.exam.blueprint_id, NO_SIZE) | {
        "until": until, "days": days, "late_by": -days, "tone": tone
    }  # fmt: skip


def _urgency(row):
    return (row["running"] is None, bool(row["why_not"]), row["until"], row["session"].code)
