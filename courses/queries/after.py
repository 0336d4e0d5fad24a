"""What was missed in an attempt, which lessons could help, and what was suggested of them."""

from collections import defaultdict

from django.db.models import F

from courses.engine.remedies import Miss, Offer
from courses.models import EditionLesson, Lesson, LessonFile, LessonRevision, Suggestion
from courses.queries import learning
from exams import disclosing
from exams.models import ItemRevision, PaperItem, Score

SHORT = (Lesson.Kind.ARTICLE, Lesson.Kind.VIDEO, Lesson.Kind.DOCUMENT)
SHOWS = frozenset({"verdicts", "provisions"})  # what the terms must disclose before a suggestion may be told
RESTS_ON = ItemRevision.provisions.through.objects
MOST_UNREAD = 30  # of which the newest exam is looked for
CITES = LessonRevision.provisions.through.objects


def misses_of(attempt):
    """The items of the attempt at which points were lost by the result that counts; three queries."""
    lost = {
        row.position: row.max_points - row.points
        for row in Score.objects.filter(result=attempt.current_result_id)
        if row.points < row.max_points
    }
    places = list(
        PaperItem.objects.filter(paper=attempt.paper_id, position__in=lost)
        .order_by("position")
        .values_list("position", "revision", "revision__item__topic")
    )
    provisions = defaultdict(set)
    for revision, provision in RESTS_ON.filter(
        itemrevision__in=[revision for _position, revision, _topic in places]
    ).values_list("itemrevision", "legalprovision"):
        provisions[revision].add(provision)
    return [Miss(lost[at], frozenset(provisions[revision]), topic) for at, revision, topic in places]


def offers_to(person):
    """The short lessons of the courses that stand open to a person, as they are given out now."""
    editions = {one.current_id for one in learning.open_courses(person)}
    rows = EditionLesson.objects.filter(edition__in=editions, revision__lesson__kind__in=SHORT)
    places = list(rows.values_list("revision", "revision__minutes", "edition__course__code", "position"))
    cited = defaultdict(set)
    for revision, provision in CITES.filter(lessonrevision__in=[row[0] for row in places]).values_list(
        "lessonrevision", "legalprovision"
    ):
        cited[revision].add(provision)
    return [
        Offer(revision, minutes, frozenset(cited[revision]), (code, position))
        for revision, minutes, code, position in places
        if cited[revision]
    ]


def provisions_of(topics):
    """On which provisions the items of topics rest, as they are written now: {topic: {provision, …}}."""
    found = defaultdict(set)
    rows = RESTS_ON.filter(
        itemrevision__item__topic__in=set(topics), itemrevision__item__current=F("itemrevision")
    )
    for topic, provision in rows.values_list("itemrevision__item__topic", "legalprovision"):
        found[topic].add(provision)
    return found


def suggested(attempt):
    """What was suggested after an attempt, in its order."""
    return list(Suggestion.objects.filter(attempt=attempt).told().order_by("rank"))


def unread_disclosed(user, now):
    """Her suggestions that she has not read of the newest attempt whose terms disclose what was missed."""
    rows = Suggestion.objects.of(user).filter(reading=None).told()
    found = {}
    for row in rows.order_by("-attempt__submitted_at", "-attempt", "rank")[:MOST_UNREAD]:
        found.setdefault(row.attempt_id, []).append(row)
    return next((some for some in found.values() if is_disclosed(some[0], now)), [])


def is_disclosed(suggestion, now):
    """Whether the terms of its exam let the person know now what she missed."""
    return disclosing.seen(suggestion.attempt, now) >= SHOWS


def of_hers(user, pk, now):
    """A suggestion of hers that she may know of now, or None."""
    found = Suggestion.objects.of(user).filter(pk=pk).told().first()
    return found if found and is_disclosed(found, now) else None


def file_of(user, code, digest, now):
    """A file of a course of which a lesson was suggested to her and she may know it now, or None."""
    suggestions = Suggestion.objects.of(user).filter(revision__lesson__course__code=code).told()
    if not any(is_disclosed(one, now) for one in suggestions):
        return None
    return LessonFile.objects.select_related("course").filter(course__code=code, digest=digest).first()
