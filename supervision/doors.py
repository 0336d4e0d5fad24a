"""The doors of the regulator's desk, shared by its views."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect

from accounts.doors import holding
from accounts.permissions import roles
from audit.transitions import Refused
from supervision.models import Examinee, SpotCheck

for_desk = holding(*roles("spotchecks.see"))
for_planners = holding(*roles("spotchecks.plan"))
for_approvers = holding(*roles("spotchecks.approve"))
for_drawers = holding(*roles("spotchecks.draw"))
for_notifiers = holding(*roles("spotchecks.notify"))
for_holders = holding(*roles("spotchecks.hold"))
for_publishers = holding(*roles("spotchecks.publish"))
for_followers = holding(*roles("spotchecks.follow"))
for_paper = holding(*roles("spotchecks.paper"))
for_packers = holding(*roles("spotchecks.package"))


def check_or_404(request, code):
    """A spot check through the visitor's door."""
    found = SpotCheck.objects.run_by(request.user).select_related(
        "unit", "profile", "blueprint", "annual_plan", "session", "planned_by", "changed_by", "approved_by"
    )
    return get_object_or_404(found, code=code)


def examinee_or_404(check, pk):
    """One examinee of a check that came through its door."""
    found = Examinee.objects.filter(check_of=check).select_related(
        "check_of",
        "drawn__draw",
        "registration__candidate",
        "registration__session",
        "registration__post__enterprise__unit",
    )
    return get_object_or_404(found, pk=pk)


def answer(request, key, act, sentence, form=None, *, to="supervision:check"):
    """Do one act and go back to the case, or the page that is named, with the sentence of what came of it; so does a form not filled in."""
    back = redirect(to, *key) if isinstance(key, tuple) else redirect(to, key)
    if form is not None and not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, errors[0])
        return back
    try:
        act()
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, sentence)
    return back
