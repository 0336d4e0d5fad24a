"""What an administrator looks at: accounts, grants, the last acts, the machine."""

import platform
import tomllib
from functools import lru_cache

import django
from django.conf import settings
from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import queries as people
from accounts import scope
from accounts.models import Role
from audit.labels import label_of
from audit.models import AuditEvent
from exams.models import Attempt

EVENTS = 15


@lru_cache
def version():
    """The version that the project's own file names."""
    return tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text("utf-8"))["project"]["version"]


def home(user, today):
    """Everything on the page, in a fixed number of queries."""
    seen = people.people_seen_by(user)
    since = timezone.now() - timezone.timedelta(days=1)
    grants = people.grants_run_by(user)
    return {
        "accounts": seen.aggregate(
            all=Count("pk"),
            closed=Count("pk", filter=Q(is_active=False)),
            never=Count("pk", filter=Q(last_login__isnull=True, is_active=True)),
            recent=Count("pk", filter=Q(last_login__gte=since)),
        ),
        "grants": _by_role(grants.current(today)),
        "ending": grants.current(today).filter(ends_on__lte=today + timezone.timedelta(days=30)).count(),
        "enterprises": people.enterprises_seen_by(user).filter(is_active=True).count(),
        "events": last_events(user),
        "running": Attempt.objects.seen_by(user).filter(
            state=Attempt.State.IN_PROGRESS, deadline__gt=timezone.now()
        ).count(),
        "health": [
            (_("版本"), version()),
            (_("数据库"), f"{connection.display_name} {'.'.join(map(str, connection.get_database_version()))}"),
            (_("框架"), f"Django {django.get_version()}"),
            (_("语言"), f"Python {platform.python_version()}"),
        ],
    }  # fmt: skip


def _by_role(grants):
    counts = dict(grants.order_by().values_list("role").annotate(n=Count("pk")))
    return [(role, label, counts.get(role, 0)) for role, label in Role.choices]


def last_events(user):
    """The last acts; only who administers the whole tree sees them, since the log knows no units."""
    if not scope.administers_all(user):
        return None
    events = AuditEvent.objects.order_by("-at", "-pk")[:EVENTS]
    return [{"event": event, "act": label_of(event.action)} for event in events]
