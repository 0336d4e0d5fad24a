"""What a quiz may draw from, and what one go at it consists of."""

from django.utils.translation import gettext as _

from courses.models import QuizTry
from exams.models import Item, ItemRevision
from exams.queries.papers import place_of


def pool(course, on):
    """The item revisions that a course's quizzes may show: of its own practice bank, sound on that day."""
    found = Item.objects.for_practice(on).filter(bank=course.bank_id)
    return list(found.order_by("pk").values_list("current", flat=True))


def last_try(enrolment, revision):
    """The newest go of somebody at a lesson, with its answer if there is one."""
    rows = QuizTry.objects.filter(enrolment=enrolment, revision=revision)
    return rows.select_related("answer", "enrolment").order_by("-number").first()


def places(go):
    """The items of a go in the order shown."""
    rows = ItemRevision.objects.select_related("item__topic").in_bulk(go.items)
    return [
        place_of(rows[key], position=position, section=_("练习"), points=1)
        for position, key in enumerate(go.items, start=1)
    ]


def token_name(go):
    """Under which name the options of a go are told, so that a token fits no other go and no attempt."""
    return f"quiz-{go.pk}"
