"""What depends on state and time, as a reason or nothing: the page shows it, the button greys by it, the act raises it."""

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from courses.engine.hours import Rhythm
from courses.models import Course, Enrolment, Lesson

PASS_PERCENT = 60  # of a lesson's quiz, which is practice and no exam


def rhythm() -> Rhythm:
    """The rhythm of beats and checks that this house is set to."""
    return Rhythm(**settings.LEARNING)


def why_not_given(course):
    """Why nobody may begin a course."""
    if course.state == Course.State.DRAFT:
        return _("课程尚未发布。")
    if course.state == Course.State.WITHDRAWN:
        return _("课程已撤下：%(why)s") % {"why": course.withdrawn_why}
    return ""


def why_not_enrol(course, post, now):
    """Why a post-holder may not be enrolled."""
    if reason := why_not_given(course):
        return reason
    if course.post_kinds and post.kind not in course.post_kinds:
        return _("该课程不适用于%(post)s岗位。") % {"post": post.get_kind_display()}
    if post.ended_on and post.ended_on <= timezone.localdate(now):
        return _("该任职已于 %(date)s 结束。") % {"date": post.ended_on}
    return ""


def why_not_study(enrolment, unmet):
    """Why a learner's time does not count now; `unmet` are the courses that she has to finish first."""
    if enrolment is None:
        return _("您还没有加入这门课程。")
    if enrolment.state == Enrolment.State.CANCELLED:
        return _("这次学习已取消。")
    if enrolment.state == Enrolment.State.COMPLETED:
        return _("您已完成这门课程；可以继续阅读，不再计时。")
    if enrolment.course.state == Course.State.WITHDRAWN:
        return why_not_given(enrolment.course)
    if unmet:
        return _("请先完成先修课程：%(names)s。") % {"names": _("、").join(course.name for course in unmet)}
    return ""


def why_not_beat(revision):
    """Why no page of a lesson counts time: it is learned by coming to a class."""
    return _("本课到课堂学习，学时以签到和签退为准。") if revision.kind in Lesson.IN_CLASS else ""


def why_not_publish(course, lessons):
    """Why a course may not be published as it is written now."""
    if not lessons:
        return _("课程还没有课时，不能发布。")
    if any(lesson.current is None for lesson in lessons):
        return _("有课时还没有写，不能发布。")
    if any(lesson.kind == Lesson.Kind.QUIZ for lesson in lessons) and course.bank is None:
        return _("课程里有练习，请先选择练习题库。")
    if course.current and course.state == Course.State.PUBLISHED and not is_changed(course, lessons):
        return _("与已发布的版次没有差别。")
    return ""


def is_changed(course, lessons):
    """Whether the lessons as written differ from the edition that is given out."""
    if course.current is None:
        return True
    given = [place.revision_id for place in course.current.places.order_by("position")]
    same_needs = {c.pk for c in course.prerequisites.all()} == {
        c.pk for c in course.current.prerequisites.all()
    }
    return (
        given != [lesson.current_id for lesson in lessons]
        or course.current.name != course.name
        or not same_needs
    )


def why_not_answer(check, answered, now):
    """Why a presence check can no longer be answered."""
    if answered:
        return _("这次确认已经应答过。")
    if now > check.until:
        return _("没有在规定时间内应答，这一段不计入学时。")
    return ""


def why_not_quiz(enrolment, unmet, open_try):
    """Why a new go at a quiz may not begin."""
    if reason := why_not_study(enrolment, unmet):
        return reason
    return _("上一次练习还没有交。") if open_try else ""
