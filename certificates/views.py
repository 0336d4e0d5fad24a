"""The holder's wallet, the list of those who look after holders, the public check."""

from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import exporting, scope
from accounts import queries as people
from accounts.doors import holding
from accounts.models import User
from accounts.paging import export_address, page_of
from accounts.permissions import roles
from audit.context import signed
from audit.log import record
from audit.transitions import Refused
from certificates import actions, letters, numbers, pdf, queries, seal
from certificates.forms import CertificateFilter
from certificates.limits import too_many
from certificates.models import Certificate

LOOK_AFTER = roles("certificates.see")
DECIDE = roles("certificates.decide")


@require_GET
def wallet(request):
    """The holder's own certificates."""
    rows = queries.with_relations(Certificate.objects.of(request.user))
    return render(
        request,
        "certificates/wallet.html",
        {"rows": [{"certificate": c, "worth": queries.worth(c)} for c in rows]},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@holding(*LOOK_AFTER)
def certificates(request):
    """Certificates of the people whom the visitor looks after."""
    today = timezone.localdate()
    form = CertificateFilter(request.GET)
    found = queries.list_certificates(request.user, **form.values(), today=today)
    if exporting.is_asked(request):
        return _certificates_workbook(request, found, today, form)
    page = page_of(request, found)
    return render(
        request,
        "certificates/list.html",
        {
            "form": form,
            "is_filtered": any(request.GET.get(name) for name in form.fields),
            "page_obj": page,
            "rows": [{"certificate": c, "worth": queries.worth(c, today)} for c in page],
            "export_url": export_address(request),
        },
    )


def _certificates_workbook(request, found, today, form):
    header = [
        _("持有人"), _("证件号码"), _("企业"), _("统一社会信用代码"), _("岗位"), _("编号"), _("考试"), _("成绩"),
        _("出具日期"), _("有效期至"), _("状态"),
    ]  # fmt: skip
    rows = (
        [
            c.facts["name"], exporting.Sealed(c.holder, "id_number", c.facts["id_masked"]), c.facts["enterprise"], c.post.enterprise.uscc, c.facts["post"],
            c.number, c.facts["exam"], c.facts["score"], c.issued_on, c.expires_on, queries.worth(c, today)["label"],
        ]
        for c in found[: exporting.MOST_ROWS + 1]
    )  # fmt: skip
    return exporting.answer(
        request, _("合格证明.xlsx"), header, rows, action="certificates.exported", form=form
    )


def _seen(request, number):
    """A certificate through the visitor's door: her own, or of somebody she looks after."""
    door = queries.with_relations(
        Certificate.objects.filter(
            Q(pk__in=Certificate.objects.of(request.user).values("pk"))
            | Q(pk__in=Certificate.objects.seen_by(request.user).values("pk"))
        )
    )
    return get_object_or_404(door, number=number)


@require_GET
def certificate(request, number):
    """One certificate: its content, its worth, its PDF, and for those who may decide the acts."""
    found = _seen(request, number)
    return render(
        request,
        "certificates/certificate.html",
        {
            "certificate": found,
            "facts": found.facts,
            "worth": queries.worth(found),
            "replacement": queries.replacement(found),
            "verify_url": verify_url(found),
            "is_own": found.holder_id == request.user.pk,
            "may_decide": _may_decide(request.user, found),
            "missing": pdf.missing_characters(found.facts["name"] + found.facts["enterprise"]),
        },
    )


def _may_decide(user, found):
    return any(found.post.enterprise.unit.path.startswith(path) for path in scope.paths(user, *DECIDE))


def verify_url(found):
    """The public address in the QR code."""
    return settings.BASE_URL + reverse("certificates:verify_code", args=[found.code])


def _seal_svg():
    own = settings.SEAL_SVG
    return Path(own).read_text() if own else pdf.demo_seal()


@require_GET
def certificate_pdf(request, number):
    """The certificate as PDF."""
    found = _seen(request, number)
    try:
        document = pdf.render_certificate(found.facts, verify_url=verify_url(found), seal_svg=_seal_svg())
    except pdf.PdfUnavailable as unavailable:
        messages.error(request, str(unavailable))
        return redirect("certificates:certificate", number)
    record("certificate.printed", found)
    return as_pdf(document, f"{found.number}.pdf")


def as_pdf(document, name):
    """The answer with a document, shown in the browser and kept by nobody on the way."""
    response = HttpResponse(document, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_GET
def person_file(request, pk):
    """The personnel file as PDF: one's own, or of somebody whom the visitor looks after."""
    people = User.objects.filter(
        Q(pk=request.user.pk) | scope.oversight(request.user, "posts__enterprise__unit__path")
    )
    person = get_object_or_404(people.distinct(), pk=pk)
    now = timezone.localtime()
    context = queries.personnel_file(person, request.user, now.date()) | {
        "printed_at": now.strftime("%Y-%m-%d %H:%M"),
        "printed_by": signed(request.user),
    }
    try:
        document = pdf.render_document("certificates/pdf/personnel_file.html", context)
    except pdf.PdfUnavailable as unavailable:
        messages.error(request, str(unavailable))
        return redirect("people:me") if person == request.user else redirect("people:person", pk)
    record("record.printed", person, digest=context["digest"])
    return as_pdf(document, f"file-{person.username}.pdf")


@require_GET
def letter(request, pk):
    """The appointment letter of a post as PDF, by the door of the post."""
    posts = people.posts_seen_by(request.user).select_related("person", "enterprise__unit")
    post = get_object_or_404(posts, pk=pk)
    try:
        document = letters.render(post, printed_at=timezone.localtime(), printed_by=signed(request.user))
    except pdf.PdfUnavailable as unavailable:
        messages.error(request, str(unavailable))
        return redirect("people:post", pk)
    record("post.letter_printed", post)
    return as_pdf(document, f"letter-{post.pk}.pdf")


@require_POST
def decide(request, number):
    """Suspend, reinstate, revoke or replace."""
    found = _seen(request, number)
    if not _may_decide(request.user, found):
        raise Http404
    act, why = request.POST.get("act", ""), request.POST.get("why", "")
    try:
        if act == "replace":
            found = actions.replace(found, by=request.user, why=why)
        elif act in ("suspended", "in_force", "revoked"):
            actions.decide(found, to=act, by=request.user, why=why)
        else:
            raise Refused(_("没有这个操作。"))
        messages.success(request, _("已办理，公开核验页即时更新。"))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("certificates:certificate", found.number)


@login_not_required
@require_GET
@never_cache
def verify(request):
    """Where a stranger types a code."""
    typed = request.GET.get("code", "").strip()
    if typed:
        if code := numbers.normalise_code(typed):
            return redirect("certificates:verify_code", code)
        return render(request, "certificates/verify.html", {"typed": typed, "is_malformed": True})
    return render(request, "certificates/verify.html", {})


@login_not_required
@require_GET
@never_cache
def verify_code(request, code):
    """What a stranger may know of a certificate: all that was printed, and what it is worth now."""
    if too_many(request):
        return render(request, "429.html", status=429)
    normal = numbers.normalise_code(code)
    found = normal and queries.with_relations(Certificate.objects.filter(code=normal)).first()
    if not found:
        return render(
            request, "certificates/verify.html", {"typed": code[:40], "is_unknown": True}, status=404
        )
    return render(
        request,
        "certificates/verified.html",
        {
            "facts": found.facts,
            "worth": queries.worth(found),
            "replacement": queries.replacement(found),
            "is_genuine": seal.is_genuine(found.facts, found.seal, actions.keys()),
            "checked_at": timezone.now(),
            "changed_at": found.state_at,
        },
    )
