"""What training files say: computed anew from the rows, for one person or for many with the same number of queries.

Facts are codes, texts and numbers, so that their digest does not hang on the language of whoever looks; words come with the page.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, Sum
from django.utils import timezone

from accounts import oneself, records
from accounts import queries as people_queries
from accounts.models import Post, RecordKind, User
from accounts.planning import chunks
from accounts.staffing import FOREVER
from courses.engine.hours import credited
from courses.models import Acknowledgement, Credit, Enrolment, Lesson, QuizAnswer, TrainingFile
from courses.queries import elsewhere
from courses.queries.progress import places_of
from exams.engine.chance import digest
from exams.models import Attempt
from operations.days import midnight

FIRST_YEAR = 2020
LINES = (RecordKind.RESULT, RecordKind.SPOT_CHECK, RecordKind.CERTIFICATE)
SPOT_CHECK = "spot_check"


@dataclass(frozen=True)
class Span:
    """A calendar year: its days, and the moments between which it lies here."""

    year: int

    @property
    def first(self):
        """New year's day."""
        return date(self.year, 1, 1)

    @property
    def last(self):
        """The last day of the year."""
        return date(self.year, 12, 31)

    @property
    def start(self):
        """Its first moment."""
        return midnight(self.first)

    @property
    def end(self):
        """The first moment of the next."""
        return midnight(date(self.year + 1, 1, 1))

    def holds(self, day):
        """Whether a day, as a date or as its text, lies in the year."""
        return str(day)[:4] == str(self.year)


def years(today):
    """The years for which there are files, the present one first."""
    return list(range(today.year, FIRST_YEAR - 1, -1))


def posts_in(enterprise, year):
    """The posts that were held in an enterprise on some day of a year."""
    span = Span(year)
    found = Post.objects.filter(enterprise=enterprise, appointed_on__lte=span.last)
    return found.filter(Q(ended_on=None) | Q(ended_on__gt=span.first))


def people_in(enterprise, year, q=""):
    """Who held a post in an enterprise in a year."""
    found = User.objects.filter(pk__in=posts_in(enterprise, year).values("person"))
    if q:
        found = found.filter(name__icontains=q)
    return found.order_by("name", "pk")


def enterprises_of(user):
    """The enterprises in which a person holds or held a post, the newest first."""
    posts = (
        Post.objects.filter(person=user).select_related("enterprise__unit").order_by("-appointed_on", "-pk")
    )
    return list({post.enterprise_id: post.enterprise for post in posts}.values())


def facts_of(people, enterprise, year):
    """What the files of people say: {person: facts}; nine queries, however many people."""
    people, span = list(people), Span(year)
    keys = [one.pk for one in people]
    posts, courses = _posts(keys, enterprise, span), _courses(keys, enterprise, span)
    trainings = elsewhere.trainings(keys, enterprise, span.first, span.last)
    lines = _lines(keys)
    void = _void(lines, enterprise, span)
    found = {}
    for one in people:
        held = posts[one.pk]
        given = [_training(row) for row in trainings.get(one.pk, ())]
        found[one.pk] = {
            "year": year,
            "enterprise": {"name": enterprise.unit.name, "uscc": enterprise.uscc},
            "person": {"name": one.name, "account": one.username, "id": one.id_mask},
            "posts": held,
            "courses": courses[one.pk],
            "trainings": given,
            "minutes": sum(row["minutes"] for row in courses[one.pk] + given),
            **_of_lines(lines[one.pk], held, enterprise, span, void),
        }
    return found


def all_facts(enterprise, year):
    """What the files of everybody in an enterprise and year say, one after the other."""
    for some in chunks(people_in(enterprise, year)):
        yield from facts_of(some, enterprise, year).values()


def _posts(keys, enterprise, span):
    found = defaultdict(list)
    rows = posts_in(enterprise, span.year).filter(person__in=keys).order_by("appointed_on", "pk")
    for row in rows:
        ended = row.ended_on if row.ended_on and row.ended_on <= span.last else None
        found[row.person_id].append(
            {"kind": row.kind, "from": row.appointed_on.isoformat(), "to": ended.isoformat() if ended else ""}
        )
    return found


def _courses(keys, enterprise, span):
    """Courses as they stood at the end of the year, and the minutes that were verified in it."""
    rows = list(
        Enrolment.objects.filter(person__in=keys, post__enterprise=enterprise, enrolled_at__lt=span.end)
        .filter(Q(completed_at=None) | Q(completed_at__gte=span.start))
        .exclude(state=Enrolment.State.CANCELLED)
        .select_related("course", "edition")
        .order_by("enrolled_at", "pk")
    )
    before, upto = _seconds(rows, span)
    passed = set(
        QuizAnswer.objects.filter(try_of__enrolment__in=rows, is_passed=True, at__lt=span.end).values_list(
            "try_of__enrolment", "try_of__revision"
        )
    )
    places = places_of({row.edition_id for row in rows})
    found = defaultdict(list)
    for row in rows:
        lessons = {place.revision_id: place.revision for place in places[row.edition_id]}
        needs = {key: one.seconds for key, one in lessons.items()}
        counted, earlier = credited(upto[row.pk], needs), credited(before[row.pk], needs)
        is_over = row.completed_at is not None and row.completed_at < span.end
        found[row.person_id].append(
            {
                "name": row.edition.name,
                "edition": row.edition.number,
                "from": timezone.localdate(row.enrolled_at).isoformat(),
                "to": timezone.localdate(row.completed_at).isoformat() if is_over else "",
                "lessons": sum(
                    counted[key] >= needs[key] and (one.kind != Lesson.Kind.QUIZ or (row.pk, key) in passed)
                    for key, one in lessons.items()
                ),
                "lessons_all": len(lessons),
                "minutes": (sum(counted.values()) - sum(earlier.values())) // 60,
                "minutes_all": sum(needs.values()) // 60,
            }
        )
    return found


def _seconds(rows, span):
    """What was verified before the year and up to its end: ({enrolment: {lesson: seconds}}, the same)."""
    before, upto = defaultdict(dict), defaultdict(dict)
    credits = Credit.objects.filter(enrolment__in=rows, answer__at__lt=span.end).order_by()
    sums = credits.values_list("enrolment", "revision").annotate(
        upto=Sum("seconds"), before=Sum("seconds", filter=Q(answer__at__lt=span.start), default=0)
    )
    for enrolment, revision, all_of_it, earlier in sums:
        upto[enrolment][revision], before[enrolment][revision] = all_of_it, earlier
    return before, upto


def _lines(keys):
    found = defaultdict(list)
    rows = records.latest(keys, *LINES).annotate(owner=oneself.owner("person"))
    for row in rows.order_by("occurred_on", "pk"):
        found[row.owner].append(row)
    return found


def _void(lines, enterprise, span):
    """The attempts among the results of the year that were voided since."""
    keys = [
        int(row.subject.removeprefix("attempt:"))
        for rows in lines.values()
        for row in rows
        if row.kind == RecordKind.RESULT and _is_here(row, enterprise) and span.holds(row.occurred_on)
    ]
    return set(Attempt.objects.filter(pk__in=keys, state=Attempt.State.VOIDED).values_list("pk", flat=True))


def _is_here(row, enterprise):
    return row.facts.get("uscc") == enterprise.uscc


def _of_lines(rows, posts, enterprise, span, void):
    """What the personnel file tells of the year: only what was released or confirmed stands there."""
    told = {"exams": [], "spot_checks": [], "certificates": []}
    # Of what she earned elsewhere an enterprise knows what was there while she held its post.
    until = "" if any(not post["to"] for post in posts) else max((post["to"] for post in posts), default="0")
    for row in rows:
        here, facts = _is_here(row, enterprise), row.facts
        if row.kind == RecordKind.CERTIFICATE:
            issued, expires = facts.get("issued_on", ""), facts.get("expires_on") or FOREVER
            is_known = here or not until or issued <= until
            if is_known and issued <= span.last.isoformat() and expires >= span.first.isoformat():
                told["certificates"].append(_certificate(row, issued, expires))
        elif here and span.holds(row.occurred_on):
            if row.kind == RecordKind.SPOT_CHECK:
                told["spot_checks"].append(_spot_check(row))
            elif facts.get("exam_kind") != SPOT_CHECK:
                told["exams"].append(_exam(row, void))
    return told


def _certificate(row, issued, expires):
    facts = row.facts
    return {
        "number": facts.get("number", ""),
        "title": row.title,
        "from": issued,
        "to": expires,
        "state": facts.get("state", ""),
    }


def _spot_check(row):
    facts = row.facts
    return {
        "on": row.occurred_on.isoformat(),
        "name": row.title,
        "organ": facts.get("organ", ""),
        "serial": facts.get("serial", ""),
        "conclusion": facts.get("conclusion", ""),
        "points": facts.get("points", ""),
    }


def _exam(row, void):
    facts = row.facts
    return {
        "on": row.occurred_on.isoformat(),
        "name": row.title,
        "attempt": facts.get("attempt_number", 1),
        "points": facts.get("points", ""),
        "max_points": facts.get("max_points", ""),
        "passed": bool(facts.get("passed")),
        "void": int(row.subject.removeprefix("attempt:")) in void,
    }


def _training(row):
    return {
        "kind": row.kind,
        "name": row.title,
        "from": row.first.isoformat(),
        "to": row.last.isoformat(),
        "minutes": row.minutes,
        "note": row.note,
    }


def confirmed_of(keys, enterprise, year):
    """The newest confirmation of each person: {person: Acknowledgement}; one query."""
    rows = Acknowledgement.objects.filter(
        file__enterprise=enterprise, file__year=year, file__person__in=keys
    ).select_related("file")
    return {row.file.person_id: row for row in rows.order_by("file__number")}


def is_confirmed(facts, row):
    """Whether a confirmation is of what the file says now."""
    return row is not None and row.digest == digest(facts)


def newest_of(keys, enterprise, year):
    """The newest kept version of each of these people, None being the cover: {person: TrainingFile}; one query."""
    rows = TrainingFile.objects.filter(enterprise=enterprise, year=year)
    whose = Q(person__in=[key for key in keys if key is not None])
    if None in keys:
        whose |= Q(person=None)
    return {row.person_id: row for row in rows.filter(whose).order_by("number")}


def totals(all_facts):
    """What the files of many say together; takes the facts of each."""
    sums = dict.fromkeys(("people", "minutes", "trained", "completed", "running", "sat", "passed", "people_sat", "people_passed", "checked", "checks_passed"), 0)  # fmt: skip
    for facts in all_facts:
        counted = [row for row in facts["exams"] if not row["void"]]
        checks = [row for row in facts["spot_checks"] if row["conclusion"] in ("passed", "failed")]
        sums["people"] += 1
        sums["minutes"] += facts["minutes"]
        sums["trained"] += bool(facts["minutes"])
        sums["completed"] += sum(bool(row["to"]) for row in facts["courses"])
        sums["running"] += sum(not row["to"] for row in facts["courses"])
        sums["sat"] += len(counted)
        sums["passed"] += sum(row["passed"] for row in counted)
        sums["people_sat"] += bool(counted)
        sums["people_passed"] += any(row["passed"] for row in counted)
        sums["checked"] += len(checks)
        sums["checks_passed"] += sum(row["conclusion"] == "passed" for row in checks)
    return sums


def cover_of(enterprise, year, sums, today):
    """What the enterprise's cover says: the posts as they stand today, the plans and the sums of the year."""
    unit = enterprise.unit
    staffing = people_queries.staffing_of([enterprise], today)[enterprise.pk]
    return {
        "year": year,
        "on": today.isoformat(),
        "enterprise": {
            "name": unit.name,
            "uscc": enterprise.uscc,
            "organ": unit.parent.name if unit.parent else "",
            "address": enterprise.address,
            "size": enterprise.size_class,
            "produces": enterprise.produces,
            "sells": enterprise.sells,
            "categories": [one.name for one in enterprise.categories.order_by("code")],
        },
        "posts": [
            {"kind": place.kind, "state": place.state, "holders": [one.name for one in place.holders]}
            for place in staffing.places
        ],
        "owed": staffing.owed,
        "filled": staffing.filled,
        "valid": staffing.valid,
        "plans": elsewhere.plans(enterprise, year),
        "sums": sums,
    }
