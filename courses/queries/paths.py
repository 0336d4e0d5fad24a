"""How far people are on the way of their post: every step is a condition that the database answers, for one person or a page of them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, Subquery, Value, When

from accounts import scope
from accounts.models import Enterprise, Post
from accounts.queries import certificates_for_post
from courses.models import Course, EditionLesson, Enrolment, Lesson, Path, PathStep, QuizAnswer
from courses.queries.team import SEES
from exams.models import Attempt, Exam, Registration

ACTIVE, COMPLETED = Enrolment.State.ACTIVE, Enrolment.State.COMPLETED
KIND = PathStep.Kind
LATE, OPEN, DONE = "late", "open", "done"
NEVER = Value(value=False, output_field=BooleanField())


@dataclass(frozen=True)
class Known:
    """One step of a path with the course or exam that it names."""

    step: PathStep
    path: Path
    thing: Course | Exam | None

    @property
    def name(self):
        """What is to be done, shortly."""
        return str(self.thing) if self.thing else str(self.step.get_kind_display())


@dataclass(frozen=True)
class Standing:
    """One step for one person."""

    known: Known
    is_done: bool
    is_begun: bool
    due_on: date
    is_late: bool


def steps_of(paths):
    """The steps of paths whose course or exam exists: {path: [Known, …]}; three queries."""
    rows = list(
        PathStep.objects.filter(path__in=paths).select_related("path__category").order_by("path", "position")
    )
    codes = {row.code for row in rows}
    courses = {
        one.code: one
        for one in Course.objects.filter(code__in=codes, state=Course.State.PUBLISHED).select_related(
            "current"
        )
    }
    exams = {one.code: one for one in Exam.objects.filter(code__in=codes)}
    found = defaultdict(list)
    for row in rows:
        if row.kind == KIND.CERTIFICATE:
            found[row.path_id].append(Known(row, row.path, None))
        elif thing := (exams if row.kind == KIND.EXAM else courses).get(row.code):
            found[row.path_id].append(Known(row, row.path, thing))
    return found


def paths_seen(user):
    """The paths of the posts that somebody oversees, with how many go along each: the general one of a post first."""
    firms = Enterprise.objects.filter(scope.within(user, *SEES))
    links = Enterprise.categories.through.objects.filter(enterprise__in=firms.values("pk"))
    own = set()
    for pair in links.order_by().values_list("productcategory", "productcategory__parent").distinct():
        own |= set(pair)
    found = Path.objects.filter(Q(category__isnull=True) | Q(category__in=own - {None}))
    return list(found.select_related("category").order_by("post_kind", "category__code", "code"))


def walkers(user, path, on):
    """The posts that go along a path among those whom somebody oversees."""
    found = Post.objects.current(on).filter(scope.within(user, *SEES, path="enterprise__unit__path"))
    found = found.filter(kind=path.post_kind, person__is_active=True)
    if path.category_id:
        fits = Q(enterprise__categories=path.category_id) | Q(enterprise__categories__parent=path.category_id)
        found = found.filter(pk__in=Post.objects.filter(fits).values("pk"))
    return found


def list_walkers(user, path, steps, on, q="", state="", unit=""):
    """These by filters: whoever is late with a step, has some left, or is through."""
    found = walkers(user, path, on)
    if q:
        found = found.filter(Q(person__name__icontains=q) | Q(enterprise__unit__name__icontains=q))
    if unit:
        found = found.filter(enterprise__unit__path__contains=f"/{unit}/")
    if state and steps:
        asked = annotated(found, steps, on)
        name = "late_{}" if state == LATE else "done_{}"
        flags = [Q(**{name.format(one.step.pk): state != OPEN}) for one in steps]
        if state == DONE:
            every = Q()
            for one in flags:
                every &= one
        else:
            every = flags[0]
            for one in flags[1:]:
                every |= one
        found = found.filter(pk__in=asked.filter(every).values("pk"))
    return found.order_by("enterprise__unit__path", "person__name", "pk")


def _done(known):
    """The condition under which a post's holder has done a step."""
    person, kind = OuterRef("person"), known.step.kind
    if kind == KIND.COURSE:
        return Exists(Enrolment.objects.filter(person=person, course=known.thing, state=COMPLETED))
    if kind == KIND.QUIZ:
        mine = Enrolment.objects.filter(person=person, course=known.thing)
        passed = QuizAnswer.objects.filter(
            is_passed=True, try_of__enrolment=OuterRef(OuterRef("pk")), try_of__revision=OuterRef("revision")
        )
        quizzes = EditionLesson.objects.filter(
            edition=OuterRef("edition"), revision__lesson__kind=Lesson.Kind.QUIZ
        )
        return Exists(
            mine.filter(Q(state=COMPLETED) | Q(~Exists(quizzes.exclude(Exists(passed))), state=ACTIVE))
        )
    if kind == KIND.EXAM:
        passed = Attempt.objects.filter(
            registration__candidate=person,
            registration__session__exam=known.thing,
            released_at__isnull=False,
            current_result__passed=True,
        )
        return Exists(passed)
    return None


def _begun(known):
    """The rows that say that somebody is at a step, with the day that was set her."""
    person = OuterRef("person")
    if known.step.kind in (KIND.COURSE, KIND.QUIZ):
        return Enrolment.objects.filter(person=person, course=known.thing, state=ACTIVE)
    if known.step.kind == KIND.EXAM:
        rows = Registration.objects.admitted().filter(candidate=person, session__exam=known.thing)
        return rows.order_by(F("due_on").desc(nulls_last=True))
    return Registration.objects.none()


def annotated(posts, steps, on):
    """Posts with `done_N`, `begun_N`, `set_N` (the day that was set) and `late_N` for each step N."""
    for known in steps:
        pk, rows = known.step.pk, _begun(known)
        done = Exists(certificates_for_post(on)) if known.step.kind == KIND.CERTIFICATE else _done(known)
        if known.step.kind == KIND.CERTIFICATE:
            begun, day = NEVER, None
        else:
            begun, day = Exists(rows), Subquery(rows.values("due_on")[:1])
        posts = posts.annotate(**{f"done_{pk}": done, f"begun_{pk}": begun})
        if day is not None:
            posts = posts.annotate(**{f"set_{pk}": day})
        over = _is_over(known, on, f"set_{pk}", day is not None)
        late = Case(When(over & Q(**{f"done_{pk}": False}), then=True), default=False) if over else NEVER
        posts = posts.annotate(**{f"late_{pk}": late})
    return posts


def _is_over(known, on, name, is_set):
    """The condition that the day of a step is over: the one that was set her, or else the path's own; None if it cannot be."""
    before = on - timedelta(days=known.step.days)
    own = Q(appointed_on__lt=before) if known.path.starts_on < before else None
    if not is_set:
        return own
    given = Q(**{f"{name}__lt": on})
    return given | (own & Q(**{f"{name}__isnull": True})) if own else given


def along(posts, steps, on):
    """How each of some posts stands on a path: {post: [Standing, …]}; one query."""
    rows = annotated(Post.objects.filter(pk__in=[post.pk for post in posts]), steps, on)
    return {row.pk: [_stand(row, known) for known in steps] for row in rows.order_by()}


def _stand(row, known):
    pk, path, step = known.step.pk, known.path, known.step
    own = max(row.appointed_on, path.starts_on) + timedelta(days=step.days)
    return Standing(
        known=known,
        is_done=getattr(row, f"done_{pk}"),
        is_begun=getattr(row, f"begun_{pk}"),
        due_on=getattr(row, f"set_{pk}", None) or own,
        is_late=bool(getattr(row, f"late_{pk}")),
    )


def own(user, on):
    """The paths of one's own posts: [(path, post, [Standing, …])]; six queries for any number of posts and paths."""
    posts = scope.posts_of(user)
    if not posts:
        return []
    categories = defaultdict(set)
    links = Enterprise.categories.through.objects.filter(
        enterprise__in={post.enterprise_id for post in posts}
    )
    for firm, pair_own, above in links.values_list(
        "enterprise", "productcategory", "productcategory__parent"
    ):
        categories[firm] |= {pair_own, above}
    paths = Path.objects.filter(post_kind__in={post.kind for post in posts}).select_related("category")
    pairs = [
        (path, post)
        for path in paths.order_by("post_kind", "category__code", "code")
        for post in posts
        if post.kind == path.post_kind
        and (path.category_id is None or path.category_id in categories[post.enterprise_id])
    ]
    steps = steps_of({path.pk for path, _post in pairs})
    every = [known for path in {path.pk for path, _post in pairs} for known in steps[path]]
    stands = along(posts, every, on)
    found = []
    for path, post in pairs:
        rows = [one for one in stands[post.pk] if one.known.path.pk == path.pk]
        if rows:
            found.append((path, post, rows))
    return found
