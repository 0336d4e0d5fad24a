"""What this floor puts on pages of the floors around it: panels and alerts about notices to put things right."""

from datetime import timedelta

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import alerting, panels, scope, telling
from accounts.alerts import Alert
from accounts.models import Role
from exams import keeping
from supervision import presenting_failures as presenting
from supervision.models import Rectification, SpotCheck
from supervision.queries import failures

OPEN, LATE = "rectify", "rectify_late"
MOST = 5
TOLD_DAYS = 30  # so long is a revocation told on the first screen
UNIT = "examinee__registration__post__enterprise__unit"
State = Rectification.State


def _lines(found):
    return presenting.rows(found.told().order_by("due_on", "pk")[:MOST], timezone.localdate(), organ=False)


def of_enterprise(request, enterprise):
    """The notices to an enterprise, the latest first."""
    found = Rectification.objects.filter(examinee__registration__post__enterprise=enterprise)
    return presenting.rows(
        found.told().order_by("-issued_at", "-pk")[:MOST],
        timezone.localdate(),
        scope.has_role(request.user, Role.REGULATOR),
    )


def of_manager(request, unit_id):
    """What an enterprise still has to report on."""
    return _lines(Rectification.objects.seen_by(request.user).waiting().filter(**{UNIT: unit_id}))


def of_officer(request, unit_id):
    """The notices about oneself in which something is still to be done."""
    return _lines(Rectification.objects.of(request.user).open())


def _revoked(found):
    since = timezone.now() - timedelta(days=TOLD_DAYS)
    found = found.filter(state=State.REVOKED, revocation__at__gte=since)
    return list(found.told().select_related("revocation").order_by("-revocation__at")[:MOST])


def revoked_of_manager(request, unit_id):
    """The notices to an enterprise that were revoked of late."""
    return _revoked(Rectification.objects.seen_by(request.user).filter(**{UNIT: unit_id}))


def revoked_of_officer(request, unit_id):
    """The notices about oneself that were revoked of late."""
    return _revoked(Rectification.objects.of(request.user))


def of_regulator(request, unit):
    """How many notices stand below an organ, how many wait for it or are to be revoked, and what is late; nothing where there is nothing."""
    if not scope.has_role(request.user, Role.REGULATOR):
        return None
    below = Rectification.objects.filter(**{f"{UNIT}__path__startswith": unit.path})
    counts = below.open().aggregate(open=Count("pk"), reported=Count("pk", filter=Q(state=State.REPORTED)))
    counts["groundless"] = below.groundless().count()
    late = [
        one for one in failures.late_for(request.user, timezone.localdate())
        if one.check.unit.path.startswith(unit.path)
    ]  # fmt: skip
    return {**counts, "late": len(late)} if any(counts.values()) or late else None


def alerts_of(enterprises, on):
    """Notices on which an enterprise still has to report, in time or late."""
    found = (
        Rectification.objects.waiting()
        .filter(examinee__registration__post__enterprise__in=enterprises.order_by().values("pk"))
        .order_by("due_on", "pk")
        .values_list("pk", "due_on", "examinee__registration__post__enterprise", "examinee__registration__candidate")
    )  # fmt: skip
    return [
        Alert(enterprise, LATE if due_on < on else OPEN, person=person, until=due_on, row=pk)
        for pk, due_on, enterprise, person in found
    ]


def _why(alert, name, on):
    if alert.what == LATE:
        return _("关于 %(name)s 的整改报告应于 %(day)s 前提交，已经逾期。") % {
            "name": name,
            "day": alert.until,
        }
    return _("关于 %(name)s 的整改报告应于 %(day)s 前提交。") % {"name": name, "day": alert.until}


def _way(alert):
    return reverse("supervision:rectification", args=[alert.row]), _("打开通知书")


def keeper_of(session):
    """The check in which a session is held, or one of whose retakes it is; one query."""
    found = SpotCheck.objects.filter(Q(session=session.pk) | Q(retakes__session=session.pk))
    check = found.select_related("unit").first()
    if check is None:
        return None
    address = reverse("supervision:check", args=[check.code])
    return keeping.Keeper(check, f"{check.name}（{check.serial}）", check.unit.name, address)


def join():
    """Put everything in its place; done once, when the floor is ready."""
    keeping.KEEPERS.append(keeper_of)
    line = "supervision/panels/rectifications.html"
    panels.add(panels.ENTERPRISE, line, of_enterprise)
    panels.add(panels.MANAGER, "supervision/panels/to_report.html", of_manager)
    panels.add(panels.OFFICER, "supervision/panels/about_me.html", of_officer)
    panels.add(panels.MANAGER, "supervision/panels/revoked.html", revoked_of_manager)
    panels.add(panels.OFFICER, "supervision/panels/revoked.html", revoked_of_officer)
    panels.add(panels.REGULATOR, "supervision/panels/overview.html", of_regulator)
    telling.add_alert(LATE, gettext_lazy("整改报告逾期"), "stop", why=_why, way=_way)
    telling.add_alert(OPEN, gettext_lazy("待提交整改报告"), "warn", why=_why, way=_way)
    alerting.SOURCES.append(alerts_of)
