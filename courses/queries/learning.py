"""What a learner has, may begin, and sees of one course."""

from collections import defaultdict

from django.db.models import F

from accounts import scope
from accounts.models import Enterprise
from accounts.tree import upward
from courses.models import Course, Enrolment, LessonFile, Visit
from courses.queries.progress import progress_of


def active(user):
    """Her active enrolments, those with a day first; each with its progress."""
    rows = list(
        Enrolment.objects.of(user)
        .filter(state=Enrolment.State.ACTIVE)
        .told()
        .order_by(F("due_on").asc(nulls_last=True), "enrolled_at", "pk")
    )
    progress = progress_of(rows)
    return [(row, progress[row.pk]) for row in rows]


def completed(user):
    """Her finished courses, the newest first."""
    found = Enrolment.objects.of(user).filter(state=Enrolment.State.COMPLETED).told()
    return found.select_related("course", "edition", "completion").order_by("-completed_at", "-pk")


def offers(user, **only):
    """The published courses that stand open to her, each with the posts in which they do; two queries for any number of posts."""
    posts = scope.posts_of(user)
    if not posts:
        return []
    links = Enterprise.categories.through.objects.filter(
        enterprise__in={post.enterprise_id for post in posts}
    )
    categories = defaultdict(set)
    for firm, own, above in links.values_list("enterprise", "productcategory", "productcategory__parent"):
        categories[firm] |= {own, above}
    above = {path for post in posts for path in upward(post.enterprise.unit.path)}
    found = Course.objects.filter(state=Course.State.PUBLISHED, unit__path__in=above, **only)
    found = found.select_related("current", "category", "unit").order_by("code")
    return [
        (course, mine) for course in found if (mine := [p for p in posts if _suits(course, p, categories)])
    ]


def _suits(course, post, categories):
    """Whether a course stands open in a post: the same rule as `Course.objects.offered_to`, and the course's kinds of posts."""
    return (
        post.enterprise.unit.path.startswith(course.unit.path)
        and (course.category_id is None or course.category_id in categories[post.enterprise_id])
        and (not course.post_kinds or post.kind in course.post_kinds)
    )


def open_courses(user):
    """Courses that stand open to her in one of her posts."""
    return [course for course, _posts in offers(user)]


def course_of(user, code):
    """A course that stands open to her or that she has studied, or None."""
    found = Course.objects.select_related("current", "category", "unit", "session", "bank").filter(code=code)
    mine = found.filter(enrolments__in=Enrolment.objects.of(user)).first()
    return mine or next((one for one in open_courses(user) if one.code == code), None)


def enrolment_of(user, course):
    """The enrolment that counts of one's own: the active one, else the last that was not cancelled."""
    rows = (
        Enrolment.objects.of(user)
        .filter(course=course)
        .exclude(state=Enrolment.State.CANCELLED)
        .select_related("course", "edition", "post__enterprise__unit", "assigned_by", "completion__registration__session")
    )  # fmt: skip
    return next((row for row in rows if row.state == Enrolment.State.ACTIVE), None) or rows.first()


def posts_for(user, course):
    """In which of her posts she may study a course."""
    return next((posts for _course, posts in offers(user, pk=course.pk)), [])


def visit_of(user, pk):
    """One of her visits, or None."""
    found = Visit.objects.filter(enrolment__in=Enrolment.objects.of(user), pk=pk)
    return found.select_related("enrolment__course", "enrolment__edition", "revision").first()


def place_of(enrolment, revision):
    """Where she was when she last left a lesson."""
    last = (
        Visit.objects.filter(enrolment=enrolment, revision=revision, beats__place__gt=0)
        .order_by("-beats__pk")
        .values_list("beats__place", flat=True)
        .first()
    )
    return last or 0


def file_of(user, code, digest):
    """A file of a course that she writes, studies or may begin, or None."""
    files = LessonFile.objects.select_related("course").filter(course__code=code, digest=digest)
    if found := files.filter(course__in=Course.objects.written_by(user)).first():
        return found
    return files.first() if course_of(user, code) else None
