"""Builders of what the stories after an exam need: items and lessons that rest on provisions, an attempt that misses some."""

from catalog.models import LegalDocument, LegalProvision
from courses.actions import writing
from courses.models import Course, Lesson, Suggestion
from exams.actions import attempts, release
from exams.models import ItemBank, ItemRevision
from exams.queries import papers
from tests import build

ORDER = "企业落实主体责任规定"


def provision(number, title=ORDER):
    """An article of a made-up document."""
    document, _new = LegalDocument.objects.get_or_create(code=f"story-{title}", defaults={"title": title})
    return LegalProvision.objects.get_or_create(document=document, article=f"第{number}条")[0]


def suggestion(attempt, revision, rank=1):
    """A suggestion as if something had been missed."""
    return Suggestion.objects.create(
        person=attempt.registration.candidate,
        attempt=attempt,
        rank=rank,
        revision=revision,
        provision=provision("九"),
        points=2,
    )


def session(cast, code="after", *, linked=True, **terms):
    """A session of five statements, each resting on an article of its own, 第1条 to 第5条."""
    return build.make_session(cast, code, counts={"truefalse": 5}, bank=bank(cast, code, linked), **terms)


def bank(cast, code, linked=True):
    """Five statements; number n rests on 第n条."""
    made = build.make_bank(cast, code, each=0, truefalse=5)
    if linked:
        for n, item in enumerate(made.items.order_by("code"), start=1):
            ItemRevision.objects.get(pk=item.current_id).provisions.add(provision(n))
    return ItemBank.objects.get(pk=made.pk)


def course(cast, *lessons, code="helps", **fields):
    """A published course: each lesson is (title, minutes, articles)."""
    made = writing.write(
        Course(code=code, **({"name": f"课程{code}", "unit": cast.city_organ} | fields)),
        prerequisites=(),
        by=cast.editor,
    )
    for title, minutes, articles in lessons:
        writing.write_lesson(
            made, by=cast.editor, kind=Lesson.Kind.ARTICLE, title=title, body=f"## 要点\n\n{title}正文", minutes=minutes,
            provisions=[provision(n) for n in articles],
        )  # fmt: skip
    return writing.publish(made, by=cast.editor)


def missed(room, user, *articles, release_it=True):
    """An attempt of somebody who answers wrongly at these articles and rightly at all others, handed in."""
    attempt = build.begun(room, user)
    codes = {f"truefalse-{n:03d}" for n in articles}
    entries = []
    for number, (position, place) in enumerate(papers.places(attempt.paper).items(), start=1):
        right = build.right(place.type, place.body, place.key)
        said = {"value": not right["value"]} if place.code in codes else right
        entries.append(attempts.Entry(number, position, said))
    attempts.save(build.own(attempt), attempt.pk, entries)
    attempts.hand_in(build.own(attempt), attempt.pk, by=user)
    attempt.refresh_from_db()
    return release.release(attempt) if release_it else attempt
