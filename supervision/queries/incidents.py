"""Reads of incidents."""

from collections import defaultdict

from exams.models import Intervention
from supervision.models import Evidence, Incident


def incidents(check, examinee=None):
    """The incidents of a check, or of one examinee, the newest first, each with its `files`: two queries."""
    found = Incident.objects.filter(check_of=check)
    if examinee is not None:
        found = found.filter(examinee=examinee)
    rows = list(
        found.select_related(
            "examinee__registration__candidate", "act", "by", "corrects", "correction"
        ).order_by("-number")
    )
    files = defaultdict(list)
    names = [f"supervision.incident:{row.pk}" for row in rows]
    for file in Evidence.objects.filter(check_of=check, subject__in=names):
        files[file.subject].append(file)
    for row in rows:
        row.files = files[f"supervision.incident:{row.pk}"]
        row.is_corrected = hasattr(row, "correction")
    return rows


def acts_of(check):
    """What was done to running attempts of a check, the newest first."""
    return (
        Intervention.objects.filter(attempt__registration__examinee__check_of=check)
        .exclude(kind=Intervention.Kind.FILED)
        .select_related("attempt__registration__candidate", "by")
        .order_by("-at")
    )
