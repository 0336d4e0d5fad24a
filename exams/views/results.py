"""What came out: the workbook of a session, the finished attempts, one attempt. For managers and regulators."""

from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import exporting
from accounts.doors import holding
from accounts.paging import export_address, page_of
from exams.actions import attempts as acts
from exams.forms.live import DecideForm
from exams.forms.sessions import AttemptFilter, RegistrationFilter
from exams.models import Attempt, ExamSession
from exams.queries import live as live_queries
from exams.queries import sessions as queries
from exams.queries import sitting as sitting_queries
from exams.queries import terminations
from exams.rules import minute

for_desk = holding(*queries.RUNS)


@for_desk
@require_http_methods(["GET", "HEAD", "POST"])
def session_results(request, code):
    """The results of the visitor's people in a session as a workbook; identifiers masked, in full only by a form with a reason."""
    session = get_object_or_404(queries.seen_by(request.user), code=code)
    acts.close_all_due(
        Attempt.objects.seen_by(request.user).filter(registration__session=session), most=acts.MOST_IN_A_PAGE
    )
    form = RegistrationFilter(request.GET)
    rows = queries.list_registrations(request.user, session, **form.values(), on=timezone.localdate())
    seen = queries.as_seen(rows[: exporting.MOST_ROWS + 1])
    header = [
        _("姓名"), _("证件号码"), _("企业"), _("统一社会信用代码"), _("岗位"), _("登记来源"), _("完成期限"), _("已考次数"),
        _("最近交卷时间"), _("得分"), _("满分"), _("百分比"), _("结论"),
    ]  # fmt: skip
    rows = (_result_row(one) for one in seen)
    return exporting.answer(
        request,
        f"{session.code}.xlsx",
        header,
        rows,
        action="session.results_exported",
        form=form,
        target=session,
    )


def _result_row(one):
    registration, known = one.registration, one.known
    post, result = registration.post, known.current_result if known else None
    handed_in = one.sat[-1].submitted_at if one.sat else None
    return [
        registration.candidate.name,
        exporting.Sealed(registration.candidate, "id_number"),
        post.enterprise.unit.name,
        post.enterprise.uscc,
        post.get_kind_display(),
        registration.get_source_display(),
        registration.due_on or "",
        len(one.sat),
        minute(handed_in) if handed_in else "",
        result.points if result else "",
        result.max_points if result else "",
        result.percent if result else "",
        _("合格") if one.passed else _("不合格") if result else "",
    ]


@for_desk
@require_http_methods(["GET", "HEAD", "POST"])
def attempts(request):
    """The finished attempts of the visitor's people, whichever the session."""
    acts.close_all_due(Attempt.objects.seen_by(request.user), most=acts.MOST_IN_A_PAGE)
    form = AttemptFilter(request.GET, viewer=request.user)
    found = queries.list_attempts(request.user, **form.values())
    if exporting.is_asked(request):
        return _attempts_workbook(request, found, form)
    return render(
        request,
        "exams/sessions/attempts.html",
        {
            "form": form,
            "is_filtered": any(request.GET.get(name) for name in form.fields),
            "page_obj": page_of(request, found),
            "export_url": export_address(request),
        },
    )


def _attempts_workbook(request, found, form):
    """The finished attempts as a workbook; points that are not released stay empty."""
    header = [
        _("姓名"), _("证件号码"), _("企业"), _("统一社会信用代码"), _("岗位"), _("场次"), _("第几次"), _("交卷时间"),
        _("交卷方式"), _("得分"), _("满分"), _("百分比"), _("结论"),
    ]  # fmt: skip
    rows = (_attempt_row(attempt) for attempt in found[: exporting.MOST_ROWS + 1])
    return exporting.answer(request, _("考试成绩.xlsx"), header, rows, action="attempts.exported", form=form)


def _attempt_row(attempt):
    registration = attempt.registration
    result = attempt.current_result if attempt.released_at else None
    return [
        registration.candidate.name,
        exporting.Sealed(registration.candidate, "id_number"),
        registration.post.enterprise.unit.name,
        registration.post.enterprise.uscc,
        registration.post.get_kind_display(),
        registration.session.name,
        attempt.number,
        minute(attempt.submitted_at),
        attempt.get_ended_by_display(),
        result.points if result else "",
        result.max_points if result else "",
        result.percent if result else "",
        (_("合格") if result.passed else _("不合格")) if result else _("待发布"),
    ]


@for_desk
@require_GET
def attempt_seen(request, pk):
    """The result of one attempt of one's people: points, topics, times; never the items or their keys."""
    door = Attempt.objects.seen_by(request.user).select_related(
        "registration__session__exam", "registration__candidate", "registration__post__enterprise__unit", "paper",
        "current_result",
    )  # fmt: skip
    attempt = get_object_or_404(door, pk=pk)
    if acts.close_if_due(attempt) is not attempt:
        attempt = door.get(pk=pk)  # as it is after its release
    known = attempt.released_at is not None and attempt.current_result is not None
    termination = terminations.in_force(attempt)
    decides = (
        attempt.state == Attempt.State.SUBMITTED
        and live_queries.decided_by(request.user).filter(pk=attempt.pk).exists()
    )
    return render(
        request,
        "exams/sessions/attempt.html",
        {
            "attempt": attempt,
            "registration": attempt.registration,
            "session": attempt.registration.session,
            "result": attempt.current_result if known else None,
            "topics": sitting_queries.by_topic(attempt) if known else [],
            "took_minutes": _minutes(attempt),
            "termination": termination,
            "signals": attempt.signals.order_by("at"),
            "may_terminate": (termination or attempt.state == Attempt.State.IN_PROGRESS)
            and ExamSession.objects.run_by(request.user).filter(pk=attempt.registration.session_id).exists(),
            "story": live_queries.story(attempt, with_points=known),
            "void_form": DecideForm(prefix="void") if decides else None,
            "regrade_form": DecideForm(prefix="regrade") if decides and known else None,
            "others": attempt.registration.attempts.exclude(pk=attempt.pk)
            .select_related("current_result")
            .order_by("number"),
        },
    )


def _minutes(attempt):
    """How many whole minutes the sitting took, at least one; None while it runs."""
    if attempt.submitted_at is None:
        return None
    return max(round((attempt.submitted_at - attempt.started_at).total_seconds() / 60), 1)
