"""Reads of alerts: what is wrong now, since when, what has been put right."""

from datetime import timedelta

from django.db.models import Exists, OuterRef

from accounts import telling
from accounts.alerts import alerts
from accounts.coverage import coverage, crowded
from accounts.models import AlertNote

PUT_RIGHT_DAYS = 30

# Higher floors add what else is wrong: each takes enterprises and a day and gives alerts, whose sorts it told `telling.add_alert`.
SOURCES = []


def alerts_in(enterprises, on):
    """The alerts of enterprises (a queryset) today, in their order."""
    found = alerts(coverage(enterprises, on), crowded(on), on)
    return found + [alert for source in SOURCES for alert in source(enterprises, on)]


def counted(found):
    """How many alerts there are of each sort: {what: count}, all sorts named."""
    counts = dict.fromkeys(telling.ALERTS, 0)
    for alert in found:
        counts[alert.what] += 1
    return counts


def last_notes():
    """Of each alert that was ever noted the last turn."""
    later = AlertNote.objects.filter(
        enterprise=OuterRef("enterprise"), code=OuterRef("code"), number__gt=OuterRef("number")
    )
    return AlertNote.objects.filter(~Exists(later)).order_by()


def since(found):
    """Since when the alerts of a page are known: {(enterprise, code): day}; what is not yet noted is missing."""
    notes = last_notes().filter(
        begins=True, enterprise__in={a.enterprise for a in found}, code__in={a.code for a in found}
    )
    return {(pk, code): day for pk, code, day in notes.values_list("enterprise_id", "code", "noted_on")}


def put_right(enterprises, on):
    """What has ended of late in the enterprises, newest first."""
    return (
        last_notes()
        .filter(
            begins=False,
            noted_on__gt=on - timedelta(days=PUT_RIGHT_DAYS),
            enterprise__in=enterprises.order_by().values("pk"),
        )
        .select_related("enterprise__unit")
        .order_by("-noted_on", "-pk")
    )
