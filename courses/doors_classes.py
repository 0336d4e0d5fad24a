"""The doors of classes, outside training and rules of hours, shared by their views."""

from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.doors import holding
from accounts.permissions import roles
from courses.models import ClassMeeting, OutsideTraining
from courses.queries import classes, shortfalls

for_seers = holding(*classes.SEES)
for_holders = holding(*classes.RUNS)
for_hours = holding(*shortfalls.SEES)
for_enterers = holding(*roles("outside.enter"))
for_checkers = holding(*shortfalls.CHECKS)
for_rulers = holding(*shortfalls.RULES)


def open_class_or_404(request, pk):
    """A class that stands open to the visitor or that she came to."""
    found = classes.meeting_of(request.user, pk)
    if found is None:
        raise Http404
    return found


def seen_class_or_404(request, pk):
    """A class that the visitor holds or looks at."""
    return get_object_or_404(ClassMeeting.objects.seen_by(request.user).told(), pk=pk)


def held_class_or_404(request, pk):
    """A class that the visitor holds."""
    return get_object_or_404(ClassMeeting.objects.run_by(request.user).told(), pk=pk)


def outside_or_404(request, pk):
    """An outside training of the visitor or of her people."""
    return get_object_or_404(OutsideTraining.objects.reached_by(request.user).told(), pk=pk)


def checked_outside_or_404(request, pk):
    """One that the visitor's role lets her check."""
    return get_object_or_404(OutsideTraining.objects.checked_by(request.user).told(), pk=pk)


def rule_or_404(request, pk):
    """A rule that the visitor may end."""
    return get_object_or_404(shortfalls.rules_ended_by(request.user), pk=pk)
