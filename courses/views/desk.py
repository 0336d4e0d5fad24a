"""The desk of whoever writes courses: the list, one course with its lessons, writing, preview, publishing."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import PostKind
from accounts.paging import page_of
from audit.transitions import Refused
from courses import files, presenting, rules
from courses.actions import writing as acts
from courses.doors import for_writers, lesson_or_404, written_or_404
from courses.forms.writing import CourseFilter, CourseForm, LessonForm, PublishForm, WithdrawForm
from courses.models import Course, Lesson
from courses.queries import writing as queries


@for_writers
@require_GET
def courses(request):
    """The courses that the visitor writes."""
    form = CourseFilter(request.GET)
    page = page_of(request, queries.list_courses(request.user, **form.values()))
    return render(
        request,
        "courses/desk/courses.html",
        {
            "form": form,
            "is_filtered": any(request.GET.get(name) for name in form.fields),
            "page_obj": page,
            "rows": [{"course": one, "tone": presenting.TONES[one.state]} for one in page],
        },
    )


@for_writers
@require_GET
def course(request, code):
    """One course: what it is, its lessons as written, and whether they may be published."""
    found = written_or_404(request, code)
    lessons = queries.lessons_of(found)
    return render(
        request,
        "courses/desk/course.html",
        {
            "course": found,
            "tone": presenting.TONES[found.state],
            "facts": _facts(found),
            "lessons": [{"lesson": one, "icon": presenting.ICONS[one.kind]} for one in lessons],
            "minutes": sum(one.current.minutes for one in lessons if one.current),
            "kinds": [(kind, label, presenting.ICONS[kind]) for kind, label in Lesson.Kind.choices],
            "why_not_publish": rules.why_not_publish(found, lessons),
            "is_changed": bool(lessons) and rules.is_changed(found, lessons),
            "editions": list(found.editions.select_related("by")),
            "forms": {"publish": PublishForm(), "withdraw": WithdrawForm()},
        },
    )


def _facts(course):
    kinds = [str(label) for kind, label in PostKind.choices if kind in course.post_kinds]
    return [
        (_("主管单位"), course.unit.name),
        (_("产品类别"), course.category.label if course.category else _("通用")),
        (_("适用岗位"), _("、").join(kinds) or _("不限")),
        (_("练习题库"), course.bank and course.bank.name),
        (_("学完后登记的考试场次"), course.session and course.session.name),
        (_("先修课程"), _("、").join(one.name for one in course.prerequisites.all())),
    ]


@for_writers
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, code=""):
    """Write what a course is about, for whom it is and where it leads."""
    found = written_or_404(request, code) if code else Course()
    form = CourseForm(request.POST or None, instance=found, user=request.user)
    if request.method == "POST" and form.is_valid():
        kept = acts.write(form.instance, prerequisites=form.cleaned_data["prerequisites"], by=request.user)
        messages.success(request, _("课程已保存。"))
        return redirect("courses:manage", kept.code)
    status = 422 if form.errors else 200
    return render(request, "courses/desk/edit.html", {"course": found, "form": form}, status=status)


@for_writers
@require_http_methods(["GET", "HEAD", "POST"])
def lesson_new(request, code, kind):
    """Write a further lesson."""
    if kind not in Lesson.Kind.values:
        raise Http404
    return _write(request, written_or_404(request, code), Lesson(kind=kind))


@for_writers
@require_http_methods(["GET", "HEAD", "POST"])
def lesson_edit(request, code, pk):
    """Write the next revision of a lesson."""
    found = written_or_404(request, code)
    return _write(request, found, lesson_or_404(found, pk))


def _write(request, course, lesson):
    current = lesson.current
    form = LessonForm(request.POST or None, request.FILES or None, kind=lesson.kind, current=current)
    if request.method == "POST" and form.is_valid():
        try:
            made = acts.write_lesson(
                course,
                by=request.user,
                lesson=lesson if lesson.pk else None,
                kind=lesson.kind,
                provisions=form.cleaned_data["provisions"],
                **form.fields_said() | _kept(form, course, request.user),
            )
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("课时已保存为草稿；发布后学员才能看到。"))
            if "preview" in request.POST:
                return redirect("courses:preview", course.code, made.lesson_id)
            return redirect("courses:manage", course.code)
    return render(
        request,
        "courses/desk/lesson.html",
        {"course": course, "lesson": lesson, "current": current, "form": form, "kind_label": Lesson.Kind(lesson.kind).label},
        status=422 if form.errors else 200,
    )  # fmt: skip


def _kept(form, course, by):
    """The files of a form, kept; what was not chosen anew stays as it was."""
    said, current, kept = form.cleaned_data, form.current, {}
    keepers = {Lesson.Kind.VIDEO: files.keep_video, Lesson.Kind.DOCUMENT: files.keep_document}
    if keeper := keepers.get(form.kind):
        kept["file"] = keeper(course, said["file"], by=by) if said.get("file") else current.file
    if form.kind == Lesson.Kind.VIDEO:
        captions = said.get("captions")
        kept["captions"] = (
            files.keep_captions(course, captions, by=by) if captions else current and current.captions
        )
    if said.get("picture"):
        picture = files.keep_picture(course, said["picture"], by=by)
        name = picture.name.rpartition(".")[0]
        kept["body"] = f"{said['body'].rstrip()}\n\n![{name}](picture:{picture.digest})\n"
    return kept


@for_writers
@require_GET
def preview(request, code, pk):
    """A lesson as its learners will see it."""
    found = written_or_404(request, code)
    lesson = lesson_or_404(found, pk)
    if lesson.current is None:
        raise Http404
    context = {"course": found, "lesson": lesson, **presenting.lesson(lesson.current, found)}
    return render(request, "courses/desk/preview.html", context)


LESSON_ACTS = {
    "up": lambda lesson, by: acts.shift(lesson, by=by, up=True),
    "down": lambda lesson, by: acts.shift(lesson, by=by, up=False),
    "remove": lambda lesson, by: acts.remove(lesson, by=by, now=timezone.now()),
}


@for_writers
@require_POST
def lesson_act(request, code, pk, act):
    """Move a lesson of the draft up or down, or take it out."""
    found = written_or_404(request, code)
    lesson = lesson_or_404(found, pk)
    if act not in LESSON_ACTS:
        raise Http404
    LESSON_ACTS[act](lesson, request.user)
    return redirect("courses:manage", code)


@for_writers
@require_POST
def publish(request, code):
    """Give the lessons as written to whoever enrols from now on."""
    found, form = written_or_404(request, code), PublishForm(request.POST)
    form.is_valid()
    return _answer(
        request,
        code,
        lambda: acts.publish(found, by=request.user, note=form.cleaned_data.get("note", "")),
        _("课程已发布；正在学习的人员仍按原来的版次学完。"),
    )


@for_writers
@require_POST
def withdraw(request, code):
    """Take a course out of use."""
    found = written_or_404(request, code)
    why = request.POST.get("why", "")
    return _answer(request, code, lambda: acts.withdraw(found, by=request.user, why=why), _("课程已撤下。"))


def _answer(request, code, act, sentence):
    try:
        act()
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, sentence)
    return redirect("courses:manage", code)
