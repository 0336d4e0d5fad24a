"""What a learner sees: her courses, one course, one lesson and its quiz."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import panels
from accounts.models import PostKind
from audit.transitions import Refused
from courses import presenting, presenting_classes, presenting_paths, rules
from courses.actions import enrolling, presence, quizzes
from courses.doors import course_or_404, file_or_404, try_or_404
from courses.models import Enrolment, Lesson
from courses.queries import classes as class_queries
from courses.queries import learning
from courses.queries import quizzes as quiz_queries
from courses.queries.progress import places_of, progress_of, unmet_of
from courses.serving import file_answer
from exams.presenting import answers_of_form
from exams.queries.candidate import is_sitting


@require_GET
@never_cache
def mine(request):
    """The courses that she has to finish, those she may begin, those she finished."""
    today = timezone.localdate()
    active = learning.active(request.user)
    held = {row.course_id for row, _progress in active}
    completed = list(learning.completed(request.user))
    known = held | {row.course_id for row in completed}
    return render(
        request,
        "courses/mine.html",
        {
            "active": [presenting.enrolment(row, progress, today) for row, progress in active],
            "open": [one for one in learning.open_courses(request.user) if one.pk not in known],
            "completed": completed,
            "panels": panels.of(panels.LEARNING, request),
            "paths": presenting_paths.own_paths(request.user, today),
            **presenting_classes.for_learner(request.user, timezone.now()),
        },
    )


@require_GET
@never_cache
def course(request, code):
    """One course: its lessons, how far she is, and the one next step."""
    found = course_or_404(request, code)
    enrolment = learning.enrolment_of(request.user, found)
    posts = learning.posts_for(request.user, found)
    context = {"course": found, "enrolment": enrolment, "kinds": _kinds(found)}
    if enrolment:
        progress = progress_of([enrolment])[enrolment.pk]
        completion = getattr(enrolment, "completion", None)
        unmet = unmet_of(enrolment)
        context |= {
            "progress": progress,
            "told": presenting.enrolment(enrolment, progress, timezone.localdate()),
            "rows": [presenting.step(one, found) for one in progress.steps],
            "completion": completion,
            "why_not": "" if completion else rules.why_not_study(enrolment, unmet),
            "may_begin_anew": bool(completion and enrolment.edition_id != found.current_id and posts)
            and not rules.why_not_given(found),
        }
    elif found.current_id:
        context |= {
            "places": places_of([found.current_id])[found.current_id],
            "why_not_enrol": rules.why_not_enrol(found, posts[0], timezone.now())
            if posts
            else rules.why_not_given(found),
        }
    return render(request, "courses/course.html", context)


def _kinds(course):
    return _("、").join(str(label) for kind, label in PostKind.choices if kind in course.post_kinds)


@require_POST
def enrol(request, code):
    """Begin a course of one's own accord, in the first post for which it is."""
    found = course_or_404(request, code)
    posts = learning.posts_for(request.user, found)
    if not posts:
        messages.error(request, _("您现在的任职不能加入这门课程。"))
        return redirect("courses:course", code)
    try:
        enrolling.enrol(found, posts[0], by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("已加入课程，可以开始学习。"))
    return redirect("courses:course", code)


def _studied(request, code, pk):
    """Her enrolment and one lesson of its edition; without an enrolment there is none."""
    found = course_or_404(request, code)
    enrolment = learning.enrolment_of(request.user, found)
    revision = enrolment and presence.revision_in(enrolment, pk)
    if enrolment and revision is None:
        raise Http404
    return found, enrolment, revision


@require_GET
@never_cache
def lesson(request, code, pk):
    """One lesson: its text first, films on demand, how much of its time is verified."""
    found, enrolment, revision = _studied(request, code, pk)
    if enrolment is None:
        messages.error(request, rules.why_not_study(None, ()))
        return redirect("courses:course", code)
    why_not = rules.why_not_study(enrolment, unmet_of(enrolment)) or rules.why_not_beat(revision)
    progress = progress_of([enrolment])[enrolment.pk]
    step = progress.of(revision)
    later = [one for one in progress.steps if one.position > step.position]
    context = {
        "course": found,
        "enrolment": enrolment,
        "step": step,
        "count": len(progress.steps),
        "next": later[0] if later else None,
        "why_not": why_not,
        "rhythm": rules.rhythm(),
        "place": learning.place_of(enrolment, revision),
        **presenting.lesson(revision, found),
    }
    if revision.kind == Lesson.Kind.QUIZ:
        context |= _quiz(request, enrolment, revision)
    elif revision.kind in Lesson.IN_CLASS:
        now = timezone.now()
        context["meetings"] = presenting_classes.meetings(
            class_queries.meetings_of_lesson(request.user, revision.lesson, now), now
        )
    return render(request, "courses/lesson.html", context)


def _quiz(request, enrolment, revision):
    if is_sitting(request.user, timezone.now()):
        return {"go": None, "why_not_quiz": _("您正在考试，交卷以后再练习。")}
    return {
        **presenting.quiz(quiz_queries.last_try(enrolment, revision)),
        "pass_percent": rules.PASS_PERCENT,
        "may_again": enrolment.state == Enrolment.State.ACTIVE,
    }


@require_POST
def quiz_begin(request, code, pk):
    """Draw the items of a new go."""
    _found, enrolment, revision = _studied(request, code, pk)
    if enrolment is None or revision.kind != Lesson.Kind.QUIZ:
        raise Http404
    if is_sitting(request.user, timezone.now()):
        messages.error(request, _("您正在考试，交卷以后再练习。"))
    else:
        try:
            quizzes.begin(enrolment, revision)
        except Refused as refused:
            messages.error(request, str(refused))
    return redirect(reverse("courses:lesson", args=[code, pk]) + "#quiz")


@require_POST
def quiz_hand_in(request, pk):
    """Hand a go in; what is not answered counts as not right."""
    go = try_or_404(request, pk)
    back = reverse("courses:lesson", args=[go.enrolment.course.code, go.revision_id]) + "#quiz"
    if is_sitting(request.user, timezone.now()):
        messages.error(request, _("您正在考试，交卷以后再练习。"))
        return redirect(back)
    try:
        answer = quizzes.hand_in(go, answers_of_form(request.POST, range(1, len(go.items) + 1)))
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        said = {"right": answer.right, "total": answer.total}
        if answer.is_passed:
            messages.success(request, _("答对 %(right)s / %(total)s 题，练习通过。") % said)
        else:
            messages.info(request, _("答对 %(right)s / %(total)s 题，看看解析再练一次。") % said)
    return redirect(back)


@require_GET
def file(request, code, digest):
    """A picture, film, captions or document of a course."""
    return file_answer(request, file_or_404(request, code, digest))
