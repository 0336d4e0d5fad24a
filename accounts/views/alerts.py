"""What is to be done about posts, now."""

from django.shortcuts import render
from django.utils import timezone

from accounts import alerting, queries, telling
from accounts.doors import holding
from accounts.forms import AlertFilter
from accounts.models import Role
from accounts.paging import page_of

MOST_PUT_RIGHT = 20


@holding(Role.MANAGER, Role.REGULATOR, Role.ADMIN)
def alerts(request):
    """Vacant, unqualified, ending and overburdened posts of one's enterprises, each with its reason and the way to mend it."""
    today = timezone.localdate()
    form = AlertFilter(request.GET, viewer=request.user)
    chosen = form.values()
    what = chosen.pop("what")
    enterprises = queries.list_enterprises(request.user, **chosen)
    found = alerting.alerts_in(enterprises, today)
    counts = alerting.counted(found)
    order = list(telling.ALERTS)
    found.sort(key=lambda alert: order.index(alert.what))
    page = page_of(request, [alert for alert in found if not what or alert.what == what])
    shown = list(page.object_list)
    ended = list(alerting.put_right(enterprises, today)[:MOST_PUT_RIGHT])
    names = telling.names_in(shown, ended)
    context = {
        "form": form,
        "is_filtered": any(request.GET.get(name) for name in form.fields),
        "page_obj": page,
        "rows": telling.alerts(shown, names, alerting.since(shown), today),
        "ended": telling.ended(ended, names),
        "counts": [(code, label, counts[code]) for code, label in telling.ALERTS.items()],
        "what": what,
        "now": timezone.now(),
    }
    return render(request, "people/alerts.html", context)
