"""Notices to put things right: the organ issues and looks after them, the enterprise's manager answers, the person sees hers."""

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import scope
from accounts.doors import holding
from accounts.models import Role
from accounts.paging import page_of
from accounts.permissions import roles
from accounts.serving import file_answer
from audit.log import name_of, record
from audit.transitions import Refused
from supervision import followup
from supervision import presenting_failures as presenting
from supervision.actions import rectifying as acts
from supervision.doors import answer, check_or_404, examinee_or_404, for_desk, for_followers
from supervision.forms.failures import (
    IssueForm,
    RecheckForm,
    RectificationFilter,
    ReportForm,
    RevokeForm,
    RulingForm,
    ServeForm,
    TimeForm,
)
from supervision.models import Rectification
from supervision.models.failures import ENTERPRISE
from supervision.queries import failures as queries
from supervision.queries import minutes, sittings

State = Rectification.State
NOTICE = "supervision:rectification"
for_overseers = holding(*roles("rectifications.see"))
for_managers = holding(*roles("rectifications.report"))


def _seen(request, pk):
    """A notice that the visitor oversees, or one about herself."""
    found = Rectification.objects.filter(
        scope.oversight(request.user, ENTERPRISE) | Q(examinee__registration__candidate=request.user)
    )
    return get_object_or_404(queries.whole(found), pk=pk)


def _run(request, pk):
    """A notice of a check that the visitor runs."""
    return get_object_or_404(queries.whole(Rectification.objects.run_by(request.user)), pk=pk)


def _own(request, pk):
    """A notice to an enterprise that the visitor manages."""
    found = Rectification.objects.filter(scope.within(request.user, Role.MANAGER, path=ENTERPRISE))
    return get_object_or_404(queries.whole(found), pk=pk)


def _filled(request, pk, form, act, sentence):
    """Do the act of a page with a form and go to the notice, or nothing where the page is to be shown again."""
    if not form.is_valid():
        return None
    try:
        one = act()
    except Refused as refused:
        form.add_error(None, str(refused))
        return None
    messages.success(request, sentence)
    return redirect("supervision:rectification", pk or one.pk)


@for_overseers
@require_GET
def rectifications(request):
    """The notices to the enterprises that one manages or supervises."""
    form = RectificationFilter(request.GET)
    chosen = form.values()
    page = page_of(request, queries.list_notices(request.user, **chosen))
    return render(
        request,
        "supervision/rectifications.html",
        {
            "form": form,
            "is_filtered": any(request.GET.get(name) for name in form.fields),
            "page_obj": page,
            "rows": presenting.rows(
                page.object_list, timezone.localdate(), scope.has_role(request.user, Role.REGULATOR)
            ),
        },
    )


@for_desk
@require_GET
def overdue(request):
    """Everything that is late in the checks that one runs."""
    today = timezone.localdate()
    page = page_of(request, queries.late_for(request.user, today))
    return render(
        request,
        "supervision/overdue.html",
        {"page_obj": page, "rows": presenting.late(page.object_list), "today": today},
    )


@require_GET
def rectification(request, pk):
    """One notice: what it says, how far it has come, and the one next step of whoever looks at it."""
    one = _seen(request, pk)
    regulates, manages = presenting.sides(request.user, one)
    reports, extensions = queries.reports_of(one), queries.extensions_of(one)
    asked = next((row for row in extensions if not hasattr(row, "ruling")), None)
    service = getattr(one, "service", None)
    oversees = regulates or manages or scope.has_role(request.user, Role.REGULATOR, Role.ADMIN)
    accepted = reports[0].recheck.by_id if one.state == State.ACCEPTED else None
    files = queries.files_of(one, service, reports) if oversees else {}
    return render(
        request,
        "supervision/rectification.html",
        {
            "it": one,
            "badge": presenting.badge(one, timezone.localdate(), regulates),
            "facts": presenting.facts(one, one.unit),
            "service": service,
            "service_files": files.get(name_of(service), ()) if service else (),
            "reports": [(row, files.get(name_of(row), ())) for row in reports] if oversees else (),
            "entries": presenting.timeline(one, service, reports, extensions) if oversees else (),
            "regulates": regulates,
            "manages": manages,
            "asked": asked,
            "why_not_time": followup.why_not_ask_for_time(one, asked),
            "why_not_report": followup.why_not_report(one),
            "why_not_strike_off": followup.why_not_strike_off(one, accepted, request.user),
            "why_not_revoke": followup.why_not_revoke(one, request.user),
            "revocation": presenting.revocation_of(one),
            "may_act": not followup.is_over(one.check_of) and not followup.why_ended(one),
            "forms": {
                "recheck": RecheckForm(auto_id="recheck-%s"),
                "time": TimeForm(auto_id="time-%s"),
                "revoke": RevokeForm(auto_id="revoke-%s"),
                "ruling": RulingForm(auto_id="ruling-%s"),
            },
        },
    )


@require_GET
def rectification_pdf(request, pk):
    """The notice and its proof of service, on paper; for whoever oversees the enterprise or is concerned."""
    one = _seen(request, pk)
    record("rectification.printed", one, by=request.user)
    data = presenting.notice(
        one, getattr(one, "service", None), printed_by=request.user.name, now=timezone.now()
    )
    return _pdf(data, f"rectification-{one.year}-{one.number}.pdf")


@require_GET
def rectification_revocation(request, pk):
    """The notice that a notice was revoked, on paper; for whoever may see the first."""
    one = _seen(request, pk)
    if presenting.revocation_of(one) is None:
        raise Http404
    record("rectification.revocation_printed", one, by=request.user)
    data = presenting.revocation(one, printed_by=request.user.name, now=timezone.now())
    return _pdf(data, f"revocation-{one.revocation.year}-{one.revocation.number}.pdf")


def _pdf(data, name):
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


@for_overseers
@require_GET
def rectification_file(request, pk, file):
    """One file of a notice: of its service or of a report on it."""
    found = Rectification.objects.seen_by(request.user)
    one = get_object_or_404(queries.whole(found), pk=pk)
    service, reports = getattr(one, "service", None), queries.reports_of(one)
    kept = get_object_or_404(queries.evidence_of(one, service, reports), pk=file)
    record("evidence.opened", kept, subject=kept.subject)
    return file_answer(kept)


@for_followers
@require_http_methods(["GET", "POST"])
def rectify(request, code, pk):
    """Issue the notice about an examinee, from a draft that is looked through."""
    check = check_or_404(request, code)
    examinee = examinee_or_404(check, pk)
    outcome = sittings.outcomes_of([examinee]).get(examinee.pk)
    known = Rectification.objects.filter(examinee=examinee).in_force().first()
    if reason := followup.why_not_issue(examinee, outcome, known, minutes.newest_of(examinee)):
        messages.error(request, reason)
        return redirect("supervision:examinee", code, pk)
    facts, demands = acts.draft(examinee, outcome)
    form = IssueForm(request.POST or None, initial={"facts": facts, "demands": demands})
    if request.method == "POST" and (
        done := _filled(
            request,
            None,
            form,
            lambda: acts.issue(examinee, by=request.user, **form.cleaned_data),
            _("整改通知书已发出，请送达企业并登记送达。"),
        )
    ):
        return done
    context = {"check": check, "examinee": examinee, "outcome": outcome, "form": form}
    return render(request, "supervision/rectify.html", context, status=422 if form.errors else 200)


@for_followers
@require_http_methods(["GET", "POST"])
def rectification_serve(request, pk):
    """Note how a notice was given to its addressee."""
    one = _run(request, pk)
    if reason := followup.why_not_serve(one):
        messages.error(request, reason)
        return redirect("supervision:rectification", pk)
    form = ServeForm(request.POST or None, request.FILES or None, by=request.user)

    def act():
        data = form.cleaned_data
        file = data.pop("file", None)
        return acts.serve(one, by=request.user, papers=[file] if file else (), **data)

    if request.method == "POST" and (done := _filled(request, pk, form, act, _("送达已登记。"))):
        return done
    if form.errors:
        form.keep_aside()
    return render(
        request, "supervision/serve.html", {"it": one, "form": form}, status=422 if form.errors else 200
    )


@for_managers
@require_POST
def rectification_acknowledge(request, pk):
    """The manager has read the notice and says so."""
    one = _own(request, pk)
    return answer(
        request,
        pk,
        lambda: acts.acknowledge(one, by=request.user),
        _("已确认收到。请在 %(day)s 前提交整改报告。") % {"day": one.due_on},
        to=NOTICE,
    )


@for_managers
@require_http_methods(["GET", "POST"])
def rectification_report(request, pk):
    """The manager reports what was done."""
    one = _own(request, pk)
    if reason := followup.why_not_report(one):
        messages.error(request, reason)
        return redirect("supervision:rectification", pk)
    form = ReportForm(request.POST or None, request.FILES or None, by=request.user, topics=one.missed)

    def act():
        file = form.cleaned_data.get("file")
        return acts.report(
            one,
            by=request.user,
            measures=form.cleaned_data["measures"],
            training=form.training(),
            papers=[file] if file else (),
        )

    if request.method == "POST" and (
        done := _filled(request, pk, form, act, _("整改报告已提交，等待监管部门复查。"))
    ):
        return done
    if form.errors:
        form.keep_aside()
    context = {"it": one, "form": form, "returned": queries.returned(one)}
    return render(request, "supervision/report.html", context, status=422 if form.errors else 200)


@for_followers
@require_POST
def rectification_recheck(request, pk):
    """Accept the last report, or return it."""
    one, form = _run(request, pk), RecheckForm(request.POST)
    return answer(
        request,
        pk,
        lambda: acts.recheck(one, by=request.user, **form.cleaned_data),
        _("复查意见已登记。"),
        form,
        to=NOTICE,
    )


@for_managers
@require_POST
def rectification_time(request, pk):
    """The manager asks for more time."""
    one, form = _own(request, pk), TimeForm(request.POST)
    return answer(
        request,
        pk,
        lambda: acts.ask_for_time(one, by=request.user, **form.cleaned_data),
        _("延期申请已提交；答复之前仍按原期限。"),
        form,
        to=NOTICE,
    )


@for_followers
@require_POST
def rectification_time_rule(request, pk):
    """Give more time, or refuse it."""
    one, form = _run(request, pk), RulingForm(request.POST)
    return answer(
        request,
        pk,
        lambda: acts.rule_on_time(one, by=request.user, **form.cleaned_data),
        _("延期申请已答复。"),
        form,
        to=NOTICE,
    )


@for_followers
@require_POST
def rectification_strike_off(request, pk):
    """Strike the notice off the list, as a second person."""
    one = _run(request, pk)
    return answer(request, pk, lambda: acts.strike_off(one, by=request.user), _("已销号。"), to=NOTICE)


@for_followers
@require_POST
def rectification_revoke(request, pk):
    """Revoke a notice whose outcome was changed, as another person than who issued it."""
    one, form = _run(request, pk), RevokeForm(request.POST)
    return answer(
        request,
        pk,
        lambda: acts.revoke(one, by=request.user, **form.cleaned_data),
        _("整改通知书已撤销；企业和本人在首页看到，撤销通知可以打印。"),
        form,
        to=NOTICE,
    )
