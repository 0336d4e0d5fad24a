"""Evidence packages: asking for one, and taking it away."""

from django.contrib import messages
from django.http import FileResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from audit.context import acting
from audit.log import record
from audit.transitions import Refused
from supervision import tasks
from supervision.actions import packages as acts
from supervision.doors import check_or_404, for_packers
from supervision.forms.packages import PackageForm
from supervision.queries.packages import path_of


@for_packers
@require_POST
def package_new(request, code):
    """One act: the package of a case. Masked ones are kept and given by their page, full ones are given at once and kept nowhere."""
    check, form = check_or_404(request, code), PackageForm(request.POST)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, errors[0])
        return redirect("supervision:check", code)
    full = form.cleaned_data["full"]
    if full and acting().represented is not None:
        messages.error(request, _("代为操作期间不能导出完整号码；没有导出。"))
        return redirect("supervision:check", code)
    try:
        package = acts.ask(check, by=request.user, **form.cleaned_data)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("supervision:check", code)
    if full:
        return _file(acts.make_full(package), package)
    if acts.is_large(check):
        tasks.make_package.enqueue(package.pk)
        messages.success(request, _("证据包正在后台生成，可以离开本页，稍后回来下载。"))
    else:
        acts.make(package)
        messages.success(request, _("证据包已生成，可在“证据包”中下载。"))
    return redirect("supervision:check", code)


@for_packers
@require_GET
def package(request, code, pk):
    """The file of a package."""
    found = get_object_or_404(check_or_404(request, code).packages, pk=pk)
    path = path_of(found)
    if path is None:
        messages.error(request, _("这个证据包还没有生成，或已过保存期；请重新生成。"))
        return redirect("supervision:check", code)
    record("package.taken", found, digest=found.digest)
    return _file(path.open("rb"), found)


def _file(file, package):
    response = FileResponse(file, as_attachment=True, filename=f"{package.check_of.code}-evidence.zip")
    response["Content-Type"] = "application/zip"
    response["Cache-Control"] = "private, no-store"
    return response
