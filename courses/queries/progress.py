"""How far people are: four queries for any number of enrolments, three where no lesson is learned in a class; nothing is kept that could be wrong."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Sum

from courses.engine.hours import credited
from courses.models import Course, Credit, EditionLesson, Enrolment, Lesson, LessonRevision, QuizAnswer
from courses.queries.classes import class_seconds_of


@dataclass(frozen=True)
class Step:
    """One lesson of an edition, and how far somebody is in it."""

    revision: LessonRevision
    position: int
    seconds: int
    has_passed: bool

    @property
    def is_done(self):
        """Whether it has its time and, if it is a quiz, was passed."""
        return self.seconds >= self.revision.seconds and self.has_passed

    @property
    def minutes(self):
        """Whole minutes that count."""
        return self.seconds // 60

    @property
    def left(self):
        """Minutes that are lacking, rounded up."""
        return -(-(self.revision.seconds - self.seconds) // 60)


@dataclass(frozen=True)
class Progress:
    """How far somebody is in an edition."""

    steps: tuple[Step, ...]

    @cached_property
    def seconds(self):
        """Verified seconds that count."""
        return sum(step.seconds for step in self.steps)

    @cached_property
    def needed(self):
        """Seconds that the edition takes."""
        return sum(step.revision.seconds for step in self.steps)

    @property
    def minutes(self):
        """Whole minutes that count."""
        return self.seconds // 60

    @property
    def minutes_needed(self):
        """Minutes that the edition takes."""
        return self.needed // 60

    @cached_property
    def done(self):
        """How many lessons are done."""
        return sum(step.is_done for step in self.steps)

    @property
    def is_complete(self):
        """Whether nothing is left to do."""
        return bool(self.steps) and self.done == len(self.steps)

    @cached_property
    def next(self):
        """The first lesson that is not done, or None."""
        return next((step for step in self.steps if not step.is_done), None)

    def of(self, revision):
        """The step of one lesson."""
        return next(step for step in self.steps if step.revision.pk == revision.pk)


def progress_of(enrolments) -> dict[int, Progress]:
    """The progress of each enrolment, by its key."""
    enrolments = list(enrolments)
    keys = [one.pk for one in enrolments]
    places = places_of({one.edition_id for one in enrolments})
    seconds = seconds_of(keys)
    if any(row.revision.kind in Lesson.IN_CLASS for rows in places.values() for row in rows):
        for enrolment, given in class_seconds_of(keys).items():
            for revision, more in given.items():
                seconds[enrolment][revision] = seconds[enrolment].get(revision, 0) + more
    passed = set(
        QuizAnswer.objects.filter(try_of__enrolment__in=keys, is_passed=True).values_list(
            "try_of__enrolment", "try_of__revision"
        )
    )
    found = {}
    for one in enrolments:
        rows = places[one.edition_id]
        counted = credited(seconds[one.pk], {row.revision_id: row.revision.seconds for row in rows})
        found[one.pk] = Progress(
            tuple(
                Step(
                    revision=row.revision,
                    position=row.position,
                    seconds=counted[row.revision_id],
                    has_passed=row.revision.kind != Lesson.Kind.QUIZ or (one.pk, row.revision_id) in passed,
                )
                for row in rows
            )
        )
    return found


def places_of(editions):
    """The lessons of editions in their order: {edition: [EditionLesson, …]}."""
    found = defaultdict(list)
    rows = EditionLesson.objects.filter(edition__in=editions).select_related(
        "revision__lesson", "revision__file", "revision__captions"
    )
    for row in rows.order_by("edition", "position"):
        found[row.edition_id].append(row)
    return found


def seconds_of(keys):
    """Seconds of each lesson that its pages verified: {enrolment: {lesson revision: seconds}}."""
    found = defaultdict(dict)
    rows = Credit.objects.filter(enrolment__in=keys).values_list("enrolment", "revision")
    for enrolment, revision, seconds in rows.annotate(total=Sum("seconds")).order_by():
        found[enrolment][revision] = seconds
    return found


def unmet_of(enrolment):
    """The courses that have to be finished before an edition counts."""
    done = Enrolment.objects.filter(person=enrolment.person_id, state=Enrolment.State.COMPLETED)
    return list(
        Course.objects.filter(pk__in=enrolment.edition.prerequisites.values("pk"))
        .exclude(pk__in=done.values("course"))
        .order_by("code")
    )
