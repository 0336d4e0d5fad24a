"""Chapter three: who was admitted, what was sat, and what became of the certificates."""

from datetime import date, timedelta

from django.db.models import F
from django.utils import timezone

from accounts.models import User
from certificates import actions as certificates
from certificates.models import Certificate
from config.demo import files
from config.demo.answers import answers
from exams.actions import attempts, release, sessions
from exams.actions.scoring import policy_of
from exams.models import Attempt, ExamSession, Registration
from exams.queries import papers

SAID_SO_FAR = 18  # places that the candidate who sits right now has answered


def load(today):
    """Tell the past in its order, then who is invited and what was decided about certificates."""
    people = {
        person.name: person
        for person in User.objects.prefetch_related("posts__enterprise__categories__parent")
    }
    held = {session.code: session for session in ExamSession.objects.select_related("exam__category")}
    sitting = files.rows("sittings.csv", today)
    for row in sitting:
        if row["started"]:
            _sit(people[row["person"]], held[row["session"]], files.moment(row["started"]), row)
    Attempt.objects.filter(released_at__isnull=False).update(released_at=F("submitted_at"))
    _invite(files.rows("registrations.csv", today), people, held, today)
    for row in sitting:
        if not row["started"]:
            _begin(people[row["person"]], held[row["session"]], row)
    _decide(files.rows("certificates.csv", today))


def post_for(person, session, on):
    """The post under which a person sat: held on the day, of a kind the exam asks for, best one that makes the product."""
    category = session.exam.category
    held = [
        post
        for post in person.posts.all()
        if post.kind in session.exam.post_kinds
        and post.appointed_on <= on
        and (post.ended_on is None or post.ended_on > on)
    ]
    listed = [
        post
        for post in held
        if category and any(category in (own, own.parent) for own in post.enterprise.categories.all())
    ]
    return (listed or held)[0]


def _admit(person, session, now):
    """Her own registration, made shortly before she began."""
    post = post_for(person, session, timezone.localdate(now))
    return sessions.register(
        session, post, by=person, source=Registration.Source.SELF, now=now - timedelta(minutes=5)
    )


def _start(person, session, now, percent):
    registration = _admit(person, session, now)
    attempt = attempts.start(registration, by=person, now=now)
    seed = f"{person.username}:{session.code}:{attempt.number}"
    said = answers(papers.places(attempt.paper), percent, policy_of(session), seed)
    entries = [
        attempts.Entry(number, position, said[position])
        for number, position in enumerate(attempt.layout["order"], start=1)
    ]
    return attempt, entries


def _sit(person, session, started, row):
    """One sitting from start to hand-in: most answers were saved on the way, the rest came with the hand-in."""
    attempt, entries = _start(person, session, started, int(row["percent"]))
    finished = started + timedelta(minutes=int(row["minutes"]))
    most = len(entries) * 4 // 5
    attempts.save(person, attempt.pk, entries[:most], now=finished - timedelta(minutes=3))
    attempts.hand_in(person, attempt.pk, by=person, entries=entries[most:], now=finished)
    release.release(attempt)  # at once, so that certificates are numbered in the order of the days


def _begin(person, session, row):
    """Somebody who sits at this moment."""
    now = timezone.now()
    attempt, entries = _start(person, session, now - timedelta(minutes=6), int(row["percent"]))
    attempts.save(person, attempt.pk, entries[:SAID_SO_FAR], now=now)


def _invite(rows, people, held, today):
    by_name = User.objects.in_bulk(field_name="username")
    sources = {"manager": Registration.Source.MANAGER, "district": Registration.Source.REGULATOR}
    for row in rows:
        session = held[row["session"]]
        post = post_for(people[row["person"]], session, today)
        sessions.register_many(
            session,
            [post],
            by=by_name[row["by"]],
            source=sources[row["by"]],
            due_on=date.fromisoformat(row["due"]) if row["due"] else None,
        )


def _decide(rows):
    city = User.objects.get(username="city")
    for row in rows:
        certificate = Certificate.objects.get(
            holder__name=row["person"],
            attempt__registration__session__code=row["session"],
            replaces__isnull=True,
        )
        DECISIONS[row["act"]](certificate, by=city, why=row["why"])


def _move_to(state):
    return lambda certificate, *, by, why: certificates.decide(certificate, to=state, by=by, why=why)


DECISIONS = {
    "suspended": _move_to(Certificate.State.SUSPENDED),
    "revoked": _move_to(Certificate.State.REVOKED),
    "replaced": certificates.replace,
}
