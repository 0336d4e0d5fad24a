"""The desk that plans sessions: the list, one session with its registrations, planning, acts. For managers and regulators."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import exporting
from accounts.doors import holding
from accounts.paging import export_address, page_of
from audit.transitions import Refused
from exams import keeping, rules, terms
from exams.actions import attempts as attempt_acts
from exams.actions import sessions as acts
from exams.forms.sessions import (
    CancelForm,
    ExamForm,
    PeopleFilter,
    RegisterForm,
    RegistrationFilter,
    SessionFilter,
    SessionForm,
)
from exams.models import Attempt, Exam, ExamSession
from exams.queries import sessions as queries
from exams.queries import sitting as sitting_queries

PEOPLE = 100
TONES = {"draft": "", "published": "ok", "released": "info", "cancelled": "stop"}

for_desk = holding(*queries.RUNS)


def _session(request, code, door=queries.seen_by):
    """A session through the visitor's door."""
    return get_object_or_404(
        door(request.user).select_related("exam__category", "exam__blueprint", "exam__unit", "unit"),
        code=code,
    )


def _run(request, code):
    """A session that the visitor runs."""
    return _session(request, code, ExamSession.objects.run_by)


@for_desk
@require_GET
def sessions(request):
    """Sessions that the visitor runs or that stand open to her enterprise, with what her people did in them."""
    form = SessionFilter(request.GET)
    found = queries.list_sessions(request.user, **form.values())
    if exporting.is_asked(request):
        return _sessions_workbook(request, list(found[: exporting.MOST_ROWS + 1]), form)
    page = page_of(request, found)
    counts = queries.counts(request.user, page.object_list)
    return render(
        request,
        "exams/sessions/list.html",
        {
            "form": form,
            "is_filtered": any(request.GET.get(name) for name in form.fields),
            "page_obj": page,
            "rows": [{"session": s, "tone": TONES[s.state], **counts[s.pk]} for s in page],
            "export_url": export_address(request),
        },
    )


def _sessions_workbook(request, found, form):
    """The sessions as a workbook, with the counts of the visitor's people."""
    header = [
        _("场次"), _("场次代码"), _("类型"), _("组织单位"), _("开放时间"), _("截止时间"), _("已登记"), _("已参考"),
        _("已合格"), _("状态"),
    ]  # fmt: skip
    counts = queries.counts(request.user, found)
    rows = [
        [
            s.name, s.code, s.exam.get_kind_display(), s.unit.name, rules.minute(s.opens_at), rules.minute(s.closes_at),
            *(counts[s.pk][what] for what in ("registered", "sat", "passed")), s.get_state_display(),
        ]
        for s in found
    ]  # fmt: skip
    return exporting.answer(request, _("考试场次.xlsx"), header, rows, action="sessions.exported", form=form)


@for_desk
@require_GET
def session_manage(request, code):
    """One session: its terms in words, its papers, and the registrations of the visitor's people."""
    session, now = _session(request, code), timezone.now()
    people = Attempt.objects.seen_by(request.user).filter(registration__session=session)
    attempt_acts.close_all_due(people, now=now, most=attempt_acts.MOST_IN_A_PAGE)
    form = RegistrationFilter(request.GET)
    rows = queries.list_registrations(request.user, session, **form.values(), on=timezone.localdate(now))
    page = page_of(request, rows)
    runs = ExamSession.objects.run_by(request.user).filter(pk=session.pk).exists()
    keeper = keeping.keeper_of(session)
    return render(
        request,
        "exams/sessions/session.html",
        {
            "session": session,
            "tone": TONES[session.state],
            "terms": terms.in_words(session),
            "makeup": sitting_queries.makeup(session),
            "papers": session.papers.filter(number__gte=session.papers_from).count(),
            "counts": queries.counts(request.user, [session])[session.pk],
            "form": form,
            "is_filtered": any(request.GET.get(name) for name in form.fields),
            "page_obj": page,
            "rows": queries.as_seen(page),
            "open_to_viewer": queries.open_to(request.user, page),
            "export_url": reverse("exams:session_results", args=[code]) + "?" + request.GET.urlencode(),
            "why_not_publish": rules.why_not_publish(session, now),
            "runs": runs,
            "keeper": keeper,
            "may_publish": runs and not keeper and session.state == ExamSession.State.DRAFT,
            "may_change": runs and not keeper and session.state == ExamSession.State.PUBLISHED,
            "may_register": not keeper
            and session.state == ExamSession.State.PUBLISHED
            and session.closes_at > now,
            "cancel_form": CancelForm(),
        },
    )


@for_desk
@require_http_methods(["GET", "HEAD", "POST"])
def register(request, code):
    """Tick people of one's enterprises whom the session is meant for, and register them at once."""
    session, today = _session(request, code), timezone.localdate()
    search = PeopleFilter(request.GET)
    fitting = queries.fitting_posts(request.user, session, today)
    form = RegisterForm(request.POST or None, session=session, posts=fitting)
    if request.method == "POST" and form.is_valid():
        posts = list(form.cleaned_data["posts"])
        try:
            made = acts.register_many(
                session,
                posts,
                by=request.user,
                source=queries.source_for(request.user, posts),
                due_on=form.cleaned_data["due_on"],
            )
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            people = len({registration.pk for registration in made})
            messages.success(request, _("已登记 %(count)s 人，考试已出现在他们的首页。") % {"count": people})
            return redirect("exams:session_manage", code)
    found = queries.fitting_posts(request.user, session, today, **search.values())
    page = Paginator(found, PEOPLE).get_page(request.GET.get("page"))
    keeper = keeping.keeper_of(session)
    return render(
        request,
        "exams/sessions/register.html",
        {
            "session": session,
            "form": form,
            "search": search,
            "is_filtered": bool(request.GET.get("q")),
            "page_obj": page,
            "ticked": set(request.POST.getlist("posts")),
            "all": request.GET.get("all") == "1" and request.method == "GET",
            "why_kept": keeping.why_not(keeper) if keeper else "",
            "is_closed": session.state != ExamSession.State.PUBLISHED or session.closes_at <= timezone.now(),
        },
    )


@for_desk
@require_http_methods(["GET", "HEAD", "POST"])
def session_new(request):
    """Plan a session: choose the exam, then look over what is suggested."""
    exams = queries.exams_to_plan(request.user)
    if not request.GET.get("exam"):
        return render(
            request,
            "exams/sessions/choose.html",
            {"exams": exams.order_by("kind", "code"), "may_define": queries.organs_of(request.user).exists()},
        )
    exam = get_object_or_404(exams, code=request.GET["exam"])
    form = SessionForm(
        request.POST or None,
        exam=exam,
        units=queries.units_to_plan(request.user, exam),
        by_definer=Exam.objects.run_by(request.user).filter(pk=exam.pk).exists(),
    )
    if request.method == "POST" and form.is_valid():
        session = acts.plan(exam, by=request.user, **form.cleaned_data)
        messages.success(request, _("场次已保存为草稿。核对无误后发布，发布时组卷。"))
        return redirect("exams:session_manage", session.code)
    return render(
        request, "exams/sessions/new.html", {"exam": exam, "form": form, "terms": terms.in_words(exam)}
    )


@holding(*queries.SUPERVISES)
@require_http_methods(["GET", "HEAD", "POST"])
def exam_new(request):
    """Define an exam for self-training."""
    form = ExamForm(
        request.POST or None,
        units=queries.organs_of(request.user),
        blueprints=queries.blueprints_for(request.user),
    )
    if request.method == "POST" and form.is_valid():
        exam = acts.define(by=request.user, kind=Exam.Kind.SELF_TRAINING, **form.cleaned_data)
        messages.success(request, _("考试“%(name)s”已建立，接着安排场次。") % {"name": exam.name})
        return redirect(f"{reverse('exams:session_new')}?exam={exam.code}")
    return render(
        request,
        "exams/sessions/exam.html",
        {"form": form, "has_blueprints": form.fields["blueprint"].queryset.exists()},
    )


def _act(request, code, act, sentence):
    """Do one act upon a session that the visitor runs, and say what came of it."""
    session = _run(request, code)
    try:
        act(session)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, sentence)
    return redirect("exams:session_manage", code)


@for_desk
@require_POST
def publish(request, code):
    """Publish a draft; its papers are composed with it."""
    return _act(
        request, code, lambda session: acts.publish(session, by=request.user), _("场次已发布，试卷已可使用。")
    )


@for_desk
@require_POST
def renew_papers(request, code):
    """Compose fresh papers for a published session."""
    return _act(
        request,
        code,
        lambda session: acts.renew_papers(session, by=request.user),
        _("已重新组卷；已开始的答卷不受影响。"),
    )


@for_desk
@require_POST
def cancel(request, code):
    """Cancel a published session, with the reason."""
    why = request.POST.get("why", "")[:200]
    return _act(
        request,
        code,
        lambda session: acts.cancel(session, by=request.user, why=why),
        _("场次已取消，不能再开始考试。"),
    )
