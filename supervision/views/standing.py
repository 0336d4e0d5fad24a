"""Rule profiles with all their versions, the table of working days, and declared interests."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit.transitions import Refused
from supervision import calendar, presenting
from supervision.actions import standing as acts
from supervision.doors import for_desk, for_planners
from supervision.forms.standing import InterestForm, ProfileForm
from supervision.models import RuleProfile
from supervision.queries import checks as queries


@for_desk
@require_GET
def profiles(request):
    """Every version of every profile, and the holidays that the clocks go by."""
    return render(
        request,
        "supervision/profiles.html",
        {
            "profiles": presenting.profiles(RuleProfile.objects.select_related("made_by")),
            "years": [(year, told["source"], told["off"], told["work"]) for year, told in calendar.told().items()],
            "may_write": queries.is_at_the_top(request.user),
        },
    )  # fmt: skip


@for_planners
@require_http_methods(["GET", "HEAD", "POST"])
def profile_new(request, code):
    """Add the next version of a profile; for those who supervise the whole tree."""
    if not queries.is_at_the_top(request.user):
        raise PermissionDenied
    newest = get_object_or_404(RuleProfile.objects.newest(), code=code)
    form = ProfileForm(request.POST or None, initial={n: getattr(newest, n) for n in RuleProfile.numbers()})
    if request.method == "POST" and form.is_valid():
        try:
            made = acts.renew_profile(newest, by=request.user, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(
                request, _("已增加第 %(number)s 版，新计划按新版本执行。") % {"number": made.number}
            )
            return redirect("supervision:profiles")
    return render(
        request,
        "supervision/profile_new.html",
        {"form": form, "profile": newest},
        status=422 if form.is_bound else 200,
    )  # fmt: skip


@for_planners
@require_http_methods(["GET", "HEAD", "POST"])
def interests(request):
    """Declared interests of the people who may be sent, and a form to declare one."""
    form = InterestForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        acts.declare(
            data["person"],
            data["enterprise"],
            by=request.user,
            note=data["note"],
            starts_on=data["starts_on"],
            ends_on=data["ends_on"],
        )
        messages.success(request, _("已申报。有效期内不会被抽去检查这家企业。"))
        return redirect("supervision:interests")
    return render(
        request,
        "supervision/interests.html",
        {
            "form": form,
            "rows": queries.interests_seen_by(request.user),
            "today": timezone.localdate(),
        },
        status=422 if form.is_bound else 200,
    )


@for_planners
@require_POST
def interest_end(request, pk):
    """Let a declared interest end with today."""
    found = get_object_or_404(queries.interests_seen_by(request.user), pk=pk)
    acts.end_interest(found, by=request.user)
    messages.success(request, _("这项利害关系到今天为止。"))
    return redirect("supervision:interests")
