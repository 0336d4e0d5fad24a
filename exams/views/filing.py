"""The emergency answer file at the desk of a session: bring it, look at what it would change, let it count."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import uploads
from accounts.doors import holding
from audit.transitions import Refused
from exams.actions import attempts, filing
from exams.forms.filing import AcceptForm, FileForm
from exams.models import Attempt, ExamSession
from exams.queries import sessions as session_queries

for_desk = holding(*session_queries.RUNS)


def _run(request, code):
    """A session that the visitor runs."""
    return get_object_or_404(ExamSession.objects.run_by(request.user), code=code)


def _purpose(session):
    """What an upload is kept for: this session and no other."""
    return f"filing {session.pk}"


@for_desk
@require_http_methods(["GET", "POST"])
def bring(request, code):
    """Bring a file; it is read at once and nothing is changed yet."""
    session = _run(request, code)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if form.is_valid():
        upload = form.cleaned_data["file"]
        raw = upload.read(filing.LARGEST + 1)
        try:
            filing.read(raw, session)
        except Refused as refused:
            form.add_error("file", str(refused))
        else:
            token = uploads.keep(request.user, raw, upload.name, _purpose(session))
            return redirect("exams:session_filing_preview", code, token)
    return render(
        request,
        "exams/live/filing.html",
        {"session": session, "form": form},
        status=422 if form.errors else 200,
    )


@for_desk
@require_http_methods(["GET", "POST"])
@never_cache
def preview(request, code, token):
    """What the file says beside what is stored; a POST with a reason lets it count."""
    session = _run(request, code)
    kept = uploads.kept(request.user, token, _purpose(session))
    if kept is None:
        if request.method == "GET":
            raise Http404
        messages.error(request, _("暂存的文件已过期或已导入，请重新上传。"))
        return redirect("exams:session_filing", code)
    file = filing.read(kept[0], session)
    attempt = _attempt(file)
    form = AcceptForm(request.POST) if request.method == "POST" else AcceptForm()
    if form.is_valid():
        try:
            done = filing.accept(attempt, file, why=form.cleaned_data["why"], by=request.user)
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            uploads.drop(token)
            messages.success(request, _told(attempt, done))
            return redirect("exams:session_live", code)
        attempt = _attempt(file)
    rows = filing.compared(attempt, file)
    return render(
        request,
        "exams/live/filing_preview.html",
        {
            "session": session,
            "attempt": attempt,
            "file": file,
            "differing": [row for row in rows if row["fate"] != filing.SAME],
            "same": [row for row in rows if row["fate"] == filing.SAME],
            "why_not": filing.why_not(attempt, file, request.user),
            "form": form,
        },
        status=422 if form.errors else 200,
    )


def _attempt(file):
    """The file's attempt with what the page shows, closed if its time is over."""
    door = Attempt.objects.select_related(
        "registration__session__exam", "registration__candidate", "registration__post__enterprise__unit", "paper"
    )  # fmt: skip
    attempt = door.get(pk=file.attempt_id)
    return attempt if attempts.close_if_due(attempt) is attempt else door.get(pk=attempt.pk)


def _told(attempt, done):
    name = attempt.registration.candidate.name
    sentence = ngettext(
        "已导入 %(name)s 的 %(count)s 题作答。", "已导入 %(name)s 的 %(count)s 题作答。", done.count
    ) % {"name": name, "count": done.count}
    regraded = done.regraded
    if regraded and regraded.attempt.released_at:
        sentence += _("成绩：%(before)s 分 → %(after)s 分。") % {
            "before": f"{regraded.before.points.normalize():f}",
            "after": f"{regraded.result.points.normalize():f}",
        }
        if regraded.has_fallen:
            sentence += _("结论由合格变为不合格；已出具的证明不会自动撤销，请核实后在证明页面办理。")
    elif regraded:
        sentence += _("成绩已重新计算，按考试规则发布。")
    return sentence
