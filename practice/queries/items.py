"""Items of practice as pages show them: topics, search, favourites, what was answered, mock exams."""

from django.db.models import Q

from exams.models import BlueprintLine, ItemRevision, Topic
from exams.queries import candidate
from exams.queries.papers import Place
from practice.models import Favourite, Mock, PracticeAnswer
from practice.queries.state import offered


def topics_of(pool):
    """The topics of a pool with their banks: {key: topic}."""
    return Topic.objects.select_related("bank").in_bulk({one.topic for one in pool})


def revisions(keys):
    """Item revisions with all that a page shows, in this order."""
    rows = ItemRevision.objects.select_related("item__topic__bank").in_bulk(keys)
    return [rows[key] for key in keys if key in rows]


def place(revision, position):
    """An item revision as the sheets of the exams know their places."""
    return Place(
        position=position,
        section="",
        points=1,
        type=revision.item.type,
        code=revision.item.code,
        topic=revision.item.topic.name,
        stem=revision.stem,
        body=revision.body,
        key=revision.key,
        rationale=revision.rationale,
        basis=revision.basis,
        clause=revision.clause,
    )


def found(user, on, *, q="", topic=None):
    """Offered items whose stem, code, basis or topic holds every word."""
    rows = offered(user, on).select_related("current", "topic__bank").order_by("topic", "pk")
    for word in q.split()[:8]:
        rows = rows.filter(
            Q(current__stem__icontains=word)
            | Q(code__icontains=word)
            | Q(current__basis__icontains=word)
            | Q(topic__name__icontains=word)
        )
    return rows.filter(topic=topic) if topic else rows


def favourites(user):
    """Keys of the items that she keeps, the newest first."""
    return list(dict.fromkeys(Favourite.objects.of(user).values_list("item", flat=True)))


def review(user, device):
    """What she said under one name, in its order, each with its item revision."""
    rows = PracticeAnswer.objects.of(user).filter(device=device)
    return list(rows.select_related("revision__item__topic__bank").order_by("number"))


def sheet_of(user, mock):
    """The items of a mock exam in their order, each with what she said to it or nothing."""
    said = {row.number: row for row in review(user, mock.device)}
    return [
        said.get(number) or PracticeAnswer(revision=revision, payload={}, is_right=False)
        for number, revision in enumerate(revisions(mock.revisions), start=1)
    ]


def mocks(user):
    """Her mock exams, the newest first."""
    return Mock.objects.of(user).select_related("exam", "end").order_by("-begun_at", "-pk")


def exams_for(user, now):
    """The exams that a mock may be modelled on: of sessions that she is registered for or may register for."""
    held = [row["session"].exam for row in candidate.registered(user, now)]
    open_ = [session.exam for session in candidate.offered(user, now)]
    return {exam.pk: exam for exam in sorted([*held, *open_], key=lambda exam: exam.code)}


def proportions(exam):
    """How many items of each type the exam's blueprint asks for."""
    wanted = {}
    for kind, count in BlueprintLine.objects.filter(blueprint=exam.blueprint_id).values_list("type", "count"):
        if kind:
            wanted[kind] = wanted.get(kind, 0) + count
    return wanted
